"""A process that has loaded what every test needs, and nothing of ours: each run is a fork of it.

Reads lines ``{"arguments": [...], "log": path}``, answers each with the exit code of pytest.
"""

import importlib
import json
import os
import select
import signal
import sys
from contextlib import suppress

OTHERS = (
    "pytest", "hypothesis", "numpy", "av", "sqlite3", "sqlalchemy", "pydantic", "pytsk3", "rich",
    "cryptography.hazmat.primitives.asymmetric.ed25519", "rfc8785", "asyncio", "subprocess",
)  # fmt: skip
DEADLINE_S = 250  # of one run; a test has its own
HUNG, BROKEN = 124, 125


def main() -> None:
    """Serve until nobody asks any more."""
    for name in OTHERS:
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(f"{run(asked['arguments'], asked['log'])}\n")
        sys.stdout.flush()


def run(arguments: list[str], log: str) -> int:
    """Run pytest in a fork; return its exit code, negative for a signal."""
    child = os.fork()
    if not child:
        os.setsid()
        with open(log, "wb", buffering=0) as out, open(os.devnull, "rb") as nothing:  # noqa: PTH123 - descriptors
            os.dup2(nothing.fileno(), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        code = BROKEN
        with suppress(Exception):  # what is wrong with the run itself must not look like a find
            code = sys.modules["pytest"].main(arguments)
        os._exit(code)
    ended = select.select([os.pidfd_open(child)], [], [], DEADLINE_S)[0]
    if not ended:
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if ended else HUNG


if __name__ == "__main__":
    main()

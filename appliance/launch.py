"""Finding the ledger process of a home, and starting one where none runs."""

import json
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from appliance.ledgerplan import LedgerPlan
from appliance.ourselves import our_module
from evidence.errors import LedgerUnavailableError
from vault.client import LedgerClient
from vault.wire import raise_error

START_LIMIT_S = 60.0  # a start finishes what was cut; on a slow disk that takes a while
TRY_EVERY_S = 0.05
FOUND = "found"  # appliance/ledgerd.py
LINE_LIMIT_BYTES = 64 * 1024


def ledger_command(plan: LedgerPlan) -> list[str]:
    """Return the command line of a ledger process."""
    return our_module("appliance.ledgerd", plan.text())


def found_ledger(plan: LedgerPlan) -> None:
    """Begin the ledger of a new home.  Raises what the process that does it said."""
    _start(plan, FOUND)


def reach_ledger(plan: LedgerPlan) -> LedgerClient:
    """Return a client of the home's ledger process, the running one or one started for a while.

    Raises what that process said when it could not start, and ``LedgerUnavailableError``.
    """
    client = LedgerClient(Path(plan.socket))
    until = time.monotonic() + START_LIMIT_S
    while True:  # ends by success, by an error, or by the clock
        with suppress(LedgerUnavailableError):
            client.checkpoint()
            return client
        try:
            _start(plan)
        except LedgerUnavailableError as error:
            # Busy: another command was faster, and its process answers soon.
            if error.word != "ledger_busy" or time.monotonic() > until:
                raise
            time.sleep(TRY_EVERY_S)


def _start(plan: LedgerPlan, *what: str) -> None:
    """Start a ledger process; return when it is ready (or has founded), or raise what it said."""
    process = subprocess.Popen(
        [*ledger_command(plan), *what],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # it outlives us by its linger time, and hears no Ctrl-C of ours
        cwd="/",
    )
    if process.stdout is None:
        raise LedgerUnavailableError("ledger_unreachable", path=plan.socket)
    with process.stdout as said:
        line = said.readline(LINE_LIMIT_BYTES)
    if not line:
        process.wait()
        raise LedgerUnavailableError("ledger_unreachable", path=plan.socket)
    raise_error(json.loads(line))
    # Ready: it is on its own now.  Nobody waits for it, so let nobody complain of that either.
    process.returncode = 0

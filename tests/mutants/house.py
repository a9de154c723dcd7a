"""A copy of the house, in which one fault at a time is planted and looked for."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = (
    "api", "appliance", "config", "custody", "docs", "drivers", "evidence", "ingest", "tests",
    "vault", "pyproject.toml",
)  # fmt: skip
OPTIONS = (
    "-x", "-q", "--tb=short", "--no-header", "-p", "no:cacheprovider", "--timeout", "30",
    "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning",  # in the nursery
)  # fmt: skip
# What the tests that run us have put there is not for the tests that we run.
FOREIGN = ("PYTEST_", "COVERAGE_", "COV_")
NEVER_SEEN_S = 100_000  # how far the time of a planted file lies from any real one


class CopiedHouse:
    """A copy below ``folder``, and a process that runs its tests."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "house"
        self._log = folder / "log.txt"
        self._temporary = folder / "tmp"
        self._planted = 0
        _copy(self.place)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.nursery"],
            cwd=self.place,
            env={**kept, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the process."""
        self._nursery.stdin.close()
        self._nursery.wait(30)
        self._nursery.stdout.close()

    @contextmanager
    def planted(self, fault):
        """Have ``fault`` in the copy for as long as the block runs."""
        path = self.place / fault.file
        text, status = path.read_text("utf-8"), path.stat()
        path.write_text(fault.planted(text), "utf-8")
        # A time of its own: no compiled file of another fault, or of none, is taken for this one.
        self._planted += 1
        later = status.st_mtime + NEVER_SEEN_S + self._planted
        os.utime(path, (later, later))
        try:
            yield
        finally:
            path.write_text(text, "utf-8")
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def run(self, tests):
        """Run tests of the copy; return the exit code of pytest and what it printed."""
        arguments = [*OPTIONS, "--basetemp", str(self._temporary), *tests]
        asked = {"arguments": arguments, "log": str(self._log)}
        self._nursery.stdin.write(json.dumps(asked) + "\n")
        self._nursery.stdin.flush()
        code = int(self._nursery.stdout.readline())
        return code, self._log.read_text("utf-8", errors="replace")


def _copy(place: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
    place.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=ignored)
        else:
            shutil.copy2(source, place / name)

"""A home of its own for one measured docking, through the real command line and its processes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.entry import Entry
from vault.reader import LedgerReader

DOCKSEAL = Path(sys.executable).with_name("dockseal")
STOP_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Docked:
    """How long a docking took: by the ledger (without start-up), and by the clock on the wall."""

    slots_ms: tuple[int, ...]  # of each slot, from its beginning to its end
    first_to_last_s: float  # from the first slot's first entry to the last slot's last
    wall_s: float

    @property
    def startup_s(self) -> float:
        """Return what the command took beside the dockings."""
        return self.wall_s - self.first_to_last_s


def dock(home: Path, paths: Sequence[Path], files: int) -> Docked:
    """Dock all paths at once into a new home; every file of theirs must be sealed."""
    environment = {**os.environ, "DOCKSEAL_LEDGER_LINGER_S": "0"}
    command = [DOCKSEAL, "--home", home, "--json", "--quiet", "dock", *paths]
    started = time.perf_counter()
    answer = subprocess.run(command, capture_output=True, check=True, env=environment)
    wall_s = time.perf_counter() - started
    sealed = sum(each["sealed"] for each in json.loads(answer.stdout)["docked"])
    if sealed != files:
        raise ValueError(f"{sealed} of {files} files were sealed")
    _wait_until_quiet(home)
    entries = list(_entries(home))
    opened = [entry.at for entry in entries if entry.type == "docking.opened"]
    ended = [entry for entry in entries if entry.type == "docking.ended"]
    return Docked(
        tuple(int(str(entry.body["ms"])) for entry in ended),
        (max(entry.at for entry in ended) - min(opened)).total_seconds(),
        wall_s,
    )


def _entries(home: Path) -> Sequence[Entry]:
    reader = LedgerReader(home / "ledger")
    size = int((home / "ledger" / "checkpoint").read_text("utf-8").split("\n")[1])
    return list(reader.entries(0, size, size))


def _wait_until_quiet(home: Path) -> None:
    """Wait until the ledger process of this home has ended: the next job has the machine alone."""
    until = time.monotonic() + STOP_LIMIT_S
    while any((home / "run").glob("*.sock")) and time.monotonic() < until:
        time.sleep(0.05)

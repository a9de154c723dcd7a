"""``python -m bench.fill HOME SIZE…``: grow a ledger; at each size print start-up and memory.

A process of its own, because the largest memory it ever had is what is asked.
"""

import json
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from appliance.clock import SystemClock
from evidence.entry import Draft
from vault.founding import Founding
from vault.ledger import LedgerStore
from vault.places import places_of

FOUNDING = Founding("bench.example/dock/station-1/1", "station-1", "bench")
BATCH = 256
OPENINGS = 5


def main(arguments: Sequence[str]) -> None:
    """Print one JSON list: for each size, entries, start-up in seconds, memory in MB."""
    home, sizes = Path(arguments[0]), [int(size) for size in arguments[1:]]
    store = LedgerStore.create(places_of(home), FOUNDING, SystemClock())
    told = []
    for size in sizes:
        grow(store, size)
        store.close()
        told.append({"entries": size, "start_s": start_up(home), "memory_mb": memory_mb()})
        store = LedgerStore.open(places_of(home), FOUNDING, SystemClock())
    store.close()
    print(json.dumps(told))


def grow(store: LedgerStore, size: int) -> None:
    """Append entries about ever new subjects until there are ``size``."""
    while store.size < size:
        store.append([_draft() for _ in range(min(BATCH, size - store.size))])


def start_up(home: Path) -> float:
    """Return the median time to open the ledger for writing."""
    seconds = []
    for _ in range(OPENINGS):
        started = time.perf_counter()
        store = LedgerStore.open(places_of(home), FOUNDING, SystemClock())
        seconds.append(time.perf_counter() - started)
        store.close()
    return median(seconds)


def memory_mb() -> float:
    """Return the most memory that this program ever had.

    Not ``ru_maxrss``: that begins with what the process had before it became this program.
    """
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = (line for line in status.split("\n") if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _draft() -> Draft:
    docking = "d:" + secrets.token_hex(16)
    return Draft("docking.ended", "sys:ingest", (docking,), {"outcome": "complete", "files": 24})


if __name__ == "__main__":
    main(sys.argv[1:])

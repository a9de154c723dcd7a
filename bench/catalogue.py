"""How fast a catalogue is rebuilt, and how fast its first page is found.

    python -m bench.catalogue --segments 1000000

Entries are made on the way and their time is taken off; the time of reading and decrypting a real
ledger is not in it either.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.histories import History, Pair
from vault.catalogue import rebuild
from vault.projection import project_all
from vault.sql import sqlite_url

FILES_OF_A_DOCKING = 40
PEOPLE = 500
BATCH = 1000  # entries


class Source:
    """Makes batches of entries and knows how long that took."""

    def __init__(self, segments: int) -> None:
        self.segments = segments
        self.seconds = 0.0
        self.cpu_seconds = 0.0
        self.entries = 0

    def batches(self) -> Iterator[list[Pair]]:
        """Yield batches until the ledger has at least the wanted segments."""
        history, left = History(people=PEOPLE), self.segments
        started, cpu = time.perf_counter(), time.process_time()
        history.start()
        while left > 0:
            again = dict(list(history.sealed.items())[:2])
            history.forget()
            history.sealed |= again
            history.docking(FILES_OF_A_DOCKING, list(again) if left % 3 == 0 else ())
            left -= len(history.sealed) - len(again)
            if len(history.pairs) >= BATCH or left <= 0:
                pairs, history.pairs = history.pairs, []
                self.entries += len(pairs)
                self.seconds += time.perf_counter() - started
                self.cpu_seconds += time.process_time() - cpu
                yield pairs
                started, cpu = time.perf_counter(), time.process_time()


def measure_rebuild(path: Path, segments: int) -> dict[str, int]:
    """Build a catalogue at ``path`` and return what it cost."""
    source = Source(segments)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, cpu = time.perf_counter(), time.process_time()
    rebuild(sqlite_url(path), map(project_all, source.batches()))
    seconds = time.perf_counter() - started - source.seconds
    cpu_seconds = time.process_time() - cpu - source.cpu_seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "entries": source.entries,
        "entries_per_s": round(source.entries / seconds),
        "entries_per_cpu_s": round(source.entries / cpu_seconds),
        "bytes": path.stat().st_size,
        "memory_before_kib": before,
        "memory_peak_kib": peak,
    }


def main() -> None:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="keep the catalogue in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = (arguments.home or Path(scratch)) / "catalogue.sqlite"
        print(json.dumps({"rebuild": measure_rebuild(path, arguments.segments)}, indent=1))


if __name__ == "__main__":
    main()

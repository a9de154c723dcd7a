"""How fast a catalogue is rebuilt, and how fast the first page of a search is found.

    python -m bench.catalogue --segments 1000000

Entries are made on the way and their time is taken off; reading and decrypting a real ledger is
not in it.  One segment is sighted again and again, as an empty file is in life.
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from evidence.search import SegmentFilter, SegmentLine
from tests.fakes.histories import History, Pair
from vault.catalogue import rebuild
from vault.projection import project_all
from vault.search import CatalogueReader
from vault.sql import sqlite_url

FILES_OF_A_DOCKING = 40
PEOPLE = 500
BATCH = 1000  # entries
ROUNDS = 5
REBUILD_TARGET = 20_000  # entries/s
PAGE_TARGET_MS = 50.0


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


def measure_rebuild(path: Path, segments: int) -> dict[str, int | bool]:
    """Build a catalogue at ``path`` and return what it cost."""
    source = Source(segments)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, cpu = time.perf_counter(), time.process_time()
    rebuild(sqlite_url(path), map(project_all, source.batches()))
    seconds = time.perf_counter() - started - source.seconds
    cpu_seconds = time.process_time() - cpu - source.cpu_seconds
    rate = round(source.entries / seconds)
    return {
        "entries": source.entries,
        "entries_per_s": rate,
        "entries_per_cpu_s": round(source.entries / cpu_seconds),
        "met": rate >= REBUILD_TARGET,
        "bytes": path.stat().st_size,
        "memory_before_kib": before,
        "memory_peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def filters(line: SegmentLine) -> dict[str, SegmentFilter]:
    """Return searches of every kind; ``line`` is a segment from the middle of the catalogue."""
    found = line.sighting
    day = (found.at - timedelta(hours=12), found.at + timedelta(hours=12))
    officer, recorder = found.officer, found.recorder
    return {
        "newest": SegmentFilter(),
        "a day": SegmentFilter(*day),
        "an officer": SegmentFilter(officer=officer),
        "an officer's day": SegmentFilter(*day, officer=officer),
        "nobody": SegmentFilter(officer="nobody"),
        "a recorder": SegmentFilter(recorder=recorder),
        "a docking": SegmentFilter(docking=found.docking),
        "a slot": SegmentFilter(slot=found.slot),
        "a kind": SegmentFilter(kind="photo"),
        "important": SegmentFilter(important=True),
        "a finding": SegmentFilter(finding="gap_inside"),
        "a rare finding": SegmentFilter(finding="truncated"),
        "a rare finding of an officer": SegmentFilter(officer=officer, finding="truncated"),
        "important logs of a slot": SegmentFilter(slot=found.slot, kind="log", important=True),
        "important photos of a recorder": SegmentFilter(
            recorder=recorder, kind="photo", important=True
        ),
    }


def measure_pages(path: Path) -> dict[str, dict[str, float | bool]]:
    """Return, for each search, the time of its first page in ms: the first time, and the median."""
    reader = CatalogueReader(sqlite_url(path))
    newest = reader.segments(SegmentFilter(), limit=1).items[0].sighting.at
    middle = reader.segments(SegmentFilter(until=newest - timedelta(days=365)), limit=1).items
    line = (middle or reader.segments(SegmentFilter(), limit=1).items)[0]
    answers = {}
    for name, wanted in filters(line).items():
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            reader.segments(wanted)
            times.append((time.perf_counter() - started) * 1000)
        median = round(statistics.median(times), 1)
        met = median < PAGE_TARGET_MS
        answers[name] = {"first_ms": round(times[0], 1), "median_ms": median, "met": met}
    return answers


def main() -> None:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="keep the catalogue in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = (arguments.home or Path(scratch)) / "catalogue.sqlite"
        answer = {
            "rebuild": measure_rebuild(path, arguments.segments),
            "first_page": measure_pages(path),
        }
    print(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()

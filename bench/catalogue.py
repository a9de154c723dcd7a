"""The catalogue: how fast it is rebuilt, and how fast the first page of a search is found.

For the large catalogues entries are made on the way and their time is taken off: each size is a
process of its own, because the largest memory it ever had is what is asked.  One segment is sighted
again and again, as an empty file is in life.  What reading, checking and decrypting costs besides
is told by a rebuild from a ledger that is really there.
"""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from appliance.clock import SystemClock
from bench.fill import FOUNDING, memory_mb
from bench.ledger import sealed
from bench.made import scratch
from bench.rows import Row, row
from evidence.search import SegmentFilter, SegmentLine
from tests.fakes.histories import History, Pair
from vault.catalogue import rebuild
from vault.feed import PAGE_ENTRIES, pairs
from vault.ledger import LedgerStore
from vault.places import places_of
from vault.projection import Projected, project_all
from vault.search import CatalogueReader
from vault.sql import sqlite_url

FILES_OF_A_DOCKING = 40
PEOPLE = 500
BATCH = 1000  # entries
ROUNDS = 5  # of each search
SIZES = (50_000, 1_000_000)  # segments
LEDGER_BATCHES = 80  # of 256 entries, each with a statement
REBUILD_TARGET = 20_000.0  # entries/s
PAGE_TARGET_MS, MEMORY_TARGET_MB = 50.0, 64.0


@dataclass(frozen=True, slots=True)
class Built:
    """What a rebuild cost; without the time in which the entries were made."""

    entries: int
    seconds: float
    cpu_seconds: float
    bytes: int
    memory_mb: float  # the most, less what was there before


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    small, large = (500, 2_000) if quick else SIZES
    with scratch("catalogue") as folder:
        of_small = _built(folder / "small.sqlite", small)
        of_large = _built(folder / "large.sqlite", large)
        pages = measure_pages(folder / "large.sqlite")
        of_ledger = _ledger_row(folder / "home", 2 if quick else LEDGER_BATCHES)
    rows = [_rebuild_row(of_large), of_ledger, _memory_row(of_small, of_large)]
    return [*rows, _page_row(pages, large)]


def _built(path: Path, segments: int) -> Built:
    command = [sys.executable, "-m", "bench.catalogue", path, str(segments)]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return Built(**json.loads(told))


def _rebuild_row(built: Built) -> Row:
    note = f"{built.entries / built.cpu_seconds:,.0f} entries/CPU s; {built.bytes >> 20} MiB"
    return row(f"catalogue: rebuild of {built.entries:,} entries", built.entries / built.seconds,
               "entries/s", REBUILD_TARGET, note=note)  # fmt: skip


def _memory_row(small: Built, large: Built) -> Row:
    note = f"{small.entries:,} entries: {small.memory_mb:.0f} MB, {large.memory_mb:.0f} MB"
    return row(f"catalogue: more memory to rebuild {large.entries:,} entries",
               large.memory_mb - small.memory_mb, "MB", MEMORY_TARGET_MB, at_most=True,
               note=note)  # fmt: skip


def _page_row(pages: dict[str, float], segments: int) -> Row:
    slowest = max(pages, key=lambda name: pages[name])
    note = "; ".join(f"{name}: {ms:.1f} ms" for name, ms in pages.items())
    return row(f"catalogue: first page of {segments:,} segments, slowest search ({slowest})",
               pages[slowest], "ms", PAGE_TARGET_MS, at_most=True, note=note)  # fmt: skip


# --- a rebuild ------------------------------------------------------------------------------------


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


def measure_rebuild(path: Path, segments: int) -> Built:
    """Build a catalogue at ``path`` and return what it cost."""
    source, before = Source(segments), memory_mb()
    started, cpu = time.perf_counter(), time.process_time()
    rebuild(sqlite_url(path), map(project_all, source.batches()))
    seconds = time.perf_counter() - started - source.seconds
    cpu_seconds = time.process_time() - cpu - source.cpu_seconds
    size = path.stat().st_size
    return Built(source.entries, seconds, cpu_seconds, size, memory_mb() - before)


def _ledger_row(home: Path, batches: int) -> Row:
    """Rebuild from a ledger on this disk; every entry is a segment, with its names."""
    store = LedgerStore.create(places_of(home), FOUNDING, SystemClock())
    for _ in range(batches):
        store.append([sealed(f"d:{secrets.token_hex(16)}") for _ in range(PAGE_ENTRIES)])
    started, cpu = time.perf_counter(), time.process_time()
    built = rebuild(sqlite_url(home / "catalogue.sqlite"), _projected(store))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    store.close()
    return row("catalogue: rebuild from a ledger, every statement decrypted",
               built.entries / seconds, "entries/s", REBUILD_TARGET,
               note=f"{built.entries / cpu_seconds:,.0f} entries/CPU s")  # fmt: skip


def _projected(store: LedgerStore) -> Iterator[Projected]:
    for first in range(0, store.size, PAGE_ENTRIES):
        stop = min(first + PAGE_ENTRIES, store.size)
        yield project_all(list(pairs(store, first, stop)))


# --- searches -------------------------------------------------------------------------------------


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


def measure_pages(path: Path) -> dict[str, float]:
    """Return, for each search, the median time of its first page in ms."""
    reader = CatalogueReader(sqlite_url(path))
    newest = reader.segments(SegmentFilter(), limit=1).items[0].sighting.at
    middle = reader.segments(SegmentFilter(until=newest - timedelta(days=365)), limit=1).items
    line = (middle or reader.segments(SegmentFilter(), limit=1).items)[0]
    return {name: _first_page_ms(reader, wanted) for name, wanted in filters(line).items()}


def _first_page_ms(reader: CatalogueReader, wanted: SegmentFilter) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        reader.segments(wanted)
        times.append((time.perf_counter() - started) * 1000)
    return median(times)


if __name__ == "__main__":
    print(json.dumps(asdict(measure_rebuild(Path(sys.argv[1]), int(sys.argv[2])))))

"""Memory of all processes together while they dock: one slot, four, sixteen, and one vast file."""

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.house import dock
from bench.made import make_films, scratch
from bench.rows import Row, row

SLOTS, FILMS_OF_A_SLOT, FILM_BYTES = (1, 4, 16), 2, 64 << 20
SPARSE_BYTES = 16 << 30
HOUSE_MB, SLOT_MB = 100, 32  # what all processes together may have, and each slot more
EVERY_S = 0.05
MB = 1 << 20


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    slots, size, sparse = ((1, 3), MB, 64 * MB) if quick else (SLOTS, FILM_BYTES, SPARSE_BYTES)
    with scratch("memory") as folder:
        films = folder / "films"
        films.mkdir()
        made = make_films(films, max(slots) * FILMS_OF_A_SLOT, size)
        rows = [_docked(folder, _cards(folder, made, count)) for count in slots]
        rows.append(_vast(folder, sparse))
    return rows


def _docked(folder: Path, cards: Sequence[Path]) -> Row:
    told = f"memory, {len(cards)} slots at once" if len(cards) > 1 else "memory, one slot"
    return _measured(told, folder / f"home{len(cards)}", cards, FILMS_OF_A_SLOT * len(cards))


def _vast(folder: Path, size: int) -> Row:
    """Dock one file of which nothing was ever written: to us it is as long as any other."""
    card = folder / "vast"
    card.mkdir()
    with (card / "vast.bin").open("wb") as file:
        file.truncate(size)
    return _measured(f"memory, one file of {size / 1e9:.2g} GB", folder / "home", [card], 1)


def _measured(name: str, home: Path, cards: Sequence[Path], files: int) -> Row:
    with _watched(home) as peak:
        took = dock(home, cards, files)
    shutil.rmtree(home, ignore_errors=True)  # its ledger is just about to end
    note = f"{peak.processes} processes at the peak, {took.first_to_last_s:.1f} s"
    return row(name, peak.bytes / MB, "MB", HOUSE_MB + SLOT_MB * len(cards), at_most=True,
               note=note)  # fmt: skip


def _cards(folder: Path, films: Sequence[Path], count: int) -> list[Path]:
    cards = [folder / f"{count}cards" / f"{number:02d}" for number in range(count)]
    for number, card in enumerate(cards):
        card.mkdir(parents=True)
        for film in films[number * FILMS_OF_A_SLOT :][:FILMS_OF_A_SLOT]:
            os.link(film, card / film.name)
    return cards


@dataclass(slots=True)
class Peak:
    """The most that all processes of one home had together, and how many they were then."""

    bytes: int = 0
    processes: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def look(self, home: Path) -> None:
        """Look again and again until it is done."""
        while not self.done.wait(EVERY_S):
            found = [held for pid in _processes(home) if (held := pss(pid))]
            if sum(found) > self.bytes:
                self.bytes, self.processes = sum(found), len(found)


@contextmanager
def _watched(home: Path) -> Iterator[Peak]:
    """Yield the peak, which grows until the end of the block."""
    peak = Peak()
    looking = threading.Thread(target=peak.look, args=(home,))
    looking.start()
    try:
        yield peak
    finally:
        peak.done.set()
        looking.join()


def _processes(home: Path) -> set[int]:
    """Return who names the home on its command line, and what descends from it."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            told = (process / "stat").read_text("utf-8", "replace")
            parents[int(process.name)] = int(told.rpartition(")")[2].split()[1])
            if os.fsencode(home) in (process / "cmdline").read_bytes():
                found.add(int(process.name))
    while grown := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= grown
    return found


def pss(pid: int) -> int:
    """Return the proportional set size: shared pages divided among those who share them."""
    with suppress(OSError):  # it has ended
        for line in Path("/proc", str(pid), "smaps_rollup").read_text("ascii").split("\n"):
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0

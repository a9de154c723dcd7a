"""Rolls of slices that no entry names, of segments that are sealed.

A docking that is cut between roll and entry leaves one; where the next docking cuts the file
otherwise (a parser that was killed, or is newer), its own roll is sealed.  The spare one holds
nothing that the segment does not tell, so it has its place beside it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import cast

from custody.holdings import READING, Level, cut_of
from evidence.digest import digest_of
from evidence.errors import EvidenceError
from evidence.media import Cut
from evidence.ports import Objects
from evidence.slices import Slicer, parse_roll

SPARES_LIMIT = 256  # rolls in memory at once: beyond, what lies there is named
SPARE_LIMIT_BYTES = 16 << 20  # of one: more than the cuts of any film that a parser may tell

Sized = Callable[[Collection[int]], Iterator[tuple[str, int]]]  # sealed segments of these sizes


@dataclass(frozen=True, slots=True)
class _Spare:
    name: str
    cuts: tuple[Cut, ...]
    lines: tuple[bytes, ...]  # the records as they stand in it
    first: str  # digest of the first slice

    @property
    def size(self) -> int:
        return self.cuts[-1].offset + self.cuts[-1].length


def spare_rolls(names: Collection[str], objects: Objects, sealed: Sized, level: Level) -> set[str]:
    """Return those of ``names`` that are rolls of sealed segments.

    Where bytes are read at all, each slice must give its digest; else only the size is compared,
    and the first slice.
    """
    spares = [spare for name in sorted(names)[:SPARES_LIMIT] if (spare := _read(name, objects))]
    if not spares:
        return set()
    found: set[str] = set()
    for segment, size in sealed({spare.size for spare in spares}):
        found |= {
            spare.name
            for spare in spares
            if spare.size == size and _fits(spare, segment, objects, level)
        }
    return found


def _read(name: str, objects: Objects) -> _Spare | None:
    """Return the roll, or None where it is none; what is no file is never opened."""
    try:
        if objects.unguarded(name) or (objects.size(name) or 0) > SPARE_LIMIT_BYTES:
            return None
        data = b"".join(objects.read_back(name))
        records = parse_roll(data)
    except EvidenceError:
        return None
    if not records or digest_of([memoryview(data)]) != name:
        return None
    lines = tuple(data.split(b"\n")[:-1])
    return _Spare(name, tuple(map(cut_of, records)), lines, cast("str", records[0]["sha256"]))


def _fits(spare: _Spare, segment: str, objects: Objects, level: Level) -> bool:
    first = spare.cuts[0].length
    try:
        head = b"".join(objects.read(segment, 0, first))
        if digest_of([memoryview(head)]) != spare.first:
            return False
        return level not in READING or _sliced(spare, segment, objects)
    except EvidenceError:
        return False  # the segment itself is accused elsewhere


def _sliced(spare: _Spare, segment: str, objects: Objects) -> bool:
    slicer = Slicer(spare.cuts)
    for view in objects.read_back(segment):
        slicer.update(view)
    return slicer.finish() == spare.lines

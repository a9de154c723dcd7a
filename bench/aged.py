"""The catalogue of a bureau that has recorded for longer than it keeps, filled table by table.

No entry stands behind these rows; those of the segments that may go come from a real ledger, and
are given along.  What is over is blocked by all that blocks in life, docking after docking: docking
d by ``BLOCKED[d % 100]``.  Tables, indexes and their order are the real ones; names and words, by
which no candidate is looked for, are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from bench.labelled import digest_of_segment
from evidence.disposal import DISPOSAL_LIMIT
from vault.catalogue import rebuild
from vault.fields import milliseconds
from vault.projection import Projected
from vault.rows import Row
from vault.sql import sqlite_url

BATCH = 5_000  # segments
FILES_OF_A_DOCKING, RECORDERS, PEOPLE, OF_A_CASE = 40, 200, 200, 8
MARKED_EVERY, ACCEPTED_EVERY = 50, 20  # segments: marks and gaps that people have answered
DAYS = 500  # recorded for so long: what is over began more than nine months ago
FIRST, SPAN = 10_000_000, 10  # entry of the first segment, and entries that each may take
SIZE = 100 << 20
DAY_MS, HOUR_MS = 86_400_000, 3_600_000

Told = Iterator[tuple[str, Row]]
BLOCKED = (
    *["unlabelled"] * 20,
    *["incomplete"] * 5,
    *["two_years"] * 15,
    *["open_case"] * 8,
    *["permanent"] * 2,
    *["mark"] * 5,
    *["gap"] * 10,
    *["held"] * 2,
    *["held_case"] * 14,
    *["held_recorder"] * 4,
    *["held_person"] * 3,
    *["clock"] * 3,
    *["conflict"] * 1,
    *["proposed"] * 2,
    *["asked"] * 1,
    *["disposing"] * 3,
    *["secret"] * 1,
    *["seen"] * 1,
)
HELD_AT_ONCE = {"held_case": OF_A_CASE, "held": FILES_OF_A_DOCKING,
                "held_recorder": FILES_OF_A_DOCKING, "held_person": FILES_OF_A_DOCKING}  # fmt: skip
ITEMS = {"two_years": "evidence", "open_case": "hearing", "permanent": "major"}
UNANSWERED = frozenset({"mark", "clock", "conflict"})
CASES = frozenset({"open_case", "held_case"})  # whose label names one
AFTER_ALL = 9_000_000_000  # entry of the first that was seen again lately


def fill(path: Path, size: int, now: datetime, known: Sequence[Projected]) -> None:
    """Make a catalogue of ``size`` segments behind what a real ledger gave; raises as ``rebuild``.

    ``now`` is the moment at which somebody looks: the last of them came in just before.
    """
    behind = known[-1].first + known[-1].count
    rebuild(sqlite_url(path), chain(known, _batches(behind, size, now)))


def _batches(begin: int, size: int, now: datetime) -> Iterator[Projected]:
    oldest, newest = milliseconds(now - timedelta(days=DAYS)), milliseconds(now)
    for start in range(0, size, BATCH):
        stop = min(start + BATCH, size)
        rows: dict[str, list[Row]] = {}
        for number in range(start, stop):
            one = One(number, oldest + number * (newest - oldest) // size, newest)
            for name, row in one.rows():
                rows.setdefault(name, []).append(row)
        yield Projected(begin + start, stop - start, rows)


@dataclass(frozen=True, slots=True)
class One:
    """Segment ``number``, sealed at ``at``; somebody looks at ``now``.  Both are ms since 1970."""

    number: int
    at: int
    now: int

    @property
    def docked(self) -> int:
        """Return which docking it is of."""
        return self.number // FILES_OF_A_DOCKING

    @property
    def why(self) -> str:
        """Return what keeps it from going."""
        return BLOCKED[self.docked % len(BLOCKED)]

    @property
    def entry(self) -> int:
        """Return the entry that sealed it."""
        return FIRST + self.number * SPAN

    @property
    def inventory(self) -> int:
        """Return the inventory of its docking."""
        return FIRST + self.docked * FILES_OF_A_DOCKING * SPAN - 1

    @property
    def docking(self) -> str:
        """Return the subject of its docking."""
        return f"d:{self.docked:032x}"

    @property
    def recorder(self) -> str:
        """Return the recorder that it lay on."""
        return f"r:{self.docked % RECORDERS:064x}"

    @property
    def person(self) -> str:
        """Return the officer whom its label names."""
        return f"p:{self.docked % PEOPLE:032x}"

    @property
    def case(self) -> str:
        """Return the case that it may be of."""
        return f"c:{self.number // OF_A_CASE:064x}"

    @property
    def begins(self) -> bool:
        """Return whether it is the first of its docking."""
        return self.number % FILES_OF_A_DOCKING == 0

    def rows(self) -> Told:
        """Yield all that the catalogue has of it, and what keeps it from going."""
        if self.begins:
            yield from _docking(self)
        yield "segments", {
            "entry": self.entry, "sha256": digest_of_segment(self.number), "size": SIZE,
            "kind": "video", "container": "mp4", "duration_ms": 300_000, "codecs": "h264 aac",
            "width": 1920, "height": 1080, "sealed_at": self.at,
        }  # fmt: skip
        yield from _sighting(self, self.entry, self.at)
        if self.why == "seen":  # yesterday, once more
            yield from _sighting(self, AFTER_ALL + self.number * SPAN, self.now - DAY_MS)
        if self.why != "unlabelled":
            yield from _label(self)
        yield from _seam(self)
        if self.why in {"proposed", "asked"}:
            yield from _asked(self)
        if self.why == "disposing":
            yield from _disposing(self)
        if self.why.startswith("held") and self.number % HELD_AT_ONCE[self.why] == 0:
            yield from _hold(self)


def _subject(number: int) -> str:
    return f"s:{digest_of_segment(number)}"


def _event(entry: int, kind: str, at: int, *about: str) -> Told:
    yield "events", {"entry": entry, "type": kind, "at": at, "actor": "sys:ingest"}
    for subject in sorted(about):
        yield "event_subjects", {"entry": entry, "subject": subject}


def _docking(one: One) -> Told:
    """Yield a docking; one of a hundred says two names, three have a clock that tells nothing."""
    opened = one.inventory - 1
    yield from _event(opened, "docking.opened", one.at, one.docking, one.recorder)
    yield "dockings", {
        "entry": opened, "docking": one.docking, "recorder": one.recorder, "slot": "slot-1",
        "driver": "disk", "opened_at": one.at, "battery": 80, "after": "keep",
    }  # fmt: skip
    yield from _event(one.inventory, "inventory.taken", one.at, one.docking)
    yield "inventories", {
        "entry": one.inventory, "docking": one.docking, "taken_at": one.at,
        "files": FILES_OF_A_DOCKING, "bytes": SIZE, "deleted": 0, "file_system": None,
        "total_bytes": None, "free_bytes": None, "clock_offset_ms": 0, "clock_how": "asked",
        "clock_kind": "at_least" if one.why == "clock" else "measured",
    }  # fmt: skip
    if one.why == "conflict":
        yield "findings", {
            "entry": one.inventory, "n": 0, "finding": "identity_conflict", "docking": one.docking,
            "line": None, "segment": None, "facts": "{}",
        }  # fmt: skip


def _sighting(one: One, entry: int, at: int) -> Told:
    settled = one.number % MARKED_EVERY == 0 and one.why not in UNANSWERED
    kind = "segment.sealed" if entry == one.entry else "segment.seen"
    yield "events", {"entry": entry, "type": kind, "at": at, "actor": "sys:ingest"}
    yield "sightings", {
        "entry": entry, "segment": one.entry, "docking": one.docking, "line": one.number % 40,
        "inventory": one.inventory, "recorder": one.recorder, "slot": None, "kind": "video",
        "important": one.why == "mark" or settled, "at": at - HOUR_MS,
        "claimed_at": at - HOUR_MS, "claimed_from": "name",
        "corrected_at": None if one.why == "clock" else at - HOUR_MS,
    }  # fmt: skip
    if settled:  # somebody has answered that mark
        yield "hold_answers", {"entry": entry + 6, "of": entry, "answer": "not_needed"}


def _label(one: One) -> Told:
    entry = one.entry + 2
    yield from _event(entry, "segment.labelled", one.at + DAY_MS, _subject(one.number), one.person)
    yield "labels", {
        "entry": entry, "sha256": digest_of_segment(one.number), "list": "periods", "step": None,
        "item": ITEMS.get(one.why, "daily_check"), "no_case": None,
        "complete": one.why != "incomplete", "corrects": None,
        "sensitivity": "state_secret" if one.why == "secret" else "none",
        "case": one.case if one.why in CASES else None,
    }  # fmt: skip
    yield "label_people", {"entry": entry, "person": one.person}


def _seam(one: One) -> Told:
    """Yield how it joins the one before; a gap that does not keep it was accepted."""
    open_ = one.why == "gap"
    gap, entry = open_ or one.number % ACCEPTED_EVERY == 0, one.entry + 3
    yield from _event(entry, "seams.judged", one.at, one.docking, _subject(one.number))
    yield "seams", {
        "entry": entry, "n": 0, "docking": one.docking, "before": _subject(one.number - 1),
        "after": _subject(one.number), "before_line": 0, "after_line": 1,
        "kind": "gap" if gap else "contiguous", "ms": 9_000, "because": None,
    }  # fmt: skip
    if gap and not open_:
        yield "gap_explanations", {
            "entry": entry + 1, "docking": one.docking, "seams": entry, "seam": 0,
            "reason": "battery", "spoken": True,
        }  # fmt: skip
        yield "gap_answers", {"entry": entry + 2, "explained": entry + 1, "answer": "accepted"}


def _asked(one: One) -> Told:
    """Yield a question about it: in a complaint, or one that nobody has answered yet."""
    request, complaint = f"q:{one.number:032x}", one.why == "proposed"
    yield from _event(one.entry + 4, "request.made", one.at, request, _subject(one.number))
    yield "requests", {
        "entry": one.entry + 4, "request": request, "act": "play", "article": "18",
        "purpose": "complaint" if complaint else "case", "times": 3, "unit": "u:0",
        "until": one.now + DAY_MS * (-9 if complaint else 9), "row": "own_unit", "case": None,
    }  # fmt: skip


def _disposing(one: One) -> Told:
    entry, disposal = one.entry + 7, f"x:{one.number // DISPOSAL_LIMIT:032x}"
    yield from _event(entry, "disposal.proposed", one.now, disposal, _subject(one.number))
    yield "disposals", {"entry": entry, "disposal": disposal, "step": "proposed"}


def _hold(one: One) -> Told:
    """Yield one hold: on the segments of a docking, on a case, or on a window around a docking."""
    entry, of = one.entry + 8, None
    if one.why == "held":
        for n in range(FILES_OF_A_DOCKING):
            digest = digest_of_segment(one.number + n)
            yield "hold_segments", {"entry": entry, "n": n, "sha256": digest}
    else:
        of = {"case": one.case, "recorder": one.recorder, "person": one.person}[one.why[5:]]
    window = one.why in {"held_recorder", "held_person"}
    yield "holds", {
        "entry": entry, "hold": f"h:{one.number:032x}", "reason": "dispute", "article": "17(2)",
        "kind": "window" if window else "case" if of else "segments", "of": of,
        "since": one.at - 2 * HOUR_MS if window else None,
        "until": one.at + DAY_MS if window else None, "answers": None,
    }  # fmt: skip

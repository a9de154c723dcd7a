"""What a search of the catalogue asks, and what it answers.

An answer is never evidence: it says where to look in the ledger (``entry``), which proves.  Fields
that name a person or a place are None once their key is destroyed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from evidence.errors import UsageError
from evidence.json import Json, JsonObject

PAGE_LIMIT = 1000  # rows of one page
PREFIX_MINIMUM = 4  # characters of a digest that may stand for it

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class SegmentFilter:
    """Which segments: those with a sighting for which all that is given holds.

    Time is the best known beginning of that sighting: its corrected time, else the claimed one
    where it can be true, else the time of sealing.
    """

    since: datetime | None = None
    until: datetime | None = None  # not included
    officer: str | None = None
    recorder: str | None = None  # r:…
    docking: str | None = None  # d:…
    slot: str | None = None
    kind: str | None = None
    important: bool = False  # True: only what was marked
    finding: str | None = None
    # Of the label that holds:
    person: str | None = None  # p:…, an officer in it
    item: str | None = None
    no_case: str | None = None
    case: str | None = None  # c:…
    cause: str | None = None  # contained in it, and so the next two
    party: str | None = None
    words: str | None = None  # all of them, anywhere in it
    unlabelled: bool = False  # True: only what has no complete label


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list.  ``after`` asks for the next part; None: this was the last."""

    items: tuple[Item, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class SightingRecord:
    """One place where a segment lay."""

    entry: int
    docking: str
    line: int
    inventory: int  # entry
    recorder: str | None
    slot: str | None
    important: bool
    at: datetime  # best known beginning, as in SegmentFilter
    claimed_at: datetime | None
    claimed_from: str | None
    corrected_at: datetime | None
    path: str | None
    maker: str | None
    device: str | None
    officer: str | None
    number: int | None


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """The label that holds.  The last five are None once the key is destroyed."""

    entry: int
    item: str | None
    step: str | None
    no_case: str | None
    complete: bool
    sensitivity: str
    case: str | None  # c:…
    people: tuple[str, ...]  # p:…, sorted
    cause: str | None
    party: str | None
    case_number: str | None
    place: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """A segment in a list, with the newest of its sightings that the filter asks for."""

    entry: int  # segment.sealed
    sha256: str
    size: int  # bytes
    kind: str
    container: str | None
    duration_ms: int | None
    codecs: tuple[str, ...]
    width: int | None
    height: int | None
    sealed_at: datetime
    sighting: SightingRecord
    findings: tuple[str, ...]  # codes, of all sightings
    label: LabelRecord | None = None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(milliseconds=1)


def place_of(line: SegmentLine) -> str:
    """Return what asks a search for the segments behind this one (``Page.after``)."""
    return f"{(line.sighting.at - _EPOCH) // _STEP}.{line.sighting.entry}"


def time_of(place: str) -> datetime:
    """Return the beginning of the segment behind which a page goes on, or raise ``UsageError``."""
    try:
        return _EPOCH + int(place.partition(".")[0]) * _STEP
    except (ValueError, OverflowError) as error:
        raise UsageError("page_unknown", after=place) from error


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """What was noticed about a sighting, or about a docking."""

    entry: int
    finding: str
    docking: str | None
    line: int | None
    segment: int | None  # entry
    facts: JsonObject


@dataclass(frozen=True, slots=True)
class SeamRecord:
    """The join of two neighbouring segments of one docking."""

    entry: int
    docking: str
    before: str | None  # s:…
    after: str | None
    before_line: int | None
    after_line: int | None
    kind: str
    ms: int | None
    because: str | None


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """All that the catalogue knows about one segment."""

    line: SegmentLine  # with its first sighting
    sightings: tuple[SightingRecord, ...]  # in the order of the ledger
    findings: tuple[FindingRecord, ...]
    seams: tuple[SeamRecord, ...]


@dataclass(frozen=True, slots=True)
class InventoryRecord:
    """What lay on the recorder, in numbers, and what its clock said."""

    entry: int
    taken_at: datetime
    files: int
    bytes: int
    deleted: int
    file_system: str | None
    total_bytes: int | None
    free_bytes: int | None
    clock_kind: str
    clock_offset_ms: int | None
    clock_how: str


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One line of an inventory."""

    line: int
    path: str
    size: int
    modified: datetime | None
    created: datetime | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class EndingRecord:
    """How a docking ended."""

    entry: int
    ended_at: datetime
    outcome: str
    recorder: str  # kept, confirmed, erased
    files: int
    sealed: int
    seen: int
    left: int
    bytes: int
    ms: int
    because: str | None


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """Who the recorder said it was, and where it was docked."""

    entry: int
    place: str | None
    serial: str | None
    maker: str | None
    device: str | None
    officer: str | None
    unit: str | None
    volume: str | None


@dataclass(frozen=True, slots=True)
class DockingRecord:
    """One docking; None and 0 where it has not come that far."""

    entry: int
    docking: str
    recorder: str | None
    slot: str
    driver: str
    opened_at: datetime
    battery: int | None  # percent
    after: str
    identity: IdentityRecord | None  # also None when its key is destroyed
    agrees: bool | None  # whether the recorder's own log agrees
    inventory: InventoryRecord | None
    certified: int  # lines
    erased: int  # lines
    ending: EndingRecord | None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One entry, as a history lists it."""

    entry: int
    type: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that two catalogues do not hold alike; None on the side where it is missing."""

    table: str
    entry: int | None  # None: the row of ``meta``
    ours: Mapping[str, Json] | None
    theirs: Mapping[str, Json] | None

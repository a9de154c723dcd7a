"""Searches for segments and what they find, as documents: no picture, no byte, no name in a URL."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.models import (
    DockingId,
    In,
    Index,
    Moment,
    Out,
    PersonId,
    QuestionOut,
    RowOut,
)
from api.models_footage import Code
from custody.labels import WORDS_LIMIT, NoCase

PAGE_LIMIT = 200  # rows of one page
WHO = "Who recorded it: stands in its label, or held the recorder then"
OFFICER = "The same by name, number or id; a stranger: the number that a recorder claims"
RecorderId = Annotated[str, Field(pattern="^r:[0-9a-f]{64}$")]
Said = Annotated[str, Field(min_length=1, max_length=WORDS_LIMIT)]
Cursor = Annotated[
    str, Field(pattern="^-?[0-9]{1,15}[.][0-9]{1,15}$", description="`next` of the page before")
]


class ListIn(In):
    """Which segments, in words that name nobody: they may stand in a URL."""

    since: Moment | None = None
    until: Moment | None = None  # not included
    slot: Code | None = None
    recorder: RecorderId | None = None
    docking: DockingId | None = None
    person: Annotated[PersonId | None, Field(description=WHO)] = None
    kind: Code | None = None
    item: Code | None = None
    no_case: NoCase | None = None
    finding: Code | None = None
    important: bool = False
    unlabelled: bool = False
    after: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT)] = 50


class SearchIn(ListIn):
    """The same with words that may name somebody, which is why they travel in a body."""

    officer: Annotated[Said | None, Field(description=OFFICER)] = None
    serial: Annotated[Said | None, Field(description="Of a recorder, as it names itself")] = None
    case_number: Said | None = None
    cause: Annotated[Said | None, Field(description="Contained in it; `party`, `words` too")] = None
    party: Said | None = None
    words: Said | None = None


class NamedOut(Out):
    """Somebody, by name where it is known."""

    person: str
    name: str | None


class LabelOut(Out):
    """The label that holds.  The last five are None once their key is destroyed."""

    entry: int
    item: str | None
    step: str | None
    no_case: str | None
    complete: bool
    sensitivity: str
    people: list[NamedOut]
    cause: str | None
    party: str | None
    case_number: str | None
    place: str | None
    words: str | None


class LineOut(Out):
    """A segment in a list: where to look in the ledger, which proves.  ``at``: best known start."""

    segment: str
    entry: int
    at: datetime
    claimed_at: datetime | None
    corrected_at: datetime | None
    duration_ms: int | None
    size: int
    kind: str
    slot: str | None
    recorder: str | None
    docking: str
    officer: str | None
    important: bool
    findings: list[str]
    label: LabelOut | None


class LinesOut(Out):
    """A page.  It may be short, or empty, although more follows: go on while there is ``next``."""

    segments: list[LineOut]
    next: str | None


class SightedOut(Out):
    """One place where it lay, and whose it was there; ``person`` None: nobody is guessed."""

    entry: int
    docking: str
    recorder: str | None
    claimed_at: datetime | None
    corrected_at: datetime | None
    person: str | None
    name: str | None
    unit: str | None
    unit_name: str | None
    why: Literal["own", "pooled", "none", "two", "resolved"]
    certificate_expired: bool


class SeamOut(Out):
    """A join with a neighbour; one that the asker may not list is None, as one not here."""

    seams: int
    seam: int
    kind: str
    ms: int | None
    because: str | None
    before: str | None
    after: str | None


class SegmentOut(Out):
    """What the ledger says of one segment.  ``proof`` leads to the proof of ``entry``."""

    segment: str
    entry: int
    sealed_at: datetime
    size: int
    kind: str
    container: str | None
    duration_ms: int | None
    slices: int
    sightings: list[SightedOut]
    label: LabelOut | None
    findings: list[str]
    remarks: list[str]
    seams: list[SeamOut]
    proof: str


class ObjectionOut(Out):
    """What an owning unit says against a retrieval; it refuses nothing."""

    entry: Index
    at: datetime
    person: str
    name: str | None
    reason: str | None


class WeighedOut(Out):
    """What who decides should know: conflicts, rows in the way, earlier questions, objections."""

    appear: list[NamedOut]
    rows: list[RowOut]
    earlier: list[QuestionOut]
    objections: list[ObjectionOut]

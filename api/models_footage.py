"""Labels, gaps, keys and explanations, as documents."""

from typing import Annotated

from pydantic import Field

from api.models import (
    Base64url,
    In,
    Out,
    PersonId,
    RowOut,
    Secret,
    SegmentId,
    Short,
    Words,
)
from custody.gaps import Reason, Verdict
from custody.labels import OFFICERS_LIMIT, NoCase, Sensitivity
from custody.permission import Does
from evidence.people import Use

SEGMENTS_LIMIT = 200
Code = Annotated[str, Field(pattern="^[0-9A-Za-z_.-]{1,64}$")]


class LabelIn(In):
    """What a recording is of."""

    segments: Annotated[list[SegmentId], Field(min_length=1, max_length=SEGMENTS_LIMIT)]
    officers: Annotated[tuple[PersonId, ...], Field(max_length=OFFICERS_LIMIT)] = ()
    item: Code | None = None
    step: Short | None = None
    no_case: NoCase | None = None
    cause: Short | None = None
    party: Short | None = None
    case_number: Short | None = None
    place: Short | None = None
    words: Short | None = None
    sensitivity: Sensitivity = "none"


class EntriesOut(Out):
    """The entries that were written."""

    entries: list[int]


class UnlabelledOut(Out):
    """Segments without a complete label; ``more``: ask for less time."""

    segments: list[str]
    more: bool


class GapOut(Out):
    """Where a recording broke off."""

    docking: str
    seams: int
    seam: int
    kind: str
    ms: int | None
    before: str | None
    after: str | None
    state: str
    explained: int | None


class GapsOut(Out):
    """Gaps."""

    gaps: list[GapOut]


class ExplainIn(In):
    """Why it broke off."""

    reason: Reason
    words: Words = ""
    spoken: bool = False


class VerdictIn(In):
    """Accepted, or given back with words."""

    verdict: Verdict
    words: Words = ""


class WhyOut(Out):
    """Whether somebody may do something, and every rule in the way."""

    person: str
    act: Does
    subject: str
    may: bool
    rows: list[RowOut]


class WitnessIn(In):
    """For whom one bears witness."""

    person: PersonId


class WitnessOut(Out):
    """A word that this person shows, once, within five minutes."""

    code: str


class KeyTicketIn(In):
    """What the key will be for, and the word of a witness."""

    use: Use
    witness: Secret


class KeyTicketOut(Out):
    """Where the key is enrolled: signing keys on the host for signing."""

    ticket: str
    url: str


class NewKeyIn(In):
    """What ``navigator.credentials.create`` gave, as its ``toJSON`` says it."""

    ticket: Secret
    id: Base64url
    client_data: Base64url
    attestation: Annotated[str, Field(pattern="^[0-9A-Za-z_-]*$", max_length=32768)]


class KeyOptionsOut(Out):
    """Options for ``navigator.credentials.create``."""

    options: dict[str, object]

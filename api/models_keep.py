"""Why something is kept, holds, and what waits for a word about it, as documents."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError

from api.models import In, Index, Moment, Out, SegmentId, SubjectId, Words
from custody.holds import ATTACHMENT_LIMIT_BYTES, NAME_LIMIT
from evidence.errors import UsageError
from evidence.keeping import (
    HELD_SEGMENTS_LIMIT,
    Code,
    From,
    Reason,
    ReleaseGround,
    ScopeKind,
    Whose,
)

COPY_LIMIT = (ATTACHMENT_LIMIT_BYTES + 2) // 3 * 4  # characters of base64
WITHIN_LIMIT_DAYS = 3660
HoldId = Annotated[str, Field(pattern="^h:[0-9a-f]{32}$")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]


class GroundOut(Out):
    """One reason to keep it: a rule's id, ``hold:<reason>``, or ``mark``."""

    model_config = ConfigDict(
        frozen=True, serialize_by_alias=True, validate_by_alias=True, validate_by_name=True
    )

    what: str
    article: str
    policy: int | None
    entry: int | None
    start: datetime
    from_: From = Field(alias="from")
    ends: datetime | None


class BlockerOut(Out):
    """One reason why it cannot be disposed of, and whose task it is."""

    code: Code
    whose: Whose
    since: datetime
    entry: int | None


class RetentionOut(Out):
    """Why a segment is kept; times are the first moment after the end; null: no end.

    ``over``: nothing keeps it any longer, whatever forbids its disposal.  ``hidden``: how many
    reasons who asks is not told.
    """

    segment: str
    size: int
    at: datetime
    until: datetime | None
    grace_until: datetime | None
    over: bool
    grounds: list[GroundOut]
    blockers: list[BlockerOut]
    hidden: int


class DueOut(Out):
    """What keeps no more after some days, the soonest first; the sums are of all of it.

    ``more``: of what one request looks at, the oldest, since there was more.
    """

    within_days: int
    at: datetime
    count: int
    bytes: int
    due: list[RetentionOut]
    more: bool


class SumOut(Out):
    """What one reason keeps from going; ``over_…``: what would go but for such reasons."""

    unit: str | None
    code: Code
    whose: Whose
    count: int
    bytes: int
    over_count: int
    over_bytes: int
    days: int


class BlockedOut(Out):
    """What cannot go.  ``hidden``: segments with a reason that who asks is not told.

    ``more``: of what one request looks at, the newest, since there was more.
    """

    at: datetime
    blocked: list[SumOut]
    hidden: int
    more: bool


class PolicyOut(Out):
    """A version of a pack of rules that holds, or held (``replaced``)."""

    name: str
    version: str
    sha256: str
    entry: int
    replaced: int | None
    pack: dict[str, object]


class PolicyProposalOut(Out):
    """A pack that waits for a second person."""

    name: str
    version: str
    sha256: str
    entry: int
    by: str
    at: datetime
    pack: dict[str, object]


class PoliciesOut(Out):
    """Every version that was ever adopted, oldest first, and what waits."""

    policies: list[PolicyOut]
    proposals: list[PolicyProposalOut]


class AttachmentIn(In):
    """A copy of a paper."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
    copy_base64: Annotated[str, Field(pattern="^[0-9A-Za-z+/=]*$", max_length=COPY_LIMIT)]


class HoldIn(In):
    """A hold: on ``segments``, on a case, or on all ``of`` somebody or something from ``since`` on.

    ``of``: an officer (p:…), a recorder (r:…), or a unit (u:…).  ``answers``: the entry with the
    mark, or of the question, which this decides.
    """

    reason: Reason
    reference: Words
    segments: Annotated[list[SegmentId], Field(max_length=HELD_SEGMENTS_LIMIT)] = Field(
        default_factory=list
    )
    case_number: Words | None = None
    of: SubjectId | None = None
    since: Moment | None = None
    until: Moment | None = None  # not included
    words: Words = ""
    attachment: AttachmentIn | None = None
    answers: Index | None = None


def hold_said(said: Mapping[str, object]) -> HoldIn:
    """Return a hold; raises ``UsageError`` (``hold_scope``) with the first field that is none."""
    try:
        return HoldIn.model_validate(said)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise UsageError("hold_scope", field=field, limit=HELD_SEGMENTS_LIMIT) from error


class AttachmentOut(Out):
    """What was attached; its bytes are under ``/attachment``."""

    name: str
    size: int
    sha256: str


class HoldOut(Out):
    """A hold.  Its private words are null for who may not read them (``readable``)."""

    hold: str
    entry: int
    reason: Reason
    article: str
    kind: ScopeKind
    segments: list[str]
    of: str | None
    since: datetime | None
    until: datetime | None
    at: datetime
    by: str
    state: Literal["standing", "release_proposed", "released"]
    proposed: int | None
    released: int | None
    readable: bool
    reference: str | None
    words: str | None
    attachment: AttachmentOut | None


class HoldsOut(Out):
    """A page, newest first; ``next`` goes into ``before`` for the page after."""

    holds: list[HoldOut]
    next: int | None


class ReleaseIn(In):
    """With a ground: the first of two people proposes.  Without: the second one releases."""

    ground: ReleaseGround | None = None
    reference: Words = ""


class MarkOut(Out):
    """An important mark that nobody has decided: it keeps until somebody does."""

    entry: int
    segment: str
    at: datetime


class HoldProposalOut(Out):
    """A question that proposes a hold."""

    entry: int
    request: str
    purpose: str
    reason: Reason
    at: datetime
    segments: list[str]


class WaitingOut(Out):
    """What waits for a word: place a hold that ``answers`` the entry, or resolve it."""

    provisional: list[MarkOut]
    proposed: list[HoldProposalOut]
    more: bool

"""What the API takes and gives, as documents: every field named, every size bounded."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from custody.gaps import WORDS_LIMIT as GAP_WORDS_LIMIT
from evidence.asking import ANSWERED_LIMIT, SPAN_LIMIT, TIMES_LIMIT, Act, Purpose

LETTER_LIMIT = 11_200_000  # characters of base64: 8 MiB
INDEX_LIMIT = 2**53 - 1


def _id(kind: str) -> str:
    return f"^{kind}:[0-9a-f]{{32}}$"


def _milliseconds(moment: datetime) -> datetime:
    """Return a time as entries carry it: UTC, in whole milliseconds."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:  # the first and the last day, in some zone
        raise ValueError from error
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


QuestionId = Annotated[str, Field(pattern=_id("q"))]
GrantId = Annotated[str, Field(pattern=_id("g"))]
PersonId = Annotated[str, Field(pattern=_id("p"))]
DockingId = Annotated[str, Field(pattern=_id("d"))]
SegmentId = Annotated[str, Field(pattern="^s:[0-9a-f]{64}$")]
SubjectId = Annotated[str, Field(pattern="^[a-z]:[0-9a-f]{32,64}$")]
Index = Annotated[int, Field(ge=0, le=INDEX_LIMIT)]
Moment = Annotated[AwareDatetime, AfterValidator(_milliseconds)]
Words = Annotated[str, Field(max_length=GAP_WORDS_LIMIT)]
Short = Annotated[str, Field(min_length=1, max_length=500)]
Secret = Annotated[str, Field(min_length=1, max_length=512)]
Base64url = Annotated[str, Field(pattern="^[0-9A-Za-z_-]*$", max_length=8192)]


class In(BaseModel):
    """A body that is sent to us: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """A document that we give."""

    model_config = ConfigDict(frozen=True)


class RowOut(Out):
    """A rule in the way, with its article."""

    row: str
    article: str


class Problem(Out):
    """RFC 9457."""

    type: str
    title: str
    status: int
    word: str
    facts: dict[str, int | str] = {}
    rows: list[RowOut] = []
    fields: list[str] = []


class SignInIn(In):
    """An account and its password."""

    account: Annotated[str, Field(max_length=256)]
    password: Annotated[str, Field(max_length=1024)]


class PasswordIn(In):
    """The password of who is signed in."""

    password: Annotated[str, Field(max_length=1024)]


class CodeIn(In):
    """A code that is good once, and the password that its owner chooses."""

    code: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=1024)]


class EnvelopeIn(In):
    """What a security key has signed, raw bytes as base64url."""

    rp: Annotated[str, Field(max_length=253)]
    origin: Annotated[str, Field(max_length=300)]
    credential: Base64url
    client_data: Base64url
    authenticator_data: Base64url
    signature: Base64url


class KeyAnswerIn(In):
    """The answer of a key to a challenge of signing in."""

    challenge: Secret
    envelope: EnvelopeIn


class KeyAskedOut(Out):
    """The password is right; a key of the person must answer ``challenge`` too."""

    challenge: str
    credentials: list[str]
    rp: str


class EnteredOut(Out):
    """Signed in (then the answer set a cookie), or a key is asked for."""

    person: str | None
    key: KeyAskedOut | None


class MeOut(Out):
    """Who is signed in."""

    person: str
    name: str | None
    roles: list[str]
    session: str
    proved_at: datetime | None


class SessionOut(Out):
    """One session; ``current``: the one that asks."""

    session: str
    by: str
    where: str
    opened_at: datetime
    seen_at: datetime
    current: bool


class SessionsOut(Out):
    """The sessions of who asks."""

    sessions: list[SessionOut]


class SpanIO(In):
    """A part of a segment: slices ``first`` to ``last``; none: the whole of it."""

    segment: SegmentId
    first: Index | None = None
    last: Index | None = None


Spans = Annotated[list[SpanIO], Field(min_length=1, max_length=SPAN_LIMIT)]


class LetterIn(In):
    """An outside demand: its number, and a copy in base64."""

    number: Short
    copy_base64: Annotated[str, Field(pattern="^[0-9A-Za-z+/=]*$", max_length=LETTER_LIMIT)] = ""


class WantedIn(In):
    """A question."""

    act: Act
    spans: Spans
    purpose: Purpose
    until: Moment
    reason: Words
    times: Annotated[int, Field(ge=1, le=TIMES_LIMIT)] = 1
    case_number: Words | None = None
    recipient: Words | None = None
    letter: LetterIn | None = None


class PlanOut(Out):
    """What would become of a question: who decides, by which rule, and what refuses."""

    unit: str
    row: str
    article: str
    path: list[str]
    owners: list[str]
    deciders: list[str]
    refusals: list[RowOut]
    hold: int | None
    provide_by: datetime | None


class QuestionOut(Out):
    """A question and what has become of it."""

    request: str
    entry: int
    leaf: str
    at: datetime
    asker: str
    act: Act
    purpose: Purpose
    spans: list[SpanIO]
    until: datetime
    times: int
    unit: str
    row: str
    owners: list[str]
    hold: int | None
    provide_by: datetime | None
    state: Literal["open", "approved", "refused", "withdrawn"]
    decision: int | None


class QuestionWordsOut(QuestionOut):
    """A question with the words of its statement, for who may see it."""

    asker_name: str | None
    reason: str | None
    case_number: str | None
    recipient: str | None
    answer: str | None


class QuestionsOut(Out):
    """A page, newest first; ``next`` goes into ``before`` for the page after."""

    questions: list[QuestionOut]
    next: int | None


class ReasonIn(In):
    """Why."""

    reason: Words


class EntryOut(Out):
    """The entry that was written."""

    entry: int


class AnswerIn(In):
    """What a head says; what is left out is as it was asked."""

    answer: Literal["approve", "refuse"]
    requests: Annotated[list[QuestionId], Field(min_length=1, max_length=ANSWERED_LIMIT)]
    reason: Words = ""
    spans: Spans | None = None
    until: Moment | None = None
    times: Annotated[int, Field(ge=1, le=TIMES_LIMIT)] | None = None
    confidential_until: Moment | None = None


class ProposalOut(Out):
    """What would be written.  ``ticket`` is good once, for five minutes, at ``sign`` if there."""

    ticket: str
    challenge: str
    digest: str
    entry: dict[str, object]
    sign: str | None


class ApprovalIn(In):
    """A signature over a proposal; for the demo only, of a key in a file."""

    fmt: Literal["webauthn/1", "software/1"]
    key: Index
    envelope: dict[Annotated[str, Field(max_length=32)], Base64url | Short]


class DecideIn(In):
    """A proposal by its ticket, signed or not."""

    ticket: Secret
    approval: ApprovalIn | None = None


class DecidedOut(Out):
    """The decision, and what was granted by it."""

    entry: int
    grants: list[str]


class TicketIn(In):
    """A ticket, from the fragment of a link."""

    ticket: Secret


class ToSignOut(Out):
    """Everything that is about to be signed, and the keys that can.  ``type``: of the entry."""

    type: str
    challenge: str
    digest: str
    rp: str
    keys: list[dict[str, int | str]]
    entry: dict[str, object]
    reason: str
    names: dict[str, str]


class GrantOut(Out):
    """A grant, live or dead, and why.  ``waits_for``: to view needs the player, to come later."""

    grant: str
    request: str
    decision: int
    act: Act
    spans: list[SpanIO]
    until: datetime
    times: int
    used: int
    live: bool
    rows: list[RowOut]
    waits_for: Literal["player"] | None = None


class GrantsOut(Out):
    """A page of grants, newest first."""

    grants: list[GrantOut]
    next: int | None


class CopyIn(In):
    """Which span of a grant, by its number."""

    span: Annotated[int, Field(ge=0, lt=SPAN_LIMIT)] = 0

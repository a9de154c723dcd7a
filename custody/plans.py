"""What would become of a question: who decides, by which row, and what refuses.  Nothing is said.

The same rules answer before a question is sent and when it is sent (``custody/requests.py``).
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.deciders import Deciding, deciding_of
from custody.desk import Desk, PurposeRule
from custody.facts import over_footage, standing_of
from custody.footage import Footage, check_spans, footage_of
from custody.permission import Does, Row, refusals
from custody.rules import check_adopted
from evidence.asking import ACTS, SPAN_LIMIT, TIMES_LIMIT, Act, Purpose, Span
from evidence.errors import UsageError
from evidence.json import JsonObject
from evidence.people import Actor

WORDS_LIMIT = 2000  # characters of a reason, a recipient, a case number, a letter's number
LETTER_LIMIT_BYTES = 8 << 20  # of the copy of a letter


@dataclass(frozen=True, slots=True)
class Letter:
    """An outside demand (来函): its number, and a copy of it where there is one."""

    number: str
    copy: bytes = b""

    def json(self) -> JsonObject:
        """Return what stands in the statement: the copy is as private as the reason."""
        return {"number": self.number, "copy": b64encode(self.copy).decode() or None}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for.  Times are UTC; ``until`` is not included."""

    act: Act
    spans: tuple[Span, ...]
    purpose: Purpose
    until: datetime
    reason: str
    times: int = 1
    case_number: str | None = None
    recipient: str | None = None  # of a release: to whom
    letter: Letter | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer before sending.  ``refusals`` (rows): what stands in the way; () means it can go.

    ``hold``: the reason of article 17 that the purpose proposes.  ``provide_by``: until when the
    owning unit must dock what is not docked yet, where it is a retrieval from above.
    """

    deciding: Deciding
    refusals: tuple[Row, ...]
    purpose: PurposeRule
    article: str  # of the row by which this unit decides
    footage: Footage
    case: str | None  # c:…
    hold: int | None = None
    provide_by: datetime | None = None


def plan_request(desk: Desk, actor: Actor, wanted: Wanted) -> Plan:
    """Return what would become of ``wanted``.

    Raises ``UsageError`` for what cannot be asked at all, ``UnknownSegmentError`` for what is not
    in custody; a rule in the way is no error here, it stands in ``refusals``.
    """
    standing = standing_of(desk, actor)
    check_adopted(desk, standing.register)
    purpose = _check(desk, wanted)
    check_spans(desk.ledger, wanted.spans)
    case = desk.ledger.pseudonym("c", wanted.case_number) if wanted.case_number else None
    footage = footage_of(desk.ledger, [span.segment for span in wanted.spans], case)
    deciding = deciding_of(standing.register, actor.id, footage, standing.now)
    act: Does = "request_release" if wanted.act == "release" else "request"
    late = standing.now + timedelta(days=desk.rules.provide_days)
    return Plan(
        deciding,
        refusals(act, over_footage(standing, footage)),
        purpose,
        desk.rules.deciding[deciding.row].article,
        footage,
        case,
        purpose.hold,
        late if deciding.row == "retrieval" else None,
    )


def _check(desk: Desk, wanted: Wanted) -> PurposeRule:
    """Return the rule of the purpose; raise ``UsageError`` for what nobody could answer."""
    purpose = desk.rules.purposes.get(wanted.purpose)
    if purpose is None:
        raise UsageError("purpose_unknown", purpose=wanted.purpose)
    latest = desk.clock.now() + timedelta(days=desk.rules.longest_days)
    wrong: Mapping[str, bool] = {
        "act": wanted.act not in ACTS,
        "spans": not 0 < len(wanted.spans) <= SPAN_LIMIT,
        "times": not 0 < wanted.times <= TIMES_LIMIT,
        "until": not desk.clock.now() < wanted.until <= latest,
        "reason": not _words(wanted.reason),
        "case_number": wanted.case_number is not None and not _words(wanted.case_number),
        "recipient": (wanted.act == "release") is not _words(wanted.recipient or ""),
        "letter": purpose.letter and wanted.letter is None,
    }
    _refuse_first(wrong)
    if wanted.letter is not None:
        _check_letter(wanted.letter)
    return purpose


def _check_letter(letter: Letter) -> None:
    too_long = len(letter.copy) > LETTER_LIMIT_BYTES
    _refuse_first({"letter": not _words(letter.number) or too_long})


def _refuse_first(wrong: Mapping[str, bool]) -> None:
    for field, so in wrong.items():
        if so:
            raise UsageError("question_incomplete", field=field)


def _words(text: str) -> bool:
    return bool(text.strip()) and len(text) <= WORDS_LIMIT

"""Values of the rules as the documents of the API, and back."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from api.models import (
    AnswerIn,
    GrantOut,
    PlanOut,
    QuestionOut,
    RowOut,
    SpanIO,
    WantedIn,
)
from api.models_looks import LookOut
from custody.decide import Answer
from custody.grants import GrantState
from custody.looks import Looked
from custody.permission import Row
from custody.plans import Letter, Plan, Wanted
from evidence.asking import Request, Span
from evidence.errors import UsageError

PAGE_LIMIT = 200  # rows
T = TypeVar("T")


def page(
    rows: Sequence[tuple[int, T]], before: int | None, limit: int
) -> tuple[list[T], int | None]:
    """Return one page of ``rows`` (index of the entry, row), newest first, and what comes next."""
    older = [each for each in rows if before is None or each[0] < before]
    older.sort(key=lambda each: each[0], reverse=True)
    shown = older[:limit]
    return [row for _, row in shown], shown[-1][0] if len(older) > limit else None


def rows_out(rows: Sequence[Row]) -> list[RowOut]:
    """Return rows of the table."""
    return [RowOut(row=row.id, article=row.article) for row in rows]


def spans_out(spans: Sequence[Span]) -> list[SpanIO]:
    """Return spans."""
    return [SpanIO(segment=each.segment, first=each.first, last=each.last) for each in spans]


def spans_in(spans: Sequence[SpanIO]) -> tuple[Span, ...]:
    """Return spans as the rules take them."""
    return tuple(Span(each.segment, each.first, each.last) for each in spans)


def wanted_in(asked: WantedIn) -> Wanted:
    """Return a question as the rules take it."""
    letter = None
    if asked.letter is not None:
        try:
            copy = base64.b64decode(asked.letter.copy_base64, validate=True)
        except binascii.Error as error:
            raise UsageError("question_incomplete", field="letter") from error
        letter = Letter(asked.letter.number, copy)
    return Wanted(
        asked.act,
        spans_in(asked.spans),
        asked.purpose,
        asked.until,
        asked.reason,
        asked.times,
        asked.case_number,
        asked.recipient,
        letter,
    )


def answer_in(said: AnswerIn) -> Answer:
    """Return what a head says as the rules take it."""
    return Answer(
        said.answer,
        tuple(dict.fromkeys(said.requests)),
        said.reason,
        None if said.spans is None else spans_in(said.spans),
        said.until,
        said.times,
        said.confidential_until,
    )


def plan_out(plan: Plan) -> PlanOut:
    """Return a plan."""
    deciding = plan.deciding
    return PlanOut(
        unit=deciding.unit,
        row=deciding.row,
        article=plan.article,
        path=list(deciding.path),
        owners=list(deciding.owners),
        deciders=list(deciding.deciders),
        refusals=rows_out(plan.refusals),
        hold=plan.hold,
        provide_by=plan.provide_by,
    )


def question_out(request: Request) -> QuestionOut:
    """Return a question."""
    return QuestionOut(
        request=request.id,
        entry=request.entry,
        leaf=request.leaf,
        at=request.at,
        asker=request.asker,
        act=request.act,
        purpose=request.purpose,
        spans=spans_out(request.spans),
        until=request.until,
        times=request.times,
        unit=request.unit,
        row=request.row,
        owners=list(request.owners),
        hold=request.hold,
        provide_by=request.provide_by,
        state=request.state,
        decision=request.decision,
    )


def grant_out(state: GrantState) -> GrantOut:
    """Return a grant."""
    return GrantOut(
        grant=state.grant,
        request=state.request.id,
        decision=state.decision,
        act=state.request.act,
        spans=spans_out(state.spans),
        until=state.until,
        times=state.times,
        used=state.used,
        live=not state.rows,
        rows=rows_out(state.rows),
        waits_for="player" if state.request.act == "view" else None,
    )


def look_out(look: Looked) -> LookOut:
    """Return a look."""
    return LookOut(
        opened=look.opened,
        at=look.at,
        person=look.person,
        grant=look.grant,
        request=look.request.id,
        decision=look.decision,
        act=look.request.act,
        purpose=look.request.purpose,
        spans=spans_out(look.spans),
        closed=look.closed,
        bytes=look.bytes,
        how=look.how,
        hidden_until=look.hidden_until,
    )

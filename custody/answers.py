"""What one answer gives to several questions: never more than each of them asked for.  Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from custody.desk import Desk
from custody.fields import optional_text
from custody.footage import within
from evidence.asking import ANSWERED_LIMIT, Request, Span
from evidence.errors import UsageError


class Narrowing(Protocol):
    """What an answer may say to give less than was asked (``custody.decide.Answer``)."""

    @property
    def spans(self) -> tuple[Span, ...] | None:
        """Return the spans that remain, or None for all."""
        ...

    @property
    def until(self) -> datetime | None:
        """Return until when, or None for as long as was asked."""
        ...

    @property
    def times(self) -> int | None:
        """Return how often, or None for as often as was asked."""
        ...

    @property
    def confidential_until(self) -> datetime | None:
        """Return until when looks are hidden, or None for not at all."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What is given: of the spans, each question gets those that lie in its own."""

    spans: tuple[Span, ...]
    until: datetime
    times: int


def answered(desk: Desk, answer: Narrowing, requests: Sequence[Request]) -> Answered:
    """Return what ``answer`` gives to ``requests``.

    Raises ``UsageError``: ``decision_mixed`` for questions that one signature cannot answer,
    ``decision_wider`` for more than was asked, ``decision_empty`` for a question that gets nothing.
    """
    _check_together(desk, requests)
    asked = tuple(dict.fromkeys(span for request in requests for span in request.spans))
    spans = asked if answer.spans is None else answer.spans
    until = min(request.until for request in requests)
    times = min(request.times for request in requests)
    now = desk.clock.now()
    wider: Mapping[str, bool] = {
        "spans": not all(any(within(span, each) for each in asked) for span in spans),
        "until": answer.until is not None and not now < answer.until <= until,
        "times": answer.times is not None and not 0 < answer.times <= times,
        "confidential_until": _past(answer.confidential_until, now),
    }
    for field, so in wider.items():
        if so:
            raise UsageError("decision_wider", field=field)
    for request in requests:
        if not granted_spans(spans, request):
            raise UsageError("decision_empty", request=request.id)
    return Answered(spans, answer.until or until, answer.times or times)


def granted_spans(spans: Sequence[Span], request: Request) -> tuple[Span, ...]:
    """Return those spans of a decision that lie in what ``request`` asked for."""
    return tuple(s for s in spans if any(within(s, asked) for asked in request.spans))


def _past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _check_together(desk: Desk, requests: Sequence[Request]) -> None:
    """Refuse questions that one answer cannot cover: at most ten, of one case, unit and act."""
    if not 0 < len(requests) <= ANSWERED_LIMIT or len({q.id for q in requests}) < len(requests):
        raise UsageError("decision_mixed", field="requests")
    cases = {optional_text(desk.ledger.entry(q.entry).body, "case") for q in requests}
    alike = {
        "act": len({q.act for q in requests}) == 1,
        "unit": len({(q.unit, q.path) for q in requests}) == 1,
        "row": len({q.row for q in requests}) == 1,
        "case": len(requests) == 1 or (len(cases) == 1 and None not in cases),
    }
    for field, so in alike.items():
        if not so:
            raise UsageError("decision_mixed", field=field)

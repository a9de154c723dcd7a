"""Pages of who decides: what waits, what there is to weigh, and the answer, narrowed or not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import deciding, questions, tickets
from api.auth import OfSite, Signed
from api.chosen import Chosen, chosen
from api.models import EntryOut, In, QuestionId, QuestionWordsOut
from api.models_segments import WeighedOut
from api.once import once
from api.pages_enter import SEE_OTHER, name_of
from api.rendering import page
from api.site import Site
from api.typed import Day, Number, Once, Text, end_of, narrowed, number
from custody.decide import Answer
from custody.fields import optional_text
from custody.requests import decided, inbox, told
from custody.weighing import weigh
from evidence.asking import ANSWERED_LIMIT, SPAN_LIMIT, Span
from evidence.asking import Request as Question
from evidence.errors import UsageError

router = APIRouter(include_in_schema=False)
SHOWN = 50  # questions of each list
Others = Annotated[list[QuestionId] | None, Query(max_length=ANSWERED_LIMIT)]
Ends = Annotated[tuple[Number, ...], Form(max_length=SPAN_LIMIT * ANSWERED_LIMIT)]


@dataclass(frozen=True, slots=True)
class Together:
    """Questions that one signature may answer."""

    case_number: str | None
    asked: list[QuestionWordsOut]


@dataclass(frozen=True, slots=True)
class Weighing:
    """One question with its words and all there is to weigh."""

    q: Question
    words: QuestionWordsOut
    weighed: WeighedOut


class AnswerForm(In):
    """What stands in the form of an answer.  ``keep``: numbers of spans, as they were shown."""

    answer: Literal["approve", "refuse"]
    key: Once
    also: Annotated[tuple[QuestionId, ...], Form(max_length=ANSWERED_LIMIT)] = ()
    reason: Text = ""
    keep: Annotated[tuple[int, ...], Form(max_length=SPAN_LIMIT * ANSWERED_LIMIT)] = ()
    first: Ends = ()
    last: Ends = ()
    times: Number = ""
    until: Day = ""
    hidden_until: Day = ""


@router.get("/")
def to_decide(request: Request, who: Signed, site: OfSite) -> Response:
    """List what one may answer, case by case; what one's unit is told; what it has answered."""
    desk, actor = site.desk, who.actor
    return page(
        request,
        "inbox.html",
        who=name_of(site, who),
        cases=_together(site, inbox(desk, actor)),
        told=told(desk, actor)[::-1][:SHOWN],
        decided=decided(desk, actor)[::-1][:SHOWN],
        most=ANSWERED_LIMIT,
    )


def _together(site: Site, found: tuple[Question, ...]) -> list[Together]:
    groups: dict[tuple[object, ...], Together] = {}
    for each in found:
        case = optional_text(site.desk.ledger.entry(each.entry).body, "case")
        words = questions.words_of(site, each)
        place = (case or each.id, each.unit, each.path, each.act, each.row)
        groups.setdefault(place, Together(words.case_number, [])).asked.append(words)
    return list(groups.values())


@router.get("/decide")
def choose(who: Signed, q: Others = None) -> Response:
    """Go to the page that answers the ticked questions together."""
    del who
    ticked = list(dict.fromkeys(q or ()))
    if not ticked:
        return RedirectResponse("/", SEE_OTHER)
    return RedirectResponse(_path(ticked[0], ticked[1:]), SEE_OTHER)


@router.get("/decide/{question}")
def decide_page(
    question: QuestionId, request: Request, who: Signed, site: OfSite, also: Others = None
) -> Response:
    """Show who, what, why and for how long; conflicts, earlier questions and objections."""
    ids = tuple(dict.fromkeys((question, *(also or ()))))
    found = [questions.seen(site.desk, who.actor, each) for each in ids]
    return page(
        request,
        "decide.html",
        who=name_of(site, who),
        asked=[_weighing(site, who, each) for each in found],
        first=question,
        others=ids[1:],
        spans=chosen(site, who, _spans(found)),
        times=min(each.times for each in found),
        until=min(each.until for each in found),
        fresh=_fresh(site, who),
        proof="/prove?" + urlencode({"next": _path(question, ids[1:])}),
    )


def _weighing(site: Site, who: Signed, each: Question) -> Weighing:
    weighed = questions.weighed_out(site, weigh(site.desk, who.actor, each))
    return Weighing(each, questions.words_of(site, each), weighed)


def _spans(found: list[Question]) -> tuple[Span, ...]:
    """Return every span that is asked for, once, in the order of the questions."""
    return tuple(dict.fromkeys(span for each in found for span in each.spans))


@router.post("/decide/{question}")
def decide(
    question: QuestionId,
    request: Request,
    who: Signed,
    site: OfSite,
    form: Annotated[AnswerForm, Form()],
) -> Response:
    """Refuse at once; an approval goes to the page that signs."""
    if not _fresh(site, who):
        way = urlencode({"next": _path(question, form.also)})
        return RedirectResponse(f"/prove?{way}", SEE_OTHER)
    answer = _answer(site, who, question, form)
    proposal, ticket = deciding.proposed(site, who, answer)
    if answer.answer == "refuse":
        _refuse(site, who, form.key, ticket)
        return RedirectResponse("/", SEE_OTHER)
    host = site.desk.hosts.sign
    body = proposal.draft.body
    return page(
        request,
        "proposed.html",
        who=name_of(site, who),
        digest=proposal.challenge.hex()[: deciding.DIGEST_SHOWN],
        requests=proposal.requests,
        body=body,
        spans=_granted(site, who, answer, proposal.requests),
        until=answer.until or min(each.until for each in proposal.requests),
        hidden=answer.confidential_until,
        reason=answer.reason,
        entry=json.dumps(body, indent=2, ensure_ascii=False, default=list),
        link=f"{request.url.scheme}://{host}/sign#{ticket}" if host else None,
    )


def _answer(site: Site, who: Signed, question: str, form: AnswerForm) -> Answer:
    ids = tuple(dict.fromkeys((question, *form.also)))
    if form.answer == "refuse":
        return Answer("refuse", ids, form.reason)
    asked = _spans([questions.seen(site.desk, who.actor, each) for each in ids])
    if form.first and not form.keep:
        raise UsageError("decision_empty", request=question)
    ends = list(zip(form.first, form.last, strict=False))
    return Answer(
        "approve",
        ids,
        form.reason,
        narrowed(site, asked, form.keep, ends),
        end_of(site, form.until) if form.until else None,
        number(form.times),
        end_of(site, form.hidden_until) if form.hidden_until else None,
    )


def _granted(
    site: Site, who: Signed, answer: Answer, requests: tuple[Question, ...]
) -> list[Chosen]:
    return chosen(site, who, answer.spans or _spans(list(requests)))


def _refuse(site: Site, who: Signed, key: str, ticket: str) -> None:
    def act() -> EntryOut:
        held = tickets.take(site, tickets.DRAFT, ticket)
        done = deciding.settle(site, who.actor, tickets.proposal_of(site, held), None)
        return EntryOut(entry=done.entry)

    once(site, who, key, {"path": "refuse", "ticket": ticket}, act)


def _path(question: str, also: Sequence[str]) -> str:
    more = "&".join(f"also={each}" for each in also)
    return f"/decide/{question}" + (f"?{more}" if more else "")


def _fresh(site: Site, who: Signed) -> bool:
    proved = who.actor.proved_at
    allowed = timedelta(seconds=site.desk.rules.step_up_s)
    return proved is not None and site.desk.clock.now() - proved < allowed

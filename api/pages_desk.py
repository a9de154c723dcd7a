"""Pages of the desk: decide, ask, fetch, and see who looked.  They do what the API does."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import deciding, questions, tickets
from api.auth import OfSite, Signed
from api.granted import Copy, copied
from api.models import EntryOut, GrantId, QuestionId
from api.once import once
from api.pages_enter import SEE_OTHER, name_of
from api.rendering import language_of, page, texts, words_of
from api.site import Site
from custody.accesslog import LogFilter, access_log
from custody.decide import Answer
from custody.grants import grants_of
from custody.names import person_name
from custody.plans import Wanted, plan_request
from custody.requests import ask, asked_by, inbox, withdraw
from evidence.asking import ACTS, PURPOSES, SPAN_LIMIT, Act, Purpose, Span
from evidence.errors import UsageError

router = APIRouter(include_in_schema=False)
PAGE = 50
Once = Annotated[str, Form(pattern="^[0-9A-Za-z_-]{8,64}$")]
Text = Annotated[str, Form(max_length=2000)]
Day = Annotated[str, Form(max_length=10)]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list of what happened."""

    at: datetime
    who: str
    what: str
    entry: int


@router.get("/")
def to_decide(request: Request, who: Signed, site: OfSite) -> Response:
    """List what one may answer."""
    found = inbox(site.desk, who.actor)
    shown = {"who": name_of(site, who), "questions": found, "deciding": True}
    return page(request, "questions.html", **shown)


@router.get("/requests")
def mine(request: Request, who: Signed, site: OfSite) -> Response:
    """List what one has asked, newest first."""
    found = asked_by(site.desk, who.actor.id)[::-1]
    shown = {"who": name_of(site, who), "questions": found, "deciding": False}
    return page(request, "questions.html", **shown)


@router.get("/requests/{question}")
def show(question: QuestionId, request: Request, who: Signed, site: OfSite) -> Response:
    """Show a question and what became of it."""
    found = questions.seen(site.desk, who.actor, question)
    shown = {"q": found, "words": questions.words_of(site, found)}
    own = found.asker == who.actor.id
    return page(request, "question.html", who=name_of(site, who), mine=own, **shown)


@router.post("/requests/{question}/withdrawal")
def take_back(question: QuestionId, who: Signed, site: OfSite, key: Once, reason: Text) -> Response:
    """Take one's own question back."""
    questions.say(site, who, key, question, (reason, withdraw))
    return RedirectResponse("/requests", SEE_OTHER)


@router.get("/decide/{question}")
def decide_page(question: QuestionId, request: Request, who: Signed, site: OfSite) -> Response:
    """Show who, what, why and for how long; and what the same person asked before."""
    found = questions.seen(site.desk, who.actor, question)
    segments = {span.segment for span in found.spans}
    earlier = [
        each
        for each in asked_by(site.desk, found.asker)
        if each.id != found.id and not segments.isdisjoint(s.segment for s in each.spans)
    ]
    shown = {"q": found, "words": questions.words_of(site, found), "earlier": earlier}
    return page(request, "decide.html", who=name_of(site, who), **shown)


@router.post("/decide/{question}")
def decide(
    *,
    question: QuestionId,
    request: Request,
    who: Signed,
    site: OfSite,
    answer: Annotated[Literal["approve", "refuse"], Form()],
    key: Once,
    reason: Text = "",
    times: Annotated[str, Form(max_length=4)] = "",
    until: Day = "",
) -> Response:
    """Refuse at once; an approval goes to the page that signs."""
    wanted = Answer(
        answer,
        (question,),
        reason,
        until=_end_of(site, until) if until else None,
        times=_number(times),
    )
    if not _fresh(site, who):
        return RedirectResponse("/prove", SEE_OTHER)
    proposal, ticket = deciding.proposed(site, who, wanted)
    if answer == "refuse":
        _refuse(site, who, key, ticket)
        return RedirectResponse("/", SEE_OTHER)
    host = site.desk.hosts.sign
    return page(
        request,
        "proposed.html",
        who=name_of(site, who),
        digest=proposal.challenge.hex()[: deciding.DIGEST_SHOWN],
        entry=json.dumps(proposal.draft.body, indent=2, ensure_ascii=False, default=list),
        link=f"{request.url.scheme}://{host}/sign#{ticket}" if host else None,
    )


def _refuse(site: Site, who: Signed, key: str, ticket: str) -> None:
    def act() -> EntryOut:
        held = tickets.take(site, tickets.DRAFT, ticket)
        done = deciding.settle(site, who.actor, tickets.proposal_of(site, held), None)
        return EntryOut(entry=done.entry)

    once(site, who, key, {"path": "refuse", "ticket": ticket}, act)


def _fresh(site: Site, who: Signed) -> bool:
    proved = who.actor.proved_at
    allowed = timedelta(seconds=site.desk.rules.step_up_s)
    return proved is not None and site.desk.clock.now() - proved < allowed


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the form of a question."""

    segments: str = ""
    act: str = "copy"
    purpose: str = "case"
    reason: str = ""
    case_number: str = ""
    until: str = ""
    times: str = "1"


@router.get("/ask")
def ask_page(request: Request, who: Signed, site: OfSite) -> Response:
    """Ask what is wanted."""
    return _ask_page(request, who, site, Asked())


@router.post("/ask")
def send(
    *,
    request: Request,
    who: Signed,
    site: OfSite,
    step: Annotated[Literal["plan", "send"], Form()],
    key: Once,
    segments: Annotated[str, Form(max_length=8000)],
    act: Annotated[Act, Form()],
    purpose: Annotated[Purpose, Form()],
    reason: Text,
    until: Day,
    case_number: Text = "",
    times: Annotated[str, Form(max_length=4)] = "1",
) -> Response:
    """Show who decides and what refuses; then send."""
    form = Asked(segments, act, purpose, reason, case_number, until, times)
    spans = tuple(Span(each) for each in segments.split()[: SPAN_LIMIT + 1])
    wanted = Wanted(
        act,
        spans,
        purpose,
        _end_of(site, until),
        reason,
        _number(times) or 1,
        case_number or None,
    )
    if step == "plan":
        return _ask_page(request, who, site, form, wanted)
    asked = {"path": "ask", "form": repr(form)}
    once(site, who, key, asked, lambda: EntryOut(entry=ask(site.desk, who.actor, wanted).entry))
    return RedirectResponse("/requests", SEE_OTHER)


def _ask_page(
    request: Request, who: Signed, site: OfSite, form: Asked, wanted: Wanted | None = None
) -> Response:
    plan = plan_request(site.desk, who.actor, wanted) if wanted else None
    names = [_name(site, each) for each in plan.deciding.deciders] if plan else []
    shown = {"plan": plan, "deciders": names, "acts": ACTS, "purposes": PURPOSES}
    return page(request, "ask.html", who=name_of(site, who), form=form, **shown)


@router.get("/grants")
def grants(request: Request, who: Signed, site: OfSite) -> Response:
    """List what was granted, with a button for each part that can be fetched."""
    found = grants_of(site.desk, who.actor.id)
    return page(request, "grants.html", who=name_of(site, who), grants=found)


@router.post("/grants/{grant}/copies")
def fetch(
    *,
    grant: GrantId,
    who: Signed,
    site: OfSite,
    key: Once,
    span: Annotated[int, Form(ge=0, lt=SPAN_LIMIT)],
) -> Response:
    """Fetch one part of a grant: a use of it, with its entries."""
    return copied(site, who, Copy(grant, span, key))


@router.get("/log")
def log(request: Request, who: Signed, site: OfSite, before: int | None = None) -> Response:
    """Tell every question, answer, copy, sign-in and refusal, to auditors."""
    found = access_log(site.desk, who.actor, LogFilter(before=before, limit=PAGE))
    w = words_of(request)
    rows = [
        Line(
            row.entry.at,
            _name(site, row.entry.actor),
            w(f"event.{row.entry.type}"),
            row.entry.seq,
        )
        for row in found.rows
    ]
    return _rows(request, "log", who=name_of(site, who), rows=rows, more=found.next)


def _rows(request: Request, name: str, **shown: object) -> Response:
    heading = texts(language_of(request))[name]
    return page(request, "rows.html", heading=heading, **shown)


def _name(site: Site, person: str) -> str:
    return person_name(site.desk.ledger, site.entrance().register, person) or person


def _end_of(site: Site, day: str) -> datetime:
    """Return the moment at which a day is over, on the clock of the place."""
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        raise UsageError("question_incomplete", field="until") from error
    return datetime.combine(found + timedelta(days=1), time(), site.zone)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal():
        raise UsageError("question_incomplete", field="times")
    return int(text)

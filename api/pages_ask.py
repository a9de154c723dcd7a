"""Pages of who asks: the question with its plan before it is sent, and what became of it."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import questions
from api.auth import OfSite, Signed
from api.chosen import Chosen, chosen
from api.models import EntryOut, In, QuestionId, SegmentId
from api.once import once
from api.pages_enter import SEE_OTHER, name_of
from api.rendering import page
from api.site import Site
from api.typed import Day, Number, Once, Text, end_of, number, spans_of
from custody.grants import grant_of
from custody.names import person_name, unit_name
from custody.plans import Letter, Plan, Wanted, plan_request
from custody.requests import ask, asked_by, object_to, withdraw
from custody.why import why
from evidence.asking import ACTS, PURPOSES, SPAN_LIMIT, Act, Purpose, Span

router = APIRouter(include_in_schema=False)
SEGMENTS_CHARACTERS = 8000
USUAL = timedelta(days=7)  # until when, unless somebody says otherwise


class AskForm(In):
    """What stands in the form of a question."""

    segments: Annotated[str, Form(max_length=SEGMENTS_CHARACTERS)] = ""
    act: Act = "copy"
    purpose: Purpose = "case"
    reason: Text = ""
    case_number: Text = ""
    until: Day = ""
    times: Number = "1"
    recipient: Text = ""
    letter: Text = ""


class SendForm(AskForm):
    """The same, to be planned or sent."""

    step: Literal["plan", "send"]
    key: Once


@router.get("/ask")
@router.get("/ask/new")  # where another language is chosen on a page that was posted
def ask_page(request: Request, who: Signed, site: OfSite) -> Response:
    """Ask what is wanted."""
    return _page(request, who, site, _usual(site, ()))


@router.post("/ask/new")
def begin(
    request: Request,
    who: Signed,
    site: OfSite,
    segments: Annotated[list[SegmentId] | None, Form(max_length=SPAN_LIMIT)] = None,
) -> Response:
    """Begin a question about what was ticked in a list."""
    spans = tuple(Span(each) for each in dict.fromkeys(segments or ()))
    rows = chosen(site, who, spans)
    return _page(request, who, site, _usual(site, rows), rows=rows)


def _usual(site: Site, rows: list[Chosen] | tuple[()]) -> AskForm:
    """Return a form as it is usually filled: the case is that of all the recordings, if of one."""
    day = (site.desk.clock.now() + USUAL).astimezone(site.zone).date().isoformat()
    cases = {row.case_number for row in rows}
    case = cases.pop() if len(cases) == 1 else None
    lines = "\n".join(row.span.segment for row in rows)
    return AskForm(segments=lines, until=day, case_number=case or "")


@router.post("/ask")
def send(
    request: Request, who: Signed, site: OfSite, form: Annotated[SendForm, Form()]
) -> Response:
    """Show who decides and what refuses; then send."""
    wanted = _wanted(site, form)
    if form.step == "plan":
        plan = plan_request(site.desk, who.actor, wanted)
        rows = chosen(site, who, wanted.spans)
        return _page(request, who, site, form, plan=plan, rows=rows)
    asked = {"path": "ask", "form": form.model_dump_json(exclude={"key"})}
    once(
        site, who, form.key, asked, lambda: EntryOut(entry=ask(site.desk, who.actor, wanted).entry)
    )
    return RedirectResponse("/requests", SEE_OTHER)


def _wanted(site: Site, form: AskForm) -> Wanted:
    return Wanted(
        form.act,
        spans_of(form.segments),
        form.purpose,
        end_of(site, form.until),
        form.reason,
        number(form.times) or 1,
        form.case_number.strip() or None,
        form.recipient.strip() or None,
        Letter(form.letter.strip()) if form.letter.strip() else None,
    )


def _page(
    request: Request,
    who: Signed,
    site: Site,
    form: AskForm,
    *,
    plan: Plan | None = None,
    rows: list[Chosen] | None = None,
) -> Response:
    units = [_unit(site, each) for each in plan.deciding.owners] if plan else []
    deciders = [_name(site, each) for each in plan.deciding.deciders] if plan else []
    return page(
        request,
        "ask.html",
        who=name_of(site, who),
        form=form,
        plan=plan,
        unit=_unit(site, plan.deciding.unit) if plan else "",
        units=units,
        deciders=deciders,
        rows=rows or [],
        acts=ACTS,
        purposes=PURPOSES,
    )


@router.get("/requests")
def mine(request: Request, who: Signed, site: OfSite) -> Response:
    """List what one has asked, newest first."""
    found = asked_by(site.desk, who.actor.id)[::-1]
    return page(request, "questions.html", who=name_of(site, who), questions=found)


@router.get("/requests/{question}")
def show(question: QuestionId, request: Request, who: Signed, site: OfSite) -> Response:
    """Show a question and what became of it, and what this person may do about it now."""
    found = questions.seen(site.desk, who.actor, question)
    desk, actor, state = site.desk, who.actor, grant_of(site.desk, found)
    may_object = found.state == "open" and not why(desk, actor, actor.id, "object", found.id)
    may_end = (
        state is not None
        and not state.rows
        and not why(desk, actor, actor.id, "withdraw_grant", state.grant)
    )
    return page(
        request,
        "question.html",
        who=name_of(site, who),
        q=found,
        words=questions.words_of(site, found),
        rows=chosen(site, who, found.spans),
        objections=questions.objections_out(site, found.id),
        mine=found.asker == actor.id,
        may_object=may_object,
        grant=state,
        may_end=may_end,
    )


@router.post("/requests/{question}/withdrawal")
def take_back(question: QuestionId, who: Signed, site: OfSite, key: Once, reason: Text) -> Response:
    """Take one's own question back."""
    questions.say(site, who, key, question, (reason, withdraw))
    return RedirectResponse(f"/requests/{question}", SEE_OTHER)


@router.post("/requests/{question}/objection")
def objection(question: QuestionId, who: Signed, site: OfSite, key: Once, reason: Text) -> Response:
    """Object, for the owning unit, to a retrieval from above."""
    questions.say(site, who, key, question, (reason, object_to))
    return RedirectResponse(f"/requests/{question}", SEE_OTHER)


def _name(site: Site, person: str) -> str:
    return person_name(site.desk.ledger, site.entrance().register, person) or person


def _unit(site: Site, unit: str) -> str:
    return unit_name(site.desk.ledger, site.entrance().register, unit) or unit

"""Questions: what would become of one, asking it, taking it back, objecting; who may see which."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import OfSite, Signed
from api.models import (
    EntryOut,
    Index,
    PlanOut,
    QuestionId,
    QuestionOut,
    QuestionsOut,
    QuestionWordsOut,
    ReasonIn,
    WantedIn,
)
from api.models_segments import NamedOut, ObjectionOut, WeighedOut
from api.once import Key, once
from api.shapes import PAGE_LIMIT, page, plan_out, question_out, rows_out, wanted_in
from api.site import Site
from custody.decide import reason_of
from custody.desk import Desk
from custody.entrance import Present
from custody.fields import optional_text
from custody.names import person_name
from custody.plans import plan_request
from custody.requests import (
    ask,
    asked_by,
    decided,
    inbox,
    load_request,
    object_to,
    told,
    withdraw,
)
from custody.weighing import Objection, Weighed, may_see, objections, weigh
from evidence.asking import Request
from evidence.errors import CustodyError
from evidence.json import JsonObject
from evidence.people import Actor

router = APIRouter(tags=["questions"])
Say = Callable[[Desk, Actor, str, str], int]
Before = Annotated[Index | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]


@router.post("/plans")
def plan(body: WantedIn, who: Signed, site: OfSite) -> PlanOut:
    """Tell who would decide and what would refuse; nothing is asked."""
    return plan_out(plan_request(site.desk, who.actor, wanted_in(body)))


@router.post("/requests", status_code=201)
def make(body: WantedIn, key: Key, who: Signed, site: OfSite) -> QuestionOut:
    """Ask."""
    wanted = wanted_in(body)
    asked: JsonObject = {"path": "requests", "body": body.model_dump(mode="json")}
    answer = once(site, who, key, asked, lambda: question_out(ask(site.desk, who.actor, wanted)))
    return QuestionOut.model_validate(answer)


@router.get("/requests")
def mine(who: Signed, site: OfSite, before: Before = None, limit: Limit = 50) -> QuestionsOut:
    """List what one has asked."""
    return _page(asked_by(site.desk, who.actor.id), before, limit)


@router.get("/inbox")
def to_answer(who: Signed, site: OfSite, before: Before = None, limit: Limit = 50) -> QuestionsOut:
    """List what one may answer now."""
    return _page(inbox(site.desk, who.actor), before, limit)


@router.get("/told")
def told_of(who: Signed, site: OfSite, before: Before = None, limit: Limit = 50) -> QuestionsOut:
    """List the retrievals from above of which one's unit is told."""
    return _page(told(site.desk, who.actor), before, limit)


@router.get("/decided")
def decided_of(who: Signed, site: OfSite, before: Before = None, limit: Limit = 50) -> QuestionsOut:
    """List what a unit that one leads has answered."""
    return _page(decided(site.desk, who.actor), before, limit)


@router.get("/requests/{request}/weighing")
def weighing(request: QuestionId, who: Signed, site: OfSite) -> WeighedOut:
    """Tell what who decides should know: conflicts, rows, earlier questions, objections."""
    found = seen(site.desk, who.actor, request)
    return weighed_out(site, weigh(site.desk, who.actor, found))


@router.get("/requests/{request}")
def show(request: QuestionId, who: Signed, site: OfSite) -> QuestionWordsOut:
    """Show one question with its words; one that is not for these eyes is not there."""
    return words_of(site, seen(site.desk, who.actor, request))


@router.post("/requests/{request}/withdrawal", status_code=201)
def take_back(request: QuestionId, body: ReasonIn, key: Key, who: Signed, site: OfSite) -> EntryOut:
    """Take one's own question back."""
    return say(site, who, key, request, (body.reason, withdraw))


@router.post("/requests/{request}/objection", status_code=201)
def objection(request: QuestionId, body: ReasonIn, key: Key, who: Signed, site: OfSite) -> EntryOut:
    """Object, for the owning unit, to a retrieval from above."""
    return say(site, who, key, request, (body.reason, object_to))


def seen(desk: Desk, actor: Actor, request: str) -> Request:
    """Return a question that ``actor`` may see; else it is unknown, whether it is there or not."""
    found = load_request(desk.ledger, request)
    if not may_see(desk, actor, found):
        raise CustodyError("question_unknown", request=request)
    return found


def words_of(site: Site, found: Request) -> QuestionWordsOut:
    """Return a question with the words of its statements, for who may see it."""
    ledger, register = site.desk.ledger, site.entrance().register
    statement = ledger.statement(found.entry)
    facts = statement.facts if statement else {}
    return QuestionWordsOut(
        **question_out(found).model_dump(),
        asker_name=person_name(ledger, register, found.asker),
        reason=optional_text(facts, "reason") if facts else None,
        case_number=optional_text(facts, "case_number") if facts else None,
        recipient=optional_text(facts, "recipient") if facts else None,
        answer=reason_of(site.desk, found.decision) if found.decision is not None else None,
    )


def weighed_out(site: Site, found: Weighed) -> WeighedOut:
    """Return what there is to weigh, with names."""
    ledger, register = site.desk.ledger, site.entrance().register
    appear = [
        NamedOut(person=each, name=person_name(ledger, register, each)) for each in found.appear
    ]
    earlier = [question_out(each) for each in found.earlier]
    said = [_objection_out(site, each) for each in found.objections]
    return WeighedOut(appear=appear, rows=rows_out(found.rows), earlier=earlier, objections=said)


def objections_out(site: Site, request: str) -> list[ObjectionOut]:
    """Return what was objected to a question that may be seen, oldest first."""
    return [_objection_out(site, each) for each in objections(site.desk.ledger, request)][::-1]


def _objection_out(site: Site, said: Objection) -> ObjectionOut:
    ledger, register = site.desk.ledger, site.entrance().register
    name = person_name(ledger, register, said.person)
    return ObjectionOut(
        entry=said.entry, at=said.at, person=said.person, name=name, reason=said.reason
    )


def _page(found: tuple[Request, ...], before: int | None, limit: int) -> QuestionsOut:
    rows, following = page([(each.entry, question_out(each)) for each in found], before, limit)
    return QuestionsOut(questions=rows, next=following)


def say(site: Site, who: Present, key: str, request: str, said: tuple[str, Say]) -> EntryOut:
    """Say something about a question that one may see; ``said``: why, and the act."""
    seen(site.desk, who.actor, request)
    reason, act = said
    asked: JsonObject = {"path": act.__name__, "request": request, "reason": reason}

    def do() -> EntryOut:
        return EntryOut(entry=act(site.desk, who.actor, request, reason))

    return EntryOut.model_validate(once(site, who, key, asked, do))

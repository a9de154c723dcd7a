"""People: enrolled, listed, corrected, suspended and restored; a code for their password."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from api.admin_parts import UNCHANGED, Act, Before, Limit, OfAct, tagged
from api.auth import OfSite, Signed
from api.models import EntryOut, PersonId, ReasonIn
from api.models_admin import (
    CodeForIn,
    CodeOut,
    CorrectIn,
    EnrolIn,
    PeopleOut,
    PersonEntryOut,
    PersonOut,
)
from custody import directory, enrol, names
from custody.enrolment import give_code
from custody.names import PersonFacts
from custody.organising import known_person
from custody.register import read_register
from custody.sessions import end_all

router = APIRouter(tags=["people"])


@router.get("/people", response_model=PeopleOut, responses=UNCHANGED)
def people(
    request: Request, who: Signed, site: OfSite, before: Before = None, limit: Limit = 100
) -> Response:
    """List everybody with their unit and roles."""
    lines, following = directory.page_of_people(
        site.desk, who.actor, site.zone, before=before, limit=limit
    )
    rows = [PersonOut.model_validate(asdict(each)) for each in lines]
    return tagged(request, PeopleOut(people=rows, next=following))


@router.get("/people/{person}", response_model=PersonOut, responses=UNCHANGED)
def one(request: Request, person: PersonId, who: Signed, site: OfSite) -> Response:
    """Tell of one person: oneself, or whom one may see."""
    line = directory.person(site.desk, who.actor, person, site.zone)
    return tagged(request, PersonOut.model_validate(asdict(line)))


@router.post("/people", status_code=201)
def add(body: EnrolIn, act: OfAct) -> PersonEntryOut:
    """Enrol somebody.  They hold no role yet, and get their password by a code."""

    def do() -> PersonEntryOut:
        facts = PersonFacts(
            body.name,
            body.number,
            body.certificate,
            body.certificate_until,
            tuple(body.aliases),
        )
        who = enrol.enrol(act.desk, act.actor, body.unit, facts)
        return PersonEntryOut(entry=read_register(act.desk.ledger).people[who].entry, person=who)

    return act.once("people", body, PersonEntryOut, do)


@router.post("/people/{person}/correction", status_code=201)
def correct(person: PersonId, body: CorrectIn, act: OfAct) -> EntryOut:
    """Give somebody other facts or another unit; what was written before stays readable."""

    def do() -> EntryOut:
        register = read_register(act.desk.ledger)
        unit = body.unit or known_person(register, person).unit
        facts = _corrected(act, person, body)
        return EntryOut(entry=enrol.correct(act.desk, act.actor, person, unit, facts))

    return act.once(f"correct {person}", body, EntryOut, do)


def _corrected(act: Act, person: str, body: CorrectIn) -> PersonFacts:
    register = read_register(act.desk.ledger)
    before = names.person_facts(act.desk.ledger, register, person) or PersonFacts("")
    said = body.model_fields_set  # null takes a fact away, but for the name
    until = "certificate_until" in said
    return PersonFacts(
        name=body.name or before.name,
        number=(body.number or "") if "number" in said else before.number,
        certificate=body.certificate if "certificate" in said else before.certificate,
        certificate_until=body.certificate_until if until else before.certificate_until,
        aliases=tuple(body.aliases or ()) if "aliases" in said else before.aliases,
    )


@router.post("/people/{person}/suspension", status_code=201)
def suspend(person: PersonId, body: ReasonIn, act: OfAct) -> EntryOut:
    """Take everything from somebody at once: sessions and grants end with it."""

    def do() -> EntryOut:
        entry = enrol.suspend(act.desk, act.actor, person, body.reason)
        end_all(act.site.entrance(), person, "suspended")
        return EntryOut(entry=entry)

    return act.once(f"suspend {person}", body, EntryOut, do)


@router.post("/people/{person}/restoration", status_code=201)
def restore(person: PersonId, body: ReasonIn, act: OfAct) -> EntryOut:
    """End a suspension; roles that have not run out hold again."""

    def do() -> EntryOut:
        return EntryOut(entry=enrol.restore(act.desk, act.actor, person, body.reason))

    return act.once(f"restore {person}", body, EntryOut, do)


@router.post("/people/{person}/codes", status_code=201)
def hand_code(person: PersonId, body: CodeForIn, act: OfAct) -> CodeOut:
    """Make a code by which somebody gets their password; the one before is void.

    What is kept for a request that is sent again does not hold the code: it is told once.
    """
    told: list[str] = []

    def do() -> CodeOut:
        given = give_code(act.site.entrance(), act.actor, person, body.account)
        told.append(given.code.text)
        return CodeOut(
            entry=given.entry,
            person=person,
            account=given.account,
            until=given.code.until,
            code=None,
        )

    answer = act.once(f"code {person}", body, CodeOut, do)
    return answer.model_copy(update={"code": told[0]}) if told else answer

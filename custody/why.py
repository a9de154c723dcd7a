"""Why somebody may do something, or may not: the answer of the table, before anybody tries.

What only the moment of the act can bring is taken as given: a fresh proof, a signature, a witness.
"""

from custody.desk import Desk
from custody.facts import Standing, over_footage, over_grant, over_request, over_unit, standing_of
from custody.footage import Footage, footage_of
from custody.grants import grant_state, grants_of, load_grant
from custody.permission import FOOTAGE, Does, Row, Situation, check, refusals
from custody.refused import refuse_on_record
from custody.requests import load_request, people_of
from evidence.errors import RefusedError, UsageError
from evidence.people import ORGANISATION, Actor

GIVEN = frozenset({"fresh", "signed", "second"})


def why(
    desk: Desk, actor: Actor, person: str, act: Does, subject: str = ORGANISATION
) -> tuple[Row, ...]:
    """Return every row in the way of ``person`` doing ``act`` to ``subject``; () means yes.

    ``subject``: a segment, question, grant, unit or person.  About somebody else only who may see
    the people may ask: raises ``RefusedError``; ``UsageError`` for another kind of subject.
    """
    if person != actor.id:
        check("see_people", over_unit(standing_of(desk, actor), ORGANISATION))
    standing = standing_of(desk, Actor(person, desk.clock.now(), actor.where))
    situation = _situation(standing, act, subject)
    found = refusals(act, Situation(situation.roles, situation.facts | GIVEN))
    dead = grant_state(desk, subject).rows if subject.startswith("g:") and act in FOOTAGE else ()
    return (*found, *dead)


def check_without_grant(desk: Desk, actor: Actor, act: Does, segment: str) -> None:
    """Refuse, on record, footage to somebody who names no grant; return where they hold one."""
    held = (each for each in grants_of(desk, actor.id) if not each.rows)
    if any(span.segment == segment for each in held for span in each.spans):
        return
    situation = over_footage(standing_of(desk, actor), footage_of(desk.ledger, [segment]))
    refuse_on_record(desk, actor, act, refusals(act, situation), [segment])


def _situation(standing: Standing, act: Does, subject: str) -> Situation:
    ledger = standing.desk.ledger
    match subject.partition(":")[0]:
        case "s":
            return over_footage(standing, footage_of(ledger, [subject]))
        case "q":
            request = load_request(ledger, subject)
            return over_request(standing, request, people_of(ledger, request), act)
        case "g":
            return _over_grant(standing, act, subject)
        case "u":
            return over_unit(standing, subject)
        case "p":
            known = standing.register.people.get(subject)
            about = ["self"] if subject == standing.person else []
            return over_unit(standing, known.unit if known else ORGANISATION, about)
        case _:
            raise UsageError("why_subject", subject=subject)


def _over_grant(standing: Standing, act: Does, grant: str) -> Situation:
    """Return the situation over a grant; one that is dead counts as none."""
    desk = standing.desk
    request = grant_state(desk, grant).request
    footage: Footage = people_of(desk.ledger, request)
    if act not in FOOTAGE:
        return over_request(standing, request, footage, act)
    try:
        return over_grant(standing, load_grant(desk, grant), footage, act)
    except RefusedError:
        return over_footage(standing, footage)

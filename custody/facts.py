"""What an actor is over a subject, and what is so: read from the ledger, for custody/permission.py.

A role counts where it is held: over the units whose footage it is, or in exactly the unit whose
head decides.  Two roles count anywhere: an officer's, since what they recorded is theirs wherever
they serve now, and an administrator's, since it stands apart from all footage.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from custody.desk import Desk
from custody.footage import Footage
from custody.organising import fresh, roles_in, roles_over
from custody.permission import Does, Situation
from custody.register import OPEN, read_register
from evidence.asking import Grant, Request
from evidence.people import Actor, Register

_ANYWHERE = frozenset({"officer", "admin"})
_LEADING = frozenset({"supervisor", "head", "deputy"})
_IN_THE_UNIT: frozenset[Does] = frozenset({"decide", "approve", "withdraw_grant"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands at which desk, and the organisation that they stand in."""

    desk: Desk
    actor: Actor
    register: Register

    @property
    def person(self) -> str:
        """Return the id of who acts."""
        return self.actor.id

    @property
    def now(self) -> datetime:
        """Return the time at the desk."""
        return self.desk.clock.now()


def standing_of(desk: Desk, actor: Actor, known: Register | None = None) -> Standing:
    """Return ``actor`` in the organisation as it is now; ``known``: see ``read_register``."""
    return Standing(desk, actor, read_register(desk.ledger, known))


def over_footage(standing: Standing, footage: Footage) -> Situation:
    """Return what ``actor`` is over some segments: to list, label, ask."""
    facts = {
        "own": standing.person in footage.own,
        "named": standing.person in footage.named,
        "involved": standing.person in footage.appear,
        "unresolved": footage.unresolved,
        "secret": footage.secret,
    }
    roles = roles_over_all(standing, footage.owners)
    return Situation(roles, _facts(standing, facts))


def over_request(standing: Standing, request: Request, footage: Footage, act: Does) -> Situation:
    """Return what ``actor`` is over a question: to see, answer, withdraw, object to it.

    Who answers holds the role in exactly the unit that the question names: a head further above
    is not asked.  Whether the answer is signed, only ``custody/decide.py`` can say.
    """
    facts = {
        "asker": standing.person == request.asker,
        "involved": standing.person in footage.appear,
        "settled": request.state != "open" or request.until <= standing.now,
        "retrieval": request.row == "retrieval",
        "secret": footage.secret,
    }
    roles = _roles_over_request(standing, request, act)
    return Situation(roles, _facts(standing, facts))


def over_grant(standing: Standing, grant: Grant, footage: Footage, act: Does) -> Situation:
    """Return what ``actor`` is over a live grant: to do what it grants, and nothing else."""
    facts = {
        "grant": standing.person == grant.holder and act == grant.act,
        "asker": standing.person == grant.holder,
        "secret": footage.secret,
    }
    roles = roles_over_all(standing, footage.owners)
    return Situation(roles, _facts(standing, facts))


def over_unit(standing: Standing, unit: str, about: Collection[str] = ()) -> Situation:
    """Return what ``actor`` is over a unit; ``about``: facts that only the act knows."""
    roles = roles_over_all(standing, (unit,))
    return Situation(roles, _facts(standing, dict.fromkeys(about, True)))


def roles_over_all(standing: Standing, units: Sequence[str]) -> frozenset[str]:
    """Return the roles that count over every one of ``units``."""
    now = standing.now
    anywhere = _held(standing) & _ANYWHERE
    over = [roles_over(standing.register, standing.person, unit, now) for unit in units]
    return frozenset.intersection(*over) | anywhere if over else anywhere


def _roles_over_request(standing: Standing, request: Request, act: Does) -> frozenset[str]:
    """Return the roles in the one unit that may act, or, to see it, over all that it concerns."""
    one = roles_in if act in _IN_THE_UNIT or act == "object" else roles_over
    units = [] if act in _IN_THE_UNIT else [*request.owners]
    if act != "object":
        units.append(request.unit)
    held = (one(standing.register, standing.person, unit, standing.now) for unit in units)
    return frozenset[str]().union(*held) | _held(standing) & _ANYWHERE


def _facts(standing: Standing, more: dict[str, bool]) -> frozenset[str]:
    """Return the facts about the actor that no subject changes, and ``more``."""
    held = _held(standing)
    person = standing.register.people.get(standing.person)
    facts = {
        "posted": bool(held - {"admin"}),
        "elsewhere": not held.isdisjoint(_LEADING),
        "fresh": fresh(standing.desk, standing.actor),
        "suspended": person is not None and person.suspended,
        "unfounded": standing.register.index == OPEN,
        **more,
    }
    return frozenset(name for name, so in facts.items() if so)


def _held(standing: Standing) -> frozenset[str]:
    return frozenset(each.role for each in standing.register.roles(standing.person, standing.now))

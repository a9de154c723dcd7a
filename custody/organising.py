"""What every act upon the organisation shares: who may, and one entry on its chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.desk import Desk
from custody.permission import Does, Situation, refusals
from custody.refused import refuse_on_record
from custody.register import OPEN, read_register
from evidence.entry import Draft, Private
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import ORGANISATION, Actor, Person, Register


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody acts on the organisation as they see it now."""

    desk: Desk
    actor: Actor
    register: Register
    now: datetime

    def over(self, unit: str) -> frozenset[str]:
        """Return the roles that they hold in ``unit`` or above it."""
        return roles_over(self.register, self.actor.id, unit, self.now)

    def within(self, unit: str) -> frozenset[str]:
        """Return the roles that they hold in exactly ``unit``."""
        return roles_in(self.register, self.actor.id, unit, self.now)

    def themself(self, person: str) -> list[str]:
        """Return the fact that an act about ``person`` is about the actor, or nothing."""
        return ["self"] if person == self.actor.id else []

    def allow(self, act: Does, roles: frozenset[str], about: Sequence[str] = ()) -> None:
        """Return where it is allowed, or raise ``RefusedError`` with every row, on record.

        ``about`` are the facts that only the act knows: ``self``, ``second``, ``unresolved``.
        """
        person = self.register.people.get(self.actor.id)
        facts = {
            "unfounded": self.register.index == OPEN,
            "suspended": person is not None and person.suspended,
            "fresh": fresh(self.desk, self.actor),
        }
        known = frozenset({*about, *(name for name, so in facts.items() if so)})
        found = refusals(act, Situation(roles, known))
        if found:
            refuse_on_record(self.desk, self.actor, act, found)

    def write(
        self, kind: str, about: Sequence[str], body: JsonObject, private: Private | None = None
    ) -> int:
        """Append one entry to the organisation's chain as it was seen; return its index.

        Raises ``ConflictError`` when somebody was faster: look again.
        """
        subjects = tuple(dict.fromkeys((ORGANISATION, *about)))
        expect = {ORGANISATION: self.register.index}
        draft = Draft(kind, self.actor.id, subjects, body, expect, private)
        return self.desk.ledger.append([draft]).indexes[0]


def begin(desk: Desk, actor: Actor) -> Acting:
    """Look at the organisation, to act on exactly what is seen."""
    return Acting(desk, actor, read_register(desk.ledger), desk.clock.now())


def roles_over(register: Register, person: str, unit: str, moment: datetime) -> frozenset[str]:
    """Return the roles that ``person`` holds in ``unit`` or in a unit above it."""
    above = register.path(unit)
    return frozenset(each.role for each in register.roles(person, moment) if each.unit in above)


def roles_in(register: Register, person: str, unit: str, moment: datetime) -> frozenset[str]:
    """Return the roles that ``person`` holds in exactly this unit."""
    return frozenset(each.role for each in register.roles(person, moment) if each.unit == unit)


def fresh(desk: Desk, actor: Actor) -> bool:
    """Return whether ``actor`` proved who they are a moment ago (step-up)."""
    if actor.proved_at is None:
        return False
    age = desk.clock.now() - actor.proved_at
    return timedelta() <= age <= timedelta(seconds=desk.rules.step_up_s)


def active(register: Register, person: str) -> Person:
    """Return somebody who is enrolled and not suspended, or raise."""
    known = known_person(register, person)
    if known.suspended:
        raise CustodyError("person_is_suspended", person=person)
    return known


def known_person(register: Register, person: str) -> Person:
    """Return somebody who is enrolled, or raise ``UsageError`` (``person_unknown``)."""
    if person not in register.people:
        raise UsageError("person_unknown", text=person)
    return register.people[person]


def known_unit(register: Register, unit: str) -> str:
    """Return ``unit`` where there is one, or raise ``UsageError`` (``unit_unknown``)."""
    if unit not in register.units:
        raise UsageError("unit_unknown", text=unit)
    return unit

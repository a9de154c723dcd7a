"""Roles are held in a unit, from a moment to another; a deputy is named by the head, for days.

An open end is allowed for every role but the deputy's: an absence has one.
"""

from datetime import datetime

from custody.desk import Desk
from custody.organising import Acting, active, begin, known_unit
from evidence.codec import format_time
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor, Held, Register, Role


def grant_role(
    desk: Desk,
    actor: Actor,
    person: str,
    *,
    role: Role,
    unit: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Give ``person`` a role in ``unit``; return the index of the entry, which names the role.

    From ``since`` (None: now) to ``until``, not included (None: until it is revoked).
    Administrators grant roles, but none to themselves; a deputy is granted by the head of exactly
    that unit.  Raises ``RefusedError``; ``CustodyError`` (``role_held``, ``role_apart``,
    ``person_is_suspended``); ``UsageError`` for a term that cannot be.
    """
    acting = begin(desk, actor)
    _allow(acting, role, known_unit(acting.register, unit), person)
    active(acting.register, person)
    begins = since or acting.now
    _check_term(role, acting.now, begins, until)
    _check_beside(_held_during(acting.register, person, begins, until), role, unit)
    body: JsonObject = {
        "person": person,
        "role": role,
        "unit": unit,
        "since": format_time(begins),
        "until": format_time(until) if until else None,
    }
    return acting.write("role.granted", (person, unit), body)


def revoke_role(desk: Desk, actor: Actor, granted: int) -> int:
    """End the role that entry ``granted`` gave, from now on.

    An administrator ends any role but their own; a head ends what they granted a deputy.
    """
    acting = begin(desk, actor)
    held = next((each for each in acting.register.held if each.entry == granted), None)
    if held is None:
        raise CustodyError("role_gone", entry=granted)
    if held.role == "deputy" and "admin" not in acting.over(held.unit):
        _allow(acting, held.role, held.unit, held.person)
    else:
        acting.allow("manage_roles", acting.over(held.unit), acting.themself(held.person))
    body: JsonObject = {
        "granted": granted,
        "person": held.person,
        "role": held.role,
        "unit": held.unit,
    }
    return acting.write("role.revoked", (held.person, held.unit), body)


def _allow(acting: Acting, role: Role, unit: str, person: str) -> None:
    """Ask the table: for a deputy only with what is held in exactly the head's unit."""
    if role == "deputy":
        acting.allow("grant_deputy", acting.within(unit), acting.themself(person))
    else:
        acting.allow("manage_roles", acting.over(unit), acting.themself(person))


def _check_term(role: Role, now: datetime, since: datetime, until: datetime | None) -> None:
    """Refuse what begins in the past, or is over before it begins."""
    if since < now:
        raise UsageError("role_backdated")
    if until is not None and until <= since:
        raise UsageError("role_term")
    if role == "deputy" and until is None:
        raise UsageError("deputy_term")


def _held_during(
    register: Register, person: str, since: datetime, until: datetime | None
) -> list[Held]:
    """Return what ``person`` holds at any moment of a term."""
    ours = (each for each in register.held if each.person == person)
    return [
        each
        for each in ours
        if (until is None or each.since < until) and (each.until is None or since < each.until)
    ]


def _check_beside(held: list[Held], role: Role, unit: str) -> None:
    """Refuse a role that is held already; and keep administrators apart from every other role.

    The table refuses an administrator all footage, so another role would be one in name only.
    """
    if any(each.role == role and each.unit == unit for each in held):
        raise CustodyError("role_held")
    if any((each.role == "admin") != (role == "admin") for each in held):
        raise CustodyError("role_apart")

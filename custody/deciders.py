"""Whose head decides: article 18, second reading.  Pure, over the register as it is now.

1. The head (单位负责人) of the nearest unit marked enforcing (执法单位) above the recording, never
   of a squad; the organisation where none is marked.
2. Where the asker's own unit stands above (调阅 by the bureau), the asker's own head decides; the
   owning unit is told and may object on record.
3. Where every head of that unit asks or appears in it, the next enforcing unit above decides; at
   the top, a deputy whom the ledger names.
4. A vacancy is no reason to go up: a deputy is named by an entry, or a head.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from custody.footage import Footage
from custody.rules import Because
from evidence.errors import UsageError
from evidence.people import ORGANISATION, Register


@dataclass(frozen=True, slots=True)
class Deciding:
    """Which unit's head decides, and why."""

    unit: str
    row: Because
    path: tuple[str, ...]  # of the unit, as it is now, the organisation last
    owners: tuple[str, ...]  # enforcing units whose footage it is
    deciders: tuple[str, ...]  # people who may answer at this moment; () where nobody is there


def deciding_of(register: Register, asker: str, footage: Footage, moment: datetime) -> Deciding:
    """Return who decides what ``asker`` asks for.

    Raises ``UsageError`` (``request_many_owners``) for footage of several units that no head of
    the asker is above: ask once for each.
    """
    owners = tuple(sorted({enforcing(register, unit) for unit in footage.owners}))
    person = register.people.get(asker)
    home = enforcing(register, person.unit if person else ORGANISATION)
    first, because = _first(register, home, owners)
    barred = {asker, *footage.appear}
    unit, row = _upwards(register, first, because, barred, moment)
    free = deciders(register, unit, barred, moment)
    return Deciding(unit, row, register.path(unit), owners, free)


def deciders(
    register: Register, unit: str, barred: Collection[str], moment: datetime
) -> tuple[str, ...]:
    """Return the heads and deputies of exactly this unit who are not barred, heads first."""
    heads = register.holders("head", unit, moment)
    deputies = register.holders("deputy", unit, moment)
    return tuple(dict.fromkeys(each for each in (*heads, *deputies) if each not in barred))


def enforcing(register: Register, unit: str) -> str:
    """Return the nearest unit marked enforcing, from ``unit`` upwards; else the organisation."""
    marked = (each for each in register.path(unit) if register.units[each].enforcing)
    return next(marked, ORGANISATION)


def _upwards(
    register: Register, first: str, because: Because, barred: Collection[str], moment: datetime
) -> tuple[str, Because]:
    """Return the unit whose head is free to decide, from ``first`` upwards (3., 4.)."""
    above = [each for each in register.path(first) if _decides(register, each)]
    for unit in dict.fromkeys((first, *above)):
        heads = register.holders("head", unit, moment)
        if not heads or not set(heads).issubset(barred):
            return unit, because if unit == first else "above"
    return ORGANISATION, "deputy"


def _decides(register: Register, unit: str) -> bool:
    return unit == ORGANISATION or register.units[unit].enforcing


def _first(register: Register, home: str, owners: tuple[str, ...]) -> tuple[str, Because]:
    """Return unit and row before anybody is barred (1., 2.)."""
    if owners == (home,):
        return home, "own_unit"
    if all(home == ORGANISATION or home in register.path(owner) for owner in owners):
        return home, "retrieval"
    if len(owners) > 1:
        raise UsageError("request_many_owners", count=len(owners))
    return owners[0], "other_unit"

"""Who is who, as somebody who may see it reads it: units, people and roles with their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from custody import names
from custody.desk import Desk
from custody.organising import Acting, begin
from custody.register import OPEN
from custody.seen import Seen, last_seen
from custody.tenure import Stay, Tenure, read_tenure
from evidence.codec import format_time
from evidence.people import ORGANISATION, Actor, Held, Person, Register, Unit
from evidence.ports import Ledger


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role as a list shows it; ``entry`` names it (role.granted)."""

    entry: int
    role: str
    unit: str
    unit_name: str | None
    since: str
    until: str | None
    now: bool  # held at this moment


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody as a list shows them; names are None where their key is destroyed."""

    person: str
    name: str | None
    number: str | None
    aliases: tuple[str, ...]
    certificate: str | None
    certificate_until: str | None
    certificate_expired: bool  # today
    unit: str
    unit_name: str | None
    suspended: bool
    roles: tuple[RoleLine, ...]


@dataclass(frozen=True, slots=True)
class Somebody:
    """An id with its name."""

    person: str
    name: str | None


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit as a list shows it, with who decides there now."""

    unit: str
    name: str | None
    parent: str | None
    depth: int  # 0: the organisation
    enforcing: bool
    heads: tuple[Somebody, ...]
    deputies: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class StayLine:
    """A binding or a handover of a recorder."""

    entry: int
    person: str | None
    name: str | None
    unit: str
    unit_name: str | None
    since: str
    until: str | None
    due: str | None
    late: bool
    corrected: int | None = None  # entry, of a binding
    void: bool = False  # a binding that never was


@dataclass(frozen=True, slots=True)
class RecorderLine:
    """A recorder: whose it is, who has it, how it was when it was last docked, its past."""

    recorder: str
    bound: StayLine | None
    out: StayLine | None
    docked_at: str | None
    battery: int | None
    free_bytes: int | None
    clock_offset_ms: int | None
    bindings: tuple[StayLine, ...]  # oldest first
    handovers: tuple[StayLine, ...]


def people(desk: Desk, actor: Actor, zone: tzinfo) -> tuple[PersonLine, ...]:
    """Return everybody, by unit and name.  Raises ``RefusedError`` (``see_people``)."""
    acting = begin(desk, actor)
    _may_see(acting, ORGANISATION)
    reading = _Reading(desk, acting.register, zone)
    lines = (reading.person(each) for each in acting.register.people.values())
    return tuple(sorted(lines, key=lambda line: (line.unit_name or "", line.name or "")))


def page_of_people(
    desk: Desk, actor: Actor, zone: tzinfo, before: int | None, limit: int
) -> tuple[tuple[PersonLine, ...], int | None]:
    """Return some people, of whom was written last first, and what ``before`` is for the others.

    Raises as ``people``.
    """
    acting = begin(desk, actor)
    _may_see(acting, ORGANISATION)
    known = [
        each for each in acting.register.people.values() if before is None or each.entry < before
    ]
    known.sort(key=lambda each: each.entry, reverse=True)
    reading, shown = _Reading(desk, acting.register, zone), known[:limit]
    following = shown[-1].entry if len(known) > limit else None
    return tuple(map(reading.person, shown)), following


def person(desk: Desk, actor: Actor, wanted: str, zone: tzinfo) -> PersonLine:
    """Return one person: oneself, or as ``people``."""
    acting = begin(desk, actor)
    if wanted != actor.id:
        _may_see(acting, ORGANISATION)
    known = acting.register.people[names.find_person(desk.ledger, acting.register, wanted)]
    return _Reading(desk, acting.register, zone).person(known)


def units(desk: Desk, actor: Actor, zone: tzinfo) -> tuple[UnitLine, ...]:
    """Return every unit, each below its own.  Raises ``RefusedError`` (``see_people``)."""
    acting = begin(desk, actor)
    _may_see(acting, ORGANISATION)
    reading = _Reading(desk, acting.register, zone)
    if ORGANISATION not in acting.register.units:
        return ()
    return tuple(reading.below(acting.register.units[ORGANISATION], 0))


def recorder(desk: Desk, actor: Actor, wanted: str, zone: tzinfo) -> RecorderLine:
    """Return one recorder: who has it, or as ``people`` over its unit."""
    acting = begin(desk, actor)
    tenure = read_tenure(desk.ledger, wanted)
    binding = tenure.binding()
    if tenure.holder(acting.now).person != actor.id:
        _may_see(acting, binding.unit if binding else ORGANISATION)
    seen = last_seen(desk.ledger, wanted)
    return _Reading(desk, acting.register, zone).recorder(tenure, seen)


def _may_see(acting: Acting, unit: str) -> None:
    """In an open home there is nobody to see, and nobody to be kept from it."""
    if acting.register.index == OPEN:
        return
    held = acting.register.roles(acting.actor.id, acting.now)
    wide = frozenset(each.role for each in held)
    acting.allow("see_people", wide if unit == ORGANISATION else acting.over(unit))


class _Reading:
    """Reads names, each once."""

    def __init__(self, desk: Desk, register: Register, zone: tzinfo) -> None:
        self._ledger: Ledger = desk.ledger
        self._register = register
        self._zone = zone
        self._now = desk.clock.now()
        self._names: dict[str, str | None] = {}

    def person(self, known: Person) -> PersonLine:
        """Return somebody with what they hold and will hold."""
        facts = names.person_facts(self._ledger, self._register, known.id)
        until = facts.certificate_until if facts else None
        held = (each for each in self._register.held if each.person == known.id)
        return PersonLine(
            person=known.id,
            name=facts.name if facts else None,
            number=facts.number if facts else None,
            aliases=facts.aliases if facts else (),
            certificate=facts.certificate if facts else None,
            certificate_until=until.isoformat() if until else None,
            certificate_expired=bool(until and self._now.astimezone(self._zone).date() > until),
            unit=known.unit,
            unit_name=self._unit(known.unit),
            suspended=known.suspended,
            roles=tuple(self._role(each) for each in held if self._lives(each)),
        )

    def below(self, unit: Unit, depth: int) -> Iterator[UnitLine]:
        """Yield a unit and every unit below it."""
        yield UnitLine(
            unit.id,
            self._unit(unit.id),
            unit.parent,
            depth,
            unit.enforcing,
            tuple(map(self._somebody, self._register.holders("head", unit.id, self._now))),
            tuple(map(self._somebody, self._register.holders("deputy", unit.id, self._now))),
        )
        under = [each for each in self._register.units.values() if each.parent == unit.id]
        for each in sorted(under, key=lambda below: self._unit(below.id) or ""):
            yield from self.below(each, depth + 1)

    def recorder(self, tenure: Tenure, seen: Seen) -> RecorderLine:
        """Return a recorder with its past."""
        bound, out = tenure.binding(), tenure.handover()
        return RecorderLine(
            recorder=tenure.recorder,
            bound=self._stay(bound) if bound else None,
            out=self._stay(out) if out else None,
            docked_at=format_time(seen.at) if seen.at else None,
            battery=seen.battery,
            free_bytes=seen.free_bytes,
            clock_offset_ms=seen.clock_offset_ms,
            bindings=tuple(map(self._stay, tenure.bound)),
            handovers=tuple(map(self._stay, tenure.out)),
        )

    def _stay(self, stay: Stay) -> StayLine:
        return StayLine(
            entry=stay.entry,
            person=stay.person,
            name=self._person(stay.person) if stay.person else None,
            unit=stay.unit,
            unit_name=self._unit(stay.unit),
            since=format_time(stay.since),
            until=format_time(stay.until) if stay.until else None,
            due=format_time(stay.due) if stay.due else None,
            late=stay.late(self._now),
            corrected=stay.corrected,
            void=stay.void,
        )

    def _role(self, held: Held) -> RoleLine:
        return RoleLine(
            entry=held.entry,
            role=held.role,
            unit=held.unit,
            unit_name=self._unit(held.unit),
            since=format_time(held.since),
            until=format_time(held.until) if held.until else None,
            now=held.at(self._now) and not self._register.people[held.person].suspended,
        )

    def _lives(self, held: Held) -> bool:
        return held.until is None or self._now < held.until

    def _somebody(self, who: str) -> Somebody:
        return Somebody(who, self._person(who))

    def _person(self, who: str) -> str | None:
        if who not in self._names:
            self._names[who] = names.person_name(self._ledger, self._register, who)
        return self._names[who]

    def _unit(self, unit: str) -> str | None:
        if unit not in self._names:
            self._names[unit] = names.unit_name(self._ledger, self._register, unit)
        return self._names[unit]

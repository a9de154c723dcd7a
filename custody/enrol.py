"""The organisation is founded, units are added and moved, people enrolled and suspended.

Founding is one append: a home is open, or it has two administrators, an auditor, and rules that
were adopted; nothing is in between.  Every later act needs a person whom
``custody/permission.py`` allows it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from custody import names
from custody.desk import AccessRules, Desk, Hosts
from custody.enrolment import CODE_TIME
from custody.hosts import check_hosts
from custody.items import ItemList
from custody.names import PersonFacts, check_facts, check_name
from custody.organising import Acting, active, begin, known_person, known_unit
from custody.permission import Does
from custody.register import founded, read_register
from evidence.codec import format_time
from evidence.entry import Draft, Private
from evidence.errors import ConflictError, CustodyError, UsageError
from evidence.ids import RANDOM_BYTES, check_digest, new_id
from evidence.json import JsonObject
from evidence.people import ORGANISATION, PATH_LIMIT, Actor, Register, Role
from evidence.ports import Ledger

FOUNDER = "sys:local"
ADMINISTRATORS = 2  # each can undo what the other did, and bears witness to their key
REASON_LIMIT = 500  # characters


@dataclass(frozen=True, slots=True)
class Founders:
    """Who begins, by ids that the caller has made (``new_person``)."""

    admins: Mapping[str, PersonFacts]
    auditor: Mapping[str, PersonFacts]

    def all(self) -> Mapping[str, PersonFacts]:
        """Return all of them."""
        return {**self.admins, **self.auditor}


def new_person() -> str:
    """Return an id that nobody has."""
    return new_id("p", secrets.token_bytes(RANDOM_BYTES))


def found(desk: Desk, name: str, hosts: Hosts, founders: Founders, items: ItemList) -> int:
    """Found the organisation with its first three people; return the index of the entry.

    The rules of the desk and the list of items are adopted with it: nothing is ever decided under
    rules that nobody has adopted.

    Raises ``ConflictError`` (``home_founded``) the second time, for good, and ``UsageError`` as
    ``check_hosts``: a key is bound to its host for ever.
    """
    if founded(desk.ledger):
        raise ConflictError("home_founded")
    check_founders(founders)
    check_hosts(hosts)
    body: JsonObject = {"hosts": {"login": hosts.login, "sign": hosts.sign, "rp": hosts.rp}}
    private = Private(ORGANISATION, {"name": check_name(name)})
    expect = {ORGANISATION: None}
    drafts = [
        Draft("organisation.founded", FOUNDER, (ORGANISATION,), body, expect, private),
        *_founding(desk, founders.admins, "admin"),
        *_founding(desk, founders.auditor, "auditor"),
        _adopting("access", desk.rules),
        _adopting("items", items),
    ]
    return desk.ledger.append(drafts).indexes[0]


def founders_of(ledger: Ledger) -> Founders:
    """Return the first three people, with what is known of them now; none in an open home."""
    register = read_register(ledger)
    found: dict[Role, dict[str, PersonFacts]] = {"admin": {}, "auditor": {}}
    for held in register.held:
        if ledger.entry(held.entry).actor == FOUNDER:
            facts = names.person_facts(ledger, register, held.person)
            found.setdefault(held.role, {})[held.person] = facts or PersonFacts(held.person)
    return Founders(found["admin"], found["auditor"])


def found_again(desk: Desk, founders: Founders) -> None:
    """Write that the first people are handed other codes, by nobody: theirs were lost unused."""
    expect = {ORGANISATION: read_register(desk.ledger).index}
    drafts = [_code_given(desk, person) for person in founders.all()]
    desk.ledger.append([replace(drafts[0], expect=expect), *drafts[1:]])


def _code_given(desk: Desk, person: str) -> Draft:
    body: JsonObject = {"person": person, "until": format_time(desk.clock.now() + CODE_TIME)}
    return Draft("code.given", FOUNDER, (ORGANISATION, person), body)


def check_founders(founders: Founders) -> None:
    """Raise ``UsageError`` unless they are as many as it takes, with names and numbers apart."""
    if len(founders.admins) != ADMINISTRATORS or len(founders.auditor) != 1:
        raise UsageError("founders_wrong", count=ADMINISTRATORS)
    called = [each.number or each.name for each in founders.all().values()]
    if len(set(called)) != len(called):
        raise UsageError("founders_twice")


def _founding(desk: Desk, people: Mapping[str, PersonFacts], role: Role) -> Sequence[Draft]:
    since = format_time(desk.clock.now())
    drafts: list[Draft] = []
    for person, facts in people.items():
        about = (ORGANISATION, person)
        belongs: JsonObject = {"person": person, "unit": ORGANISATION}
        private = Private(person, check_facts(facts).json())
        held: JsonObject = {**belongs, "role": role, "since": since, "until": None}
        drafts.append(Draft("person.enrolled", FOUNDER, about, belongs, private=private))
        drafts.append(Draft("role.granted", FOUNDER, about, held))
        drafts.append(_code_given(desk, person))
    return drafts


def _adopting(rules: str, file: AccessRules | ItemList) -> Draft:
    body = _rules_body(rules, file.name, file.version, file.sha256)
    return Draft("rules.adopted", FOUNDER, (ORGANISATION,), body)


def add_unit(desk: Desk, actor: Actor, name: str, parent: str, *, enforcing: bool) -> str:
    """Add a unit below ``parent``; return its id."""
    acting = begin(desk, actor)
    _allow(acting, "manage_units", parent)
    unit = new_id("u", secrets.token_bytes(RANDOM_BYTES))
    _check_place(acting.register, unit, parent)
    body: JsonObject = {"unit": unit, "parent": parent, "enforcing": enforcing}
    private = Private(unit, {"name": check_name(name)})
    acting.write("unit.added", (unit, parent), body, private)
    return unit


def move_unit(
    desk: Desk,
    actor: Actor,
    unit: str,
    *,
    parent: str | None = None,
    name: str | None = None,
    enforcing: bool | None = None,
) -> int:
    """Give a unit another parent, name, or right to decide; what is None stays.

    The past keeps the path that each decision wrote down.  The organisation has no parent.
    """
    acting = begin(desk, actor)
    register = acting.register
    _allow(acting, "manage_units", unit)
    before = register.units[unit]
    above = before.parent if parent is None else parent
    if above is not None:
        _allow(acting, "manage_units", above)
        _check_place(register, unit, above)
    called = names.unit_name(desk.ledger, register, unit) if name is None else name
    decides = before.enforcing if enforcing is None else enforcing
    body: JsonObject = {"unit": unit, "parent": above, "enforcing": decides}
    about = (unit,) if above is None else (unit, above)
    private = Private(unit, {"name": check_name(called or "")})
    return acting.write("unit.moved", about, body, private)


def enrol(desk: Desk, actor: Actor, unit: str, facts: PersonFacts, person: str = "") -> str:
    """Enrol somebody in a unit; return their id (``person``, else a new one).

    They hold no role yet, and have no code (``custody/enrolment.py``).
    """
    who = person or new_person()
    acting = begin(desk, actor)
    _allow(acting, "manage_people", unit)
    if who in acting.register.people:
        raise ConflictError("person_known", person=who)
    _write_person(acting, "person.enrolled", who, unit, facts)
    return who


def correct(desk: Desk, actor: Actor, person: str, unit: str, facts: PersonFacts) -> int:
    """Give somebody other facts or another unit; what was written before stays readable."""
    acting = begin(desk, actor)
    _allow(acting, "manage_people", known_person(acting.register, person).unit)
    _allow(acting, "manage_people", unit)
    return _write_person(acting, "person.corrected", person, unit, facts)


def suspend(desk: Desk, actor: Actor, person: str, reason: str) -> int:
    """Take everything that somebody holds from them at once; sessions and grants end with it.

    Raises ``CustodyError`` (``last_admin``): nobody could undo it.
    """
    acting = begin(desk, actor)
    _allow(acting, "manage_people", known_person(acting.register, person).unit)
    active(acting.register, person)
    if set(acting.register.holders("admin", ORGANISATION, acting.now)) == {person}:
        raise CustodyError("last_admin")
    return _say(acting, "person.suspended", person, reason)


def restore(desk: Desk, actor: Actor, person: str, reason: str) -> int:
    """End a suspension; the roles that have not run out hold again."""
    acting = begin(desk, actor)
    known = known_person(acting.register, person)
    _allow(acting, "manage_people", known.unit)
    if not known.suspended:
        raise CustodyError("person_is_active", person=person)
    return _say(acting, "person.restored", person, reason)


def adopt_rules(
    desk: Desk, actor: Actor, *, rules: str, name: str, version: str, sha256: str
) -> int:
    """Write down which file of rules (``access``, ``items``) holds from now on, by its digest."""
    acting = begin(desk, actor)
    acting.allow("adopt_rules", acting.over(ORGANISATION))
    return acting.write("rules.adopted", (), _rules_body(rules, name, version, sha256))


def _rules_body(rules: str, name: str, version: str, sha256: str) -> JsonObject:
    return {
        "rules": check_name(rules),
        "name": check_name(name),
        "version": check_name(version),
        "sha256": check_digest(sha256),
    }


def _allow(acting: Acting, act: Does, unit: str) -> None:
    acting.allow(act, acting.over(known_unit(acting.register, unit)))


def _check_place(register: Register, unit: str, parent: str) -> None:
    """Refuse a place below the unit itself, or deeper than paths are followed."""
    path = register.path(parent)
    if unit in path:
        raise CustodyError("unit_loop")
    if len(path) + _height(register, unit) > PATH_LIMIT:
        raise CustodyError("unit_deep", limit=PATH_LIMIT)


def _height(register: Register, unit: str) -> int:
    """Return how many units stand under each other from ``unit`` down, itself included."""
    paths = [register.path(each) for each in register.units]
    return max((path.index(unit) + 1 for path in paths if unit in path), default=1)


def _write_person(acting: Acting, kind: str, person: str, unit: str, facts: PersonFacts) -> int:
    clean = check_facts(facts)
    if names.number_taken(acting.desk.ledger, acting.register, clean, person):
        raise CustodyError("number_taken")
    body: JsonObject = {"person": person, "unit": unit}
    return acting.write(kind, (person, unit), body, Private(person, clean.json()))


def _say(acting: Acting, kind: str, person: str, reason: str) -> int:
    if not 1 <= len(reason.strip()) <= REASON_LIMIT:
        raise UsageError("reason_unusable", limit=REASON_LIMIT)
    private = Private(person, {"reason": reason.strip()})
    return acting.write(kind, (person,), {"person": person}, private)

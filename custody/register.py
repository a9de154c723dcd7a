"""The organisation out of its own chain of entries: units, people, roles, keys, adopted rules.

Every entry about them names ``ORGANISATION``, so its chain is all that was ever decided; the fold
runs from the oldest on.  Ids only: names stand in statements (``custody/names.py``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import get_args

from custody import fields
from custody.desk import Hosts
from custody.history import chain
from evidence.entry import Entry
from evidence.errors import IntegrityError, MalformedError
from evidence.people import ORGANISATION, ROLES, Adopted, Held, Key, Person, Register, Unit, Use
from evidence.ports import Ledger

OPEN = -1  # the index of a register before anybody was set up: nothing expects it


def founded(ledger: Ledger) -> bool:
    """Return whether people have been set up: then the home is not open any more."""
    return ledger.last(ORGANISATION) is not None


def read_register(ledger: Ledger, known: Register | None = None) -> Register:
    """Return the organisation as it is now; empty, with the index ``OPEN``, in an open home.

    ``known`` is a register of the same ledger: only what came after it is read.  Raises
    ``IntegrityError`` (``register_foreign``: ``known`` is of another ledger; ``history_…``) and
    ``MalformedError`` for an entry that no writer of ours makes.
    """
    return _fold(_since(ledger, known, None), known)


def register_at(ledger: Ledger, index: int) -> Register:
    """Return the organisation as it was just after entry ``index``; raises as ``read_register``.

    For who decides again what was decided then: a later reorganisation changes no past.
    """
    return _fold(_since(ledger, None, index), None)


def hosts_of(ledger: Ledger) -> Hosts:
    """Return where people sign in and sign, as the founding wrote it; nowhere in an open home."""
    entries = (each for each in chain(ORGANISATION, ledger) if each.type == "organisation.founded")
    founding = next(entries, None)
    if founding is None:
        return Hosts()
    told = fields.mapping(founding.body, "hosts")
    return Hosts(*(fields.optional_text(told, name) for name in ("login", "sign", "rp")))


def _since(ledger: Ledger, known: Register | None, until: int | None) -> list[Entry]:
    """Return the entries after ``known``, up to ``until`` (included), oldest first."""
    found: list[Entry] = []
    seen = OPEN if known is None else known.index
    for entry in chain(ORGANISATION, ledger):
        if entry.seq <= seen:
            break
        if until is None or entry.seq <= until:
            found.append(entry)
    before = found[-1].about[ORGANISATION] if found else ledger.last(ORGANISATION)
    if known and seen not in {OPEN, before}:
        raise IntegrityError("register_foreign", entry=seen)
    return found[::-1]


@dataclass(slots=True)
class _Draft:
    """The register while it is being folded."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    held: dict[int, Held] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    adopted: dict[str, Adopted] = field(default_factory=dict)


def _fold(entries: list[Entry], known: Register | None) -> Register:
    start = known or Register(OPEN)
    draft = _Draft(
        dict(start.units),
        dict(start.people),
        {each.entry: each for each in start.held},
        dict(start.keys),
        dict(start.adopted),
    )
    for entry in entries:
        step = STEPS.get(entry.type)
        if step is not None:  # sign-ins that failed name the organisation too
            step(draft, entry)
    index = entries[-1].seq if entries else start.index
    held = tuple(draft.held.values())
    return Register(index, draft.units, draft.people, held, draft.keys, draft.adopted)


def _founded(draft: _Draft, entry: Entry) -> None:
    if draft.units:
        raise MalformedError("register_malformed", entry=entry.seq)
    draft.units[ORGANISATION] = Unit(ORGANISATION, None, enforcing=False, entry=entry.seq)


def _unit(draft: _Draft, entry: Entry) -> None:
    body = entry.body
    unit, parent = fields.text(body, "unit"), fields.optional_text(body, "parent")
    if (unit == ORGANISATION) != (parent is None) or (parent and parent not in draft.units):
        raise MalformedError("register_malformed", entry=entry.seq)
    draft.units[unit] = Unit(unit, parent, fields.boolean(body, "enforcing"), entry.seq)


def _person(draft: _Draft, entry: Entry) -> None:
    person = fields.text(entry.body, "person")
    before = draft.people.get(person)
    suspended = before is not None and before.suspended
    draft.people[person] = Person(person, fields.text(entry.body, "unit"), suspended, entry.seq)


def _suspended(draft: _Draft, entry: Entry) -> None:
    person = _known(draft, entry)
    draft.people[person.id] = replace(person, suspended=entry.type == "person.suspended")


def _granted(draft: _Draft, entry: Entry) -> None:
    body, person = entry.body, _known(draft, entry)
    role = next((each for each in ROLES if each == body.get("role")), None)
    if role is None:
        raise MalformedError("body_malformed", field="role")
    unit, since = fields.text(body, "unit"), fields.moment(body, "since")
    draft.held[entry.seq] = Held(
        person.id, role, unit, since, fields.optional_moment(body, "until"), entry.seq
    )


def _revoked(draft: _Draft, entry: Entry) -> None:
    """Forget the role: what was held before stands in the chain (``register_at``)."""
    draft.held.pop(fields.integer(entry.body, "granted"), None)


def _key(draft: _Draft, entry: Entry) -> None:
    _known(draft, entry)
    draft.keys[entry.seq] = key_of(entry)


def key_of(entry: Entry) -> Key:
    """Return the key that ``key.registered`` registers, or raise ``MalformedError``."""
    body = entry.body
    uses: tuple[Use, ...] = get_args(Use)
    use = next((each for each in uses if each == body.get("use")), None)
    if use is None:
        raise MalformedError("body_malformed", field="use")
    person, fmt, rp = (fields.text(body, name) for name in ("person", "fmt", "rp"))
    credential, public = fields.text(body, "credential"), fields.text(body, "public")
    bound = None if body.get("device_bound") is None else fields.boolean(body, "device_bound")
    return Key(entry.seq, person, fmt, use, credential, public, rp, device_bound=bound)


def _key_revoked(draft: _Draft, entry: Entry) -> None:
    key = draft.keys.get(fields.integer(entry.body, "key"))
    if key is None:
        raise MalformedError("register_malformed", entry=entry.seq)
    if key.revoked is None:  # the first revocation stands: a second one makes it no younger
        draft.keys[key.entry] = replace(key, revoked=entry.seq)


def _adopted(draft: _Draft, entry: Entry) -> None:
    body = entry.body
    name, version = fields.text(body, "name"), fields.text(body, "version")
    draft.adopted[fields.text(body, "rules")] = Adopted(
        name, version, fields.digest(body, "sha256"), entry.seq
    )


def _known(draft: _Draft, entry: Entry) -> Person:
    person = draft.people.get(fields.text(entry.body, "person"))
    if person is None:
        raise MalformedError("register_malformed", entry=entry.seq)
    return person


STEPS: Mapping[str, Callable[[_Draft, Entry], None]] = MappingProxyType(
    {
        "organisation.founded": _founded,
        "unit.added": _unit,
        "unit.moved": _unit,
        "person.enrolled": _person,
        "person.corrected": _person,
        "person.suspended": _suspended,
        "person.restored": _suspended,
        "role.granted": _granted,
        "role.revoked": _revoked,
        "key.registered": _key,
        "key.revoked": _key_revoked,
        "rules.adopted": _adopted,
    }
)

"""People, units, roles and keys, as the ledger knows them: ids only, no names.

Names, numbers and certificates stand in statements; whoever may read them asks the ledger for the
statement of ``Person.entry`` or ``Unit.entry``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Role = Literal["officer", "supervisor", "head", "deputy", "overseer", "auditor", "admin"]
# officer     执法人员: wears a recorder, labels, explains
# supervisor  finds, asks, answers explanations of gaps
# head        单位负责人: decides
# deputy      decides for the head of the same unit, from one day to another
# overseer    执法监督科: figures, gaps, labels; no footage without a grant
# auditor     政策法规科: every request, decision and look; no footage without a grant
# admin       runs the box: no footage, no label, no purpose
ROLES: tuple[Role, ...] = get_args(Role)

Use = Literal["login", "sign"]  # what a key is for; a key has one of them

ORGANISATION = "u:" + "0" * 32  # the unit above all others: one in every ledger
PATH_LIMIT = 16  # units above each other


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person who is signed in, or ``sys:local`` while the home is open.

    ``proved_at``: when they last proved with password or key that it is they (step-up).
    """

    id: str
    proved_at: datetime | None = None
    where: str = "cli"  # cli, http


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the organisation.  ``enforcing``: 执法单位, whose head decides."""

    id: str  # u:…
    parent: str | None  # None only for the organisation
    enforcing: bool
    entry: int  # of its newest name


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds in a unit, from a moment to another (not included)."""

    person: str
    role: Role
    unit: str
    since: datetime
    until: datetime | None
    entry: int  # role.granted

    def at(self, moment: datetime) -> bool:
        """Return whether it is held at ``moment``."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has been enrolled."""

    id: str  # p:…
    unit: str
    suspended: bool
    entry: int  # of the newest statement about name and certificate


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of a person.  ``entry``: key.registered; ``revoked``: key.revoked, or None."""

    entry: int
    person: str
    fmt: str  # webauthn/1, software/1
    use: Use
    credential: str  # base64url; "" where there is none
    public: str  # COSE_Key (webauthn) or 32 bytes Ed25519 (software), base64url
    rp: str  # relying party id, or ""
    revoked: int | None = None
    device_bound: bool | None = None  # it cannot be copied to another device; None: not known


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file of rules that holds since ``entry`` (rules.adopted), named by its digest."""

    name: str
    version: str
    sha256: str
    entry: int


@dataclass(frozen=True, slots=True)
class Register:
    """The organisation as of entry ``index``.  Made by custody/register.py from the ledger."""

    index: int
    units: Mapping[str, Unit] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    keys: Mapping[int, Key] = field(default_factory=dict)  # by entry
    adopted: Mapping[str, Adopted] = field(default_factory=dict)  # by kind of rules

    def path(self, unit: str) -> tuple[str, ...]:
        """Return ``unit`` and every unit above it, the organisation last; () for an unknown one."""
        return tuple(self._upwards(unit))

    def _upwards(self, unit: str) -> Iterator[str]:
        here: str | None = unit
        for _ in range(PATH_LIMIT):
            known = self.units.get(here) if here is not None else None
            if known is None:
                return
            yield known.id
            here = known.parent

    def roles(self, person: str, moment: datetime) -> tuple[Held, ...]:
        """Return what ``person`` holds at ``moment``; nothing while suspended or unknown."""
        known = self.people.get(person)
        if known is None or known.suspended:
            return ()
        return tuple(each for each in self.held if each.person == person and each.at(moment))

    def holders(self, role: Role, unit: str, moment: datetime) -> tuple[str, ...]:
        """Return who holds ``role`` in exactly this unit at ``moment``, nobody suspended."""
        return tuple(
            each.person
            for each in self.held
            if each.role == role
            and each.unit == unit
            and each.at(moment)
            and each.person in self.people
            and not self.people[each.person].suspended
        )

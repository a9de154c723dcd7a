"""Public keys of people: registered with a witness beside, revoked by their owner or an admin."""

import re
from dataclasses import dataclass

from custody.desk import Desk
from custody.entrance import Entrance
from custody.hosts import name_of
from custody.organising import Acting, active, begin, fresh, known_person
from custody.sessions import end_all
from evidence.approval import SOFTWARE, WEBAUTHN, check_public
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor, Key, Register, Use

FORMATS = (WEBAUTHN, SOFTWARE)
TEXT_LIMIT = 2048  # characters of a credential id or a public key, base64url
_BASE64URL = re.compile(r"[0-9A-Za-z_-]*")
_WITNESSES = frozenset({"admin", "auditor", "head"})


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that somebody holds; fields as in ``evidence.people.Key``."""

    fmt: str
    use: Use
    credential: str
    public: str
    rp: str
    device_bound: bool | None = None


def register_key(desk: Desk, actor: Actor, person: str, key: NewKey, witness: Actor | None) -> int:
    """Register a key of ``person``; return the index of the entry, which names the key.

    ``actor`` is the person or an administrator; ``witness`` another one who is signed in, proved it
    a moment ago, and is an administrator, auditor or head.  Raises ``RefusedError`` (row
    ``no_second`` where the witness is none), ``CustodyError`` (``key_known``, ``demo_keys``),
    ``UsageError`` (``key_unusable``: also for another host) and ``ProofError`` as ``check_public``.
    """
    acting = begin(desk, actor)
    unit = active(acting.register, person).unit
    second = ["second"] if _bears(acting, witness, person) else []
    acting.allow("manage_keys", acting.over(unit), [*acting.themself(person), *second])
    _check_key(desk, acting.register, key)
    body: JsonObject = {
        "person": person,
        "fmt": key.fmt,
        "use": key.use,
        "credential": key.credential,
        "public": key.public,
        "rp": key.rp,
        "device_bound": key.device_bound,
        "signer": "demo" if key.fmt == SOFTWARE else None,
        "by": [actor.id, *([witness.id] if witness else [])],
    }
    return acting.write("key.registered", (person,), body)


def keys_of(desk: Desk, actor: Actor, person: str) -> tuple[Key, ...]:
    """Return the keys of ``person``, revoked ones too, oldest first.

    One's own, or of somebody whom one may see; raises ``RefusedError``.
    """
    acting = begin(desk, actor)
    if person != actor.id:
        acting.allow("see_people", acting.over(known_person(acting.register, person).unit))
    return tuple(each for each in acting.register.keys.values() if each.person == person)


def revoke_key(desk: Desk, actor: Actor, key: int) -> int:
    """Revoke a key from now on; what it signed before stays signed."""
    acting = begin(desk, actor)
    known = acting.register.keys.get(key)
    if known is None or known.revoked is not None:
        raise CustodyError("key_gone", entry=key)
    unit = acting.register.people[known.person].unit
    acting.allow("revoke_key", acting.over(unit), acting.themself(known.person))
    body: JsonObject = {"person": known.person, "key": key}
    return acting.write("key.revoked", (known.person,), body)


def lose_key(entrance: Entrance, actor: Actor, key: int, but: str | None = None) -> int:
    """Revoke a key; where it is one to sign in with, end its owner's sessions too.

    Whoever has the key may sit in one of them.  ``but``: the name of a session that stays.
    """
    entry = revoke_key(entrance.desk, actor, key)
    known = entrance.register.keys[key]
    if known.use == "login":
        end_all(entrance, known.person, "key_revoked", but=but)
    return entry


def _bears(acting: Acting, witness: Actor | None, person: str) -> bool:
    """Return whether ``witness`` is a second person, who answers for something here."""
    if witness is None or witness.id in {acting.actor.id, person}:
        return False
    held = acting.register.roles(witness.id, acting.now)
    return fresh(acting.desk, witness) and any(each.role in _WITNESSES for each in held)


def _check_key(desk: Desk, register: Register, key: NewKey) -> None:
    texts = (key.credential, key.public)
    if not key.public or not all(
        len(each) <= TEXT_LIMIT and _BASE64URL.fullmatch(each) for each in texts
    ):
        raise UsageError("key_unusable")
    if key.fmt not in FORMATS or key.rp != _rp(desk, key):
        raise UsageError("key_unusable")
    if key.fmt == SOFTWARE and not desk.rules.demo_keys:
        raise CustodyError("demo_keys")
    check_public(key.fmt, key.public)
    if any(each.public == key.public for each in register.keys.values()):
        raise CustodyError("key_known")


def _rp(desk: Desk, key: NewKey) -> str | None:
    """Return what a key of this use is bound to: never the login host for one that decides."""
    if key.fmt == SOFTWARE:
        return ""
    return desk.hosts.rp if key.use == "sign" else name_of(desk.hosts.login or "") or None

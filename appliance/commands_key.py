"""``key demo``, ``key list``, ``key revoke``: the keys with which people sign.

A security key is enrolled on the page for it.  A key in a file is for a demo: it lies on the very
machine that it is to be proof against.
"""

import getpass
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.asking import Shown
from appliance.call import Call
from appliance.mistakes import read_text
from appliance.output import Answer, table
from appliance.signed_in import actor, entrance
from custody.desk import Desk
from custody.entrance import Came, KeyAsked, SignedIn
from custody.keys import NewKey, lose_key, register_key
from custody.register import read_register
from custody.sessions import sign_out
from custody.sign_in import sign_in
from evidence.errors import CustodyError, EvidenceError, NotSignedInError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor, Key
from vault.softkey import make_soft_key

HERE = Came("local", "cli")


def make_demo_key(call: Call) -> Answer:
    """Make a key in a file and register it to sign with, before a second person's eyes."""
    who, desk = actor(call), call.services.desk
    if not desk.rules.demo_keys:  # before a file is made
        raise CustodyError("demo_keys")
    witness = _witness(call)
    try:
        key = make_soft_key(Path(call.arguments.file))
        new = NewKey(key.fmt, "sign", "", key.public, "")
        entry = _register(desk, who, new, witness, Path(call.arguments.file))
    finally:
        sign_out(entrance(call), witness.token)  # they came to bear witness, not to stay
    told = call.words("keys.made", file=call.arguments.file, entry=entry)
    fields: JsonObject = {"entry": entry, "person": who.id, "public": key.public}
    return Answer({**fields, "file": call.arguments.file}, [told])


def _register(desk: Desk, who: Actor, new: NewKey, witness: SignedIn, file: Path) -> int:
    """Register the key of ``file``, which was just made and stays only where it is registered."""
    try:
        return register_key(desk, who, who.id, new, witness.actor)
    except EvidenceError:
        file.unlink()
        raise


def _witness(call: Call) -> SignedIn:
    """Sign the second person in: they are here, and prove it with their own password."""
    name = call.arguments.password_file
    if name:
        password = read_text(Path(name)).split("\n")[0]
    elif sys.stdin.isatty():
        password = getpass.getpass(call.words("keys.ask_witness") + " ")
    else:
        raise UsageError("password_missing")
    opened = sign_in(entrance(call), call.arguments.witness, password, HERE)
    if isinstance(opened, KeyAsked):  # a command line has no security key
        raise NotSignedInError("login_needs_key")
    return opened


def list_keys(call: Call) -> Answer:
    """List the keys of who sits here."""
    who = actor(call)
    known = read_register(call.services.desk.ledger).keys.values()
    mine = [each for each in known if each.person == who.id]
    shown = Shown(call)
    head = [call.words(f"column.{name}") for name in ("entry", "use", "format", "at", "state")]
    rows = [head, *(_row(call, shown, each) for each in mine)]
    lines = table(rows, columns=call.terminal.columns) if mine else [call.words("keys.none")]
    return Answer({"keys": [_json(each) for each in mine]}, lines)


def _row(call: Call, shown: Shown, key: Key) -> list[str]:
    at = shown.time(call.services.desk.ledger.entry(key.entry).at)
    state = call.words("keys.revoked" if key.revoked is not None else "keys.holds")
    return [str(key.entry), call.words(f"use.{key.use}"), key.fmt, at, state]


def _json(key: Key) -> JsonObject:
    return {
        "entry": key.entry,
        "use": key.use,
        "format": key.fmt,
        "public": key.public,
        "revoked": key.revoked,
    }


def end_key(call: Call) -> Answer:
    """Revoke a key from now on; what it signed before stays signed."""
    key = call.arguments.entry
    entry = lose_key(entrance(call), actor(call), key)
    return Answer({"key": key, "entry": entry}, [call.words("keys.ended", key=key, entry=entry)])


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "key demo": make_demo_key,
    "key list": list_keys,
    "key revoke": end_key,
}

from dataclasses import replace

import pytest

from custody.desk import Hosts
from custody.keys import NewKey, keys_of, lose_key, register_key, revoke_key
from custody.register import read_register
from evidence.errors import CustodyError, ProofError, RefusedError, UsageError
from evidence.webauthn import base64url
from tests.fakes.desk import person, private_key, small_bureau
from tests.tools.authenticator import Authenticator
from tests.unit.custody.door import a_door

DEVICE = Authenticator(number=7)
RP = "sign.dock1.example"
KEY = NewKey(
    "webauthn/1", "sign", DEVICE.credential, base64url(DEVICE.public), RP, device_bound=True
)


def soft(name):
    return NewKey(
        "software/1", "sign", "", base64url(private_key(name).public_key().public_bytes_raw()), ""
    )


SOFT = soft("mate")


@pytest.fixture
def bureau():
    return small_bureau()


def register(bureau, by="mate", who="mate", witness="admin", key=KEY, *, awake=True):
    second = bureau.actor(witness, fresh=awake) if witness else None
    return register_key(bureau.desk, bureau.actor(by), person(who), key, second)


def rows(refused):
    return [row for row, _ in refused.value.facts["rows"]]


@pytest.mark.parametrize(
    ("by", "witness"),
    [("mate", "admin"), ("mate", "head"), ("admin", "second_admin"), ("admin", "inspector")],
)
def test_a_key_is_registered_by_two_people_and_both_stand_in_the_entry(bureau, by, witness):
    entry = register(bureau, by, "mate", witness)
    body = bureau.ledger.entry(entry).body
    assert body["by"] == [person(by), person(witness)]
    assert body["signer"] is None
    known = read_register(bureau.ledger).keys[entry]
    assert (known.person, known.credential, known.rp) == (person("mate"), KEY.credential, KEY.rp)


@pytest.mark.parametrize(
    ("by", "witness"),
    [
        ("mate", None),
        ("mate", "mate"),  # their own witness
        ("admin", "admin"),
        ("admin", "mate"),  # whose key it is
        ("mate", "officer"),  # answers for nothing here
    ],
)
def test_without_a_second_person_no_key_is_registered(bureau, by, witness):
    with pytest.raises(RefusedError) as refused:
        register(bureau, by, "mate", witness)
    assert rows(refused) == ["no_second"]


def test_who_gets_the_key_is_not_its_witness_though_they_could_be_anothers(bureau):
    with pytest.raises(RefusedError) as refused:
        register(bureau, "admin", "head", "head")
    assert rows(refused) == ["no_second"]


def test_a_witness_who_did_not_prove_who_they_are_is_none(bureau):
    with pytest.raises(RefusedError) as refused:
        register(bureau, awake=False)
    assert rows(refused) == ["no_second"]


@pytest.mark.parametrize("by", ["head", "officer", "inspector"])
def test_nobody_but_its_owner_or_an_administrator_registers_or_revokes_a_key(bureau, by):
    with pytest.raises(RefusedError) as refused:
        register(bureau, by, "mate", "admin")
    assert "may_keys" in rows(refused)
    with pytest.raises(RefusedError):
        revoke_key(bureau.desk, bureau.actor(by), bureau.keys["west_head"])


@pytest.mark.parametrize("by", ["head", "admin"])
def test_a_key_is_revoked_once_by_its_owner_or_an_administrator(bureau, by):
    key = bureau.keys["head"]
    entry = revoke_key(bureau.desk, bureau.actor(by), key)
    assert read_register(bureau.ledger).keys[key].revoked == entry
    for gone in (key, 0):
        with pytest.raises(CustodyError, match="key_gone"):
            revoke_key(bureau.desk, bureau.actor(by), gone)


def test_who_is_suspended_gets_no_key(bureau):
    bureau.suspend("mate")
    with pytest.raises(CustodyError, match="person_is_suspended"):
        register(bureau, "admin", "mate", "second_admin")


@pytest.mark.parametrize(
    "key",
    [
        replace(KEY, public=""),
        replace(KEY, public="not+url/safe"),
        replace(KEY, credential="=" * 4),
        replace(KEY, public="A" * 2049),
        replace(KEY, fmt="sms/1"),
        replace(KEY, rp="x" * 2049),
        replace(KEY, rp="dock1.example"),  # a page of the login host could ask it to decide
        replace(KEY, use="login"),
        replace(SOFT, rp=RP),
    ],
)
def test_a_key_that_is_none_is_refused(bureau, key):
    with pytest.raises(UsageError, match="key_unusable"):
        register(bureau, key=key)


def test_a_key_for_signing_in_is_bound_to_the_login_host(bureau):
    entry = register(bureau, key=replace(KEY, use="login", rp="dock1.example"))
    known = read_register(bureau.ledger).keys[entry]
    assert (known.use, known.rp, known.device_bound) == ("login", "dock1.example", True)


def test_without_hosts_no_security_key_is_registered(bureau):
    bureau.desk = replace(bureau.desk, hosts=Hosts())
    for key in (KEY, replace(KEY, use="login"), replace(KEY, use="login", rp="")):
        with pytest.raises(UsageError, match="key_unusable"):
            register(bureau, key=key)


@pytest.mark.parametrize("key", [replace(KEY, public="cHVibGlj"), replace(SOFT, public="AAAA")])
def test_a_key_that_will_never_verify_is_refused(bureau, key):
    with pytest.raises(ProofError, match="assertion_key"):
        register(bureau, key=key)


def test_the_same_key_is_not_registered_twice_not_even_for_another_person(bureau):
    register(bureau)
    with pytest.raises(CustodyError, match="key_known"):
        register(bureau, "officer", "officer")


def test_a_software_key_says_that_it_is_of_the_demo_and_is_refused_elsewhere(bureau):
    entry = register(bureau, key=SOFT)
    assert bureau.ledger.entry(entry).body["signer"] == "demo"
    bureau.with_rules(demo_keys=False)
    with pytest.raises(CustodyError, match="demo_keys"):
        register(bureau, "officer", "officer", key=soft("officer"))


def test_keys_are_told_to_their_owner_and_to_who_sees_the_people(bureau):
    desk = bureau.desk
    (own,) = keys_of(desk, bureau.actor("head"), person("head"))
    assert own.entry == bureau.keys["head"]
    bureau.revoke_key("head")
    (seen,) = keys_of(desk, bureau.actor("inspector"), person("head"))
    assert seen.revoked is not None
    assert keys_of(desk, bureau.actor("officer"), person("officer")) == ()
    for name in ("officer", "west_head"):
        with pytest.raises(RefusedError):
            keys_of(desk, bureau.actor(name), person("head"))


def test_with_a_key_to_sign_in_with_the_sessions_of_its_owner_end():
    door = a_door()
    thief, owner = door.enter("head"), door.enter("head")
    door.login_key("head")
    key = door.bureau.keys["head"]
    lose_key(door.entrance, door.bureau.actor("head"), key, owner.session.name)
    assert door.ends() == ["key_revoked"]
    assert [each.name for each in door.accounts.sessions.of(person("head"))] == [owner.session.name]
    assert thief.session.name != owner.session.name


def test_with_a_key_that_only_decides_no_session_ends():
    door = a_door()
    door.enter("head")
    lose_key(door.entrance, door.bureau.actor("admin"), door.bureau.keys["head"])
    assert door.ends() == []


def test_who_may_not_revoke_a_key_ends_no_session():
    door = a_door()
    door.enter("head")
    door.login_key("head")
    with pytest.raises(RefusedError):
        lose_key(door.entrance, door.bureau.actor("supervisor"), door.bureau.keys["head"])
    assert door.ends() == []

from datetime import timedelta

import pytest

from custody.desk import Hosts
from custody.enrol import adopt_rules
from custody.register import OPEN, founded, hosts_of, read_register, register_at
from evidence.errors import IntegrityError, MalformedError
from evidence.people import ORGANISATION
from tests.fakes.clock import NOON
from tests.fakes.desk import (
    EAST,
    PEOPLE,
    SQUAD,
    WEST,
    MemoryHouse,
    open_home,
    person,
    small_bureau,
    unit,
)

DAY = timedelta(days=1)


@pytest.fixture
def bureau():
    return small_bureau()


def test_an_open_home_has_an_empty_register_that_nothing_can_expect():
    desk = open_home(MemoryHouse()).desk
    assert not founded(desk.ledger)
    assert read_register(desk.ledger).index == OPEN
    assert read_register(desk.ledger, read_register(desk.ledger)).units == {}


def test_the_hosts_are_those_of_the_founding(bureau):
    assert hosts_of(open_home(MemoryHouse()).ledger) == Hosts()
    name = "sign.dock1.example"
    assert hosts_of(bureau.ledger) == Hosts("dock1.example", name, name)


def test_the_register_is_what_the_entries_of_the_organisation_say(bureau):
    register = read_register(bureau.ledger)
    assert founded(bureau.ledger)
    assert register.index == bureau.ledger.last(ORGANISATION)
    assert set(register.units) == {ORGANISATION, EAST, SQUAD, WEST}
    assert set(register.people) == {person(name) for name in PEOPLE}
    assert register.path(SQUAD) == (SQUAD, EAST, ORGANISATION)
    assert register.path(unit("nowhere")) == ()
    assert not register.units[ORGANISATION].enforcing
    assert register.units[EAST].enforcing
    assert {each.role for each in register.roles(person("head"), NOON)} == {"head"}
    assert register.holders("deputy", EAST, NOON) == ()
    assert register.holders("deputy", EAST, NOON + 2 * DAY) == (person("deputy"),)
    assert register.holders("deputy", EAST, NOON + 8 * DAY) == ()


def test_a_known_register_only_reads_on(bureau):
    before = read_register(bureau.ledger)
    assert read_register(bureau.ledger, before) == before
    bureau.suspend("mate")
    bureau.unit(SQUAD, WEST, enforcing=False, kind="unit.moved")
    asked = []
    real = bureau.ledger.entry
    bureau.ledger.entry = lambda index: asked.append(index) or real(index)
    after = read_register(bureau.ledger, before)
    assert len(asked) == 3  # the two, and the one at which it stops
    assert after == read_register(bureau.ledger)
    assert after.path(SQUAD) == (SQUAD, WEST, ORGANISATION)


def test_a_known_register_of_another_ledger_is_refused(bureau):
    other = small_bureau()
    other.suspend("mate")
    longer = read_register(other.ledger)
    with pytest.raises(IntegrityError, match="register_foreign"):
        read_register(bureau.ledger, longer)
    bureau.bind(bureau.recorder("X"), None, EAST)
    bureau.suspend("mate")
    bureau.suspend("officer")
    with pytest.raises(IntegrityError, match="register_foreign"):
        read_register(bureau.ledger, longer)


def test_the_past_is_read_as_it_was(bureau):
    then = read_register(bureau.ledger)
    bureau.suspend("head")
    bureau.unit(SQUAD, WEST, enforcing=False, kind="unit.moved")
    assert register_at(bureau.ledger, then.index) == then
    assert register_at(bureau.ledger, 0).index == OPEN
    assert read_register(bureau.ledger).roles(person("head"), NOON) == ()


def test_who_is_suspended_holds_nothing_until_restored(bureau):
    bureau.suspend("head")
    register = read_register(bureau.ledger)
    assert register.people[person("head")].suspended
    assert register.holders("head", EAST, NOON) == ()
    bureau.enrol("head", WEST, "person.corrected")
    assert read_register(bureau.ledger).people[person("head")].suspended
    bureau.restore("head")
    register = read_register(bureau.ledger)
    assert register.holders("head", EAST, NOON) == (person("head"),)
    assert register.people[person("head")].unit == WEST


def test_a_role_ends_when_it_is_revoked(bureau):
    granted = next(
        each.entry
        for each in read_register(bureau.ledger).held
        if each.person == person("supervisor")
    )
    bureau.revoke(granted)
    assert read_register(bureau.ledger).roles(person("supervisor"), NOON) == ()


def test_a_key_stays_known_after_it_is_revoked_and_the_first_revocation_stands(bureau):
    key = bureau.keys["head"]
    assert read_register(bureau.ledger).keys[key].revoked is None
    first = bureau.revoke_key("head")
    bureau.revoke_key("head")
    known = read_register(bureau.ledger).keys[key]
    assert (known.person, known.use, known.revoked) == (person("head"), "sign", first)


def test_the_rules_adopted_last_hold(bureau):
    for version in ("1", "2"):
        wanted = {"rules": "items", "name": "jinzhong", "version": version, "sha256": "ab" * 32}
        entry = adopt_rules(bureau.desk, bureau.actor("admin"), **wanted)
    adopted = read_register(bureau.ledger).adopted["items"]
    assert (adopted.name, adopted.version, adopted.entry) == ("jinzhong", "2", entry)


def test_other_entries_about_the_organisation_change_nothing(bureau):
    before = read_register(bureau.ledger)
    body = {"count": 3, "since": "2026-11-22T04:00:00.000Z", "until": None, "because": []}
    bureau.write("sign_in.failed", (ORGANISATION,), body)
    after = read_register(bureau.ledger, before)
    assert after.index > before.index
    assert (after.units, after.people, after.held) == (before.units, before.people, before.held)


U, P = unit("new"), person("new")
AT = "2026-11-22T04:00:00.000Z"
ROLE = {"person": person("head"), "role": "head", "unit": EAST, "since": AT, "until": None}
KEY = {"person": person("head"), "fmt": "software/1", "use": "sign", "credential": "",
       "public": "AAAA", "rp": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("organisation.founded", {"hosts": {}}),
        ("unit.added", {"unit": U, "parent": None, "enforcing": True}),
        ("unit.added", {"unit": ORGANISATION, "parent": EAST, "enforcing": True}),
        ("unit.added", {"unit": U, "parent": unit("nowhere"), "enforcing": True}),
        ("unit.added", {"unit": U, "parent": EAST, "enforcing": 1}),
        ("person.enrolled", {"person": 5, "unit": EAST}),
        ("person.suspended", {"person": P}),
        ("role.granted", {**ROLE, "person": P}),
        ("role.granted", {**ROLE, "role": "king"}),
        ("role.granted", {**ROLE, "since": "yesterday"}),
        ("role.granted", {**ROLE, "until": 5}),
        ("role.revoked", {"granted": "1"}),
        ("key.registered", {**KEY, "use": "both"}),
        ("key.registered", {**KEY, "person": P}),
        ("key.registered", {**KEY, "rp": None}),
        ("key.revoked", {"person": person("head"), "key": 1}),
        ("rules.adopted", {"rules": "items", "name": "a", "version": "1", "sha256": "xy"}),
    ],
)
def test_an_entry_that_no_writer_of_ours_makes_is_refused(bureau, kind, body):
    bureau.write(kind, (ORGANISATION,), body)
    with pytest.raises(MalformedError):
        read_register(bureau.ledger)

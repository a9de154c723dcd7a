from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from custody import directory
from custody.enrol import enrol
from custody.handover import bind, handover_out
from custody.names import PersonFacts
from evidence.errors import CustodyError, RefusedError
from evidence.people import ORGANISATION, Actor
from tests.fakes.clock import NOON
from tests.fakes.desk import (
    EAST,
    PEOPLE,
    SQUAD,
    WEST,
    MemoryHouse,
    docked,
    open_home,
    person,
    small_bureau,
)

ZONE = ZoneInfo("Asia/Shanghai")
LOOKING = ("chief", "supervisor", "deputy", "watcher", "inspector", "admin")


@pytest.fixture
def bureau():
    return small_bureau()


def test_in_an_open_home_there_is_nobody_to_see():
    desk, local = open_home(MemoryHouse()).desk, Actor("sys:local")
    assert directory.people(desk, local, ZONE) == ()
    assert directory.units(desk, local, ZONE) == ()
    shown = directory.recorder(desk, local, "r:" + "1" * 64, ZONE)
    assert (shown.bound, shown.out, shown.docked_at, shown.handovers) == (None, None, None, ())


@pytest.mark.parametrize("name", PEOPLE)
def test_who_leads_oversees_audits_or_administers_sees_the_people(bureau, name):
    bureau.clock.forward(days=2)  # the deputy's term has begun
    actor = bureau.actor(name)
    if PEOPLE[name][1] == "officer":
        for look in (directory.people, directory.units):
            with pytest.raises(RefusedError):
                look(bureau.desk, actor, ZONE)
        with pytest.raises(RefusedError):
            directory.person(bureau.desk, actor, person("head"), ZONE)
    else:
        assert len(directory.people(bureau.desk, actor, ZONE)) == len(PEOPLE)
        assert len(directory.units(bureau.desk, actor, ZONE)) == 4
        assert directory.person(bureau.desk, actor, "head", ZONE).person == person("head")
    assert directory.person(bureau.desk, actor, actor.id, ZONE).name == name


def test_a_person_is_shown_with_what_they_hold_and_will_hold(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    (role,) = directory.person(desk, admin, "deputy", ZONE).roles
    assert (role.role, role.unit, role.unit_name, role.now) == ("deputy", EAST, EAST[:6], False)
    assert role.until == "2026-11-30T04:00:00.000Z"
    bureau.clock.forward(days=1)
    assert directory.person(desk, admin, "deputy", ZONE).roles[0].now
    bureau.clock.forward(days=8)
    assert directory.person(desk, admin, "deputy", ZONE).roles == ()
    bureau.suspend("head")
    head = directory.person(desk, admin, "head", ZONE)
    assert head.suspended
    assert not head.roles[0].now
    with pytest.raises(CustodyError, match="person_unknown"):
        directory.person(desk, admin, "nobody", ZONE)


def test_a_certificate_that_has_run_out_is_shown(bureau):
    desk = bureau.desk
    facts = PersonFacts("李娜", "012345", "1407", date(2026, 11, 22))
    li = enrol(desk, bureau.actor("admin"), SQUAD, facts)
    line = directory.person(desk, bureau.actor("admin"), li, ZONE)
    assert (line.certificate, line.certificate_until) == ("1407", "2026-11-22")
    assert not line.certificate_expired
    bureau.clock.forward(hours=12)  # midnight in Shanghai
    assert directory.person(desk, bureau.actor("admin"), li, ZONE).certificate_expired


def test_units_stand_below_their_own_with_who_decides(bureau):
    bureau.clock.forward(days=2)
    lines = directory.units(bureau.desk, bureau.actor("chief"), ZONE)
    assert lines[0].unit == ORGANISATION
    by_unit = {line.unit: line for line in lines}
    assert (by_unit[SQUAD].depth, by_unit[SQUAD].parent) == (2, EAST)
    assert [each.name for each in by_unit[EAST].heads] == ["head"]
    assert [each.person for each in by_unit[EAST].deputies] == [person("deputy")]
    order = [line.unit for line in lines]
    assert order.index(SQUAD) == order.index(EAST) + 1
    assert by_unit[WEST].enforcing


def test_names_whose_keys_are_destroyed_are_missing_and_ids_remain(bureau):
    bureau.ledger.statements.clear()
    admin = bureau.actor("admin")
    assert {line.name for line in directory.people(bureau.desk, admin, ZONE)} == {None}
    assert {line.number for line in directory.people(bureau.desk, admin, ZONE)} == {None}
    assert {line.name for line in directory.units(bureau.desk, admin, ZONE)} == {None}


def test_a_recorder_is_shown_with_who_has_it_and_how_it_was():
    bureau, _ = docked()
    shown = directory.recorder(bureau.desk, bureau.actor("officer"), bureau.recorder(), ZONE)
    assert (shown.bound.person, shown.bound.name) == (person("officer"), "officer")
    assert shown.docked_at == "2026-11-22T04:00:00.000Z"
    assert shown.out is None
    assert [each.entry for each in shown.bindings] == [shown.bound.entry]


def test_a_recorder_that_is_out_too_long_is_late(bureau):
    desk, actor, recorder = bureau.desk, bureau.actor("supervisor"), bureau.recorder("POOL")
    bind(desk, actor, recorder, unit=EAST)
    handover_out(desk, actor, recorder, person("mate"), due=NOON + timedelta(hours=1))
    assert not directory.recorder(desk, actor, recorder, ZONE).out.late
    bureau.clock.forward(hours=2)
    shown = directory.recorder(desk, bureau.actor("mate"), recorder, ZONE)
    assert shown.out.late
    assert shown.bound.person is None
    assert shown.bound.name is None
    assert shown.handovers[0].due == "2026-11-22T05:00:00.000Z"


@pytest.mark.parametrize(("name", "sees"), [("head", True), ("chief", True), ("inspector", True),
                                            ("west_head", False), ("mate", False)])  # fmt: skip
def test_a_recorder_is_shown_to_who_leads_its_unit(bureau, name, sees):
    look = (bureau.desk, bureau.actor(name), bureau.recorder(), ZONE)
    if sees:
        assert directory.recorder(*look).bound.unit == SQUAD
    else:
        with pytest.raises(RefusedError):
            directory.recorder(*look)


def test_people_come_in_pages_of_whom_was_written_last_first(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    latest = enrol(desk, admin, EAST, PersonFacts("新"))
    first, following = directory.page_of_people(desk, admin, ZONE, None, 3)
    assert first[0].person == latest
    rest, nothing = directory.page_of_people(desk, admin, ZONE, following, 100)
    assert nothing is None
    assert {each.person for each in (*first, *rest)} == {latest, *map(person, PEOPLE)}
    with pytest.raises(RefusedError):
        directory.page_of_people(desk, bureau.actor("officer"), ZONE, None, 3)

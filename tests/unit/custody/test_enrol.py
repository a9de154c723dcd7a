from datetime import timedelta

import pytest

from custody import enrol as acts
from custody.desk import Hosts
from custody.enrol import Founders, new_person
from custody.items import ItemList
from custody.names import PersonFacts, person_name, unit_name
from custody.register import founded, read_register
from custody.roles import grant_role
from evidence.errors import ConflictError, CustodyError, MalformedError, RefusedError, UsageError
from evidence.people import ORGANISATION, PATH_LIMIT, Actor
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, SQUAD, WEST, MemoryHouse, open_home, person, small_bureau, unit

HOSTS = Hosts("dock1.example", "sign.dock1.example", "sign.dock1.example")
WANG = PersonFacts("王五", "077777")
LOCAL = Actor("sys:local")
ITEMS = ItemList("shipped", "3", "ab" * 32, {})


@pytest.fixture
def bureau():
    return small_bureau()


def founders(admins=2, auditors=1):
    return Founders(
        {new_person(): PersonFacts(f"管理员{number}") for number in range(admins)},
        {new_person(): PersonFacts("审计员") for _ in range(auditors)},
    )


def rows(refused):
    return [row for row, _ in refused.value.facts["rows"]]


def test_a_home_is_founded_with_two_administrators_and_an_auditor_in_one_append():
    home = open_home(MemoryHouse())
    first = founders()
    acts.found(home.desk, "晋中", HOSTS, first, ITEMS)
    assert home.house.ledger.world.journal == ["ledger.append"]
    register = read_register(home.ledger)
    assert set(register.holders("admin", ORGANISATION, NOON)) == set(first.admins)
    assert set(register.holders("auditor", ORGANISATION, NOON)) == set(first.auditor)
    assert unit_name(home.ledger, register, ORGANISATION) == "晋中"
    entry = home.house.entries("organisation.founded")[0]
    assert entry.body["hosts"]["sign"] == "sign.dock1.example"
    assert "晋中" not in str(entry.body)


def test_the_rules_of_the_desk_and_the_list_of_items_are_adopted_with_the_founding():
    home = open_home(MemoryHouse())
    acts.found(home.desk, "晋中", HOSTS, founders(), ITEMS)
    assert home.house.ledger.world.journal == ["ledger.append"]
    adopted = read_register(home.ledger).adopted
    assert {kind: (each.name, each.version, each.sha256) for kind, each in adopted.items()} == {
        "access": (home.desk.rules.name, home.desk.rules.version, home.desk.rules.sha256),
        "items": ("shipped", "3", "ab" * 32),
    }


def test_the_first_people_are_found_again_and_nobody_who_came_later():
    home = open_home(MemoryHouse())
    assert acts.founders_of(home.ledger) == Founders({}, {})
    first = founders()
    acts.found(home.desk, "晋中", HOSTS, first, ITEMS)
    assert acts.founders_of(home.ledger) == first
    admin = Actor(next(iter(first.admins)), NOON)
    later = acts.enrol(home.desk, admin, ORGANISATION, WANG)
    grant_role(home.desk, admin, later, role="admin", unit=ORGANISATION)
    assert later not in acts.founders_of(home.ledger).all()
    home.ledger.statements.clear()
    assert acts.founders_of(home.ledger).all().keys() == first.all().keys()


def test_a_home_is_founded_once_and_closed_for_good():
    home = open_home(MemoryHouse())
    acts.found(home.desk, "晋中", HOSTS, founders(), ITEMS)
    with pytest.raises(ConflictError, match="home_founded"):
        acts.found(home.desk, "晋中", HOSTS, founders(), ITEMS)


def test_of_two_who_found_at_once_one_is_refused():
    home = open_home(MemoryHouse())
    real = home.ledger.append

    def late(drafts):
        home.ledger.append = real
        acts.found(home.desk, "一", HOSTS, founders(), ITEMS)
        return real(drafts)

    home.ledger.append = late
    with pytest.raises(ConflictError, match="ledger_moved_on"):
        acts.found(home.desk, "二", HOSTS, founders(), ITEMS)
    assert len(read_register(home.ledger).people) == 3


@pytest.mark.parametrize(("admins", "auditors"), [(1, 1), (3, 1), (2, 0)])
def test_fewer_or_more_do_not_found(admins, auditors):
    home = open_home(MemoryHouse())
    with pytest.raises(UsageError, match="founders_wrong"):
        acts.found(home.desk, "晋中", HOSTS, founders(admins, auditors), ITEMS)
    assert not founded(home.ledger)


def test_founders_are_told_apart_by_number_or_name():
    home = open_home(MemoryHouse())
    wang = Founders(
        {new_person(): PersonFacts("甲", "1"), new_person(): PersonFacts("乙", "1")},
        {new_person(): PersonFacts("丙")},
    )
    with pytest.raises(UsageError, match="founders_twice"):
        acts.found(home.desk, "晋中", HOSTS, wang, ITEMS)
    assert not founded(home.ledger)


def test_nothing_is_organised_in_an_open_home():
    home = open_home(MemoryHouse())
    with pytest.raises(RefusedError) as refused:
        acts.adopt_rules(home.desk, LOCAL, rules="items", name="a", version="1", sha256="00" * 32)
    assert "unfounded" in rows(refused)


def test_a_unit_is_added_and_a_person_enrolled(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    north = acts.add_unit(desk, admin, " 北区 ", EAST, enforcing=True)
    wang = acts.enrol(desk, admin, north, WANG)
    chosen = new_person()
    assert acts.enrol(desk, admin, ORGANISATION, PersonFacts("赵六"), chosen) == chosen
    register = read_register(bureau.ledger)
    assert register.path(north) == (north, EAST, ORGANISATION)
    assert unit_name(bureau.ledger, register, north) == "北区"
    assert register.people[wang].unit == north
    assert register.roles(wang, NOON) == ()
    with pytest.raises(ConflictError, match="person_known"):
        acts.enrol(desk, admin, north, PersonFacts("又"), wang)


def test_a_unit_moves_and_keeps_what_is_not_said(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    acts.move_unit(desk, admin, SQUAD, parent=WEST)
    acts.move_unit(desk, admin, SQUAD, name="二中队", enforcing=True)
    acts.move_unit(desk, admin, ORGANISATION, enforcing=True)
    register = read_register(bureau.ledger)
    assert register.path(SQUAD) == (SQUAD, WEST, ORGANISATION)
    assert unit_name(bureau.ledger, register, SQUAD) == "二中队"
    assert unit_name(bureau.ledger, register, ORGANISATION) == "bureau"
    assert register.units[SQUAD].enforcing
    assert register.units[ORGANISATION].enforcing


@pytest.mark.parametrize(("moved", "below"), [(EAST, EAST), (EAST, SQUAD), (ORGANISATION, SQUAD)])
def test_no_unit_stands_below_itself(bureau, moved, below):
    with pytest.raises(CustodyError, match="unit_loop"):
        acts.move_unit(bureau.desk, bureau.actor("admin"), moved, parent=below)


def test_units_do_not_stand_deeper_than_paths_are_followed(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    below = WEST
    for number in range(PATH_LIMIT - 2):
        below = acts.add_unit(desk, admin, f"{number}", below, enforcing=False)
    assert read_register(bureau.ledger).path(below)[-1] == ORGANISATION
    with pytest.raises(CustodyError, match="unit_deep"):
        acts.add_unit(desk, admin, "x", below, enforcing=False)
    with pytest.raises(CustodyError, match="unit_deep"):
        acts.move_unit(desk, admin, WEST, parent=EAST)


def test_a_unit_whose_name_is_destroyed_needs_a_new_one_to_move(bureau):
    bureau.ledger.statements.clear()
    with pytest.raises(UsageError, match="name_unusable"):
        acts.move_unit(bureau.desk, bureau.actor("admin"), SQUAD, parent=WEST)
    acts.move_unit(bureau.desk, bureau.actor("admin"), SQUAD, parent=WEST, name="三")


def test_facts_are_corrected_and_the_old_words_stay_readable(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    wang = acts.enrol(desk, admin, SQUAD, WANG)
    first = read_register(bureau.ledger).people[wang].entry
    acts.correct(desk, admin, wang, WEST, PersonFacts("王武", "077777"))
    register = read_register(bureau.ledger)
    assert register.people[wang].unit == WEST
    assert person_name(bureau.ledger, register, wang) == "王武"
    assert bureau.ledger.statement(first).facts["name"] == "王五"


def test_a_suspension_takes_everything_and_is_ended_by_another_entry(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    acts.suspend(desk, admin, person("head"), " 调离 ")
    assert read_register(bureau.ledger).holders("head", EAST, NOON) == ()
    with pytest.raises(CustodyError, match="person_is_suspended"):
        acts.suspend(desk, admin, person("head"), "again")
    entry = acts.restore(desk, admin, person("head"), "回岗")
    assert bureau.ledger.statement(entry).facts == {"reason": "回岗"}
    with pytest.raises(CustodyError, match="person_is_active"):
        acts.restore(desk, admin, person("head"), "again")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_suspension_has_a_reason(bureau, reason):
    with pytest.raises(UsageError, match="reason_unusable"):
        acts.suspend(bureau.desk, bureau.actor("admin"), person("head"), reason)


def test_the_codes_of_the_first_people_are_entries_of_nobody():
    home = open_home(MemoryHouse())
    first = founders()
    acts.found(home.desk, "晋中", HOSTS, first, ITEMS)
    acts.found_again(home.desk, acts.founders_of(home.ledger))
    given = home.house.entries("code.given")
    assert [each.body["person"] for each in given] == [*first.all(), *first.all()]
    assert {each.actor for each in given} == {"sys:local"}


def test_the_last_administrator_cannot_be_suspended(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    acts.suspend(desk, admin, person("second_admin"), "left")
    with pytest.raises(CustodyError, match="last_admin"):
        acts.suspend(desk, admin, person("admin"), "left")


ACTS = {
    "add_unit": lambda desk, who: acts.add_unit(desk, who, "x", EAST, enforcing=True),
    "move_unit": lambda desk, who: acts.move_unit(desk, who, SQUAD, parent=WEST),
    "enrol": lambda desk, who: acts.enrol(desk, who, EAST, WANG),
    "correct": lambda desk, who: acts.correct(desk, who, person("mate"), EAST, WANG),
    "suspend": lambda desk, who: acts.suspend(desk, who, person("mate"), "x"),
    "restore": lambda desk, who: acts.restore(desk, who, person("leader"), "x"),
}


@pytest.mark.parametrize("name", ["head", "supervisor", "inspector", "officer", "chief"])
@pytest.mark.parametrize("act", ACTS)
def test_only_an_administrator_organises(bureau, act, name):
    bureau.suspend("leader")
    before = bureau.ledger.last(ORGANISATION)
    with pytest.raises(RefusedError) as refused:
        ACTS[act](bureau.desk, bureau.actor(name))
    assert rows(refused) == ["may_organise"]
    assert bureau.ledger.last(ORGANISATION) == before


@pytest.mark.parametrize("act", ACTS)
def test_an_administrator_proves_who_they_are_before_each_act(bureau, act):
    bureau.suspend("leader")
    for actor in (bureau.actor("admin", fresh=False), Actor(person("admin"), NOON)):
        bureau.clock.forward(seconds=bureau.desk.rules.step_up_s + 1)
        with pytest.raises(RefusedError) as refused:
            ACTS[act](bureau.desk, actor)
        assert rows(refused) == ["not_fresh"]
    with pytest.raises(RefusedError):  # a proof from the future is none
        ACTS[act](bureau.desk, Actor(person("admin"), bureau.now + timedelta(seconds=1)))
    ACTS[act](bureau.desk, bureau.actor("admin"))


def test_a_suspended_administrator_organises_nothing(bureau):
    bureau.suspend("admin")
    with pytest.raises(RefusedError) as refused:
        acts.enrol(bureau.desk, bureau.actor("admin"), EAST, WANG)
    assert "suspended" in rows(refused)


def test_who_is_unknown_is_told_so(bureau):
    desk, admin = bureau.desk, bureau.actor("admin")
    with pytest.raises(UsageError, match="unit_unknown"):
        acts.enrol(desk, admin, unit("nowhere"), WANG)
    with pytest.raises(UsageError, match="person_unknown"):
        acts.suspend(desk, admin, person("nobody"), "x")
    with pytest.raises(MalformedError):
        acts.adopt_rules(desk, admin, rules="items", name="a", version="1", sha256="x")


def test_two_administrators_at_once_do_not_overwrite_each_other(bureau):
    real = bureau.ledger.append

    def late(drafts):
        bureau.ledger.append = real
        acts.add_unit(bureau.desk, bureau.actor("second_admin"), "y", EAST, enforcing=False)
        return real(drafts)

    bureau.ledger.append = late
    with pytest.raises(ConflictError, match="ledger_moved_on"):
        acts.move_unit(bureau.desk, bureau.actor("admin"), EAST, parent=WEST)
    assert read_register(bureau.ledger).path(EAST) == (EAST, ORGANISATION)

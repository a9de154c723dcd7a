from datetime import timedelta

import pytest

from custody.register import read_register
from custody.roles import grant_role, revoke_role
from evidence.errors import CustodyError, RefusedError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, SQUAD, WEST, person, small_bureau

DAY = timedelta(days=1)


@pytest.fixture
def bureau():
    return small_bureau()


def grant(bureau, by, name, *post):
    role, where, since, until = (*post, None, None)[:4]
    actor = bureau.actor(by)
    return grant_role(
        bureau.desk, actor, person(name), role=role, unit=where, since=since, until=until
    )


def held(bureau, name, moment=NOON):
    register = read_register(bureau.ledger)
    return {(each.role, each.unit) for each in register.roles(person(name), moment)}


def rows(refused):
    return [row for row, _ in refused.value.facts["rows"]]


def granted(bureau, name):
    register = read_register(bureau.ledger)
    return next(each.entry for each in register.held if each.person == person(name))


def test_a_role_is_held_in_a_unit_from_one_moment_to_another(bureau):
    grant(bureau, "admin", "mate", "supervisor", EAST, NOON + DAY, NOON + 3 * DAY)
    assert ("supervisor", EAST) not in held(bureau, "mate")
    assert ("supervisor", EAST) in held(bureau, "mate", NOON + DAY)
    assert ("supervisor", EAST) not in held(bureau, "mate", NOON + 3 * DAY)


def test_a_role_without_end_is_held_until_it_is_revoked(bureau):
    entry = grant(bureau, "admin", "mate", "supervisor", EAST)
    assert ("supervisor", EAST) in held(bureau, "mate", NOON + 1000 * DAY)
    revoke_role(bureau.desk, bureau.actor("admin"), entry)
    assert held(bureau, "mate") == {("officer", SQUAD)}
    with pytest.raises(CustodyError, match="role_gone"):
        revoke_role(bureau.desk, bureau.actor("admin"), entry)


def test_no_administrator_gives_themself_a_role(bureau):
    with pytest.raises(RefusedError) as refused:
        grant(bureau, "admin", "admin", "head", EAST)
    assert rows(refused) == ["about_self"]
    with pytest.raises(RefusedError):
        revoke_role(bureau.desk, bureau.actor("admin"), granted(bureau, "admin"))


@pytest.mark.parametrize("name", ["head", "supervisor", "inspector", "chief", "officer"])
def test_nobody_else_grants_roles(bureau, name):
    with pytest.raises(RefusedError):
        grant(bureau, name, "mate", "supervisor", EAST)
    with pytest.raises(RefusedError):
        revoke_role(bureau.desk, bureau.actor(name), granted(bureau, "mate"))


def test_a_head_grants_a_deputy_for_their_own_unit_and_for_days(bureau):
    entry = grant(bureau, "head", "mate", "deputy", EAST, None, NOON + 5 * DAY)
    assert ("deputy", EAST) in held(bureau, "mate")
    revoke_role(bureau.desk, bureau.actor("head"), entry)
    assert ("deputy", EAST) not in held(bureau, "mate")
    with pytest.raises(UsageError, match="deputy_term"):
        grant(bureau, "head", "mate", "deputy", EAST)


@pytest.mark.parametrize(
    ("by", "row"),
    [("admin", "may_depute"), ("chief", "may_depute"), ("west_head", "may_depute"),
     ("supervisor", "may_depute")],
)  # fmt: skip
def test_nobody_but_the_head_of_exactly_that_unit_names_its_deputy(bureau, by, row):
    with pytest.raises(RefusedError) as refused:
        grant(bureau, by, "mate", "deputy", EAST, None, NOON + DAY)
    assert row in rows(refused)


def test_a_head_is_not_their_own_deputy(bureau):
    with pytest.raises(RefusedError) as refused:
        grant(bureau, "head", "head", "deputy", EAST, None, NOON + DAY)
    assert rows(refused) == ["about_self"]


def test_a_deputy_is_ended_by_the_head_or_an_administrator_and_by_nobody_else(bureau):
    entry = grant(bureau, "head", "mate", "deputy", EAST, None, NOON + 5 * DAY)
    for name in ("west_head", "mate", "supervisor"):
        with pytest.raises(RefusedError):
            revoke_role(bureau.desk, bureau.actor(name), entry)
    revoke_role(bureau.desk, bureau.actor("admin"), entry)
    assert ("deputy", EAST) not in held(bureau, "mate")


@pytest.mark.parametrize(
    ("since", "until", "word"),
    [
        (NOON - timedelta(milliseconds=1), None, "role_backdated"),
        (NOON + DAY, NOON + DAY, "role_term"),
        (None, NOON - DAY, "role_term"),
    ],
)
def test_a_term_that_cannot_be_is_refused(bureau, since, until, word):
    with pytest.raises(UsageError, match=word):
        grant(bureau, "admin", "mate", "supervisor", EAST, since, until)


def test_a_role_is_not_held_twice_at_once_but_again_later(bureau):
    first = (NOON + DAY, NOON + 3 * DAY)
    grant(bureau, "admin", "mate", "supervisor", EAST, *first)
    for since, until in ((None, None), (NOON + 2 * DAY, NOON + 9 * DAY), first):
        with pytest.raises(CustodyError, match="role_held"):
            grant(bureau, "admin", "mate", "supervisor", EAST, since, until)
    grant(bureau, "admin", "mate", "supervisor", WEST, *first)
    grant(bureau, "admin", "mate", "supervisor", EAST, NOON + 3 * DAY, NOON + 4 * DAY)
    grant(bureau, "admin", "mate", "supervisor", EAST, NOON, NOON + DAY)


@pytest.mark.parametrize(("name", "role"), [("second_admin", "head"), ("head", "admin")])
def test_administrators_stand_apart_from_every_other_role(bureau, name, role):
    with pytest.raises(CustodyError, match="role_apart"):
        grant(bureau, "admin", name, role, EAST)


def test_who_is_suspended_or_unknown_gets_no_role(bureau):
    bureau.suspend("mate")
    with pytest.raises(CustodyError, match="person_is_suspended"):
        grant(bureau, "admin", "mate", "supervisor", EAST)
    with pytest.raises(UsageError, match="person_unknown"):
        grant(bureau, "admin", "nobody", "supervisor", ORGANISATION)
    with pytest.raises(UsageError, match="unit_unknown"):
        grant(bureau, "admin", "mate", "supervisor", person("x"))

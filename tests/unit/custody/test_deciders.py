"""Whose head decides.  Squads, bureaus above, heads who ask, heads who appear in it."""

import pytest

from custody.deciders import deciders, deciding_of, enforcing
from custody.footage import Footage
from custody.register import read_register
from evidence.errors import UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import EAST, PEOPLE, SQUAD, WEST, person, small_bureau, unit


@pytest.fixture(scope="module")
def small():
    return small_bureau()


def decided(bureau, asker, *owners, appear=()):
    footage = Footage((), owners or (SQUAD,), appear=frozenset(map(person, appear)))
    register = read_register(bureau.ledger)
    return deciding_of(register, person(asker), footage, bureau.now)


def names(deciding):
    return [name for each in deciding.deciders for name in PEOPLE if person(name) == each]


def test_the_head_of_the_enforcing_unit_decides_and_never_that_of_a_squad(small):
    found = decided(small, "supervisor")
    assert (found.unit, found.row, found.path) == (EAST, "own_unit", (EAST, ORGANISATION))
    assert names(found) == ["head"]
    assert found.owners == (EAST,)


def test_where_no_unit_is_marked_the_organisation_decides(small):
    register = read_register(small.ledger)
    assert enforcing(register, ORGANISATION) == ORGANISATION
    assert enforcing(register, unit("nowhere")) == ORGANISATION


def test_another_unit_is_answered_by_the_head_whose_footage_it_is(small):
    found = decided(small, "west_supervisor")
    assert (found.unit, found.row) == (EAST, "other_unit")


def test_a_retrieval_from_above_is_decided_by_the_askers_own_head(small):
    found = decided(small, "searcher", EAST, WEST)
    assert (found.unit, found.row, found.owners) == (
        ORGANISATION,
        "retrieval",
        tuple(sorted((EAST, WEST))),
    )
    assert names(found) == ["chief", "acting"]


def test_what_belongs_to_nobody_yet_is_of_the_organisation(small):
    found = decided(small, "searcher", ORGANISATION)
    assert (found.unit, found.row) == (ORGANISATION, "own_unit")


def test_a_stranger_is_somebody_of_the_organisation_and_no_more(small):
    assert decided(small, "stranger").row == "retrieval"


def test_footage_of_two_units_is_asked_for_once_for_each(small):
    with pytest.raises(UsageError) as caught:
        decided(small, "supervisor", EAST, WEST)
    assert caught.value.word == "request_many_owners"


def test_a_head_who_asks_is_answered_from_above(small):
    found = decided(small, "head")
    assert (found.unit, found.row, names(found)) == (ORGANISATION, "above", ["chief", "acting"])


def test_a_head_who_appears_in_it_does_not_decide(small):
    found = decided(small, "supervisor", appear=("head",))
    assert (found.unit, found.row) == (ORGANISATION, "above")


def test_the_topmost_head_is_answered_by_a_deputy_named_in_the_ledger(small):
    found = decided(small, "chief", EAST)
    assert (found.unit, found.row, names(found)) == (ORGANISATION, "deputy", ["acting"])


def test_where_both_heads_appear_in_it_the_deputy_at_the_top_decides(small):
    found = decided(small, "supervisor", appear=("head", "chief"))
    assert (found.row, names(found)) == ("deputy", ["acting"])


def test_where_everybody_appears_in_it_nobody_decides(small):
    found = decided(small, "supervisor", appear=("head", "chief", "acting"))
    assert found.deciders == ()


def test_a_deputy_decides_in_their_term_and_the_head_still_does():
    bureau = small_bureau()
    bureau.clock.forward(days=2)
    assert names(decided(bureau, "supervisor")) == ["head", "deputy"]
    bureau.clock.forward(days=10)
    assert names(decided(bureau, "supervisor")) == ["head"]


def test_a_vacancy_is_no_reason_to_go_up():
    bureau = small_bureau()
    bureau.suspend("head")
    found = decided(bureau, "supervisor")
    assert (found.unit, found.row, found.deciders) == (EAST, "own_unit", ())
    bureau.clock.forward(days=2)
    assert names(decided(bureau, "supervisor")) == ["deputy"]


def test_a_head_who_is_their_own_deputy_stands_once(small):
    register = read_register(small.ledger)
    assert deciders(register, EAST, (), small.now) == (person("head"),)

"""Who may find what: decided from the ledger, whatever a catalogue proposes."""

import pytest

from custody.listing import ASKING, check_person, listing_for, people_led, tells
from evidence.errors import RefusedError, UnknownSegmentError
from evidence.people import Actor
from tests.fakes.desk import PEOPLE, MemoryHouse, open_home, person, sealed

LISTS_ALL = {"chief", "acting", "inspector", "watcher", "searcher"}
LISTS_EAST = {"head", "supervisor", "leader", "officer"}


@pytest.fixture
def bureau_and_segments():
    return sealed()


def listing(bureau, name):
    return listing_for(bureau.desk, bureau.actor(name))


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("act", ["see_listing", "see_label"])
def test_a_segment_stands_in_the_lists_of_who_recorded_it_or_leads_there(
    bureau_and_segments, name, act
):
    bureau, segments = bureau_and_segments
    made = listing(bureau, name)
    assert made.may(segments[0], act) == (name in LISTS_ALL | LISTS_EAST)
    assert made.everything == (name in LISTS_ALL)


def test_a_segment_is_asked_for_once(bureau_and_segments):
    bureau, segments = bureau_and_segments
    made = listing(bureau, "officer")
    assert made.may(segments[0])
    made.standing = None
    assert made.may(segments[0])


def test_in_an_open_home_everything_is_listed():
    home = open_home(MemoryHouse())
    made = listing_for(home.desk, Actor("sys:local"))
    assert made.may("s:" + "0" * 64)
    made.check("s:" + "0" * 64)
    check_person(made, person("nobody"))


def test_a_refusal_is_written_down(bureau_and_segments):
    bureau, segments = bureau_and_segments
    listing(bureau, "officer").check(segments[0])
    with pytest.raises(RefusedError):
        listing(bureau, "west_supervisor").check(segments[0])
    refused = bureau.house.entries("access.refused")[-1]
    assert (refused.body["act"], refused.actor) == ("see_listing", person("west_supervisor"))
    assert segments[0] in refused.about


def test_a_segment_that_is_not_in_custody_is_not_listed(bureau_and_segments):
    bureau, _ = bureau_and_segments
    made = listing(bureau, "supervisor")
    assert not made.may("s:" + "0" * 64)
    with pytest.raises(UnknownSegmentError):
        made.check("s:" + "0" * 64)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_list_of_somebody_is_for_them_and_for_who_leads_their_unit(bureau_and_segments, name):
    bureau, _ = bureau_and_segments
    made = listing(bureau, name)
    if name in LISTS_ALL | LISTS_EAST:
        check_person(made, person("officer"))
        return
    with pytest.raises(RefusedError):
        check_person(made, person("officer"))
    assert bureau.house.entries("access.refused")


@pytest.mark.parametrize("name", PEOPLE)
def test_who_leads_units_leads_their_people(bureau_and_segments, name):
    bureau, _ = bureau_and_segments
    led = people_led(listing(bureau, name))
    assert (person("officer") in led) is (name in (LISTS_ALL | LISTS_EAST) - {"officer"})
    west = {"west_head", "west_supervisor"}
    assert (person("west_officer") in led) is (name in LISTS_ALL | west)
    assert person(name) not in led


def test_a_stranger_has_no_list_to_be_kept_from(bureau_and_segments):
    bureau, _ = bureau_and_segments
    check_person(listing(bureau, "west_officer"), "p:" + "9" * 32)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("kind", sorted(ASKING))
def test_a_history_tells_questions_and_looks_to_auditors_alone(bureau_and_segments, name, kind):
    bureau, _ = bureau_and_segments
    made = listing(bureau, name)
    assert tells(made, kind) == (name == "inspector")
    assert tells(made, "segment.labelled")


def test_an_open_home_has_no_question_to_hide():
    home = open_home(MemoryHouse())
    assert tells(listing_for(home.desk, Actor("sys:local")), "copy.opened")

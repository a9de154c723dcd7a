"""Holds catch what is docked, labelled or attributed later; nothing leads out of them."""

from datetime import UTC, datetime, timedelta

import pytest

from custody.lineage import Lineage
from evidence.people import ORGANISATION
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, SQUAD, WEST, person, unit
from tests.fakes.kept import Years, new_id

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def years():
    return Years()


def held(years, segment):
    return [hold.id for hold in years.kept(segment).holds]


def test_a_hold_on_segments_catches_those_and_no_other(years):
    first, second = years.seal(), years.seal()
    hold = years.hold(first)
    assert held(years, first) == [hold]
    assert held(years, second) == []


# --- cases -------------------------------------------------------------------------------------


def test_a_hold_on_a_case_catches_what_is_labelled_later(years):
    segment = years.seal()
    hold = years.hold(of=years.case("2026-7"))
    assert held(years, segment) == []
    years.label(segment, case="2026-7")
    assert held(years, segment) == [hold]


def test_a_correction_does_not_lead_out_of_a_hold(years):
    segment = years.seal()
    years.label(segment, case="2026-7")
    hold = years.hold(of=years.case("2026-7"))
    years.label(segment, case="2026-8")
    years.label(segment, case="2026-9", by="supervisor")
    assert held(years, segment) == [hold]


def test_a_case_that_was_corrected_before_the_hold_is_not_caught(years):
    segment = years.seal()
    years.label(segment, case="2026-7")
    years.label(segment, case="2026-8")
    years.hold(of=years.case("2026-7"))
    assert held(years, segment) == []


def test_a_label_that_came_after_the_hold_and_was_corrected_is_caught(years):
    segment = years.seal()
    hold = years.hold(of=years.case("2026-7"))
    years.label(segment, case="2026-7")
    years.label(segment, case="2026-8")
    assert held(years, segment) == [hold]


def test_a_released_hold_is_told_with_those_that_stand_oldest_first(years):
    segment = years.seal()
    years.label(segment, case="2026-7")
    case, direct = years.hold(of=years.case("2026-7")), years.hold(segment)
    years.release(case)
    assert held(years, segment) == [case, direct]
    assert [hold.released is None for hold in years.kept(segment).holds] == [False, True]


# --- windows -----------------------------------------------------------------------------------


def test_a_complaint_that_arrives_before_the_recorder_catches_what_is_docked_later(years):
    hold = years.hold(of=person("officer"), since=NOON - HOUR, until=NOON + HOUR)
    years.clock.forward(days=20)
    inside, before = years.seal(corrected=NOON), years.seal(corrected=NOON - 2 * HOUR)
    assert held(years, inside) == [hold]
    assert held(years, before) == []


@pytest.mark.parametrize(
    ("begins", "lasts_h", "caught"),
    [
        (-2 * HOUR, 0, False),
        (-2 * HOUR, 1.5, True),  # it runs into the window
        (-HOUR, 0, True),
        (HOUR - timedelta(milliseconds=1), 0, True),
        (HOUR, 5, False),  # the end is not part of it
    ],
)
def test_a_recording_that_reaches_into_the_window_is_caught(years, begins, lasts_h, caught):
    years.hold(of=person("officer"), since=NOON - HOUR, until=NOON + HOUR)
    years.clock.forward(days=1)
    segment = years.seal(corrected=NOON + begins, duration_ms=int(lasts_h * 3600 * 1000))
    assert bool(held(years, segment)) is caught


def test_a_file_that_says_it_lasts_for_ages_is_not_believed(years):
    years.hold(of=person("officer"), since=NOON, until=NOON + HOUR)
    years.clock.forward(days=1)
    near = years.seal(corrected=NOON - 6 * DAY, duration_ms=2**53 - 1)
    far = years.seal(corrected=NOON - 8 * DAY, duration_ms=2**53 - 1)
    assert [bool(held(years, each)) for each in (near, far)] == [True, False]


def test_a_clock_that_nobody_measured_is_given_a_day_on_either_side(years):
    years.hold(of=person("officer"), since=NOON - HOUR, until=NOON)
    years.clock.forward(days=9)
    at = (NOON - HOUR - DAY, NOON - HOUR - DAY - HOUR, NOON + DAY - HOUR, NOON + DAY)
    caught = [bool(held(years, years.seal(claimed=each))) for each in at]
    assert caught == [True, False, True, False]


def test_what_has_no_time_is_caught_where_it_was_not_sealed_before_the_window(years):
    early = years.seal()
    years.clock.forward(hours=2)
    years.hold(of=person("officer"), since=NOON + HOUR, until=NOON + 2 * HOUR)
    years.clock.forward(days=30)
    years.dock()
    unknown = years.seal()
    reset = years.seal(claimed=datetime(2015, 1, 1, tzinfo=UTC), noted=["clock_reset"])
    assert [bool(held(years, each)) for each in (early, unknown, reset)] == [False, True, True]


def test_a_window_may_be_open_on_both_sides(years):
    years.hold(of=years.bureau.recorder())
    years.clock.forward(days=400)
    unknown, known = years.seal(), years.seal(corrected=NOON - 900 * DAY)
    assert all(held(years, each) for each in (unknown, known))


def test_the_window_of_a_recorder_is_that_of_no_other(years):
    hold = years.hold(of=years.bureau.recorder(), since=NOON - HOUR)
    ours = years.seal(corrected=NOON)
    other = years.seal(corrected=NOON, recorder=years.bureau.recorder("T000002"))
    nobodys = years.seal(corrected=NOON, recorder=None)
    assert held(years, ours) == [hold]
    assert held(years, other) == held(years, nobodys) == []


def test_an_officer_is_caught_by_what_they_held_and_by_what_names_them(years):
    hold = years.hold(of=person("mate"), since=NOON - HOUR)
    segment, other = years.seal(corrected=NOON), years.seal(corrected=NOON)
    assert held(years, segment) == []
    years.label(segment, officers=("officer", "mate"))
    years.resolve_holder(other, "mate")
    assert [held(years, each) for each in (segment, other)] == [[hold], [hold]]


def test_a_label_names_an_officer_for_the_time_of_the_recording_only(years):
    years.hold(of=person("mate"), since=NOON - 9 * HOUR, until=NOON - 8 * HOUR)
    segment = years.seal(corrected=NOON)
    years.label(segment, officers=("mate",))
    assert held(years, segment) == []


def test_who_held_the_recorder_when_it_was_recorded_counts_and_not_who_docks_it(years):
    pooled = years.bureau.recorder("T000009")
    years.bureau.bind(pooled, None, SQUAD)
    for kind, at in (("handover.out", NOON - 5 * HOUR), ("handover.in", NOON - 2 * HOUR)):
        years.bureau.handover(kind, pooled, "mate", SQUAD, at)
    years.bureau.handover("handover.out", pooled, "officer", SQUAD, NOON - HOUR)
    segment = years.seal(corrected=NOON - 3 * HOUR, recorder=pooled)
    hold = years.hold(of=person("mate"), since=NOON - DAY)
    years.hold(of=person("officer"), since=NOON - DAY)
    assert held(years, segment) == [hold]


def test_two_who_both_held_it_are_both_caught(years):
    both = years.bureau.recorder("T000008")
    years.bureau.bind(both, "officer", SQUAD)
    years.bureau.handover("handover.out", both, "mate", SQUAD, NOON - 5 * HOUR)
    segment = years.seal(corrected=NOON - HOUR, recorder=both)
    holds = [years.hold(of=person(name), since=NOON - DAY) for name in ("officer", "mate")]
    assert held(years, segment) == holds


# --- units -------------------------------------------------------------------------------------


def test_a_window_of_a_unit_catches_all_below_it(years):
    segment = years.seal(corrected=NOON)  # of the squad, below east
    holds = [years.hold(of=each, since=NOON - DAY) for each in (SQUAD, EAST, ORGANISATION)]
    years.hold(of=WEST, since=NOON - DAY)
    assert held(years, segment) == holds


def test_footage_that_nobody_held_is_caught_by_the_organisation_only(years):
    segment = years.seal(corrected=NOON, recorder=years.bureau.recorder("T000002"))
    hold = years.hold(of=ORGANISATION, since=NOON - DAY)
    years.hold(of=EAST, since=NOON - DAY)
    assert held(years, segment) == [hold]


def test_a_unit_that_moved_away_is_caught_by_both_of_its_places(years):
    segment = years.seal(corrected=NOON)
    years.clock.forward(days=1)
    years.bureau.unit(SQUAD, WEST, enforcing=False, kind="unit.moved")
    east, west = (years.hold(of=each, since=NOON - DAY) for each in (EAST, WEST))
    assert held(years, segment) == [east, west]
    years.clock.forward(days=1)
    after = years.seal(corrected=NOON + DAY + HOUR)
    assert held(years, after) == [west]


def test_a_lineage_that_runs_in_a_circle_ends():
    one, two = unit("one"), unit("two")
    circle = Lineage({one: ((NOON, two),), two: ((NOON, one),)})
    assert set(circle.above(one, None)) == {one, two}
    assert Lineage().above(one, NOON) == (one,)


def test_before_a_unit_was_written_down_it_stood_where_it_was_first_written_down():
    lineage = Lineage({SQUAD: ((NOON, EAST), (NOON + DAY, WEST))})
    assert lineage.above(SQUAD, NOON - DAY) == (SQUAD, EAST)
    assert lineage.above(SQUAD, NOON + HOUR) == (SQUAD, EAST)
    assert lineage.above(SQUAD, NOON + DAY) == (SQUAD, WEST)
    assert lineage.above(SQUAD, None) == (SQUAD, WEST)


def test_a_hold_on_what_is_not_there_yet_disturbs_nothing(years):
    years.hold(new_id("s"))
    assert held(years, years.seal()) == []


def test_who_decides_again_knows_no_handover_that_was_typed_in_later(years):
    pooled = years.bureau.recorder("T000009")
    years.bureau.bind(pooled, None, SQUAD)
    hold = years.hold(of=person("mate"), since=NOON - DAY)
    segment = years.seal(corrected=NOON - 3 * HOUR, recorder=pooled)
    typed = years.bureau.handover("handover.out", pooled, "mate", SQUAD, NOON - 5 * HOUR)
    assert held(years, segment) == [hold]
    assert years.kept(segment, before=typed).holds == ()
    assert [each.id for each in years.kept(segment, before=typed + 1).holds] == [hold]

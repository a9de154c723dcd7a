"""Until when, by which rule, from which day; and that nothing shortens what was promised."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.keeping import Ground
from tests.fakes.clock import NOON
from tests.fakes.kept import Years, item_rule, ready

GRACE = timedelta(days=90)


@pytest.fixture
def years_and_segment():
    return ready()


def test_six_calendar_months_from_the_sealing_and_then_the_grace(years_and_segment):
    years, segment = years_and_segment
    keeping = years.keeping(segment)
    assert keeping.until == datetime(2027, 5, 22, 16, tzinfo=UTC)  # midnight after 22 May there
    assert keeping.grace_until == datetime(2027, 8, 20, 16, tzinfo=UTC)
    (ground,) = keeping.grounds
    policy = years.ledger.entries("policy.adopted")[0].seq
    sealed = years.ledger.entries("segment.sealed")[0].at
    assert ground == Ground("standard", "17", policy, None, sealed, "sealed", keeping.until)


@pytest.mark.parametrize(
    ("after", "codes", "due"),
    [
        (datetime(2027, 5, 22, 15, 59, 59, tzinfo=UTC), set(), False),
        (datetime(2027, 5, 22, 16, tzinfo=UTC), {("in_grace", "nobody")}, False),
        (datetime(2027, 8, 20, 15, 59, 59, tzinfo=UTC), {("in_grace", "nobody")}, False),
        (datetime(2027, 8, 20, 16, tzinfo=UTC), set(), True),
        (datetime(2029, 8, 20, 16, tzinfo=UTC), set(), True),
    ],
)
def test_it_is_due_after_the_grace_and_not_a_second_before(years_and_segment, after, codes, due):
    years, segment = years_and_segment
    assert years.blocked(segment, after) == codes
    assert years.keeping(segment, after).due(after) is due


def test_a_recording_of_31_august_is_kept_through_the_whole_end_of_february():
    years = Years()
    years.adopt()
    years.clock.forward(days=(datetime(2027, 8, 31, tzinfo=UTC) - NOON).days + 1)
    segment = years.seal()
    assert years.now.date().isoformat() == "2027-08-31"
    assert years.last_day(segment) == "2028-02-29"


def test_the_later_of_corrected_time_and_sealing_counts():
    years = Years()
    years.adopt()
    before = years.seal(corrected=NOON - timedelta(days=40))
    reset = years.seal(claimed=datetime(2015, 1, 1, tzinfo=UTC), noted=["clock_reset"])
    ahead = years.seal(corrected=NOON + timedelta(days=40))
    assert years.last_day(before) == "2027-05-22"
    assert years.last_day(reset) == "2027-05-22"  # an empty battery destroys nothing
    assert years.last_day(ahead) == "2027-07-01"
    froms = [years.keeping(each).grounds[0].from_ for each in (before, reset, ahead)]
    assert froms == ["sealed", "sealed", "recorded"]


def test_of_several_sightings_the_latest_counts(years_and_segment):
    years, segment = years_and_segment
    years.clock.forward(days=31)
    years.seal(segment)
    assert years.last_day(segment) == "2027-06-23"


def test_what_is_docked_while_our_clock_is_set_back_counts_from_before():
    years = Years()
    years.adopt()
    years.set_back(days=400)
    segment = years.seal(corrected=years.now - timedelta(hours=2))
    years.clock.forward(days=400)
    assert years.last_day(segment) == "2027-05-22"
    assert years.keeping(segment).grounds[0].from_ == "sealed"


def test_what_was_docked_before_our_clock_was_set_back_counts_from_its_own_time():
    years = Years()
    years.adopt()
    segment = years.seal()
    years.clock.forward(days=31)
    years.set_back(days=10)
    assert years.last_day(segment) == "2027-05-22"
    later = years.seal()
    assert years.last_day(later) == "2027-06-23"


def test_a_time_that_a_person_has_set_aside_counts_from_the_sealing():
    years = Years()
    years.adopt()
    segment = years.seal(corrected=NOON + timedelta(days=400))
    assert years.last_day(segment) == "2028-06-27"
    assert ("clock", "supervisor") in years.blocked(segment)
    years.resolve(segment)
    assert years.last_day(segment) == "2027-05-22"
    assert ("clock", "supervisor") not in years.blocked(segment)


def test_a_corrected_time_that_is_later_but_not_odd_stays_however_it_is_answered():
    years = Years()
    years.adopt()
    segment = years.seal(corrected=NOON + timedelta(minutes=59), important=True)
    years.resolve(segment)
    assert years.keeping(segment).grounds[0].from_ == "recorded"


# --- rules -------------------------------------------------------------------------------------


def test_before_any_policy_is_adopted_nothing_has_an_end():
    years = Years()
    segment = years.seal()
    years.label(segment)
    keeping = years.keeping(segment, NOON + timedelta(days=9999))
    assert (keeping.grounds, keeping.until, keeping.grace_until) == ((), None, None)
    assert [(each.code, each.whose) for each in keeping.blockers] == [("no_policy", "head")]


def test_a_policy_adopted_later_counts_for_what_was_sealed_before_it():
    years = Years()
    segment = years.seal()
    years.adopt()
    assert years.last_day(segment) == "2027-05-22"


def test_a_shorter_rule_never_reaches_back():
    years = Years()
    years.adopt(standard={"article": "17", "period": "2 years"}, grace_days=180)
    old = years.seal()
    years.clock.forward(days=1)
    years.adopt(version="2", grace_days=10)
    years.clock.forward(days=1)
    new = years.seal()
    assert (years.last_day(old), years.last_day(new)) == ("2028-11-22", "2027-05-24")
    keeping = years.keeping(old)
    assert keeping.grace_until - keeping.until == timedelta(days=180)
    assert years.keeping(new).grace_until - years.keeping(new).until == timedelta(days=10)
    policies = {each.seq for each in years.ledger.entries("policy.adopted")}
    assert {ground.policy for ground in keeping.grounds} == policies


def test_a_longer_rule_holds_for_what_is_in_custody(years_and_segment):
    years, segment = years_and_segment
    years.adopt(version="2", standard={"article": "17", "period": "1 years"})
    assert years.last_day(segment) == "2027-11-22"


def test_of_several_packs_the_longest_wins(years_and_segment):
    years, segment = years_and_segment
    years.adopt(name="other", standard={"article": "13", "period": "3 months"})
    assert years.last_day(segment) == "2027-05-22"
    years.adopt(name="third", standard={"article": "5", "period": "9 months"})
    assert years.last_day(segment) == "2027-08-22"
    assert {g.article for g in years.keeping(segment).grounds} == {"17", "13", "5"}


def test_what_is_permanent_is_never_due(years_and_segment):
    years, segment = years_and_segment
    years.adopt(name="other", standard={"article": "13", "period": "permanent"})
    keeping = years.keeping(segment, NOON + timedelta(days=99999))
    assert (keeping.until, keeping.grace_until, keeping.due(NOON)) == (None, None, False)


def test_an_item_has_the_rule_of_its_list():
    years = Years()
    years.adopt(rule={"evidence": item_rule("2 years", "taking")})
    plain, taking, other = years.seal(), years.seal(), years.seal()
    years.label(plain)
    years.label(taking, "taking")
    years.label(other, "taking", items={"name": "another list", "version": "1"})
    assert [years.last_day(each) for each in (plain, taking, other)] == [
        "2027-05-22",
        "2028-11-22",
        "2027-05-22",
    ]
    rule = next(g for g in years.keeping(taking).grounds if g.what == "evidence")
    assert years.ledger.entry(rule.entry).type == "segment.labelled"


def test_a_rule_without_items_is_for_everything(years_and_segment):
    years, segment = years_and_segment
    years.adopt(version="2", rule={"all": {"article": "5", "period": "1 years"}})
    assert years.last_day(segment) == "2027-11-22"


def as_the_case_file(years):
    rule = {"file": item_rule("as the case file", "force")}
    years.adopt(rule=rule, case_file="3 years")


def test_as_the_case_file_has_no_end_until_the_case_is_closed():
    years = Years()
    as_the_case_file(years)
    segment, without = years.seal(), years.seal()
    years.label(segment, "force", "2026-7")
    years.label(without, "force")
    assert years.last_day(segment) is None
    years.close_case("2026-7", "2027-02-28")
    assert years.last_day(segment) == "2030-02-28"
    ground = next(g for g in years.keeping(segment).grounds if g.what == "file")
    assert (ground.from_, ground.start) == ("case_closed", datetime(2027, 2, 27, 16, tzinfo=UTC))
    assert years.last_day(without) is None  # no case, no such day, no end
    years.reopen_case("2026-7")
    assert years.last_day(segment) is None


def test_a_rule_may_count_its_own_period_from_the_close_of_the_case():
    years = Years()
    years.adopt(rule={"long": item_rule("1 years", "force", **{"from": "case closed"})})
    segment = years.seal()
    years.label(segment, "force", "2026-7")
    assert years.last_day(segment) is None
    years.close_case("2026-7", "2028-02-29")
    assert years.last_day(segment) == "2029-02-28"


def test_a_case_that_was_closed_long_ago_shortens_nothing():
    years = Years()
    as_the_case_file(years)
    segment = years.seal()
    years.label(segment, "force", "2026-7")
    years.close_case("2026-7", "2001-01-01")  # one person's word
    assert years.last_day(segment) == "2029-11-22", "three years from the sealing"


def test_a_segment_of_two_cases_waits_for_the_later_one():
    years = Years()
    as_the_case_file(years)
    segment = years.seal()
    years.label(segment, "force", "2026-7")
    years.clock.forward(days=9)
    years.label(segment, "force", "2026-8")  # by the same person: the first label still counts
    years.close_case("2026-7", "2027-01-31")
    assert years.last_day(segment) is None
    years.close_case("2026-8", "2027-03-31")
    assert years.last_day(segment) == "2030-03-31"


# --- labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "by", "last"),
    [
        (2, "officer", "2027-05-22"),  # a mistake is mended in the first days
        (4, "officer", "2028-11-22"),  # later nobody takes their own word back alone
        (4, "supervisor", "2027-05-22"),
        (400, "supervisor", "2027-05-22"),
    ],
)
def test_who_has_labelled_cannot_shorten_the_keeping_alone(days, by, last):
    years = Years()
    years.adopt(rule={"evidence": item_rule("2 years", "taking")})
    segment = years.seal()
    years.label(segment, "taking")
    years.clock.forward(days=days)
    years.label(segment, no_case="patrol", by=by)
    assert years.last_day(segment) == last


def test_another_correction_of_ones_own_takes_no_promise_back_either():
    years = Years()
    years.adopt(rule={"evidence": item_rule("2 years", "taking")})
    segment = years.seal()
    years.label(segment, "taking")
    years.clock.forward(days=4)
    years.label(segment, no_case="patrol")
    years.label(segment, no_case="mistake")
    assert years.last_day(segment) == "2028-11-22"
    years.label(segment, no_case="patrol", by="supervisor")
    assert years.last_day(segment) == "2027-05-22"


def test_a_label_of_a_clock_that_was_set_back_takes_nothing_back():
    years = Years()
    years.adopt(rule={"evidence": item_rule("2 years", "taking")})
    segment = years.seal()
    years.label(segment, "taking")
    years.clock.forward(days=9)
    years.set_back(days=30)
    years.label(segment, no_case="patrol")
    assert years.last_day(segment) == "2028-11-22"


# --- holds -------------------------------------------------------------------------------------


def test_a_hold_has_no_end_and_its_release_begins_the_grace_anew(years_and_segment):
    years, segment = years_and_segment
    hold = years.hold(segment)
    years.clock.forward(days=800)
    keeping = years.keeping(segment)
    assert keeping.until is None
    assert keeping.grounds[-1].what == "hold:dispute"
    assert ("held", "nobody") in years.blocked(segment)
    released = years.release(hold)
    keeping = years.keeping(segment)
    assert years.last_day(segment) == "2029-01-30"
    assert keeping.grace_until - keeping.until == GRACE
    ground = keeping.grounds[-1]
    assert (ground.from_, ground.entry) == ("released", released)
    assert years.blocked(segment, years.now + timedelta(days=89)) == {("in_grace", "nobody")}
    after = years.now + timedelta(days=91)
    assert years.keeping(segment, after).due(after)


def test_a_release_before_the_period_is_over_shortens_nothing(years_and_segment):
    years, segment = years_and_segment
    years.release(years.hold(segment))
    assert years.last_day(segment) == "2027-05-22"


def test_a_grace_that_begins_while_our_clock_is_set_back_counts_from_before():
    years, segment = ready()
    hold = years.hold(segment)
    years.clock.forward(days=365)
    years.set_back(days=300)
    years.release(hold)
    years.clock.forward(days=300)
    assert years.last_day(segment) == "2027-11-22"


def test_one_of_two_holds_released_leaves_the_other(years_and_segment):
    years, segment = years_and_segment
    years.hold(segment, reason="emergency")
    years.release(years.hold(segment))
    assert years.keeping(segment).until is None
    assert ("held", "nobody") in years.blocked(segment)


def test_a_mark_holds_until_a_person_decides():
    years = Years()
    years.adopt()
    segment = years.seal(important=True)
    years.label(segment)
    keeping = years.keeping(segment)
    assert (keeping.until, keeping.grounds[-1].what) == (None, "mark")
    assert years.blocked(segment) == {("mark", "supervisor")}
    years.resolve(segment)
    assert years.last_day(segment) == "2027-05-22"
    assert years.blocked(segment) == set()


def test_a_hold_that_answers_the_mark_takes_its_place():
    years = Years()
    years.adopt()
    segment = years.seal(important=True)
    years.label(segment)
    hold = years.hold(segment, answers=years.sighting)
    assert years.blocked(segment) == {("held", "nobody")}
    years.release(hold)
    assert years.blocked(segment) == set()


def test_a_second_mark_wants_a_second_word():
    years = Years()
    years.adopt()
    segment = years.seal(important=True)
    years.label(segment)
    years.resolve(segment)
    years.dock()
    years.seal(segment, important=True)
    assert years.blocked(segment) == {("mark", "supervisor")}


# --- at the ends of the calendar ---------------------------------------------------------------


def test_a_clock_at_the_end_of_time_keeps_for_ever_and_is_a_task():
    years = Years()
    years.adopt()
    segment = years.seal(corrected=datetime(9999, 12, 31, 23, tzinfo=UTC))
    years.label(segment)
    keeping = years.keeping(segment)
    assert (keeping.until, keeping.grace_until) == (None, None)
    assert years.blocked(segment) == {("clock", "supervisor")}


def test_an_end_whose_grace_has_none_is_never_due():
    years = Years()
    years.adopt()
    segment = years.seal(corrected=datetime(9999, 6, 1, tzinfo=UTC))
    keeping = years.keeping(segment, datetime(9999, 12, 30, tzinfo=UTC))
    assert keeping.until is not None
    assert keeping.grace_until is None
    assert "in_grace" in {each.code for each in keeping.blockers}

"""Our own clock: a small step back is swallowed, a large one needs a person."""

from datetime import UTC, datetime, timedelta

import pytest

from evidence.errors import LedgerUnavailableError, UsageError
from evidence.keeping import KEEPING
from tests.fakes.clock import FixedClock
from tests.unit.vault.ledgers import check_tree, draft, reopen, young
from vault.moments import accepted_moment, next_moment

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def test_the_first_entry_takes_the_time_as_it_is():
    assert next_moment(None, NOON) == NOON


def test_what_a_millisecond_cannot_say_is_cut_off_not_rounded():
    assert next_moment(None, NOON + timedelta(microseconds=1999)) == NOON + MS


@pytest.mark.parametrize("back", [timedelta(), MS, timedelta(seconds=60)])
def test_up_to_60_seconds_back_time_stands_still(back):
    assert next_moment(NOON, NOON - back) == NOON


def test_a_millisecond_more_is_refused():
    with pytest.raises(LedgerUnavailableError, match="clock_went_back"):
        next_moment(NOON, NOON - timedelta(seconds=60) - MS)


@pytest.mark.parametrize("back", [timedelta(), timedelta(seconds=60)])
def test_there_is_nothing_to_accept_in_a_clock_that_is_right(back):
    with pytest.raises(UsageError, match="clock_not_behind"):
        accepted_moment(NOON, NOON - back)


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def store(tmp_path, clock):
    made = young(tmp_path, clock)
    yield made
    made.close()


def test_a_clock_that_went_back_stops_every_caller_and_writes_nothing(store, clock, tmp_path):
    clock.forward(seconds=-61)
    with pytest.raises(LedgerUnavailableError, match="clock_went_back"):
        store.append([draft()])
    outcomes = store.append_many([[draft()], [draft()]])
    assert [outcome.word for outcome in outcomes] == ["clock_went_back"] * 2
    assert len(check_tree(tmp_path)) == 1


def test_reading_and_starting_do_not_mind_the_clock(store, clock, tmp_path):
    store.close()
    again = reopen(tmp_path, FixedClock(clock.now() - timedelta(days=400)))
    assert again.entry(0).type == "ledger.started"
    again.close()


def test_an_accepted_clock_is_an_entry_with_both_times_and_is_followed(store, clock):
    before = store.entry(0).at
    clock.forward(seconds=-3600)
    person = "p:" + "7" * 32
    assert store.accept_clock(person).indexes == (1, 2)
    entry = store.entry(1)
    assert (entry.type, entry.actor, entry.at) == ("clock.accepted", person, clock.now())
    assert entry.about == {KEEPING: None}
    assert entry.body == {
        "before": before.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "after": clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    alarm = store.entry(2)
    assert (alarm.type, alarm.about) == ("alarm.raised", {KEEPING: 1})
    assert alarm.body == {"alarm": "clock_set_back", "facts": entry.body}
    store.append([draft()])
    assert store.entry(3).at == clock.now()


def test_an_accepted_clock_stays_accepted_after_a_restart(store, clock, tmp_path):
    clock.forward(seconds=-3600)
    store.accept_clock("sys:local")
    store.close()
    again = reopen(tmp_path, clock)
    assert again.append([draft()]).indexes == (3,)
    again.close()


def test_a_clock_that_is_right_is_not_accepted(store):
    with pytest.raises(UsageError, match="clock_not_behind"):
        store.accept_clock("sys:local")

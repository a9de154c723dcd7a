"""Time from outside: two people say the day, and disposal believes the smaller of two clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custody.outside import AttestedTime, NewestOf, attest_day, attested_day
from evidence.errors import ConflictError, RefusedError, UsageError
from tests.fakes.clock import NOON
from tests.fakes.desk import small_bureau
from tests.fakes.shelf import shelf

TODAY = NOON.date()
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def bureau():
    return small_bureau()


def say(bureau, name, day=TODAY):
    return attest_day(bureau.desk, bureau.actor(name), day)


def newest(bureau):
    return AttestedTime(bureau.ledger, SHANGHAI).newest()


def test_a_day_counts_once_two_people_have_said_it_from_its_beginning_here(bureau):
    first, done = say(bureau, "inspector")
    assert not done
    assert newest(bureau) is None
    second, done = say(bureau, "watcher")
    assert done
    assert bureau.ledger.entry(second).body == {"day": "2026-11-22", "first": first}
    assert newest(bureau) == (datetime(2026, 11, 21, 16, 0, tzinfo=UTC), "attested")


def test_one_person_cannot_be_two(bureau):
    say(bureau, "chief")
    with pytest.raises(RefusedError) as caught:
        say(bureau, "chief")
    assert caught.value.facts["rows"] == [("own_proposal", "17, 18")]
    assert newest(bureau) is None


@pytest.mark.parametrize("name", ["officer", "head", "searcher", "acting", "admin"])
def test_only_who_stands_over_the_whole_attests(bureau, name):
    with pytest.raises(RefusedError) as caught:
        say(bureau, name)
    assert "may_attest" in {row for row, _ in caught.value.facts["rows"]}


def test_attesting_needs_a_proof_that_is_fresh(bureau):
    with pytest.raises(RefusedError) as caught:
        attest_day(bureau.desk, bureau.actor("chief", fresh=False), TODAY)
    assert caught.value.facts["rows"] == [("not_fresh", "18")]


def test_two_who_say_different_days_agree_on_none(bureau):
    say(bureau, "chief")
    assert say(bureau, "watcher", TODAY - timedelta(days=1))[1] is False
    assert newest(bureau) is None
    assert say(bureau, "chief", TODAY - timedelta(days=1))[1] is True
    assert attested_day(shelf(bureau)).day == TODAY - timedelta(days=1)


def test_the_newest_word_of_two_people_corrects_the_one_before(bureau):
    for name in ("chief", "watcher"):
        say(bureau, name)
    for name in ("inspector", "chief"):
        say(bureau, name, TODAY - timedelta(days=30))
    assert attested_day(shelf(bureau)).day == TODAY - timedelta(days=30)


def test_a_day_that_has_begun_nowhere_by_our_clock_is_not_attested(bureau):
    for _ in range(2):
        with pytest.raises(UsageError, match="day_ahead"):
            say(bureau, "chief", TODAY + timedelta(days=1))
    (alarm,) = bureau.house.entries("alarm.raised")  # once: people know better than our clock
    assert alarm.body["alarm"] == "clock_behind"
    with pytest.raises(RefusedError):  # who may not say the day raises none either
        say(bureau, "officer", TODAY + timedelta(days=9))
    assert len(bureau.house.entries("alarm.raised")) == 1
    bureau.clock.forward(hours=6)  # 10:00 UTC: tomorrow begins at UTC+14
    say(bureau, "chief", TODAY + timedelta(days=1))


def test_of_two_who_attest_at_once_one_looks_again(bureau, monkeypatch):
    append = bureau.ledger.append
    rival = iter([lambda: say(bureau, "watcher")])

    def meanwhile(drafts):
        for act in rival:
            act()
        return append(drafts)

    monkeypatch.setattr(bureau.ledger, "append", meanwhile)
    with pytest.raises(ConflictError):
        say(bureau, "chief")
    assert say(bureau, "chief")[1] is True


class Says:
    def __init__(self, moment):
        self.moment = moment

    def newest(self):
        return self.moment


def test_of_several_sources_the_latest_counts():
    early, late = (NOON - timedelta(days=2), "witness"), (NOON - timedelta(days=1), "tsa")
    assert NewestOf([Says(late), Says(None), Says(early)]).newest() == late
    assert NewestOf([Says(None)]).newest() is None


def test_the_day_is_that_of_the_station(bureau):
    for name in ("chief", "watcher"):
        say(bureau, name, date(2026, 11, 1))
    at = AttestedTime(bureau.ledger, ZoneInfo("America/New_York")).newest()
    assert at == (datetime(2026, 11, 1, 4, 0, tzinfo=UTC), "attested")

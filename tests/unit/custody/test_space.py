"""How long the room lasts; and that too little of it raises an alarm and deletes nothing."""

from datetime import timedelta

import pytest

from custody.space import Disk, Space, Taken, days_left, space_json, space_of, warn_short
from custody.tally import Tally
from tests.fakes.clock import NOON
from tests.fakes.desk import small_bureau

GB = 10**9
LONG = timedelta(days=300)


def week(*sizes):
    return [(1, size) for size in sizes] + [(0, 0)] * (7 - len(sizes))


@pytest.mark.parametrize(
    ("room", "per_day", "leaving", "days"),
    [
        (100, 10, {}, 10),
        (99, 10, {}, 9),
        (9, 10, {}, 0),
        (0, 1, {}, 0),
        (100, 0, {}, None),
        (100, 10, {0: 50}, 15),
        (100, 10, {9: 50}, 15),
        (100, 10, {10: 50}, 10),  # too late: it was full before
        (100, 10, dict.fromkeys(range(3650), 10), None),
        (3649 * 10, 10, {}, 3649),
        (3650 * 10, 10, {}, None),  # further than anybody can tell
    ],
)
def test_a_day_first_takes_and_then_gives_back(room, per_day, leaving, days):
    assert days_left(room, per_day, leaving) == days


@pytest.mark.parametrize(
    ("age", "rate"),
    [
        (LONG, 10),
        (timedelta(days=7), 10),
        (timedelta(days=2), 35),
        (timedelta(days=1, hours=1), 35),
        (timedelta(minutes=1), 70),
        (timedelta(), 70),
        (None, 10),
    ],
)
def test_the_rate_of_a_young_custody_is_that_of_its_days_so_far(age, rate):
    assert Taken(week(70), age).per_day == rate


def test_a_rate_is_rounded_up():
    assert Taken(week(3, 5), LONG).per_day == 2


def test_the_reserve_is_no_room_and_what_leaves_makes_some():
    counted = Tally(NOON, leaving={1: 30 * GB})
    space = space_of(Disk(500 * GB, 40 * GB, 10 * GB), Taken(week(70 * GB), LONG), counted)
    assert (space.days, space.days_if_kept) == (6, 3)
    told = space_json(space)
    assert (told["room"], told["per_day"], told["days"]) == (30 * GB, 10 * GB, 6)
    assert told["taken"][0] == {"days_ago": 0, "count": 1, "bytes": 70 * GB}
    assert Disk(500, 3, 10).room == 0


def space(days):
    return Space(Disk(9, 5, 1), Taken(week(), None), days, days)


def alarms(bureau):
    return [each.body for each in bureau.house.entries("alarm.raised")]


def test_too_few_days_raise_an_alarm_once_a_day():
    bureau = small_bureau().take()
    assert warn_short(bureau.ledger, bureau.clock, space(13), 14)
    assert warn_short(bureau.ledger, bureau.clock, space(12), 14)
    assert alarms(bureau) == [{"alarm": "space_short", "facts": {"free": "5", "days": "13"}}]
    bureau.clock.forward(days=2)
    warn_short(bureau.ledger, bureau.clock, space(10), 14)
    assert len(alarms(bureau)) == 2


@pytest.mark.parametrize("days", [14, 15, None])
def test_enough_days_raise_none(days):
    bureau = small_bureau().take()
    assert not warn_short(bureau.ledger, bureau.clock, space(days), 14)
    assert alarms(bureau) == []

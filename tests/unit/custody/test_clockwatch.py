"""The time that counts is never later than the outside says; an odd clock is told, once a day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.clockwatch import AHEAD, now_of, odd_clock, raise_alarm
from evidence.errors import CustodyError
from tests.fakes.clock import NOON
from tests.fakes.desk import small_bureau

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of hypothesis have no zone
HOUR = timedelta(hours=1)


@given(MOMENTS, MOMENTS)
def test_no_clock_of_ours_makes_disposal_later_than_the_outside_says(local, outside):
    now = now_of(local, (outside, "witness"))
    assert now.at == min(local, outside)
    assert now.source == ("local" if local < outside else "witness")


def test_without_any_outside_time_there_is_no_now():
    with pytest.raises(CustodyError, match="no_outside_time"):
        now_of(NOON, None)


@pytest.mark.parametrize(
    ("local", "alarm"),
    [(NOON, None), (NOON + AHEAD, None), (NOON + AHEAD + HOUR, "clock_ahead"),
     (NOON - HOUR, "clock_behind")],
)  # fmt: skip
def test_a_clock_that_jumped_or_was_set_back_is_odd(local, alarm):
    assert odd_clock(local, (NOON, "attested")) == alarm


def test_where_nobody_outside_has_spoken_no_clock_is_odd():
    assert odd_clock(NOON, None) is None


def alarms(bureau):
    return [entry.body["alarm"] for entry in bureau.house.entries("alarm.raised")]


def test_an_alarm_that_stands_is_written_once_a_day():
    bureau = small_bureau()
    for hours, expected in ((0, 1), (2, 1), (30, 2)):
        bureau.clock.forward(hours=hours)
        raise_alarm(bureau.ledger, "clock_ahead", bureau.now, {"local": "x"})
        assert len(alarms(bureau)) == expected
    raise_alarm(bureau.ledger, "clock_behind", bureau.now, {})
    assert alarms(bureau)[-1] == "clock_behind"

"""ISO weeks where the station stands: they tile, and belong to the year of their Thursday."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.isoweeks import shift_end, span_of, week_at
from custody.tenure import Stay
from evidence.errors import UsageError
from evidence.weeks import Hours, IsoWeek, parse_week, week_of_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Clocks are set at midnight in some; one left out a day; some are never set.
ZONES = [
    ZoneInfo(name)
    for name in ("Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Asia/Jerusalem",
                 "Asia/Tehran", "America/Havana", "Asia/Amman", "Atlantic/Azores",
                 "Pacific/Apia", "UTC")
]  # fmt: skip
HOUR = timedelta(hours=1)
MOMENTS = st.integers(0, 40 * 366 * 24 * 60).map(
    lambda minutes: datetime(2000, 1, 3, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2026-11-22", "2026-W47"), ("2026-11-23", "2026-W48"), ("2026-12-31", "2026-W53"),
        ("2027-01-01", "2026-W53"), ("2027-01-03", "2026-W53"), ("2027-01-04", "2027-W01"),
        ("2024-12-30", "2025-W01"), ("2024-12-29", "2024-W52"), ("2021-01-03", "2020-W53"),
        ("2023-01-01", "2022-W52"),
    ],
)  # fmt: skip
def test_a_week_belongs_to_the_year_of_its_thursday(day, week):
    assert str(week_of_day(date.fromisoformat(day))) == week


@pytest.mark.parametrize(
    "text",
    ["2026-W54", "2025-W53", "2026-W00", "2026-W7", "2026-W471", "2026W47", "2026-w47", " 2026-W47",
     "0000-W01", "1999-W52", "9999-W01", "２０２６-W47", "2026-W47-1", ""],
)  # fmt: skip
def test_what_is_no_week_of_ours_is_refused(text):
    with pytest.raises(UsageError, match="week_malformed"):
        parse_week(text)


def test_every_week_is_read_back_as_it_is_written_and_knows_its_neighbours():
    week = parse_week("2024-W50")
    for _ in range(120):  # over two borders of years, one of them with 53 weeks
        assert parse_week(str(week)) == week
        assert week.after.before == week
        assert week.after.monday - week.monday == timedelta(days=7)
        week = week.after
    assert week > parse_week("2026-W53")


def test_in_shanghai_a_week_begins_on_monday_at_midnight():
    since, until = span_of(parse_week("2026-W47"), SHANGHAI)
    assert since == datetime(2026, 11, 16, tzinfo=SHANGHAI)
    assert until == datetime(2026, 11, 23, tzinfo=SHANGHAI)


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.key)
def test_the_weeks_of_years_tile_in_every_zone(zone):
    week = IsoWeek(2009, 50)
    for _ in range(52 * 10):
        since, until = span_of(week, zone)
        assert since.tzinfo is UTC
        assert span_of(week.after, zone)[0] == until
        assert timedelta(days=6) <= until - since < timedelta(days=8)
        week = week.after


@given(MOMENTS, st.sampled_from(ZONES))
def test_every_moment_lies_in_exactly_the_week_that_it_is_given(moment, zone):
    week = week_at(moment, zone)
    since, until = span_of(week, zone)
    assert since <= moment < until


@pytest.mark.parametrize(
    ("zone", "monday", "again"),  # a midnight that the clocks pass twice, or leap over
    [("Asia/Jerusalem", date(2001, 9, 24), 60), ("Antarctica/Vostok", date(2023, 12, 18), 120),
     ("Asia/Tehran", date(2021, 3, 22), 0), ("Africa/Casablanca", date(2009, 6, 1), 0)],
)  # fmt: skip
def test_a_border_of_weeks_at_which_clocks_are_set_is_one_moment(zone, monday, again):
    where = ZoneInfo(zone)
    border = span_of(week_of_day(monday), where)[0]
    if again:  # the hours before it were Monday already, and then Sunday again
        assert (border - timedelta(minutes=again)).astimezone(where).date() == monday
    for minutes in range(-180, 181, 10):
        moment = border + timedelta(minutes=minutes)
        week = week_at(moment, where)
        assert week == (week_of_day(monday) if minutes >= 0 else week_of_day(monday).before)


def test_a_week_with_the_hour_that_is_left_out_is_an_hour_shorter():
    since, until = span_of(parse_week("2026-W13"), ZoneInfo("Europe/Berlin"))
    assert until - since == timedelta(days=7) - HOUR
    since, until = span_of(parse_week("2026-W43"), ZoneInfo("Europe/Berlin"))
    assert until - since == timedelta(days=7) + HOUR


def test_the_last_week_that_can_be_named_has_an_end():
    since, until = span_of(parse_week("9998-W52"), SHANGHAI)
    assert until - since == timedelta(days=7)


HOURS = Hours(SHANGHAI, timedelta(hours=8))


def stay(due):
    return Stay("p:1", "u:1", datetime(2026, 11, 17, tzinfo=UTC), None, due, 1)


def test_a_shift_ends_when_the_recorder_was_due():
    recorded = datetime(2026, 11, 17, 22, tzinfo=SHANGHAI)
    due = datetime(2026, 11, 18, 6, tzinfo=SHANGHAI)
    assert shift_end(recorded, stay(due), HOURS) == due


@pytest.mark.parametrize("out", [None, stay(None)])
def test_else_it_ends_some_hours_after_the_local_day(out):
    recorded = datetime(2026, 11, 17, 23, 59, tzinfo=SHANGHAI)
    assert shift_end(recorded, out, HOURS) == datetime(2026, 11, 18, 8, tzinfo=SHANGHAI)
    midnight = datetime(2026, 11, 18, tzinfo=SHANGHAI)
    assert shift_end(midnight, out, HOURS) == datetime(2026, 11, 19, 8, tzinfo=SHANGHAI)

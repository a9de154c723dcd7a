"""How long is counted: against a second computation that knows months as lists of days only."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.calendar import begin_of, day_after, days_after, end_of, last_day, local_day
from evidence.errors import UsageError
from evidence.keeping import Period, parse_period

SHANGHAI = ZoneInfo("Asia/Shanghai")
HAVANA = ZoneInfo("America/Havana")  # its midnight comes twice in autumn
SANTIAGO = ZoneInfo("America/Santiago")  # its midnight is leapt over in spring
APIA = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
ZONES = (UTC, SHANGHAI, HAVANA, SANTIAGO, APIA)
RULES = ("1 months", "3 months", "6 months", "13 months", "99 months", "1 years", "2 years",
         "30 years")  # fmt: skip
YEARS = range(2024, 2033)
EPOCH_TO_2024 = 19723  # days from 1970-01-01 to 2024-01-01: 54 years, 13 of them leap years


def months_until(year):
    """Return the months from January 2024 on as lists of (year, month, day, days since 2024)."""
    months, passed = [], 0
    for each in range(2024, year):
        leap = each % 4 == 0 and (each % 100 != 0 or each % 400 == 0)
        for month, days in enumerate((31, 28 + leap, *(31, 30, 31, 30, 31, 31, 30, 31, 30, 31)), 1):
            months.append([(each, month, day, passed + day - 1) for day in range(1, days + 1)])
            passed += days
    return months


MONTHS = months_until(2133)


def expected(place, position, text):
    """Return the last day kept by stepping through lists of days; no date arithmetic at all."""
    number, unit = text.split()
    kept = MONTHS[place + int(number) * (12 if unit == "years" else 1)]
    return kept[min(position, len(kept) - 1)]


@pytest.mark.parametrize("text", RULES)
def test_every_day_of_2024_to_2032_ends_where_counting_days_ends(text):
    period, checked = parse_period(text), 0
    for place, month in enumerate(MONTHS[: 12 * len(YEARS)]):
        for position, (year, number, day, _) in enumerate(month):
            start = datetime(year, number, day, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
            y, m, d, since = expected(place, position, text)
            last = last_day(start, period, SHANGHAI)
            assert (last.year, last.month, last.day) == (y, m, d), (year, number, day)
            midnight = (EPOCH_TO_2024 + since + 1) * 86400 - 8 * 3600  # of the day after, UTC+8
            assert end_of(last, SHANGHAI).timestamp() == midnight
            checked += 1
    assert checked == 3288


def test_the_second_computation_knows_the_leap_years():
    assert (date(2024, 1, 1) - date(1970, 1, 1)).days == EPOCH_TO_2024
    assert len(MONTHS[1]) == 29
    assert MONTHS[-1][-1][:3] == (2132, 12, 31)


@pytest.mark.parametrize(
    ("start", "text", "last"),
    [
        ("2026-08-31", "6 months", "2027-02-28"),
        ("2027-08-31", "6 months", "2028-02-29"),
        ("2027-08-30", "6 months", "2028-02-29"),
        ("2027-08-29", "6 months", "2028-02-29"),
        ("2027-08-28", "6 months", "2028-02-28"),
        ("2026-03-31", "6 months", "2026-09-30"),
        ("2026-02-28", "6 months", "2026-08-28"),
        ("2028-02-29", "1 years", "2029-02-28"),
        ("2028-02-29", "4 years", "2032-02-29"),
        ("2026-12-31", "2 months", "2027-02-28"),
        ("2026-06-15", "6 months", "2026-12-15"),
    ],
)
def test_a_month_without_such_a_day_keeps_its_last_day_whole(start, text, last):
    day = day_after(date.fromisoformat(start), parse_period(text))
    assert day == date.fromisoformat(last)
    after = datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI)
    assert end_of(day, SHANGHAI) == after


def test_the_day_is_that_of_the_station_and_not_of_greenwich():
    late = datetime(2026, 8, 30, 16, 0, tzinfo=UTC)  # midnight: the 31st has begun in Shanghai
    assert local_day(late, SHANGHAI) == date(2026, 8, 31)
    assert last_day(late, Period("months", 1), SHANGHAI) == date(2026, 9, 30)
    just_before = late - timedelta(milliseconds=1)
    assert last_day(just_before, Period("months", 1), SHANGHAI) == date(2026, 9, 30)
    assert local_day(just_before, SHANGHAI) == date(2026, 8, 30)


def test_a_midnight_that_comes_twice_counts_when_it_comes_for_the_second_time():
    saturday = date(2024, 11, 2)  # on Sunday at 1:00 the clocks of Havana go back to 0:00
    assert end_of(saturday, HAVANA) == datetime(2024, 11, 3, 5, 0, tzinfo=UTC)


def test_a_midnight_that_is_leapt_over_ends_no_day_early():
    saturday = date(2024, 9, 7)  # on Sunday the clocks of Santiago go from 0:00 to 1:00
    assert end_of(saturday, SANTIAGO) >= datetime(2024, 9, 8, 4, 0, tzinfo=UTC)
    assert end_of(date(2011, 12, 29), APIA) >= datetime(2011, 12, 30, 10, 0, tzinfo=UTC)


def test_what_is_permanent_has_no_end():
    assert last_day(datetime(2026, 1, 1, tzinfo=UTC), Period("permanent"), SHANGHAI) is None


def test_a_case_file_has_no_length_of_its_own():
    with pytest.raises(UsageError) as caught:
        last_day(datetime(2026, 1, 1, tzinfo=UTC), Period("case_file"), SHANGHAI)
    assert caught.value.word == "period_uncounted"


def test_at_the_end_of_the_calendar_there_is_no_end():
    late = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert local_day(late, SHANGHAI) == date(9999, 12, 31)
    assert last_day(late, Period("months", 1), SHANGHAI) is None
    assert day_after(date(9999, 11, 30), Period("months", 1)) == date(9999, 12, 30)
    assert end_of(date(9999, 12, 30), SHANGHAI) is None
    assert end_of(date(9999, 12, 29), UTC) == datetime(9999, 12, 30, tzinfo=UTC)
    assert days_after(date(9999, 12, 30), 1) is None
    assert days_after(date(9999, 12, 29), 1) == date(9999, 12, 30)


MOMENTS = st.integers(0, 200 * 366 * 86400).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
PERIODS = st.builds(Period, st.sampled_from(["months", "years"]), st.integers(1, 99))
IN = st.sampled_from(ZONES)


@given(MOMENTS, PERIODS, IN)
def test_nothing_ends_before_it_was_kept_so_long(start, period, zone):
    last = last_day(start, period, zone)
    first = local_day(start, zone)
    months = (last.year - first.year) * 12 + last.month - first.month
    assert months == period.count * (12 if period.kind == "years" else 1)
    shortened = last.day < first.day
    assert not shortened or (last + timedelta(days=1)).day == 1  # then to the month's last day
    assert end_of(last, zone).astimezone(zone).date() > last


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=900)), PERIODS, IN)
def test_what_begins_later_never_ends_earlier(start, later, period, zone):
    ends = [end_of(last_day(each, period, zone), zone) for each in (start, start + later)]
    assert ends[0] <= ends[1]


@given(MOMENTS, st.integers(1, 98), IN)
def test_a_longer_period_never_ends_earlier(start, count, zone):
    shorter, longer = (
        end_of(last_day(start, Period("months", n), zone), zone) for n in (count, count + 1)
    )
    assert shorter < longer


def test_a_day_begins_when_the_day_before_it_ends():
    for zone, day in ((SHANGHAI, date(2027, 2, 28)), (HAVANA, date(2024, 6, 1))):
        assert begin_of(day, zone) == end_of(day - timedelta(days=1), zone)
    twice = begin_of(date(2024, 11, 3), HAVANA)
    assert twice == datetime(2024, 11, 3, 4, 0, tzinfo=UTC)
    assert begin_of(date.min, SHANGHAI) == datetime.min.replace(tzinfo=UTC)

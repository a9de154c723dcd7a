from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.days import last_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [ZoneInfo(name) for name in ("UTC", "Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin")]


def test_the_end_of_a_day_is_named_by_that_day():
    assert last_day(datetime(2026, 12, 1, 16, tzinfo=UTC), SHANGHAI).isoformat() == "2026-12-01"


@pytest.mark.parametrize("before", [timedelta(milliseconds=1), timedelta(hours=1)])
def test_a_moment_within_a_day_ends_no_day(before):
    end = datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert last_day(end - before, SHANGHAI) is None
    assert last_day(end + before, SHANGHAI) is None
    assert last_day(end, ZoneInfo("UTC")) is None


@given(st.dates(max_value=datetime(9999, 12, 1, tzinfo=UTC).date()), st.sampled_from(ZONES))
def test_every_day_is_named_back_as_it_was_asked_for(day, zone):
    """The end is the midnight after it, on the clock on the wall."""
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
    assert last_day(end, zone) == day

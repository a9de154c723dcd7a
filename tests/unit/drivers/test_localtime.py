"""A recorder's local times become UTC; hours that occur twice or never are not refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from drivers.localtime import to_utc

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def utc(*fields):
    return datetime(*fields, tzinfo=UTC)


def test_a_time_without_offset_is_read_in_the_configured_zone():
    assert to_utc("2026-11-21T18:30:14.000", SHANGHAI) == utc(2026, 11, 21, 10, 30, 14)


def test_an_offset_on_the_medium_wins_over_the_configured_zone():
    assert to_utc("2026-11-21T18:30:14.000+05:30", SHANGHAI) == utc(2026, 11, 21, 13, 0, 14)


def test_an_hour_that_occurs_twice_is_the_first_one():
    assert to_utc("2026-10-25T02:30:00.000", BERLIN) == utc(2026, 10, 25, 0, 30)


def test_an_hour_that_never_was_is_read_with_the_offset_before_the_jump():
    assert to_utc("2026-03-29T02:30:00.000", BERLIN) == utc(2026, 3, 29, 1, 30)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30T10:00:00.000", "2107-15-31T31:63:62.990", "1980-00-00T00:00:00.000", "noon", ""],
)
def test_a_day_that_does_not_exist_is_none(text):
    assert to_utc(text, SHANGHAI) is None


def test_the_edge_of_the_calendar_does_not_overflow():
    assert to_utc("0001-01-01T00:00:00.000", SHANGHAI) is None

"""How pages say times: ends as the day that was asked for."""

import re
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from api.rendering import Local

LOCAL = Local(ZoneInfo("Asia/Shanghai"))


def test_the_end_of_a_day_is_shown_as_that_day_and_a_moment_as_a_moment():
    assert LOCAL.until(datetime(2026, 12, 1, 16, tzinfo=UTC)) == "2026-12-01"
    noon = datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert LOCAL.until(noon) == LOCAL(noon) == "2026-12-01 12:00:00 (+0800)"


def test_no_page_shows_an_end_as_a_moment():
    """An end is not included: said as a moment it would be the day after."""
    for template in files("api").joinpath("templates").iterdir():
        said = re.findall(r"local\(([a-z_.]+)\)", template.read_text("utf-8"))
        assert [each for each in said if each.endswith("until") or each == "hidden"] == []

"""A year of a bureau in one run: product, catalogue, audit and model agree on every film."""

import pytest

from tests.bureau.histories import ground
from tests.bureau.year import live_year, picture

pytestmark = pytest.mark.timeout(1800)  # seconds: it is one run, also beside others

LEAST = {
    "week": 100,
    "complaint": 40,
    "crash": 30,
    "gone": 400,
    "leap": 2,
    "refused": 3,
    "spared": 3,
}


@pytest.fixture(scope="module")
def year():
    with ground() as homes:
        return live_year(homes)


def test_forty_officers_live_a_year_and_everybody_agrees_in_the_end(year):
    rare = {what: year.counts.get(what, 0) for what, n in LEAST.items() if year.counts[what] < n}
    assert not rare, f"too seldom to prove anything: {rare}"
    last = year.rows[-1]
    assert last.gone == year.counts["gone"]
    assert last.taken == last.here + last.gone
    assert last.held > 0
    assert last.blocked > 0


def test_its_picture_has_a_line_for_every_four_weeks(year):
    lines = picture(year)
    assert len(lines) == len(year.rows) + 2 == 16
    assert "x" in lines[-2]

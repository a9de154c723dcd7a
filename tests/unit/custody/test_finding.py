"""Pages of a list: nothing forbidden, nothing twice, nothing left out, and never without end."""

import pytest

from custody import finding
from custody.finding import page_for
from custody.listing import listing_for
from tests.fakes.desk import WEST, small_bureau

COUNT = 12


@pytest.fixture
def bureau_and_segments():
    """Every third segment is of the west."""
    bureau = small_bureau()
    west = bureau.recorder("T000005")
    bureau.bind(west, "west_officer", WEST)
    return bureau, [bureau.seal(n, None if n % 3 else west) for n in range(COUNT)]


def catalogue(segments, asked):
    def ask(limit, after):
        asked.append(limit)
        begin = int(after or 0)
        end = begin + limit
        return segments[begin:end], str(end) if end < len(segments) else None

    return ask


def every(bureau, segments, name, limit, asked):
    listing, after = listing_for(bureau.desk, bureau.actor(name)), None
    while True:
        rows, after = page_for(listing, catalogue(segments, asked), str, limit, after)
        assert len(rows) <= limit
        yield rows
        if after is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("officer", lambda n: n % 3),
        ("west_head", lambda n: not n % 3),
        ("searcher", lambda _: True),
        ("mate", lambda _: False),
        ("admin", lambda _: False),
    ],
)
def test_pages_hold_what_may_be_listed_in_order(bureau_and_segments, name, sees, limit):
    bureau, segments = bureau_and_segments
    pages = list(every(bureau, segments, name, limit, []))
    shown = [each for page in pages for each in page]
    assert shown == [each for n, each in enumerate(segments) if sees(n)]
    assert all(len(page) == limit for page in pages[:-1])


def test_a_page_does_not_read_on_without_end(bureau_and_segments, monkeypatch):
    bureau, segments = bureau_and_segments
    monkeypatch.setattr(finding, "SCAN_LIMIT", 4)
    asked = []
    pages = list(every(bureau, segments, "mate", 2, asked))
    assert pages == [[], [], []]
    assert asked == [2] * 6

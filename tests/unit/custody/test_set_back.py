"""A clock that was ahead and is set right: a remark where somebody accepted it, else a finding."""

from datetime import timedelta

import pytest

from custody.findings import Verdict, verdicts
from custody.verify import verify_tree
from evidence.codec import format_time
from tests.unit.custody.book import KEY, START, Book, codes

NOW = START + timedelta(hours=1)
YEAR = timedelta(days=365)
ALARM = {"alarm": "clock_ahead", "facts": {}}


def lived(accept="clock.accepted", before=None, *, steps=1):
    """Return what is found after a clock was a year ahead for one entry, and set right."""
    book = Book()
    for step in range(steps):
        ahead = START + YEAR + timedelta(days=step)
        book.write("alarm.raised", ALARM, at=ahead)
        if accept:
            body = {"before": before or format_time(ahead), "after": format_time(START)}
            book.write(accept, body)
        book.write("alarm.raised", ALARM)
    book.publish()
    return verify_tree(book.tiles, KEY, now=NOW)


def test_a_step_that_somebody_accepted_is_no_finding_for_ever_after():
    report = lived()
    assert report.findings == ()
    assert report.set_back == 1
    assert verdicts(report.findings)["in_time"] is Verdict.YES


def test_every_accepted_step_is_counted():
    assert lived(steps=3).set_back == 3
    assert lived(steps=3).findings == ()


@pytest.mark.parametrize(
    ("accept", "before"),
    [(None, None), ("alarm.raised", None), ("clock.accepted", "2027-01-01T00:00:00.000Z")],
)
def test_a_step_that_nobody_accepted_or_another_one_is_named(accept, before):
    report = lived(accept, before)
    assert {*codes(report.findings)} == {"time_went_back", "from_the_future"}
    assert report.set_back == 0


def test_a_clock_that_is_still_ahead_after_the_step_is_named():
    book = Book()
    book.write("alarm.raised", ALARM, at=START + 2 * YEAR)
    body = {"before": format_time(START + 2 * YEAR), "after": format_time(START + YEAR)}
    book.write("clock.accepted", body, at=START + YEAR)
    book.publish()
    report = verify_tree(book.tiles, KEY, now=NOW)
    assert [(str(each.code), each.entry) for each in report.findings] == [("from_the_future", 2)]


def test_no_entry_goes_behind_the_step_that_was_accepted():
    book = Book()
    ahead = START + YEAR
    book.write("alarm.raised", ALARM, at=ahead)
    book.write("clock.accepted", {"before": format_time(ahead), "after": format_time(START)})
    book.write("alarm.raised", ALARM, at=START)
    book.publish()
    assert codes(verify_tree(book.tiles, KEY, now=NOW).findings) == ["time_went_back"]

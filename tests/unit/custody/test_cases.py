"""A case closes on a day; who says so leads over all of its footage, and it may go on again."""

from datetime import date, timedelta

import pytest

from custody.cases import close_case, reopen_case
from evidence.errors import CustodyError, RefusedError, UsageError
from evidence.keeping import KEEPING
from tests.fakes.clock import NOON
from tests.fakes.desk import WEST, sealed
from tests.fakes.shelf import shelf

DAY = date(2026, 11, 20)


@pytest.fixture
def case():
    bureau, segments = sealed(2)
    bureau.label(segments[0], ["officer"], "2026-9")
    return bureau, bureau.ledger.pseudonym("c", "2026-9")


def close(bureau, case, by="supervisor", day=DAY):
    return close_case(bureau.desk, bureau.actor(by), case, day)


def test_a_case_is_closed_on_a_day_and_goes_on_again(case):
    bureau, number = case
    entry = bureau.ledger.entry(close(bureau, number))
    assert entry.body == {"case": number, "closed_on": "2026-11-20"}
    assert set(entry.about) == {KEEPING, number}
    assert shelf(bureau).closed == {number: DAY}
    with pytest.raises(CustodyError, match="case_is_closed"):
        close(bureau, number, "head")
    again = reopen_case(bureau.desk, bureau.actor("head"), number)
    assert bureau.ledger.entry(again).type == "case.reopened"
    assert shelf(bureau).closed == {}
    with pytest.raises(CustodyError, match="case_not_closed"):
        reopen_case(bureau.desk, bureau.actor("head"), number)


@pytest.mark.parametrize("name", ["officer", "watcher", "inspector", "west_head", "admin"])
def test_who_does_not_lead_over_it_closes_and_reopens_nothing(case, name):
    bureau, number = case
    with pytest.raises(RefusedError) as caught:
        close(bureau, number, name)
    assert "may_close_case" in {row for row, _ in caught.value.facts["rows"]}
    assert shelf(bureau).closed == {}
    close(bureau, number)
    with pytest.raises(RefusedError):
        reopen_case(bureau.desk, bureau.actor(name), number)


def test_a_case_of_two_units_is_closed_from_above_both(case):
    bureau, number = case
    bureau.bind(bureau.recorder("W"), "west_officer", WEST)
    bureau.label(bureau.seal("w", bureau.recorder("W")), ["west_officer"], "2026-9")
    for name in ("supervisor", "west_head"):
        with pytest.raises(RefusedError):
            close(bureau, number, name)
    assert close(bureau, number, "searcher")


def test_only_a_case_that_a_label_names_is_closed(case):
    bureau, _ = case
    with pytest.raises(UsageError, match="case_unknown"):
        close(bureau, bureau.ledger.pseudonym("c", "2026-10"))


def test_a_case_does_not_close_on_a_day_that_has_begun_nowhere(case):
    bureau, number = case
    with pytest.raises(UsageError, match="day_ahead"):
        close(bureau, number, day=(NOON + timedelta(days=1)).date())
    assert close(bureau, number, day=NOON.date())

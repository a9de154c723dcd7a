"""What a round counts: what may go, what falls due, what stays and for which reason."""

from datetime import timedelta

import pytest

from custody.tally import decide_soon, tally
from evidence.keeping import Blocker, Keeping
from tests.fakes.clock import NOON
from tests.fakes.house import SHANGHAI
from tests.fakes.kept import Years, ready

SIZE = 1000


def keeping(days, *codes):
    """The keeping of a segment that nothing keeps after so many days; None: no end."""
    ends = None if days is None else NOON + timedelta(days=days)
    blockers = tuple(Blocker(code, "head", NOON, None) for code in codes)
    return Keeping("s:" + "0" * 64, (), ends, ends, blockers)


def counted(*keepings):
    return tally([(SIZE, each) for each in keepings], NOON)


def told(total):
    return total.count, total.bytes


def test_what_nothing_keeps_and_nothing_forbids_may_go():
    found = counted(keeping(0), keeping(-5), keeping(1))
    assert told(found.due) == (2, 2 * SIZE)
    assert found.leaving == {0: 2 * SIZE, 1: SIZE}


@pytest.mark.parametrize(
    ("days", "within"),
    [(-1, {30: 1, 90: 1}), (30, {30: 1, 90: 1}), (31, {30: 0, 90: 1}), (91, {30: 0, 90: 0})],
)
def test_what_falls_due_is_counted_within_the_days_in_which_it_does(days, within):
    found = counted(keeping(days))
    assert {limit: total.count for limit, total in found.within.items()} == within


def test_what_may_be_over_soon_is_decided_by_the_ledger_whoever_proposes_it():
    years, segment = ready()
    young, asked = years.seal(), []
    years.clock.forward(days=250)

    def propose(wanted):
        asked.append(wanted)
        return iter((segment, young, "s:" + "0" * 64))

    found = list(decide_soon(years.ledger, SHANGHAI, propose, years.now))
    assert [(size, each.segment) for size, each in found] == [(100, segment), (100, young)]
    (wanted,) = asked
    assert (wanted.now, wanted.blocked) == (years.now, True)


def test_before_any_rule_holds_nobody_is_asked():
    years = Years()
    years.seal()
    assert list(decide_soon(years.ledger, SHANGHAI, lambda _: 1 / 0, years.now)) == []


def test_what_is_blocked_stays_and_each_reason_counts_it_once():
    found = counted(keeping(-1, "unlabelled", "open_gap", "open_gap"), keeping(20, "unlabelled"))
    assert told(found.over["unlabelled"]) == (1, SIZE)
    assert told(found.over["open_gap"]) == (1, SIZE)
    assert told(found.over["held"]) == (0, 0)
    assert (found.due.count, found.leaving, found.staying.count) == (0, {}, 2)


def test_grace_and_a_disposal_under_way_keep_nothing_beyond_their_day():
    found = counted(keeping(10, "in_grace"), keeping(-1, "disposing"))
    assert found.leaving == {10: SIZE, 0: SIZE}
    assert found.due.count == 0
    assert found.staying.count == 0


def test_what_has_no_end_never_leaves_and_what_stays_long_is_not_yet_missed():
    found = counted(keeping(None, "held"), keeping(91, "unlabelled"), keeping(90, "unlabelled"))
    assert found.leaving == {}
    assert found.staying.count == 1
    assert found.over["held"].count == 0

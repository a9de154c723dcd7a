"""Each act upon the keeping is one append: broken in both ways, who looks again sees the truth."""

from datetime import date

import pytest

from custody.adopting import adopt_policy, propose_policy, withdraw_policy
from custody.cases import close_case, reopen_case
from custody.holds import propose_release, refuse_release, release_hold
from custody.marks import resolve
from custody.outside import attest_day
from evidence.errors import CustodyError, LedgerUnavailableError
from tests.fakes.desk import small_bureau
from tests.fakes.shelf import hold, of_segments, pack, shelf

DAY = date(2026, 11, 20)


class Scene:
    """A bureau in which every act below can be done once."""

    def __init__(self):
        self.bureau = small_bureau().take()
        self.segment = self.bureau.seal("a", important=True)
        self.mark = self.bureau.ledger.last(self.segment)
        self.bureau.label(self.segment, ["officer"], "2026-9")
        self.case = self.bureau.ledger.pseudonym("c", "2026-9")
        self.held = hold(self.bureau, of_segments(self.segment))
        self.proposed = propose_policy(self.desk, self.who("chief"), pack())

    @property
    def desk(self):
        return self.bureau.desk

    def who(self, name):
        return self.bureau.actor(name)

    def propose_release(self):
        propose_release(self.desk, self.who("head"), self.held.id, "placed_in_error", "x")


# What is done before, the act, and what the shelf says once it is done.
ACTS = {
    "place": (
        lambda _: None,
        lambda it: hold(it.bureau, of_segments(it.segment), reason="emergency"),
        lambda _, now: {each.reason for each in now.holds.values()} == {"dispute", "emergency"},
    ),
    "propose a release": (
        lambda _: None,
        lambda it: it.propose_release(),
        lambda it, now: now.holds[it.held.id].proposed is not None,
    ),
    "release": (
        lambda it: it.propose_release(),
        lambda it: release_hold(it.desk, it.who("watcher"), it.held.id),
        lambda it, now: now.holds[it.held.id].released is not None,
    ),
    "refuse": (
        lambda it: it.propose_release(),
        lambda it: refuse_release(it.desk, it.who("watcher"), it.held.id, "no"),
        lambda it, now: now.holds[it.held.id].proposed is None,
    ),
    "resolve": (
        lambda _: None,
        lambda it: resolve(it.desk, it.who("supervisor"), it.mark, "tested"),
        lambda it, now: it.mark in now.answered,
    ),
    "adopt": (
        lambda _: None,
        lambda it: adopt_policy(it.desk, it.who("watcher"), it.proposed),
        lambda _, now: len(now.in_force()) == 1,
    ),
    "withdraw": (
        lambda _: None,
        lambda it: withdraw_policy(it.desk, it.who("watcher"), it.proposed),
        lambda _, now: not now.proposals,
    ),
    "close": (
        lambda _: None,
        lambda it: close_case(it.desk, it.who("head"), it.case, DAY),
        lambda it, now: it.case in now.closed,
    ),
    "reopen": (
        lambda it: close_case(it.desk, it.who("head"), it.case, DAY),
        lambda it: reopen_case(it.desk, it.who("head"), it.case),
        lambda it, now: it.case not in now.closed,
    ),
    "attest": (
        lambda it: attest_day(it.desk, it.who("chief"), DAY),
        lambda it: attest_day(it.desk, it.who("watcher"), DAY),
        lambda _, now: any(each.second for each in now.attested),
    ),
}
AGAIN = {"place", "attest"}  # may be done again: a second hold, a further word


@pytest.mark.parametrize("applied", [False, True], ids=["failed", "failed but done"])
@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_broke_is_not_done_or_done_once(name, applied):
    before, act, done = ACTS[name]
    it = Scene()
    before(it)
    world = it.bureau.ledger.world
    world.step, world.applied, world.error = "ledger.append", applied, LedgerUnavailableError
    assert not done(it, shelf(it.bureau))
    with pytest.raises(LedgerUnavailableError):
        act(it)
    assert done(it, shelf(it.bureau)) == applied
    if applied and name not in AGAIN:
        with pytest.raises(CustodyError):
            act(it)
    elif not applied:
        act(it)
    assert done(it, shelf(it.bureau))

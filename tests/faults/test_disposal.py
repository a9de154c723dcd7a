"""A disposal on the real stores: broken at every step, and docked into."""

import pytest

from evidence.errors import VaultUnavailableError
from tests.fakes.disposing import Keepers
from tests.fakes.house import House
from tests.fakes.recorder import MemoryRecorder
from vault.remover import STEPS as REMOVING
from vault.shredding import STEPS as SHREDDING

# Nothing lies in the staging where nothing was cut: tests/unit/vault/test_remover.py has that step.
STEPS = [*SHREDDING, *(step for step in REMOVING if step != "remover.unstage")]


@pytest.fixture
def at(ram):
    house = House(ram / "home")
    keepers = Keepers(house)
    keepers.dock()
    yield keepers
    house.close()


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_broken_at_any_step_the_next_run_comes_to_the_same_end(at, step, applied):
    at.agree()
    breaker = at.house.breaker
    breaker.step, breaker.applied, breaker.nth = step, applied, breaker.seen.count(step) + 1
    try:
        first = at.run()
    except VaultUnavailableError:
        first = None
    assert first is None or not first.done
    assert breaker.seen.count(step) >= breaker.nth, "the step was reached"
    at.house.restart()
    ran = at.run()
    assert (ran.disposed, ran.done) == (3, True)
    assert at.there() == []
    assert all(at.house.store.statement(e.seq) is None for e in at.house.entries("segment.sealed"))
    assert len(at.house.entries("segment.disposed")) == 3, "each tombstone once"
    assert len(at.house.entries("disposal.done")) == 1


# --- docked again --------------------------------------------------------------------------------


def test_a_copy_docked_after_the_disposal_is_taken_in_anew(at):
    at.agree()
    at.run()
    again = MemoryRecorder(dict(at.recorder.files))
    assert at.house.dock(again).outcome == "complete"
    assert len(at.there()) == 3
    sealed = at.house.entries("segment.sealed")[-1]
    assert {"finding": "disposed_before"}.items() <= sealed.body["noted"][-1].items()
    assert at.house.store.statement(sealed.seq).facts["path"]
    old = at.house.entries("segment.sealed")[0]
    assert at.house.store.statement(old.seq) is None, "what was destroyed stays destroyed"


def test_a_copy_docked_in_the_middle_of_a_disposal_stays_on_the_recorder(at):
    at.agree()
    at.house.breaker.step, at.house.breaker.nth = "remover.unlink", 1
    at.run()
    ended_with = at.house.dock(MemoryRecorder(dict(at.recorder.files)), after="erase")
    assert ended_with.counts()["left"] >= 1
    left = {entry.body["because"] for entry in at.house.entries("segment.left")}
    assert left == {"disposal_under_way"}
    at.house.breaker.step = None
    assert at.run().done
    assert at.house.dock(MemoryRecorder(dict(at.recorder.files))).outcome == "complete"
    assert len(at.there()) == 3


def test_a_copy_docked_while_the_keeper_decides_stops_the_batch(at):
    at.agree()

    def dock(_segment):
        at.house.dock(MemoryRecorder(dict(at.recorder.files)), after="erase")

    with at.meanwhile(dock):
        at.run()
    seen = at.house.entries("segment.seen")
    tombs = at.house.entries("segment.disposed")
    assert seen
    assert max(e.seq for e in seen) < min(e.seq for e in tombs)

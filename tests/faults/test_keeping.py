"""Acts upon the keeping, on real stores, broken and killed at every durable step: nothing, or all.

Packs, holds, days, disposals: each act is one append.  What it left is looked at by who starts
again: none of its entries or every one, never a part.  Then it is done again, and is done once.
"""

import pytest

from evidence.errors import ConflictError, CustodyError, EvidenceError, RefusedError
from tests.fakes.house import Breaker
from tests.faults.keeping import ACTS, base, killed
from vault.commit import COMMIT_STEPS, FINISHING_STEPS

PRIVATE = COMMIT_STEPS[:2]
SOMETIMES = "ledger.directories"  # only where a tile begins a new folder
STEPS = [step for step in (*COMMIT_STEPS, *FINISHING_STEPS, "ledger.subjects") if step != SOMETIMES]
SIGNED = STEPS.index("ledger.lock")
CASES = [
    (name, step)
    for name, act in ACTS.items()
    for step in STEPS
    if act.private or step not in PRIVATE
]


def written(it):
    """Return the types of the entries that came to the home since it was prepared."""
    return tuple(entry.type for entry in it.house.entries()[base().size :])


def hold_nothing_or_all(it, act, *, signed):
    """Nothing of the act stands in the ledger, or, from the signature on, all of it."""
    assert written(it) == (act.kinds if signed else ())


def hold_once(it, act, *, done):
    """Do it again: it comes to stand there once, and the audit finds nothing."""
    if not done:
        act.do(it)
    elif not act.again:
        with pytest.raises((CustodyError, ConflictError, RefusedError)):
            act.do(it)
    entries = tuple(each for each in written(it) if each != "access.refused")
    assert entries == act.kinds
    assert it.house.audit().findings == ()


@pytest.mark.parametrize("applied", [False, True], ids=["failed", "failed but done"])
@pytest.mark.parametrize(("name", "step"), CASES)
def test_an_act_that_broke_is_not_there_or_there_once(ram, name, step, applied):
    act, breaker = ACTS[name], Breaker()
    with base().copied(ram, breaker) as it:
        breaker.step, breaker.applied = step, applied
        breaker.nth = breaker.seen.count(step) + 1
        told = None
        try:
            act.do(it)
        except EvidenceError as error:
            told = error
        assert breaker.seen.count(step) >= breaker.nth, "the step was reached"
        signed = STEPS.index(step) + applied > SIGNED
        assert told is None or told.word == ("ledger_outcome_unknown" if at_signing(step) else
                                             "planted")  # fmt: skip
        it.house.restart()
        hold_nothing_or_all(it, act, signed=signed)
        hold_once(it, act, done=signed)


def at_signing(step):
    """Whoever asked is told that it is not known whether it is there."""
    return STEPS.index(step) >= SIGNED


@pytest.mark.parametrize(("name", "step"), CASES)
def test_an_act_that_was_killed_is_not_there_or_there_once(ram, name, step):
    act = ACTS[name]
    killed(ram, act, step)
    signed = STEPS.index(step) > SIGNED
    with base().copied(ram) as it:
        hold_nothing_or_all(it, act, signed=signed)
        hold_once(it, act, done=signed)


@pytest.mark.parametrize("name", ACTS)
def test_every_step_of_an_act_is_in_the_table(ram, name):
    act, breaker = ACTS[name], Breaker()
    with base().copied(ram, breaker) as it:
        before = len(breaker.seen)
        act.do(it)
        steps = set(breaker.seen[before:]) - {SOMETIMES}
    assert steps == {step for of, step in CASES if of == name}


def test_a_step_that_an_act_does_not_come_to_is_no_kill(ram):
    """The fault planted in ourselves: a kill that never happens is told."""
    with pytest.raises(AssertionError, match="was not reached"):
        killed(ram, ACTS["adopt a pack"], "ledger.keys")

"""The power goes at any moment: whatever of the unsynced writes the disk has kept."""

from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.crash.checker import ViolationError
from tests.crash.cuts import OLD, Cuts
from tests.crash.zygote import Zygote

NEEDS = ("strace",)
BETWEEN = 30  # operations between two cuts of the sample
DISK_PLANTS = [
    "no_folder_sync", "no_file_sync", "no_object_folder_sync", "no_lock_sync", "not_read_only",
    "erased_early", "told_early",
]  # fmt: skip
KILLED = 9  # at this sync of the first of two processes


@dataclass(frozen=True)
class Whole:
    """A tape of make fuzz: what stood in the ledger before, how many cuts, how many states each."""

    act: str
    entries: int
    every: int
    more: int


WHOLE = [Whole("alone", 1, 1, 8), Whole("alone", OLD, 2, 4), Whole("founding", 0, 1, 8)]


@pytest.fixture(scope="module")
def zygote():
    with closing(Zygote()) as forking:
        yield forking


def hold(cuts, chosen, more, seed=0):
    """Check every state of the chosen cuts."""
    for cut, disk in cuts.states(chosen, more, seed):
        cuts.check(cut, disk)


@pytest.mark.parametrize(("act", "entries"), [("alone", 1), ("founding", 0)])
def test_a_sample_of_power_cuts_loses_nothing_acknowledged(ram, zygote, act, entries):
    cuts = Cuts(ram, act, zygote, entries=entries)
    hold(cuts, cuts.moments(), more=0)
    hold(cuts, range(BETWEEN, len(cuts.tape.ops), BETWEEN), more=1)
    assert len(cuts.seen) > len(cuts.tape.ops) / 10


@pytest.mark.fuzz
@pytest.mark.parametrize("whole", WHOLE, ids=str)
def test_every_power_cut_loses_nothing_acknowledged(ram, zygote, whole, capsys):
    cuts = Cuts(ram, whole.act, zygote, entries=whole.entries)
    hold(cuts, range(0, len(cuts.tape.ops) + 1, whole.every), whole.more)
    with capsys.disabled():
        print(f"\n{whole}: {len(cuts.seen)} states")  # noqa: T201 - the count
    assert len(cuts.seen) >= len(cuts.tape.ops)


@pytest.mark.parametrize("plant", DISK_PLANTS)
def test_a_sync_left_out_and_a_promise_too_early_are_found(ram, zygote, plant):
    """The fault planted in ourselves: found at a moment at which somebody was promised a thing."""
    cuts = Cuts(ram, "alone", zygote, plant=plant)
    with pytest.raises(ViolationError):
        hold(cuts, cuts.moments(), more=0)


def test_a_batch_that_is_signed_before_it_is_staged_is_found(ram, zygote):
    """The fault planted in ourselves: it shows only between the signature and the tiles."""
    cuts = Cuts(ram, "alone", zygote, plant="no_staging")
    first = cuts.moments()[0]
    with pytest.raises(ViolationError):
        hold(cuts, range(first, 0, -3), more=0)


@pytest.mark.parametrize("plant", [None, "no_name_sync"])
def test_a_staging_that_goes_before_its_names_are_durable_is_found(ram, zygote, plant):
    """The last batch is answered, its staging gone: its names alone lead to what was promised."""
    cuts = Cuts(ram, "alone", zygote, plant=plant)
    last = len(cuts.tape.ops)
    if plant is None:
        hold(cuts, range(last - 2 * BETWEEN, last + 1), more=0)
        return
    with pytest.raises(ViolationError, match="ledger_staging_missing"):
        hold(cuts, [last], more=0)


def test_a_start_after_a_kill_trusts_no_name_that_was_not_synced(ram, zygote):
    """Killed before a sync, started again and finished: only then the power goes."""
    cuts = Cuts(ram, "alone", zygote, killed=f"fsync:signal=KILL:when={KILLED}")
    hold(cuts, cuts.moments(), more=0)


@pytest.mark.fuzz
@pytest.mark.parametrize("number", range(1, 120, 3))
def test_a_start_after_any_kill_trusts_no_name_that_was_not_synced(ram, zygote, number):
    cuts = Cuts(ram, "alone", zygote, killed=f"fsync:signal=KILL:when={number}")
    hold(cuts, [*cuts.moments(), *range(0, len(cuts.tape.ops), BETWEEN)], more=2)

"""Processes killed and cables pulled at random while eight recorders are docked at once."""

import statistics
from contextlib import closing

import pytest

from appliance.clock import SystemClock
from tests.crash.checker import ViolationError
from tests.crash.storm import KINDS, LATE_S, Storm
from tests.fakes.house import House

SEED = 2211  # of the sample


def told(storm):
    """Return what was broken, how often, and how long it took to be back."""
    kinds = ", ".join(
        f"{what} {storm.kills[what]}"
        f" (median {statistics.median(back):.1f} s, slowest {max(back):.1f} s)"
        for what, back in sorted(storm.back.items())
    )
    return (
        f"\n{sum(storm.kills.values())} kills: {kinds};"
        f" back after more than {LATE_S} s: {len(storm.late)}"
        f"\n{sum(storm.losses.values())} losses of a source: {dict(storm.losses)};"
        f" {len(storm.cards)} recorders, {len(KINDS)} at once, put in again by hand:"
        f" {len(storm.by_hand)}\n" + "\n".join((*storm.late, *storm.by_hand))
    )


def test_a_sample_of_kills_and_losses_leaves_every_byte_in_custody_once(ram, capsys):
    storm = Storm(ram, SEED)
    with closing(storm):
        storm.blow(kills=6, losses=2)
    storm.check()
    with capsys.disabled():
        print(told(storm))  # noqa: T201 - the count
    assert sum(storm.kills.values()) >= 6
    assert sum(storm.losses.values()) >= 2


@pytest.mark.fuzz
def test_five_hundred_kills_and_two_hundred_losses_leave_every_byte_in_custody_once(ram, capsys):
    storm = Storm(ram, SEED)
    with closing(storm):
        storm.blow(kills=500, losses=200)
    storm.check()
    with capsys.disabled():
        print(told(storm))  # noqa: T201 - the count


def test_a_killed_slot_that_is_not_begun_again_is_found(ram, monkeypatch):
    """The fault planted in ourselves."""
    monkeypatch.setattr("tests.crash.storm.BACK_LIMIT_S", 6.0)
    monkeypatch.setattr("tests.crash.storm.VICTIMS", {"slot": 1, "parser": 0, "ledger": 0,
                                                      "cradle": 0, "up": 0})  # fmt: skip
    storm = Storm(ram, SEED, "never_again", only=(3,))
    with closing(storm), pytest.raises(ViolationError, match="not back after"):
        storm.blow(kills=3, losses=0)


def test_a_recorder_that_forgets_too_early_is_found(ram, monkeypatch):
    """The fault planted in ourselves: its files never come into custody, so it is never done."""
    monkeypatch.setattr("tests.crash.storm.CALM_S", 6.0)
    storm = Storm(ram, SEED, "erased_early", only=(5,))
    with closing(storm), pytest.raises(ViolationError, match="not docked when all was calm"):
        storm.blow(kills=0, losses=0)


def test_a_segment_that_is_lost_afterwards_is_found(ram):
    """What the checker of the rack looks at is looked at."""
    storm = Storm(ram, SEED, only=(5,))
    with closing(storm):
        storm.blow(kills=0, losses=0)
    with closing(House(storm.rack.home, clock=SystemClock())) as house:
        name = house.entries("segment.sealed")[0].body["sha256"]
    (storm.rack.home / "vault" / "objects" / name[:2] / name).unlink()
    with pytest.raises(ViolationError, match="not in the vault"):
        storm.check()

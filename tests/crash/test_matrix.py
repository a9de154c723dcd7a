"""The n-th system call of the real processes broken, for every n: five ways, one checker."""

import random
from contextlib import closing

import pytest

from tests.crash.checker import ViolationError
from tests.crash.matrix import MODES, PLAYS, Matrix, Point

NEEDS = ("strace",)
SEED = 2611  # of the sample: the same points in every run
OFTEN = 20  # a call made more often than this is broken at two places


def sample(points):
    """Return one or two points of each call, each broken in one way; all ways in turn."""
    chance = random.Random(SEED)
    calls = {}
    for point in points:
        calls.setdefault(point.call, []).append(point)
    modes = list(MODES)
    chosen = []
    for call in sorted(calls):
        count = 1 + (len(calls[call]) > OFTEN)
        for point in chance.sample(calls[call], count):
            chosen.append((point, modes[len(chosen) % len(modes)]))
    return chosen


@pytest.mark.parametrize("play", PLAYS)
def test_a_sample_of_broken_calls_loses_nothing(ram, play):
    with closing(Matrix(ram)) as matrix:
        chosen = sample(matrix.points(play))
        struck = [matrix.check(point, mode) for point, mode in chosen]
    assert len(chosen) >= 10
    # What is under way in several threads does not always come to the n-th call again.
    assert sum(struck) >= len(chosen) * 0.8


@pytest.mark.fuzz
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("play", PLAYS)
def test_every_call_broken_loses_nothing(ram, play, mode, capsys):
    with closing(Matrix(ram)) as matrix:
        points = list(matrix.points(play))
        struck = sum(matrix.check(point, mode) for point in points)
    with capsys.disabled():
        print(f"\n{play} {mode}: {len(points)} points, {struck} struck")  # noqa: T201 - the count
    assert struck >= len(points) * 0.8


FAILED_SYNCS = [
    (Point("slot", "fsync", 5), "eio"),
    (Point("slot", "fsync", 14), "enospc"),
    (Point("ledger", "fsync", 9), "eio"),
    (Point("ledger", "fdatasync", 9), "enospc"),
    (Point("append", "fsync", 21), "eio"),
]


def test_a_process_ends_at_a_sync_that_failed(ram):
    with closing(Matrix(ram)) as matrix:
        assert all(matrix.check(point, mode) for point, mode in FAILED_SYNCS)


@pytest.mark.parametrize(
    ("plant", "point", "found"),
    [
        ("goes_on", Point("slot", "fsync", 5), "after one that failed|went on"),
        ("stays_up", Point("ledger", "fsync", 9), "after one that failed|went on"),
    ],
)
def test_a_process_that_goes_on_is_found(ram, plant, point, found):
    """The fault planted in ourselves."""
    with closing(Matrix(ram, plant)) as matrix, pytest.raises(ViolationError, match=found):
        matrix.check(point, "eio")


def test_a_promise_given_too_early_is_found(ram):
    """The fault planted in ourselves: killed at its writes, the process has promised too much."""
    points = [Point("alone", "pwrite64", number) for number in range(60, 400, 20)]
    told = "reported as sealed"
    with closing(Matrix(ram, "told_early")) as matrix, pytest.raises(ViolationError, match=told):
        all(matrix.check(point, "kill") for point in points)

"""A disk that is full at random places, while eight recorders are docked at once."""

import random
import statistics
from contextlib import ExitStack, closing

import pytest

from tests.crash.checker import ViolationError
from tests.crash.full import RESERVE_BYTES, Flood, small_disk
from tests.crash.matrix import Matrix, Point

NEEDS = ("strace",)
SEED = 2211
WRITES = {"slot": "pwrite64", "ledger": "write", "alone": "pwrite64", "append": "write"}


@pytest.fixture
def flooded(ram):
    """Give a rack whose home lies on a small disk; everything has ended afterwards."""
    with ExitStack() as opened:
        disk = opened.enter_context(small_disk(ram / "disk"))

        def flood(plant=None, only=()):
            plants = [*([plant] if plant else []), *([] if disk.mounted else ["played_disk"])]
            made = Flood(
                ram, SEED, "+".join(plants), only, reserve_bytes=RESERVE_BYTES, disk=disk
            )  # fmt: skip
            return opened.enter_context(closing(made))

        yield flood


def told(flood):
    return (
        f"\n{flood.places} places ({'mounted' if flood.disk.mounted else 'played'} disk),"
        f" dockings cut: {dict(flood.words)}; on again by itself after"
        f" {statistics.median(flood.back_s):.1f} s (median), {max(flood.back_s):.1f} s (slowest);"
        f" {len(flood.cards)} recorders; of a reserve of {RESERVE_BYTES} bytes intake took at most"
        f" {flood.most}, of files for which it had found room before"
    )


def test_a_disk_that_is_full_once_costs_nothing_but_time(flooded, capsys):
    flood = flooded()
    flood.rise(1)
    flood.check()
    with capsys.disabled():
        print(told(flood))  # noqa: T201 - the count


@pytest.mark.fuzz
def test_a_disk_that_is_full_at_a_hundred_places_costs_nothing_but_time(flooded, capsys):
    flood = flooded()
    flood.rise(100)
    flood.check()
    with capsys.disabled():
        print(told(flood))  # noqa: T201 - the count
    assert flood.places >= 100


def test_a_slot_that_does_not_go_on_when_there_is_room_is_found(flooded, monkeypatch):
    """The fault planted in ourselves."""
    monkeypatch.setattr("tests.crash.full.BACK_LIMIT_S", 6.0)
    with pytest.raises(ViolationError, match="do not go on"):
        flooded("stays_full", only=(1,)).rise(1)


@pytest.mark.fuzz
def test_intake_that_takes_the_reserve_is_found(flooded, monkeypatch):
    """The fault planted in ourselves."""
    monkeypatch.setattr(Flood, "_left", lambda _self: RESERVE_BYTES)
    with pytest.raises(ViolationError, match="of the reserve"):
        flooded("takes_the_reserve").rise(3)


def places(matrix, play, count):
    """Return random points of a play from which on nothing can be written any more."""
    points = [point for point in matrix.points(play) if point.call == WRITES[play]]
    return random.Random(SEED).sample(points, min(count, len(points)))


@pytest.mark.parametrize("play", WRITES)
def test_a_disk_that_is_full_from_some_write_on_loses_nothing(ram, play):
    with closing(Matrix(ram)) as matrix:
        chosen = places(matrix, play, 2)
        assert sum(matrix.check(point, "full") for point in chosen) >= 1


@pytest.mark.fuzz
@pytest.mark.parametrize("play", WRITES)
def test_a_disk_that_is_full_from_any_write_on_loses_nothing(ram, play, capsys):
    with closing(Matrix(ram)) as matrix:
        chosen = places(matrix, play, 60)
        struck = sum(matrix.check(point, "full") for point in chosen)
    with capsys.disabled():
        print(f"\n{play}: full from {len(chosen)} places on, {struck} struck")  # noqa: T201 - the count
    assert struck >= len(chosen) * 0.8


def test_a_promise_given_on_a_full_disk_is_found(ram):
    """The fault planted in ourselves."""
    points = [Point("alone", "pwrite64", number) for number in range(60, 400, 20)]
    with (
        closing(Matrix(ram, "told_early")) as matrix,
        pytest.raises(ViolationError, match="reported as sealed"),
    ):
        all(matrix.check(point, "full") for point in points)

"""The port ``Meter``: one suite over the fake and the files."""

import os
import stat

import pytest

from evidence.errors import FsyncFailedError, VaultUnavailableError
from tests.fakes.house import Breaker
from tests.fakes.meter import MemoryMeter
from vault.meter import STEPS, FileMeter

GRANT = "g:" + "ab" * 16
OTHER = "g:" + "cd" * 16


class Ticks:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(params=["memory", "files"])
def meter(request, tmp_path):
    return MemoryMeter() if request.param == "memory" else FileMeter(tmp_path / "meter")


def left(meter):
    return {(each.grant, each.after): dict(each.parts()) for each in meter.left_over()}


def killed(count):
    """What the end of its process does to a count: the kernel closes its files."""
    count.drop()


def test_where_nothing_was_counted_nothing_is_left_over(meter):
    assert left(meter) == {}


def test_what_a_killed_process_had_counted_is_left_over(meter):
    count = meter.begin(GRANT, 7)
    count.leaving(0, 1, 100)
    count.leaving(0, 2, 150)
    count.leaving(59, 1, 2**40)
    assert (count.grant, count.after) == (GRANT, 7)
    assert count.parts() == {0: (2, 150), 59: (1, 2**40)}
    killed(count)
    assert left(meter) == {(GRANT, 7): {0: (2, 150), 59: (1, 2**40)}}


def test_what_is_killed_before_its_first_count_is_left_over_too(meter):
    killed(meter.begin(GRANT, 0))
    assert left(meter) == {(GRANT, 0): {}}


def test_what_is_being_counted_is_nobody_elses(meter):
    count = meter.begin(GRANT, 7)
    count.leaving(0, 1, 1)
    assert left(meter) == {}
    count.end()
    assert left(meter) == {}


def test_what_is_being_counted_is_told_apart_from_what_is_left_over(meter):
    assert set(meter.counting()) == set()
    count, other = meter.begin(GRANT, 7), meter.begin(OTHER, 0)
    killed(other)
    assert set(meter.counting()) == {(GRANT, 7)}
    count.leaving(0, 1, 1)
    count.end()
    assert set(meter.counting()) == set()
    assert left(meter) == {(OTHER, 0): {}}, "asking takes nothing over"


def test_what_is_ended_is_forgotten_and_the_rest_is_not(meter):
    killed(meter.begin(GRANT, 7))
    killed(meter.begin(OTHER, 8))
    for each in meter.left_over():
        if each.grant == GRANT:
            each.end()
        else:
            each.drop()
    assert left(meter) == {(OTHER, 8): {}}


def test_what_is_taken_over_is_given_to_one_only(meter):
    killed(meter.begin(GRANT, 7))
    for each in meter.left_over():
        assert left(meter) == {}
        each.leaving(3, 1, 9)
        assert each.parts() == {3: (1, 9)}
        each.end()
    assert left(meter) == {}


def test_two_that_began_after_the_same_entry_are_one_with_the_larger_counts(meter):
    first, second = meter.begin(GRANT, 7), meter.begin(GRANT, 7)
    second.leaving(0, 3, 30)
    killed(first)
    assert left(meter) == {}, "the other one is still counting"
    killed(second)
    taken = [each.parts() for each in meter.left_over()]
    assert taken == [{0: (3, 30)}]


def test_all_that_began_after_the_same_entry_end_together(meter):
    for _ in range(3):
        killed(meter.begin(GRANT, 7))
    for each in meter.left_over():
        each.end()
    assert left(meter) == {}


def test_every_start_finds_what_the_one_before_had_left(tmp_path):
    count = FileMeter(tmp_path).begin(GRANT, 7)
    count.leaving(2, 5, 500)
    count.drop()
    assert left(FileMeter(tmp_path)) == {(GRANT, 7): {2: (5, 500)}}


def test_only_its_own_process_may_read_what_it_counts(tmp_path):
    meter = FileMeter(tmp_path / "meter")
    meter.begin(GRANT, 7)
    (file,) = (tmp_path / "meter").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_count_is_synced_once_a_second_and_not_more_often(tmp_path):
    steps, ticks = Breaker(), Ticks()
    count = FileMeter(tmp_path, steps=steps, monotonic=ticks).begin(GRANT, 7)
    for number in range(1, 31):
        ticks.now = number / 10
        count.leaving(0, number, number)
    assert steps.seen.count("meter.sync") == 3


def test_after_a_failed_sync_nothing_more_is_counted(tmp_path, monkeypatch):
    ticks = Ticks()
    count = FileMeter(tmp_path, monotonic=ticks).begin(GRANT, 7)

    def fail(descriptor):
        raise OSError(5, f"planted at {descriptor}")

    monkeypatch.setattr(os, "fsync", fail)
    ticks.now = 2.0
    with pytest.raises(FsyncFailedError):
        count.leaving(0, 1, 1)
    monkeypatch.undo()
    with pytest.raises(FsyncFailedError):
        count.leaving(0, 2, 2)


def test_what_is_no_count_of_ours_is_passed_over(tmp_path):
    (tmp_path / "notes.txt").write_text("not ours")
    (tmp_path / f"{'ab' * 16}-007-{'0' * 16}").write_text("")
    assert left(FileMeter(tmp_path)) == {}


def test_a_count_that_ends_while_it_is_asked_for_is_counted_by_nobody(tmp_path, monkeypatch):
    meter = FileMeter(tmp_path)
    meter.begin(GRANT, 7).end()
    monkeypatch.setattr(meter, "_names", lambda: [f"{'ab' * 16}-7-{'0' * 16}"])
    assert set(meter.counting()) == set()


def test_a_cut_cell_is_no_count(tmp_path):
    count = FileMeter(tmp_path).begin(GRANT, 7)
    count.leaving(0, 1, 10)
    count.drop()
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"\0\0\0")
    assert left(FileMeter(tmp_path)) == {(GRANT, 7): {0: (1, 10)}}


def test_what_has_ended_cannot_be_counted_on(tmp_path):
    count = FileMeter(tmp_path).begin(GRANT, 7)
    count.end()
    with pytest.raises(VaultUnavailableError):
        count.leaving(0, 1, 1)


@pytest.mark.parametrize("part", [-1, 60])
def test_a_part_that_no_grant_can_have_is_refused(tmp_path, part):
    count = FileMeter(tmp_path).begin(GRANT, 7)
    with pytest.raises(VaultUnavailableError):
        count.leaving(part, 1, 1)
    assert count.parts() == {}


def test_who_cannot_get_a_file_of_their_own_does_not_begin(tmp_path, monkeypatch):
    monkeypatch.setattr("vault.meter._locked", lambda *_: None)
    with pytest.raises(VaultUnavailableError):
        FileMeter(tmp_path).begin(GRANT, 7)


def test_a_meter_that_cannot_write_says_so(tmp_path):
    (tmp_path / "meter").write_text("a file in the way")
    with pytest.raises(VaultUnavailableError):
        FileMeter(tmp_path / "meter").begin(GRANT, 7)


def test_a_count_that_its_owner_has_lost_is_left_over(tmp_path):
    meter = FileMeter(tmp_path)
    count = meter.begin(GRANT, 7)
    count.leaving(0, 1, 10)
    del count
    assert left(meter) == {(GRANT, 7): {0: (1, 10)}}


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_broken_step_is_told_and_leaves_at_most_what_a_start_ends(tmp_path, step, applied):
    ticks = Ticks()
    meter = FileMeter(tmp_path, steps=Breaker(step, applied), monotonic=ticks)
    with pytest.raises(VaultUnavailableError):
        count_once(meter, ticks)
    for each in FileMeter(tmp_path).left_over():
        assert each.parts() in ({}, {0: (1, 10)})
        each.end()
    assert left(meter) == {}


def count_once(meter, ticks):
    count = meter.begin(GRANT, 7)
    ticks.now = 2.0
    count.leaving(0, 1, 10)
    count.end()

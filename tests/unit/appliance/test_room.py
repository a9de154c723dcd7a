import os
from types import SimpleNamespace

import pytest

from appliance.room import Room
from appliance.slotstate import SlotState

RESERVE, BLOCK = 1024**2, 512


@pytest.fixture
def disk(monkeypatch):
    """A disk whose free blocks can be set; its reserve is full to the block at first."""
    made = SimpleNamespace(f_bavail=RESERVE // BLOCK, f_frsize=BLOCK)
    monkeypatch.setattr(os, "statvfs", lambda _path: made)
    return made


def short(tmp_path, because="no_space_left"):
    room = Room(tmp_path, RESERVE)
    room.ended(SlotState(1, bytes=10 * BLOCK, bytes_done=7 * BLOCK, because=because))
    return room


@pytest.mark.parametrize("because", ["no_space", "no_space_left"])
def test_a_slot_waits_until_what_is_left_fits_beside_the_reserve(tmp_path, disk, because):
    room = short(tmp_path, because)
    disk.f_bavail += 2
    assert room.lacking(1)
    assert not room.lacking(2)
    disk.f_bavail += 1
    assert not room.lacking(1)


def test_a_docking_that_ended_otherwise_waits_for_no_room(tmp_path, disk):
    disk.f_bavail = 0
    room = short(tmp_path, "unplugged")
    assert not room.lacking(1)
    room = short(tmp_path)
    room.ended(SlotState(1, outcome="complete"))
    assert not room.lacking(1)


def test_a_recorder_that_was_taken_waits_for_nothing(tmp_path, disk):
    disk.f_bavail = 0
    room = short(tmp_path)
    room.forget(1)
    assert not room.lacking(1)


@pytest.mark.usefixtures("disk")
def test_a_docking_that_was_never_listed_waits_for_the_reserve_to_be_whole(tmp_path):
    room = Room(tmp_path, RESERVE)
    room.ended(SlotState(1, because="no_space"))
    assert room.lacking(1)


def test_a_disk_that_cannot_be_measured_is_tried(tmp_path):
    assert not short(tmp_path / "none").lacking(1)


def test_a_slot_that_had_to_wait_hears_once_that_there_is_room(tmp_path, disk):
    room = short(tmp_path)
    assert room.lacking(1)
    disk.f_bavail += 3
    assert not room.lacking(1)
    assert [room.came(1), room.came(1), room.came(2)] == [True, False, False]


def test_a_slot_for_which_there_was_room_all_the_time_did_not_wait(tmp_path, disk):
    disk.f_bavail += 3
    room = short(tmp_path)
    assert not room.lacking(1)
    assert not room.came(1)


def test_who_was_taken_while_it_waited_is_told_of_no_room(tmp_path, disk):
    room = short(tmp_path)
    assert room.lacking(1)
    room.forget(1)
    disk.f_bavail += 3
    assert not room.came(1)

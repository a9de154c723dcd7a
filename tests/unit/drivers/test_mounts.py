"""What a killed erase has left mounted is taken away, and nothing that is not ours."""

import os

import pytest

from drivers import mounts
from drivers.mounts import make_mount_point, release
from evidence.errors import DeviceError, EraseError
from tests.unit.drivers.made import opened

GONE = "dockseal-4194305.1-abc_1"  # beyond the largest number that a process can have


class Machine:
    """A machine with a table of mounts, and tools that only say what they were told."""

    def __init__(self, path, monkeypatch):
        self.table, self.blocks = path / "mountinfo", path / "block"
        self.run_folder = path / "run"
        self.run_folder.mkdir()
        self.card = path / "card of the 1st.img"
        self.card.write_bytes(b"card")
        self.told = []
        self.lines = []
        self.broken = ""
        monkeypatch.setattr(mounts, "MOUNTS", self.table)
        monkeypatch.setattr(mounts, "BLOCKS", self.blocks)
        monkeypatch.setattr(mounts, "run", self._run)
        self._write()

    def mount(self, point, source):
        point.mkdir(parents=True, exist_ok=True)
        told = [str(each).replace(" ", "\\040") for each in (point, source)]
        self.lines.append(f"36 35 8:1 / {told[0]} rw,noatime shared:1 - vfat {told[1]} rw")
        self._write()

    def loop(self, name, backing):
        folder = self.blocks / name / "loop"
        folder.mkdir(parents=True)
        (folder / "backing_file").write_text(f"{backing}\n")
        return f"/dev/{name}"

    def release(self):
        release(self.card, self.run_folder)
        return self.told

    def _write(self):
        self.table.write_text(
            "".join(f"{line}\n" for line in ["1 0 0:1 / / rw - x y rw", *self.lines])
        )

    def _run(self, command):
        self.told.append(command)
        if command[0] == self.broken:
            raise EraseError("erase_tool", tool=command[0], code=1)
        return ""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def test_a_mount_of_this_device_whose_process_is_gone_is_taken_away(machine):
    point = machine.run_folder / GONE
    machine.mount(point, machine.card)
    assert machine.release() == [["umount", str(point)]]
    assert not point.exists()


def test_a_loop_device_over_this_image_goes_with_its_mount(machine):
    device = machine.loop("loop77", machine.card)
    point = machine.run_folder / GONE
    machine.mount(point, device)
    assert machine.release() == [["umount", str(point)], ["losetup", "--detach", device]]


def test_a_loop_device_that_is_itself_what_was_docked_is_nobody_s_to_detach(machine):
    machine.loop(machine.card.name, "/somewhere/else.img")  # as if the card were /dev/loop77
    machine.mount(machine.run_folder / GONE, machine.card)
    assert [command[0] for command in machine.release()] == ["umount"]


def test_the_newest_of_two_mounts_goes_first(machine):
    first, second = machine.run_folder / GONE, machine.run_folder / f"{GONE}2"
    machine.mount(first, machine.card)
    machine.mount(second, machine.card)
    assert machine.release() == [["umount", str(second)], ["umount", str(first)]]


def test_a_mount_whose_process_still_erases_stays(machine):
    point = make_mount_point(machine.run_folder)
    machine.mount(point, machine.card)
    assert machine.release() == []


def test_a_process_that_is_hidden_from_us_may_still_erase(machine, monkeypatch, tmp_path):
    point = make_mount_point(machine.run_folder)
    machine.mount(point, machine.card)
    monkeypatch.setattr(mounts, "PROCESSES", tmp_path / "hidden")
    assert machine.release() == []


@pytest.mark.parametrize(("kind", "taken"), [(PermissionError, 0), (ProcessLookupError, 1)])
def test_a_process_of_somebody_else_lives_and_one_that_is_gone_does_not(
    machine, monkeypatch, kind, taken
):
    machine.mount(make_mount_point(machine.run_folder), machine.card)

    def refuse(*_):
        raise kind

    monkeypatch.setattr(os, "kill", refuse)
    assert len(machine.release()) == taken


def test_a_number_that_another_process_has_now_is_no_owner(machine):
    point = machine.run_folder / f"dockseal-{os.getpid()}.1-abc"
    machine.mount(point, machine.card)
    assert machine.release() == [["umount", str(point)]]


@pytest.mark.parametrize("where", ["../elsewhere/" + GONE, "deeper/" + GONE, "my-card", "."])
def test_a_mount_that_is_not_at_a_mount_point_of_ours_stays(machine, where):
    machine.mount((machine.run_folder / where).resolve(), machine.card)
    assert machine.release() == []


def test_a_mount_of_another_device_stays(machine, tmp_path):
    other = tmp_path / "other.img"
    other.write_bytes(b"other")
    machine.mount(machine.run_folder / GONE, other)
    machine.mount(machine.run_folder / f"{GONE}2", machine.loop("loop77", other))
    machine.mount(machine.run_folder / f"{GONE}3", "/dev/gone")
    assert machine.release() == []


def test_a_machine_that_hides_its_mounts_has_none_of_ours(machine):
    machine.table.unlink()
    assert machine.release() == []


@pytest.mark.parametrize("tool", ["umount", "losetup"])
def test_what_cannot_be_taken_away_keeps_the_device_busy(machine, tool):
    machine.mount(machine.run_folder / GONE, machine.loop("loop77", machine.card))
    machine.broken = tool
    with pytest.raises(DeviceError, match="device_busy"):
        machine.release()


def test_every_docking_of_a_disk_looks_for_it_before_it_reads(machine):
    machine.card.write_bytes(bytes(510) + b"\x55\xaa")
    machine.mount(machine.run_folder / GONE, machine.card)
    opened(machine.card, mounts=machine.run_folder).close()
    assert machine.told == [["umount", str(machine.run_folder / GONE)]]

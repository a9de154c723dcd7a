"""The mounted ways: removal below a mount point, and exfat-fuse where this machine has it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drivers import erase
from drivers.answer import Facts
from drivers.run import run
from drivers.ways import ExfatFuse, KernelMount, Medium
from evidence.errors import EraseError
from tests.fakes.certificates import certificate_for
from tests.tools import exfat
from tests.tools.volumes import VolumeFile
from tests.unit.drivers.made import opened

NAMES = ["DCIM/执法 01.mp4", "DCIM/b.mp4", "DCIM/sub/c.mp4", "DEVICE.LOG"]
FAT = Medium(Path("card"), False, Facts("FAT32", "FAT32:0000-0000", 0, 1, 1, 1))
EXFAT = Medium(Path("card"), False, Facts("exFAT", "exFAT:0000-0000", 0, 1, 1, 1))


def can_mount_exfat():
    return ExfatFuse().lacks(EXFAT) is None


@pytest.mark.parametrize("partitioned", [False, True])
def test_a_real_exfat_volume_forgets_what_is_named_or_is_unsupported(
    tmp_path, monkeypatch, partitioned
):
    monkeypatch.setattr(erase, "DISK_WAYS", (ExfatFuse(),))
    files = [VolumeFile(name, name.encode() * 300) for name in NAMES]
    path = exfat.write_image(tmp_path / "card.img", files, partitioned=partitioned).path
    recorder = opened(path)
    named = [file for file in recorder.listing().files if file.path in NAMES[:2]]
    if can_mount_exfat():
        recorder.erase(certificate_for(named))
    else:
        with pytest.raises(EraseError, match="erase_unsupported"):
            recorder.erase(certificate_for(named))
    left = {file.path: b"".join(recorder.read(file)) for file in recorder.listing().files}
    kept = NAMES[2:] if can_mount_exfat() else NAMES
    assert left == {name: name.encode() * 300 for name in kept}
    assert str(path) not in Path("/proc/mounts").read_text()
    recorder.close()


KILLED = """
import sys
from pathlib import Path
from drivers import ways
from drivers.answer import Facts
facts = Facts("exFAT", "exFAT:0000-0000", 0, int(sys.argv[3]), 1, 1)
medium = ways.Medium(Path(sys.argv[1]), False, facts, Path(sys.argv[2]))
ways.remove_below = lambda *_: (print("mounted", flush=True), sys.stdin.read())
ways.ExfatFuse().remove(medium, [None])
"""


def test_a_mount_that_a_killed_erase_has_left_is_gone_when_the_card_is_docked_again(tmp_path):
    run_folder = tmp_path / "run"
    run_folder.mkdir()
    path = exfat.write_image(tmp_path / "card.img", [VolumeFile(NAMES[0], b"film")]).path
    command = [sys.executable, "-c", KILLED, path, run_folder, str(path.stat().st_size)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes) as child:
        assert child.stdout.readline() == (b"mounted\n" if can_mount_exfat() else b"")
        child.kill()
    left = list(run_folder.iterdir())
    assert len(left) == can_mount_exfat()
    assert all(str(point) in Path("/proc/mounts").read_text() for point in left)
    recorder = opened(path, mounts=run_folder)
    assert [file.path for file in recorder.listing().files] == NAMES[:1]
    recorder.close()
    assert str(run_folder) not in Path("/proc/mounts").read_text()
    assert list(run_folder.iterdir()) == []
    assert str(path) not in run(["losetup", "--list", "--output", "BACK-FILE"])


def test_the_kernel_is_asked_only_for_what_it_knows(tmp_path, monkeypatch):
    known = tmp_path / "filesystems"
    monkeypatch.setattr("drivers.ways.FILE_SYSTEMS", known)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/true")
    known.write_text("nodev\tsysfs\n\text4\n")
    assert KernelMount().lacks(FAT) == "file_system"
    known.write_text("nodev\tsysfs\n\tvfat\n")
    assert KernelMount().lacks(FAT) is None
    assert KernelMount().lacks(EXFAT) == "file_system"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert KernelMount().lacks(FAT) == "root"


@pytest.fixture
def mounting(tmp_path, monkeypatch):
    """A "mount" that shows a folder: what is mounted, and the commands that were given."""
    commands = []
    card = tmp_path / "mounted"
    card.mkdir()

    def fake(command, **_):
        commands.append(command[0])
        if command[0] == "mount":
            Path(command[-1]).rmdir()
            card.rename(command[-1])
        if command[0] == "umount":
            Path(command[-1]).rename(card)
            Path(command[-1]).mkdir()
        return "/dev/loop99\n"

    monkeypatch.setattr("drivers.ways.run", fake)
    return card, commands


def removed(tmp_path, files):
    image = tmp_path / "card.img"
    image.touch()
    KernelMount().remove(Medium(image, False, FAT.facts), files)


def listed(card):
    recorder = opened(card)
    files = recorder.listing().files
    recorder.close()
    return files


def test_what_is_named_is_removed_from_the_mount_and_nothing_else(tmp_path, mounting):
    card, commands = mounting
    (card / "DCIM").mkdir()
    (card / "DCIM" / "a.mp4").write_bytes(b"a")
    (card / "b.mp4").write_bytes(b"b")
    removed(tmp_path, [file for file in listed(card) if file.path == "DCIM/a.mp4"])
    assert sorted(path.name for path in card.rglob("*")) == ["DCIM", "b.mp4"]
    assert commands == ["losetup", "mount", "umount", "losetup"]


def test_a_mount_is_always_taken_away_again(tmp_path, mounting):
    card, commands = mounting
    (card / "a.mp4").write_bytes(b"a")
    files = listed(card)
    (card / "a.mp4").write_bytes(b"another")
    with pytest.raises(EraseError, match="erase_changed"):
        removed(tmp_path, files)
    assert commands == ["losetup", "mount", "umount", "losetup"]
    assert (card / "a.mp4").exists()


def test_a_tool_that_hangs_or_fails_is_an_error_without_names():
    with pytest.raises(EraseError) as caught:
        run(["false"])
    assert caught.value.facts == {"tool": "false", "code": 1}
    with pytest.raises(EraseError):
        run(["no such tool here"])


def test_a_tool_gets_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("DOCKSEAL_SECRET", "secret")
    assert "secret" not in run(["env"])

"""A mounted card may hold anything that a file system can; only plain files are ever opened."""

import errno
import os
import socket

import pytest

from drivers import remove
from drivers.buffers import CHUNK_BYTES
from drivers.folder import FolderRecorder
from drivers.inodes import numbers_last
from drivers.limits import ListingLimits
from evidence.errors import DeviceError, EraseError, UnpluggedError, UnreadableError
from evidence.findings import Finding
from tests.fakes.certificates import certificate_for

NAMES = [
    b"plain.mp4",
    "汉字.mp4".encode(),
    "汉字.mp4".encode("gbk"),
    b"broken\xff\xfe.mp4",
    b"control\n\x1b[31m.mp4",
    b"back\\slash",
    b"..hidden",
    b" blank ",
    b"-rf",
    b"n" * 255,
]


@pytest.fixture
def card(tmp_path):
    path = tmp_path / "card"
    path.mkdir()
    return path


def docked(card, **limits):
    return FolderRecorder(card, limits=ListingLimits(**limits))


def put(card, name, content=b"content"):
    path = os.path.join(os.fsencode(card), name)  # noqa: PTH118 - bytes, not text
    with open(path, "wb") as out:  # noqa: PTH123 - bytes, not text
        out.write(content)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_encoding_survives_and_its_file_is_read_and_erased(card, name):
    put(card, name, name)
    put(card, b"other", b"stays")
    recorder = docked(card)
    file = next(each for each in recorder.listing().files if each.raw == name)
    assert b"".join(recorder.read(file)) == name
    recorder.erase(certificate_for([file]))
    assert [each.raw for each in recorder.listing().files] == [b"other"]
    recorder.close()


def test_links_pipes_sockets_and_devices_are_counted_and_never_opened(card, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (card / "link").symlink_to(tmp_path / "secret")
    (card / "folder link").symlink_to(tmp_path)
    os.mkfifo(card / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(card / "socket"))
    recorder = docked(card)
    listing = recorder.listing()
    assert listing.files == ()
    assert {(n.facts["because"], n.facts["count"]) for n in listing.noted} == {
        ("symlink", 2),
        ("fifo", 1),
        ("socket", 1),
    }
    assert {note.finding for note in listing.noted} == {Finding.LEFT_BEHIND}
    listening.close()
    recorder.close()


@pytest.mark.parametrize("kind", ["symlink", "fifo", "folder", "other file"])
def test_what_takes_the_place_of_a_listed_file_is_not_read(card, tmp_path, kind):
    put(card, b"a.mp4")
    recorder = docked(card)
    file = recorder.listing().files[0]
    (card / "a.mp4").rename(tmp_path / "moved")
    if kind == "symlink":
        (card / "a.mp4").symlink_to(tmp_path / "moved")
    elif kind == "fifo":
        os.mkfifo(card / "a.mp4")
    elif kind == "folder":
        (card / "a.mp4").mkdir()
    else:
        put(card, b"a.mp4", b"another")
    with pytest.raises(UnreadableError):
        list(recorder.read(file))
    recorder.close()


def test_a_folder_that_became_a_link_is_not_followed(card, tmp_path):
    (card / "DCIM").mkdir()
    put(card / "DCIM", b"a.mp4")
    recorder = docked(card)
    file = recorder.listing().files[0]
    (card / "DCIM").rename(tmp_path / "elsewhere")
    (card / "DCIM").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnreadableError):
        list(recorder.read(file))
    with pytest.raises(EraseError):
        recorder.erase(certificate_for([file]))
    assert (tmp_path / "elsewhere" / "a.mp4").exists()
    recorder.close()


@pytest.mark.parametrize("change", [b"", b"longer than before", b"CONTENT"])
def test_a_file_that_changes_while_it_is_read_is_unreadable(card, change):
    put(card, b"a.mp4", b"x" * (5 << 20))
    recorder = docked(card)
    reading = recorder.read(recorder.listing().files[0])
    next(reading)
    put(card, b"a.mp4", change)
    with pytest.raises(UnreadableError, match="file_changed"):
        list(reading)
    recorder.close()


def test_a_file_that_disappears_is_unreadable_and_the_others_go_on(card):
    put(card, b"a.mp4")
    put(card, b"b.mp4")
    recorder = docked(card)
    first, second = recorder.listing().files
    (card / "a.mp4").unlink()
    with pytest.raises(UnreadableError):
        list(recorder.read(first))
    assert b"".join(recorder.read(second)) == b"content"
    recorder.close()


def test_a_folder_that_is_taken_away_is_unplugged(card):
    put(card, b"a.mp4")
    recorder = docked(card)
    file = recorder.listing().files[0]
    (card / "a.mp4").unlink()
    card.rmdir()
    with pytest.raises(UnpluggedError):
        list(recorder.read(file))
    recorder.close()


LOST = {errno.ENODEV: UnpluggedError, errno.ENXIO: UnpluggedError, errno.EIO: UnreadableError}


@pytest.mark.parametrize("code", LOST)
def test_an_error_while_reading_is_one_bad_file_or_the_cable(card, monkeypatch, code):
    put(card, b"a.mp4")
    recorder = docked(card)
    file = recorder.listing().files[0]
    monkeypatch.setattr("drivers.folder.os.readv", raising(code))
    with pytest.raises(LOST[code]):
        list(recorder.read(file))
    recorder.close()


def test_eio_of_a_mount_that_is_gone_is_the_cable(card, monkeypatch):
    put(card, b"a.mp4")
    recorder = docked(card)
    file = recorder.listing().files[0]
    monkeypatch.setattr("drivers.folder.os.readv", raising(errno.EIO))
    monkeypatch.setattr("drivers.folder.os.fstatvfs", raising(errno.EIO))
    with pytest.raises(UnpluggedError):
        list(recorder.read(file))
    with pytest.raises(UnpluggedError):
        recorder.listing()
    recorder.close()


def raising(code):
    def fail(*_, **__):
        raise OSError(code, "planted")

    return fail


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOENT, errno.ENOTDIR])
def test_a_folder_that_cannot_be_entered_is_noted_and_the_rest_is_listed(card, monkeypatch, code):
    (card / "shut").mkdir()
    put(card, b"a.mp4")
    enter = remove.open_below

    def shut(root, folders):
        if folders:
            raise OSError(code, "planted")
        return enter(root, folders)

    monkeypatch.setattr("drivers.folder.open_below", shut)
    listing = docked(card).listing()
    assert [file.path for file in listing.files] == ["a.mp4"]
    assert listing.noted[0].finding is Finding.LEFT_BEHIND


def test_a_folder_that_may_not_be_opened_says_so(card, monkeypatch):
    monkeypatch.setattr("drivers.folder.os.open", raising(errno.EACCES))
    with pytest.raises(DeviceError, match="device_forbidden"):
        docked(card)


def test_on_a_mounted_fat_made_up_inode_numbers_are_not_relied_on(card, monkeypatch, tmp_path):
    put(card, b"a.mp4")
    number = card.stat().st_dev
    mounts = tmp_path / "mountinfo"
    where = f"{os.major(number)}:{os.minor(number)}"
    mounts.write_text(
        f"36 35 98:0 / / rw - ext4 /dev/x rw\n37 36 {where} / / rw - vfat /dev/sdb1 rw\n"
    )
    monkeypatch.setattr("drivers.inodes.MOUNTS", mounts)
    recorder = docked(card)
    file = recorder.listing().files[0]
    assert file.inode is None
    assert b"".join(recorder.read(file)) == b"content"
    recorder.erase(certificate_for([file]))
    recorder.close()


def test_a_file_that_changed_since_it_was_listed_is_not_erased(card):
    put(card, b"a.mp4")
    recorder = docked(card)
    files = recorder.listing().files
    put(card, b"a.mp4", b"CONTENT")
    os.utime(card / "a.mp4", ns=(1, 1))
    with pytest.raises(EraseError, match="erase_changed"):
        recorder.erase(certificate_for(files))
    assert (card / "a.mp4").read_bytes() == b"CONTENT"
    recorder.close()


def test_empty_folders_stay_after_their_files_are_erased(card):
    (card / "DCIM" / "100").mkdir(parents=True)
    put(card / "DCIM" / "100", b"a.mp4")
    recorder = docked(card)
    recorder.erase(certificate_for(recorder.listing().files, whole=True))
    assert (card / "DCIM" / "100").is_dir()
    assert recorder.listing().files == ()
    recorder.close()


def test_entries_and_depth_have_limits_and_reaching_one_is_noted(card):
    for number in range(9):
        put(card, b"%d.mp4" % number)
    (card / "a" / "b" / "c").mkdir(parents=True)
    put(card / "a" / "b" / "c", b"deep.mp4")
    few = docked(card, max_entries=4).listing()
    assert len(few.files) == 4
    assert [note.facts["because"] for note in few.noted] == ["limit_entries"]
    flat = docked(card, max_depth=2).listing()
    assert len(flat.files) == 9
    assert [note.facts["because"] for note in flat.noted] == ["limit_depth"]


@pytest.fixture
def many_levels(card):
    """Six hundred folders in each other; taken apart again, as pytest's own cleaning would fall."""
    inner = os.open(card, os.O_RDONLY)
    for _ in range(600):
        os.mkdir("d", dir_fd=inner)
        deeper = os.open("d", os.O_RDONLY, dir_fd=inner)
        os.close(inner)
        inner = deeper
    os.close(inner)
    yield card
    while (card / "d" / "d").exists():
        (card / "d" / "d").rename(card / "e")
        (card / "d").rmdir()
        (card / "e").rename(card / "d")


def test_many_levels_does_not_overflow_the_stack(many_levels):
    assert docked(many_levels).listing().files == ()
    all_of_it = docked(many_levels, max_depth=100_000, max_name_bytes=1_000_000).listing()
    assert all_of_it.noted == ()


def test_a_sparse_file_of_16_gib_is_read_without_holding_it(card):
    put(card, b"large.mp4", b"")
    os.truncate(card / "large.mp4", 16 << 30)
    recorder = docked(card)
    file = recorder.listing().files[0]
    reading = recorder.read(file)
    assert (file.size, len(next(reading))) == (16 << 30, CHUNK_BYTES)
    reading.close()
    recorder.close()


def test_an_ordinary_file_system_keeps_its_inode_numbers(card):
    assert numbers_last(card.stat().st_dev)
    assert docked(card).listing().files == ()

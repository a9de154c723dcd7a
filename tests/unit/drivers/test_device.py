"""Errors of the system become errors of the recorder: one bad place, or the cable."""

import errno
import os
from pathlib import Path

import pytest

from drivers import device
from drivers.device import Device
from evidence.errors import DeviceError, UnpluggedError, UnreadableError


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "card.img"
    path.write_bytes(bytes(range(256)) * 16)
    return path


def failing(monkeypatch, code):
    def preadv(*_):
        raise OSError(code, "planted")

    monkeypatch.setattr(os, "preadv", preadv)


def test_reads_are_whole_and_end_at_the_end(image):
    opened = Device(image)
    assert opened.size == 4096
    assert opened.read(250, 10) == bytes([*range(250, 256), *range(4)])
    assert opened.read(4090, 100) == bytes(range(250, 256))
    assert opened.read(4096, 1) == opened.read(10**12, 5) == b""


def test_a_read_that_the_system_cuts_short_is_continued(image, monkeypatch):
    preadv = os.preadv
    monkeypatch.setattr(os, "preadv", lambda fd, views, at: preadv(fd, [views[0][:7]], at))
    assert Device(image).read(0, 256) == bytes(range(256))


def test_eio_of_a_device_that_is_still_there_is_one_bad_place(image, monkeypatch):
    opened = Device(image)
    failing(monkeypatch, errno.EIO)
    with pytest.raises(UnreadableError) as caught:
        opened.read(512, 10)
    assert caught.value.facts["at"] == 512
    assert caught.value.facts["error"] == "EIO"


@pytest.mark.parametrize("code", [errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESTALE])
def test_errors_that_only_a_lost_device_gives_are_unplugged(image, monkeypatch, code):
    opened = Device(image)
    failing(monkeypatch, code)
    with pytest.raises(UnpluggedError):
        opened.read(0, 10)


@pytest.mark.parametrize("sign", ["size is zero", "not in sysfs", "cannot seek"])
def test_eio_of_a_block_device_that_has_left_is_unplugged(image, monkeypatch, tmp_path, sign):
    opened = Device(image)
    opened.is_block = True
    blocks = tmp_path / "blocks"
    (blocks / f"{os.major(opened._number)}:{os.minor(opened._number)}").mkdir(parents=True)
    monkeypatch.setattr(device, "BLOCKS", blocks)
    failing(monkeypatch, errno.EIO)
    with pytest.raises(UnreadableError):
        opened.read(0, 10)
    if sign == "size is zero":
        monkeypatch.setattr(os, "lseek", lambda *_: 0)
    elif sign == "cannot seek":
        monkeypatch.setattr(os, "lseek", _raises)
    else:
        monkeypatch.setattr(device, "BLOCKS", tmp_path / "none")
    with pytest.raises(UnpluggedError):
        opened.read(0, 10)


def _raises(*_):
    raise OSError(errno.EIO, "planted")


def test_a_device_that_got_smaller_is_not_a_shorter_file(image):
    opened = Device(image)
    os.truncate(image, 1000)
    assert opened.read(0, 1000) == (bytes(range(256)) * 4)[:1000]
    with pytest.raises(UnpluggedError, match="device_shrank"):
        opened.read(900, 200)


OPENING = {
    errno.ENOENT: (UnpluggedError, "unplugged"),
    errno.ENXIO: (UnpluggedError, "unplugged"),
    errno.EACCES: (DeviceError, "device_forbidden"),
    errno.EBUSY: (DeviceError, "device_busy"),
    errno.EMFILE: (DeviceError, "device_unopened"),
}


@pytest.mark.parametrize("code", OPENING)
def test_a_device_that_cannot_be_opened_says_why(image, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, "planted")

    monkeypatch.setattr(os, "open", refuse)
    kind, word = OPENING[code]
    with pytest.raises(kind, match=word):
        Device(image)


def test_it_is_opened_for_reading_only(image):
    opened = Device(image)
    flags = Path(f"/proc/self/fdinfo/{opened._fd}").read_text().split("flags:")[1].split()[0]
    assert int(flags, 8) & os.O_ACCMODE == os.O_RDONLY
    assert int(flags, 8) & os.O_CLOEXEC
    opened.close()

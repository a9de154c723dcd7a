"""The port ``Recorder``: one suite for a folder, FAT32 and exFAT images, and the simulated one."""

import hashlib
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.digest import BUFFERS
from evidence.errors import DeviceError, EraseError, UnreadableError
from evidence.recorders import FileEntry
from tests.fakes.certificates import certificate_for
from tests.fakes.clock import NOON
from tests.tools.recorders import RecorderSpec, build_recorder
from tests.tools.volumes import VolumeFile, local
from tests.unit.drivers.made import opened

LARGE = hashlib.shake_128(b"large").digest(10_240_000)  # more chunks than buffers, no two alike
FILES = {
    "DEVICE.LOG": b"2026-11-21 09:58:00 POWER_ON\r\n",
    "DCIM/DCAM_CAM001_000001_20261121_100000.mp4": LARGE,
    "DCIM/DCAM_CAM001_000001_20261121_100500_IMP.mp4": LARGE[:70_001],
    "DCIM/现场/空.jpg": b"",
    "DCIM/same.mp4": LARGE[:70_001],
}
KINDS = {
    "folder": ("folder", "folder"),
    "fat32": ("fat32", "disk"),
    "exfat": ("exfat", "disk"),
    "played_fat32": ("fat32", "simulated"),
    "played_exfat": ("exfat", "simulated"),
    "played_folder": ("folder", "simulated"),
}


@pytest.fixture(params=KINDS)
def recorder(request, tmp_path):
    kind, driver = KINDS[request.param]
    files = tuple(
        VolumeFile(path, content, local("2026-11-21 18:30:14"), fragments=2)
        for path, content in FILES.items()
    )
    description = build_recorder(tmp_path, kind, RecorderSpec("card", files))
    image = tmp_path / ("card" if kind == "folder" else "card.img")
    made = opened(description if driver == "simulated" else image)
    assert made.driver == driver
    yield made
    made.close()


def content(recorder, file):
    return b"".join(bytes(chunk) for chunk in recorder.read(file))


def test_the_listing_shows_every_file_with_its_size_and_its_time_in_utc(recorder):
    listing = recorder.listing()
    sizes = {file.path: file.size for file in listing.files}
    assert sizes == {path: len(data) for path, data in FILES.items()}
    assert {file.modified for file in listing.files} == {
        datetime(2026, 11, 21, 10, 30, 14, tzinfo=UTC)
    }
    assert [file.handle for file in listing.files] == list(range(len(FILES)))
    assert listing.file_system in {"folder", "FAT32", "exFAT"}
    assert 0 <= listing.free_bytes < listing.total_bytes
    assert listing.noted == ()


def test_raw_names_are_what_the_medium_said(recorder):
    assert {file.raw for file in recorder.listing().files} == {path.encode() for path in FILES}


def test_two_listings_of_one_medium_are_equal(recorder):
    assert recorder.listing().files == recorder.listing().files


def test_every_byte_comes_back_in_chunks_of_at_most_4_mib(recorder):
    for file in recorder.listing().files:
        chunks = [bytes(chunk) for chunk in recorder.read(file)]
        assert all(0 < len(chunk) <= 4 << 20 for chunk in chunks)
        assert b"".join(chunks) == FILES[file.path]


def test_a_chunk_is_as_it_was_while_the_next_ones_come(recorder):
    for file in recorder.listing().files:
        at, newest = 0, deque(maxlen=BUFFERS)
        for chunk in recorder.read(file):
            newest.append((at, chunk))
            at += len(chunk)
            begin, oldest = newest[0]
            assert oldest == FILES[file.path][begin : begin + len(oldest)]


def test_a_file_can_be_read_twice_and_only_half(recorder):
    file = next(file for file in recorder.listing().files if file.size == len(LARGE))
    half = recorder.read(file)
    next(half)
    half.close()
    assert content(recorder, file) == LARGE


def test_reading_changes_nothing_on_the_recorder(recorder, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    for file in recorder.listing().files:
        content(recorder, file)
    recorder.identity()
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_a_file_that_was_never_listed_is_unreadable(recorder):
    recorder.listing()
    with pytest.raises(UnreadableError):
        list(recorder.read(FileEntry(0, "other.mp4", b"other.mp4", 10)))


def test_identity_and_clock_are_told_or_unknown_but_never_guessed(recorder):
    identity, clock = recorder.identity(), recorder.clock(NOON)
    told = {field for field, value in _fields(identity) if value is not None}
    assert told == {field for field, _ in identity.sources}
    assert (clock.kind == "unknown") == (clock.offset_ms is None)
    assert recorder.battery_percent() in {None, 80}


def _fields(identity):
    names = ("serial", "maker", "device", "officer", "unit", "volume")
    return [(name, getattr(identity, name)) for name in names]


def test_what_is_not_there_as_certified_is_not_erased(recorder):
    files = recorder.listing().files
    changed = FileEntry(0, files[0].path, files[0].raw, files[0].size + 1, files[0].modified)
    with pytest.raises(EraseError, match="erase_changed"):
        recorder.erase(certificate_for([changed, *files[1:]]))
    assert recorder.listing().files == files


def test_an_empty_certificate_erases_nothing(recorder):
    files = recorder.listing().files
    try:
        recorder.erase(certificate_for([]))
    except EraseError as error:  # a machine without a way to write says so even then
        assert error.word == "erase_unsupported"  # noqa: PT017 - both outcomes are lawful
    assert recorder.listing().files == files


def test_after_close_nothing_works_and_a_second_close_is_harmless(recorder):
    recorder.close()
    recorder.close()
    with pytest.raises(DeviceError):
        recorder.listing()


def _descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_is_left_open(recorder):
    before = _descriptors()
    for file in recorder.listing().files:
        content(recorder, file)
    half = recorder.read(recorder.listing().files[0])
    next(half, None)
    half.close()
    assert _descriptors() == before

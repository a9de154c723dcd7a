"""Volumes that other people's tools made are read: FAT12, FAT16, FAT32, exFAT, large sectors."""

import random
import subprocess

import pytest

from tests.unit.drivers.made import by_path, listed, opened

NEEDS = ("mkfs.vfat", "mkfs.exfat", "mcopy")
SHAPES = {
    "FAT12": (("-F", "12"), 4),
    "FAT16": (("-F", "16"), 40),
    "FAT32": (("-F", "32", "-s", "1"), 40),
    "FAT16 with large sectors": (("-F", "16", "-S", "4096", "-s", "1"), 40),
    "FAT32 with large sectors": (("-F", "32", "-S", "2048", "-s", "1"), 160),
}
CONTENT = random.Random(7).randbytes(50_000)


def tool(*command):
    environment = {
        "MTOOLSRC": "/dev/null",
        "LC_ALL": "C.UTF-8",
        "PATH": "/usr/bin:/usr/sbin:/sbin:/bin",
    }
    subprocess.run(
        command, env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL
    )


@pytest.fixture(params=SHAPES)
def card(request, tmp_path):
    options, megabytes = SHAPES[request.param]
    path = tmp_path / "card.img"
    path.touch()
    with path.open("r+b") as out:
        out.truncate(megabytes << 20)
    tool("mkfs.vfat", *options, "-i", "1A2B3C4D", "-n", "RECORDER", path)
    (tmp_path / "film").write_bytes(CONTENT)
    tool("mmd", "-i", path, "::DCIM", "::DCIM/录像", "::GONE")
    for name in ("DCIM/录像/a long name.mp4", "SHORT.MP4", "lower.txt", "GONE/inside.mp4"):
        tool("mcopy", "-i", path, tmp_path / "film", f"::{name}")
    tool("mdeltree", "-i", path, "::GONE")
    return request.param.split()[0], path


def test_a_fat_of_any_width_and_sector_size_is_listed_and_read(card):
    system, path = card
    recorder = opened(path)
    assert recorder.identity().volume == f"{system}:1A2B-3C4D"
    listing = recorder.listing()
    assert listing.file_system == system
    assert listing.noted == ()
    assert set(by_path(listing)) == {"DCIM/录像/a long name.mp4", "SHORT.MP4", "lower.txt"}
    for file in listing.files:
        assert b"".join(recorder.read(file)) == CONTENT
    recorder.close()


def test_deleted_folders_are_looked_into_while_their_first_cluster_is_free(card):
    deleted = {entry.path.upper(): entry for entry in listed(card[1]).deleted}
    inside = next(entry for path, entry in deleted.items() if path == "?ONE/?NSIDE.MP4")
    assert (inside.size, inside.first_free) == (len(CONTENT), True)


def test_free_space_counts_three_files_and_their_folders_as_used(card):
    listing = listed(card[1])
    used = listing.total_bytes - listing.free_bytes
    assert 3 * len(CONTENT) < used < 4 * len(CONTENT)


def test_an_empty_exfat_volume_of_another_tool_is_listed(tmp_path):
    path = tmp_path / "card.img"
    path.touch()
    with path.open("r+b") as out:
        out.truncate(64 << 20)
    tool("mkfs.exfat", "-L", "RECORDER", path)
    listing = listed(path)
    assert (listing.file_system, listing.files, listing.noted) == ("exFAT", (), ())
    assert 0 < listing.free_bytes < listing.total_bytes

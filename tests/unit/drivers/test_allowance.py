"""What one recorder may give: no more than its medium holds, and a little."""

import os

import pytest

from drivers.allowance import Allowance
from drivers.limits import ListingLimits
from evidence.errors import UnreadableError
from tests.tools import exfat, spoil
from tests.tools.volumes import VolumeFile
from tests.unit.drivers.made import opened


def test_the_last_byte_of_the_allowance_is_given_and_no_further_one():
    allowance = Allowance("slot", 1_000, 110)
    allowance.take(0, 1_099)
    allowance.take(1, 1)
    with pytest.raises(UnreadableError, match="recorder_overfull"):
        allowance.take(2, 1)


def test_a_file_is_counted_once_and_a_smaller_one_still_fits():
    allowance = Allowance("slot", 1_000, 100)
    allowance.take(0, 600)
    allowance.take(0, 600)
    with pytest.raises(UnreadableError):
        allowance.take(1, 500)
    allowance.take(2, 400)


def given(recorder):
    """Read every file; return the bytes, and how many were refused."""
    total = refused = 0
    for file in recorder.listing().files:
        try:
            total += sum(map(len, recorder.read(file)))
        except UnreadableError:
            refused += 1
    return total, refused


def zeros(path, count):
    """Write a small card with ``count`` files that claim all of it, never written."""
    files = tuple(VolumeFile(f"{number:03}.bin", b"x") for number in range(count))
    layout = exfat.write_image(path, files, cluster_bytes=512)
    size = path.stat().st_size
    for file in files:
        spoil.edit_set(layout, file.path, 32 + 24, size.to_bytes(8, "little"))
    return size


def test_files_that_were_never_written_cannot_fill_the_vault(tmp_path):
    path = tmp_path / "card.img"
    size = zeros(path, 40)
    total, refused = given(opened(path))
    assert size <= total <= size * 11 // 10
    assert refused == 39


def test_a_new_listing_begins_anew(tmp_path):
    path = tmp_path / "card.img"
    zeros(path, 3)
    recorder = opened(path)
    assert given(recorder) == given(recorder)


def test_the_percentage_is_configuration(tmp_path):
    path = tmp_path / "card.img"
    size = zeros(path, 40)
    total, refused = given(opened(path, limits=ListingLimits(max_given_percent=300)))
    assert 2 * size < total <= 3 * size
    assert refused == 37


def test_a_file_that_is_larger_than_its_file_system_stays_in_the_folder(tmp_path):
    (tmp_path / "small.jpg").write_bytes(b"picture")
    with (tmp_path / "huge.mp4").open("wb") as file:
        os.truncate(file.fileno(), 1 << 43)  # sparse: it takes no room here
    assert given(opened(tmp_path)) == (7, 1)

"""Which driver takes what, and what a person hears when none does."""

import os

import pytest

from evidence.errors import DeviceError, UnknownRecorderError
from tests.tools import exfat, fat32, hostile
from tests.unit.drivers.made import opened


@pytest.mark.parametrize("kind", ["fat32", "exfat", "disk"])
def test_an_image_is_taken_by_its_first_sector_whatever_its_name(kind, tmp_path):
    write = exfat.write_image if kind == "exfat" else fat32.write_image
    path = write(tmp_path / "card.mp4", (), partitioned=kind == "disk").path
    recorder = opened(path)
    assert recorder.driver == "disk"
    recorder.close()


def test_a_folder_is_taken_by_the_folder_driver(tmp_path):
    recorder = opened(tmp_path)
    assert recorder.driver == "folder"
    recorder.close()


def test_a_description_is_taken_before_anything_else(tmp_path):
    hostile.hostile("lawful_fat32", tmp_path)
    path = tmp_path / "x.recorder.json"
    path.write_text('{"image": "lawful_fat32.img"}')
    recorder = opened(path)
    assert recorder.driver == "simulated"
    recorder.close()


def test_a_folder_named_like_a_description_is_a_folder(tmp_path):
    (tmp_path / "x.recorder.json").mkdir()
    recorder = opened(tmp_path / "x.recorder.json")
    assert recorder.driver == "folder"
    recorder.close()


@pytest.mark.parametrize("image", ["missing.img", "y.recorder.json"])
def test_a_description_of_nothing_that_is_there_is_an_error_of_the_device(tmp_path, image):
    path = tmp_path / "x.recorder.json"
    path.write_text(f'{{"image": "{image}"}}')
    (tmp_path / "y.recorder.json").write_text('{"image": "x.recorder.json"}')
    with pytest.raises(DeviceError):
        opened(path).listing()


def test_a_plain_file_that_is_no_disk_is_refused(tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom" * 100)
    with pytest.raises(UnknownRecorderError, match="path_unknown"):
        opened(tmp_path / "film.mp4")


def test_an_empty_file_a_pipe_and_a_character_device_are_refused_without_being_read(tmp_path):
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "empty", tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(UnknownRecorderError, match="path_unknown"):
            opened(tmp_path / path)


def test_a_path_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(UnknownRecorderError, match="path_missing"):
        opened(tmp_path / "nothing")
    (tmp_path / "file").touch()
    with pytest.raises(UnknownRecorderError, match="path_missing"):
        opened(tmp_path / "file" / "below")


def test_a_name_with_a_nul_or_without_end_is_refused(tmp_path):
    with pytest.raises(UnknownRecorderError):
        opened(tmp_path / ("x" * 5000))

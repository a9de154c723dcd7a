import io
import json
import os
from datetime import date, datetime, timedelta
from itertools import pairwise

import av
import pytest

from tests.process.tools.media import read_all, run
from tests.tools.demo import build_demo
from tests.tools.recorders import RecorderSpec, build_recorder
from tests.tools.scene import CHINA
from tests.tools.scenes import Scale
from tests.tools.spoil import data_ranges
from tests.tools.volumes import VolumeFile, Zeros, local

NEEDS = ("fsck.vfat", "fsck.exfat")
DAY = date(2026, 3, 1)
TINY = Scale(duration_ms=6_000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    paths = build_demo(folder, DAY, TINY)
    return {path.name[:10]: (json.loads(path.read_text("utf-8")), folder, path) for path in paths}


def files_of(demo, name):
    description, folder, _ = demo[name]
    return read_all(folder / description["image"])


def solid(image):
    """All bytes that lie in no hole."""
    with image.open("rb") as source:
        ranges = data_ranges(source.fileno(), image.stat().st_size)
        return [(begin, os.pread(source.fileno(), end - begin, begin)) for begin, end in ranges]


def begin_of(path):
    return datetime.strptime(path[24:39], "%Y%m%d_%H%M%S").replace(tzinfo=CHINA)


def test_both_images_are_clean_and_described(demo):
    for name, checker in (("recorder-a", "fsck.vfat"), ("recorder-b", "fsck.exfat")):
        description, folder, path = demo[name]
        assert path.name == f"{name}.recorder.json"
        assert run(checker, "-n", folder / description["image"]).returncode == 0
        identity = description["identity"]
        assert [len(identity[key]) for key in ("serial", "officer", "unit")] == [7, 6, 12]
        keys = {"image", "identity", "clock_offset_ms", "battery_percent", "wipe_only", "faults"}
        assert set(description) == keys


def test_nothing_but_images_and_descriptions_is_left_behind(demo):
    _, folder, _ = demo["recorder-a"]
    assert len(list(folder.iterdir())) == 4


def test_recorder_a_has_equal_segments_and_then_seven_seconds_missing(demo):
    films = sorted(
        path
        for path, (_, lives) in files_of(demo, "recorder-a").items()
        if lives and path.endswith(".mp4") and "_IMP" not in path
    )
    begins = [begin_of(path) for path in films]
    steps = [after - before for before, after in pairwise(begins)]
    whole = timedelta(seconds=6)
    assert steps == [whole, whole, whole, whole + timedelta(seconds=7), whole]


def test_recorder_a_has_a_mark_a_photo_a_log_and_a_deleted_recording(demo):
    files = files_of(demo, "recorder-a")
    assert sum("_IMP" in path for path in files) == 1
    assert sum(path.endswith(".jpg") for path in files) == 1
    assert b"serial=K7F3A2C" in files["DEVICE.LOG"][0]
    dead = [content for content, lives in files.values() if not lives]
    assert len(dead) == 1
    with av.open(io.BytesIO(dead[0])) as source:
        assert source.duration == 8_000_000


def test_recorder_b_has_one_file_of_every_kind_of_damage(demo):
    files = {path: content for path, (content, _) in files_of(demo, "recorder-b").items()}
    movies = [files[path] for path in sorted(files) if path.startswith("Movie/")]
    assert len(movies) == 6
    for content in movies[:3]:
        with av.open(io.BytesIO(content)) as source:
            assert source.streams.video[0].codec_context.name == "hevc"
    assert b"moov" not in movies[3]
    assert 0 < len(movies[4]) < len(movies[2])
    assert movies[5] == b""
    assert any(path.startswith("EMR/") and path.endswith("_07.TS") for path in files)
    assert any(path.endswith(".M4A") for path in files)
    assert "警" not in files["LOG/日志.TXT"].decode("gbk")


def test_the_demo_is_the_same_on_every_machine_that_builds_it(demo, tmp_path):
    build_demo(tmp_path, DAY, TINY)
    for name in demo:
        description, folder, _ = demo[name]
        image = description["image"]
        assert solid(tmp_path / image) == solid(folder / image)


def test_a_folder_recorder_shows_its_living_files_with_their_times(tmp_path):
    files = (
        VolumeFile("DCIM/a.mp4", b"a", local("2026-03-01 08:00:00")),
        VolumeFile("big.bin", Zeros(1 << 20)),
        VolumeFile("gone.mp4", b"g", deleted=True),
    )
    path = build_recorder(tmp_path, "folder", RecorderSpec("card", files))
    root = tmp_path / json.loads(path.read_text("utf-8"))["image"]
    assert (root / "DCIM/a.mp4").read_bytes() == b"a"
    stamp = datetime(2026, 3, 1, 8, tzinfo=CHINA).timestamp()
    assert (root / "DCIM/a.mp4").stat().st_mtime == stamp
    assert (root / "big.bin").stat().st_size == 1 << 20
    assert not (root / "gone.mp4").exists()


def test_a_folder_recorder_writes_nothing_beside_its_folder(tmp_path):
    spec = RecorderSpec("card", (VolumeFile("../out.mp4", b"x"),))
    with pytest.raises(ValueError, match=r"out\.mp4"):
        build_recorder(tmp_path, "folder", spec)

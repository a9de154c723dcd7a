import hashlib
import io
import subprocess
import sys
from itertools import pairwise

import av
import pytest

from evidence.findings import Finding
from tests.tools import mp4, plainfiles
from tests.tools.encode import Recipe, encode, write
from tests.tools.scene import BEGIN
from tests.tools.scenes import GOOD, NAMES, Scale, recipe, scene, write_scene

FILMS = [name for name in GOOD if scene(name).kind in {"video", "audio"}]
OPENABLE = [*FILMS, "gap_of_7s", "vfr", "no_audio", "clock_reset_to_2015", "from_the_future"]


def samples(data, kind=None):
    with av.open(io.BytesIO(data)) as source:
        streams = [each for each in source.streams if kind in {None, each.type}]
        return [packet for packet in source.demux(streams) if packet.size]


@pytest.mark.parametrize("name", OPENABLE)
def test_a_scene_has_the_tracks_samples_and_length_that_it_says(name):
    made = scene(name)
    with av.open(io.BytesIO(made.data)) as source:
        codecs = [stream.codec_context.name for stream in source.streams]
        length = source.duration // 1000
        frames = sum(1 for _ in source.decode(source.streams[0]))
    assert codecs == [track.codec for track in made.tracks]
    assert abs(length - made.duration_ms) <= 1
    assert frames == made.tracks[0].samples
    for track in made.tracks:
        assert len(samples(made.data, track.kind)) == track.samples


@pytest.mark.parametrize("name", ["clean", "h265", "mkv", "audio_only", "clock_reset_to_2015"])
def test_the_container_tells_the_time_of_creation(name):
    made = scene(name)
    with av.open(io.BytesIO(made.data)) as source:
        told = source.metadata["creation_time"]
    assert told == f"{made.created:%Y-%m-%dT%H:%M:%S.000000Z}"


def test_the_gap_is_seven_seconds_in_every_track():
    made = scene("gap_of_7s")
    for kind in ("video", "audio"):
        times = [float(packet.pts * packet.time_base) for packet in samples(made.data, kind)]
        steps = [after - before for before, after in pairwise(times)]
        assert 7.0 < max(steps) < 7.2
        assert sorted(steps)[-2] < 0.2


def test_variable_rate_varies_and_goes_forward():
    packets = samples(scene("vfr").data, "video")
    times = [packet.pts for packet in packets]
    steps = {after - before for before, after in pairwise(times)}
    assert len(steps) > 4
    assert min(steps) > 0


def test_the_long_run_has_one_key_frame_and_more_than_four_mebibytes():
    packets = samples(scene("long_gop").data, "video")
    assert [packet.is_keyframe for packet in packets].count(True) == 1
    assert sum(packet.size for packet in packets) > 4 << 20


def test_every_film_has_a_key_frame_each_second():
    keys = [packet.is_keyframe for packet in samples(scene("clean").data, "video")]
    assert keys == [number % 10 == 0 for number in range(40)]


def test_the_index_stands_where_the_scene_says():
    tops = {
        name: [box.kind for box in mp4.boxes(scene(name).data)]
        for name in ("clean", "clean_faststart", "moov_missing", "fragmented_mp4")
    }
    assert tops["clean"].index(b"mdat") < tops["clean"].index(b"moov")
    assert tops["clean_faststart"].index(b"moov") < tops["clean_faststart"].index(b"mdat")
    assert b"moov" not in tops["moov_missing"]
    assert tops["fragmented_mp4"].count(b"moof") == 4
    data = scene("mdat_64bit").data
    assert mp4.find(data, b"mdat").header == 16


@pytest.mark.parametrize("name", ["truncated_in_mdat", "fragmented_cut", "ts_cut", "photo_broken"])
def test_what_is_cut_is_shorter_than_what_it_was(name):
    whole = {"truncated_in_mdat": "clean_faststart", "fragmented_cut": "fragmented_mp4"}
    whole |= {"ts_cut": "ts", "photo_broken": "photo_jpeg"}
    cut, full = scene(name).data, scene(whole[name]).data
    assert 0 < len(cut) < len(full)
    assert full.startswith(cut)


def test_a_photo_carries_its_time_and_decodes():
    data = scene("photo_jpeg").data
    assert b"2026:11:21 10:00:00\0" in data
    with av.open(io.BytesIO(data)) as source:
        assert next(source.decode(video=0)).width == 320


def test_a_device_log_names_who_wrote_it():
    text = scene("device_log").data.decode("ascii")
    for word in (
        plainfiles.SERIAL,
        plainfiles.OFFICER,
        plainfiles.UNIT,
        "POWER_OFF",
        "BATTERY_LOW",
    ):
        assert word in text
    with pytest.raises(UnicodeDecodeError):
        scene("gbk_log").data.decode("utf-8")


def test_a_scene_accepts_exactly_what_is_wrong_with_it():
    broken = scene("moov_missing")
    assert broken.accepts({Finding.NO_INDEX})
    assert not broken.accepts(set())
    assert not broken.accepts({Finding.NO_INDEX, Finding.GAP_INSIDE})
    assert not scene("huge_box_counts").accepts(set())
    assert scene("huge_box_counts").accepts({Finding.DAMAGED})
    assert scene("clean").accepts(set())


def test_good_scenes_expect_no_finding_and_bad_ones_say_what_is_wrong():
    for name in NAMES:
        made = scene(name)
        if name in GOOD:
            assert not made.fault
            assert made.must <= {Finding.IMPORTANT}
        elif made.kind in {"video", "empty"}:
            assert made.fault


def test_a_lying_index_differs_from_the_clean_one_in_a_few_bytes_only():
    clean, lying = scene("clean").data, scene("huge_box_counts").data
    assert len(clean) == len(lying)
    assert 0 < sum(a != b for a, b in zip(clean, lying, strict=True)) < 64


def test_the_same_recipe_gives_the_same_bytes_in_another_process():
    names = ("clean", "h265", "ts", "mkv", "mjpeg_avi", "photo_jpeg", "unknown_binary")
    program = (
        "import hashlib; from tests.tools.scenes import scene\n"
        f"for name in {names}: print(hashlib.sha256(scene(name).data).hexdigest())"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    ours = [hashlib.sha256(scene(name).data).hexdigest() for name in names]
    assert told.stdout.decode().split() == ours


def test_a_long_file_is_written_without_being_encoded_again(tmp_path):
    long = write(recipe(Scale(duration_ms=120_000)), tmp_path / "long.mp4")
    with av.open(str(long)) as source:
        assert source.duration == 120_000_000
        assert source.streams.video[0].frames == 1_200


def test_written_and_encoded_files_are_the_same(tmp_path):
    made = write(Recipe(created=BEGIN), tmp_path / "a.mp4").read_bytes()
    assert made == encode(Recipe(created=BEGIN))


def test_a_scene_is_written_under_its_own_name(tmp_path):
    path = write_scene("imp_mark", tmp_path)
    assert path.name == "DCAM_CAM001_000001_20261121_100000_IMP.mp4"
    assert path.read_bytes() == scene("imp_mark").data

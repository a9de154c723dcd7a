"""Every scene through the whole probe: what was made is told, and each fault by its name."""

import io
from random import Random

import av
import pytest

from evidence.findings import Finding
from evidence.slices import check_cuts, fixed_cuts
from ingest import packets
from tests.tools.scenes import GOOD, NAMES, Scale, scene
from tests.unit.appliance.sources import BytesSource
from tests.unit.ingest.probing import facts, findings, probed

# What a docking finds by name and clock; a probe sees neither.
OF_THE_DOCKING = {Finding.IMPORTANT, Finding.CLOCK_RESET, Finding.FROM_THE_FUTURE}
INDEXED = ("clean", "clean_faststart", "h265", "mdat_64bit", "fragmented_mp4", "long_gop")
SHORT = Scale(duration_ms=2_000)


@pytest.mark.parametrize("name", NAMES)
def test_a_scene_shows_its_fault_and_no_other(name):
    made = scene(name)
    media = probed(made.data, made.file_name)
    assert made.accepts(findings(media) | (made.must & OF_THE_DOCKING)), findings(media)
    assert (media.kind, media.container) == (made.kind, made.container)
    check_cuts(media.cuts, len(made.data))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_told_as_it_was_made(name):
    made = scene(name)
    media = probed(made.data, made.file_name)
    told = [(track.kind, track.codec, track.samples) for track in media.tracks]
    assert told == [(track.kind, track.codec, track.samples) for track in made.tracks]
    assert media.duration_ms == made.duration_ms
    assert not media.noted
    if made.created:
        assert media.created_ms == made.created.timestamp() * 1000


@pytest.mark.parametrize("name", INDEXED)
def test_an_index_tells_what_walking_through_all_packets_tells(name):
    data = scene(name).data
    media = probed(data)
    walked = demultiplexed(data)
    assert [track.samples for track in media.tracks] == [len(one) for one in walked]
    for track, one in zip(media.tracks, walked, strict=True):
        assert (track.first_pts, track.last_pts) == (one[0][1], one[-1][1])
    keys = {position for position, _, key in walked[0] if key}
    assert {cut.offset for cut in media.cuts if cut.key} <= keys
    assert sum(cut.packets for cut in media.cuts) == len(walked[0])


def demultiplexed(data):
    """Return position, PTS and key of every packet of each stream, by PyAV."""
    with av.open(io.BytesIO(data)) as container:
        streams = [[] for _ in container.streams]
        for packet in container.demux():
            if packet.size:
                one = (packet.pos, packet.pts, packet.is_keyframe)
                streams[packet.stream_index].append(one)
    return streams


@pytest.mark.parametrize("name", ["clean", "fragmented_mp4", "gap_of_7s", "vfr", "no_audio"])
def test_packets_and_index_agree_on_the_same_film(monkeypatch, name):
    made = scene(name)
    monkeypatch.setattr(packets, "FORMATS", {"mp4"})
    walked = packets.packets(BytesSource(made.data), {"format": "mp4"})
    media = probed(made.data)
    assert walked["duration_ms"] == media.duration_ms
    assert [note["finding"] for note in walked["noted"]] == sorted(
        note.finding for note in media.noted
    )
    told = [(track["codec"], track["samples"], track["last_pts"]) for track in walked["tracks"]]
    assert told == [(track.codec, track.samples, track.last_pts) for track in media.tracks]
    assert walked["tracks"][0]["rate_milli"] == media.tracks[0].rate_milli


def test_a_gap_is_told_with_place_and_length():
    media = probed(scene("gap_of_7s").data)
    assert facts(media, Finding.GAP_INSIDE) == {"at_ms": 2_000, "length_ms": 7_000}


@pytest.mark.parametrize("name", ["clean", "ts", "avi", "mkv", "fragmented_mp4"])
def test_cuts_of_a_film_begin_at_key_frames_about_two_seconds_apart(name):
    made = scene(name, Scale(duration_ms=10_000))
    cuts = [cut for cut in probed(made.data).cuts if cut.key]
    assert [cut.pts0_ms for cut in cuts] == [0, 2_000, 4_000, 6_000, 8_000, 9_000]
    assert sum(cut.packets for cut in cuts) == made.tracks[0].samples


def test_a_long_run_without_key_frames_is_cut_at_four_mebibytes():
    cuts = probed(scene("long_gop").data).cuts
    assert max(cut.length for cut in cuts) == 4 << 20
    assert [cut.key for cut in cuts] == [False, True, False, False, False]


@pytest.mark.parametrize("name", ["moov_missing", "noise_named_mp4", "huge_box_counts"])
def test_what_cannot_be_parsed_is_cut_every_mebibyte(name):
    data = scene(name).data
    assert probed(data).cuts == fixed_cuts(len(data))


@pytest.mark.parametrize("name", ["clean", "clean_faststart", "fragmented_mp4"])
def test_a_film_cut_at_any_place_is_found_cut(name):
    data = scene(name, SHORT).data
    for length in range(1, len(data), len(data) // 200):
        media = probed(data[:length])
        told = {Finding.TRUNCATED, Finding.NO_INDEX, Finding.UNDECODABLE} & findings(media)
        assert told or ends_between_fragments(data, length), length
        check_cuts(media.cuts, length)


def ends_between_fragments(data, length):
    """Whether the cut leaves whole boxes: then nothing in the file says that more was meant."""
    return data[length + 4 : length + 8] in {b"moof", b"mfra"}


MUTABLE = [name for name in NAMES if len(scene(name).data) < 300_000]


@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_random_mutations_end_in_an_answer_whose_cuts_tile(seed):
    random = Random(seed)
    for _ in range(100):
        data = mutated(random, scene(random.choice(MUTABLE), SHORT).data)
        media = probed(data)
        check_cuts(media.cuts, len(data))
        assert media.tracks or media.noted or media.kind in {"log", "unknown", "photo"}


HOSTILE = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1")


def mutated(random, data):
    """Return ``data`` with some bytes changed, most of them where an index or a header lies."""
    changed = bytearray(data)
    index = max(0, data.find(b"moov"))
    for _ in range(random.choice((1, 2, 4, 16))):
        place = random.choice((random.randrange(len(data) + 1), index + random.randrange(2_500)))
        way = random.randrange(5)
        if way == 0:
            changed[place : place + 1] = random.randbytes(1)
        elif way < 3:
            changed[place : place + 4] = random.choice(HOSTILE)
        elif way == 3:
            del changed[place : place + random.randrange(64)]
        else:
            changed[place:place] = random.randbytes(random.randrange(64))
    return bytes(changed)

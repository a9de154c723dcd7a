"""Sample tables: every form that the standard allows, every way in which they can lie."""

import io
import struct
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np
import pytest

from evidence.errors import ParserError
from evidence.findings import Finding
from evidence.slices import check_cuts
from ingest import atoms, boxes, tables
from ingest.answer import ProbeLimits
from ingest.tables import expand, read_table
from tests.tools import mp4
from tests.tools.pattern import picture
from tests.tools.scenes import scene
from tests.unit.appliance.sources import BytesSource
from tests.unit.ingest.probing import facts, findings, probed

CLEAN = scene("clean").data
FRAGMENTED = scene("fragmented_mp4").data


@lru_cache
def reordered(container="mp4", options=()):
    """Return a film with B-frames and primed AAC sound, so with shifts and edit lists."""
    out = io.BytesIO()
    with av.open(out, "w", format=container, options=dict(options)) as target:
        video = target.add_stream(
            "libx264", rate=10, options={"bf": "2", "g": "10", "threads": "1"}
        )
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = target.add_stream("aac", rate=16_000, layout="mono")
        for number in range(40):
            array = picture(number, 64, 48)
            frame = av.VideoFrame.from_ndarray(array, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            target.mux(video.encode(frame))
        for number in range(60):
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1_024)
            frame.planes[0].update(bytes(4_096))
            frame.sample_rate, frame.pts = 16_000, number * 1_024
            target.mux(sound.encode(frame))
        target.mux(video.encode(None))
        target.mux(sound.encode(None))
    return out.getvalue()


@pytest.mark.parametrize("container", ["mp4", "mov"])
@pytest.mark.parametrize("options", [(), (("movflags", "frag_keyframe+empty_moov"),)])
def test_reordered_pictures_and_edit_lists_give_the_times_of_a_player(container, options):
    data = reordered(container, options)
    media = probed(data)
    with av.open(io.BytesIO(data)) as walked:
        seen = [[] for _ in walked.streams]
        for packet in walked.demux():
            if packet.size:
                seen[packet.stream_index].append(packet.pts)
    for track, pts in zip(media.tracks, seen, strict=True):
        assert (track.samples, track.first_pts, track.last_pts) == (len(pts), min(pts), max(pts))
    assert findings(media) == set()
    assert media.duration_ms == 4_000


def full(*words, head=0):
    return memoryview(struct.pack(f">{1 + len(words)}I", head, *words))


def simple(**changes):
    """Return the tables of four samples in two chunks, with some of them replaced."""
    given = {
        "stsz": full(0, 4, 10, 20, 30, 40),
        "stco": full(2, 100, 500),
        "stsc": full(1, 1, 2, 1),
        "stts": full(1, 4, 5),
        **changes,
    }
    return {name.encode(): body for name, body in given.items() if body is not None}


def expanded(given, shift=0):
    [samples] = expand(given, read_table(given), 1_000, shift)()
    return samples


def offsets(given):
    return expanded(given).offset.tolist()


def test_four_samples_in_two_chunks_lie_where_they_must():
    table = read_table(simple())
    assert (table.count, table.duration, table.last_duration) == (4, 20, 5)
    assert table.ends.tolist() == [130, 570]
    assert offsets(simple()) == [100, 110, 500, 530]


def test_offsets_of_64_bits_and_sizes_of_4_8_and_16_bits_are_read():
    long = memoryview(struct.pack(">IIQQ", 0, 2, 1 << 40, 1 << 41))
    assert offsets(simple(co64=long, stco=None))[2] == 1 << 41
    for bits, packed in ((4, b"\x12\x34"), (8, b"\1\2\3\4"), (16, b"\0\1\0\2\0\3\0\4")):
        small = memoryview(struct.pack(">III", 0, bits, 4) + packed)
        assert offsets(simple(stz2=small, stsz=None)) == [100, 101, 500, 503]


def test_equal_sizes_need_no_table_and_no_memory():
    four_thousand_million = (1 << 32) - 1
    given = simple(
        stsz=full(2, four_thousand_million),
        stco=full(1, 44),
        stsc=full(1, 1, four_thousand_million, 1),
        stts=full(1, four_thousand_million, 1),
    )
    table = read_table(given)
    assert (table.count, table.ends.tolist()) == (four_thousand_million, [44 + 2 * table.count])


def test_runs_of_chunks_and_of_times_are_spread():
    given = simple(
        stco=full(3, 100, 200, 300),
        stsc=full(2, 1, 1, 1, 3, 2, 1),
        stts=full(2, 1, 7, 3, 2),
        ctts=full(1, 2, 0xFFFFFFFE),
        stss=full(2, 1, 3),
    )
    samples = expanded(given, 100)
    assert samples.offset.tolist() == [100, 200, 300, 330]
    assert samples.dts.tolist() == [0, 7, 9, 11]
    assert samples.pts.tolist() == [98, 105, 109, 111]
    assert samples.key.tolist() == [True, False, True, False]


LIES = {
    "stsz": [
        full(0, 5, 10, 20, 30, 40),
        full(0, 0xFFFFFFFF),
        full(0),
        full(0xFFFFFFFF, 0xFFFFFFFF),
    ],
    "stco": [None, full(3, 100, 500), full(0xFFFFFFFF), memoryview(b"\0\0\0")],
    "stsc": [
        None,
        full(0),
        full(1, 2, 2, 1),
        full(1, 1, 3, 1),
        full(2, 1, 2, 1, 1, 2, 1),
        full(2, 1, 2, 1, 0x80000000, 1, 1),
        full(1, 1, 0xFFFFFFFF, 1),
    ],
    "stts": [None, full(1, 5, 5), full(2, 2, 5), full(0)],
    "ctts": [full(1, 5, 0), full(1, 0xFFFFFFFF, 0)],
    "stss": [full(1, 0), full(1, 5), full(2, 1)],
}


@pytest.mark.parametrize("name", sorted(LIES))
def test_tables_that_contradict_each_other_are_refused_by_name(name):
    for body in LIES[name]:
        given = simple(**{name: body})
        with pytest.raises(ParserError, match=rf"because=({name}|stsc)"):
            expand(given, read_table(given), 1_000, 0)


def test_a_time_beyond_all_reason_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "TICKS_LIMIT", 19)
    with pytest.raises(ParserError, match="because=stts"):
        read_table(simple())


def patched(kind, at, form, *values, data=CLEAN):
    box = mp4.find(data, kind)
    return mp4.patched(data, box.offset + at, struct.pack(form, *values))


@pytest.mark.parametrize("kind", [b"tkhd", b"mdia", b"mdhd", b"hdlr", b"minf", b"stbl"])
def test_a_track_that_lacks_a_box_is_damage_and_the_other_is_told(kind):
    media = probed(patched(kind, 4, ">4s", b"xxxx"))
    assert facts(media, Finding.DAMAGED) == {"because": f"no_{kind.decode()}"}
    assert [track.kind for track in media.tracks] == ["audio"]


def test_what_lies_before_a_broken_box_of_the_index_is_told():
    box = list(mp4.everywhere(CLEAN, b"trak"))[1]
    data = mp4.patched(CLEAN, box.offset, struct.pack(">I", 7))
    media = probed(data)
    assert facts(media, Finding.DAMAGED) == {"because": "box_size"}
    assert [track.samples for track in media.tracks] == [40]


def test_a_box_too_short_for_its_fields_is_damage():
    body = struct.pack(">I4s", 12, b"mvhd") + bytes(4)
    data = struct.pack(">I4s", 8 + len(body), b"moov") + body
    assert facts(probed(data), Finding.DAMAGED) == {"because": "box_too_short"}


def test_an_index_without_samples_is_no_index():
    head = FRAGMENTED[: mp4.find(FRAGMENTED, b"moof").offset]
    assert Finding.NO_INDEX in findings(probed(head))


def test_zeros_behind_the_last_box_are_no_fault_and_noise_is():
    assert not probed(CLEAN + bytes(40)).noted
    assert facts(probed(CLEAN + b"\1" * 40), Finding.DAMAGED) == {"because": "not_a_box"}


def test_a_box_that_was_only_begun_is_missing_its_end():
    assert findings(probed(CLEAN + b"\0\0\0")) == {Finding.TRUNCATED}


def test_media_data_that_reaches_to_the_end_is_whole():
    data = scene("clean_faststart").data
    box = mp4.find(data, b"mdat")
    assert not probed(mp4.patched(data, box.offset, bytes(4))).noted


def test_samples_that_share_bytes_are_damage():
    box = mp4.find(CLEAN, b"stco")
    (first,) = struct.unpack_from(">I", CLEAN, box.offset + 16)
    data = mp4.patched(CLEAN, box.offset + 20, struct.pack(">I", first))
    assert {"because": "overlap"} in [note.facts for note in probed(data).noted]


LIMITED = [
    (ProbeLimits(index_bytes=100), CLEAN, "index_too_large"),
    (ProbeLimits(samples=39), CLEAN, "too_many_samples"),
    (ProbeLimits(samples=39), FRAGMENTED, "too_many_samples"),
]


@pytest.mark.parametrize(("limits", "data", "because"), LIMITED)
def test_a_limit_of_ours_is_not_called_a_fault_of_the_film(limits, data, because):
    noted = boxes.read_boxes(BytesSource(data), limits)["noted"]
    assert {"finding": Finding.PROBE_FAILED, "because": because} in noted


def test_what_was_read_before_a_limit_is_told(monkeypatch):
    media = probed(FRAGMENTED, limits=ProbeLimits(samples=25))
    assert [track.samples for track in media.tracks] == [20, 0]
    check_cuts(media.cuts, len(FRAGMENTED))
    monkeypatch.setattr(atoms, "TOP_LIMIT", 3)
    data = scene("clean_faststart").data
    media = probed(data)
    assert facts(media, Finding.PROBE_FAILED) == {"because": "too_many_boxes"}
    assert media.tracks[0].samples == 40


def test_all_tracks_of_a_film_share_one_limit():
    assert probed(CLEAN, limits=ProbeLimits(samples=40)).duration_ms == 4_000
    moov, trak = mp4.find(CLEAN, b"moov"), mp4.find(CLEAN, b"trak")
    inside = CLEAN[moov.offset + 8 : moov.end] + CLEAN[trak.offset : trak.end]
    twice = CLEAN[: moov.offset] + mp4.make(b"moov", inside)
    media = probed(twice, limits=ProbeLimits(samples=79))
    assert facts(media, Finding.PROBE_FAILED) == {"because": "too_many_samples"}
    assert not [n for n in probed(twice, limits=ProbeLimits(samples=80)).noted
                if n.finding is Finding.PROBE_FAILED]  # fmt: skip


def test_a_fragment_whose_time_jumps_is_a_gap():
    box = list(mp4.everywhere(FRAGMENTED, b"tfdt"))[4]
    (dts,) = struct.unpack_from(">Q", FRAGMENTED, box.offset + 12)
    later = struct.pack(">Q", dts + 7 * 10_240)
    media = probed(mp4.patched(FRAGMENTED, box.offset + 12, later))
    assert facts(media, Finding.GAP_INSIDE)["length_ms"] == 7_000


def test_a_fragment_with_an_insane_time_leaves_whole_samples_behind():
    box = list(mp4.everywhere(FRAGMENTED, b"tfdt"))[2]
    huge = struct.pack(">Q", (1 << 50) - 1)
    media = probed(mp4.patched(FRAGMENTED, box.offset + 12, huge))
    assert {"because": "too_large"} in [note.facts for note in media.noted]
    assert media.tracks[0].samples == 30


def test_hours_of_small_boxes_cost_few_reads():
    source = BytesSource(CLEAN[: mp4.find(CLEAN, b"moov").offset] + b"\0\0\0\x08free" * 2_000)
    boxes.read_boxes(source, ProbeLimits())
    assert source.reads <= 4


def test_an_index_is_read_at_once():
    source = BytesSource(scene("long_gop").data)
    boxes.read_boxes(source, ProbeLimits())
    assert source.reads <= 4


def test_ranges_without_media_data_lie_outside():
    one = np.array([5], np.int64)
    assert tables.range_damage([one], [one + 1], []) == ["outside_mdat"]
    assert tables.range_damage([], [], []) == []

"""Files without an index, packet by packet; whatever the library raises, an answer."""

import io
from fractions import Fraction

import av
import pytest

from evidence.errors import ParserError
from evidence.findings import Finding
from evidence.slices import check_cuts, fixed_cuts
from ingest import packets
from ingest.answer import ProbeLimits
from tests.tools.encode import Recipe, encode
from tests.tools.scenes import Scale, scene
from tests.unit.appliance.sources import BytesSource
from tests.unit.ingest.probing import facts, findings, probed


def remuxed(name, form, kinds=("video", "audio")):
    """Return a scene's packets, unchanged, in another container."""
    out = io.BytesIO()
    with av.open(io.BytesIO(scene(name).data)) as source, av.open(out, "w", format=form) as target:
        streams = {
            stream.index: target.add_stream_from_template(stream)
            for stream in source.streams
            if stream.type in kinds
        }
        for packet in source.demux():
            if packet.size and packet.stream_index in streams:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    return out.getvalue()


def sound(form, codec, seconds=3):
    out = io.BytesIO()
    with av.open(out, "w", format=form) as target:
        stream = target.add_stream(codec, rate=8_000, layout="mono")
        for number in range(seconds * 8):
            frame = av.AudioFrame(format="s16", layout="mono", samples=1_000)
            frame.planes[0].update(bytes(2_000))
            frame.sample_rate, frame.pts = 8_000, number * 1_000
            frame.time_base = Fraction(1, 8_000)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "container", "source"),
    [
        ("vob", "mpeg", "ts"),
        ("h264", "h264", "ts"),
        ("hevc", "hevc", "ts_h265"),
        ("flv", "flv", "mkv"),
    ],
)
def test_other_containers_of_film_are_known_by_their_first_bytes(form, container, source):
    kinds = ("video",) if form != "flv" else ("video", "audio")
    data = remuxed(source, form, kinds)
    media = probed(data, "x")
    assert (media.kind, media.container, media.parser) == ("video", container, "packets/1")
    assert (media.tracks[0].codec, media.tracks[0].samples) == (scene(source).codec, 40)
    assert Finding.DAMAGED not in findings(media)
    check_cuts(media.cuts, len(data))


@pytest.mark.parametrize(
    ("form", "codec", "container"),
    [("wav", "pcm_s16le", "wav"), ("wav", "pcm_mulaw", "wav"), ("flac", "flac", "flac")],
)
def test_sound_alone_is_sound(form, codec, container):
    data = sound(form, codec)
    media = probed(data, "x.wav")
    assert (media.kind, media.container, media.duration_ms) == ("audio", container, 3_000)
    assert media.tracks[0].rate_milli == 8_000_000
    assert media.tracks[0].channels == 1
    assert not media.noted
    check_cuts(media.cuts, len(data))


def test_a_film_that_is_only_sound_lacks_its_pictures():
    assert findings(probed(sound("wav", "pcm_s16le"), "x.avi")) == {Finding.NO_VIDEO}


def test_transport_packets_with_a_time_before_each_are_known():
    plain = scene("ts").data
    packets_of_188 = [plain[at : at + 188] for at in range(0, len(plain), 188)]
    media = probed(b"".join(b"\0\0\0\0" + one for one in packets_of_188), "x.m2ts")
    assert (media.container, media.tracks[0].samples) == ("mpegts", 40)


def test_a_gap_in_a_transport_stream_is_found():
    data = encode(Recipe(container="mpegts", gap=(2_000, 7_000)))
    assert facts(probed(data), Finding.GAP_INSIDE) == {"at_ms": 2_000, "length_ms": 7_000}


def test_an_avi_that_ends_before_it_says_is_truncated():
    data = scene("avi").data
    media = probed(data[: len(data) // 2], "x.avi")
    missing = facts(media, Finding.TRUNCATED)["missing_bytes"]
    assert missing == len(data) - len(data) // 2
    check_cuts(media.cuts, len(data) // 2)


def test_an_avi_that_was_never_closed_has_no_index():
    data = bytearray(scene("avi").data)
    data[4:8] = bytes(4)
    media = probed(bytes(data), "x.avi")
    assert Finding.NO_INDEX in findings(media)
    assert media.tracks[0].samples == 40


@pytest.mark.parametrize("name", ["avi", "ts", "mkv", "mjpeg_avi", "ts_h265"])
def test_a_file_cut_anywhere_is_told_as_far_as_it_goes(name):
    data = scene(name, Scale(duration_ms=2_000)).data
    for length in range(1, len(data), len(data) // 60):
        media = probed(data[:length], "x")
        check_cuts(media.cuts, length)


@pytest.mark.parametrize(
    ("error", "because"),
    [
        (MemoryError(), "memory"),
        (EOFError(), "packets"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "packets"),
        (av.error.InvalidDataError(1, "bad"), "packets"),
        (OverflowError(), "packets"),
    ],
)
def test_whatever_the_library_raises_is_damage(monkeypatch, error, because):
    def raising(*_given, **_named):
        raise error

    monkeypatch.setattr(packets.av, "open", raising)
    data = scene("ts").data
    media = probed(data, "x.ts")
    assert facts(media, Finding.DAMAGED) == {"because": because}
    assert (media.kind, media.container) == ("video", "mpegts")
    assert media.cuts == fixed_cuts(len(data))


def test_a_source_that_fails_in_the_middle_keeps_what_came_before(monkeypatch):
    class Failing(BytesSource):
        def read(self, offset, length):
            if offset:
                raise ValueError
            return super().read(offset, length)

    monkeypatch.setattr(packets, "READ_BYTES", 4_096)
    data = scene("mkv").data
    answer = packets.packets(Failing(data), {"format": "matroska"})
    assert {"finding": "damaged", "because": "packets"} in answer["noted"]


@pytest.mark.parametrize("form", ["concat", "hls", "image2", "", None, 7])
def test_a_demuxer_that_nobody_needs_is_refused(form):
    with pytest.raises(ParserError, match="because=format"):
        packets.packets(BytesSource(b"#EXTM3U\nfile:///etc/passwd"), {"format": form})


@pytest.mark.parametrize("what", ["packets", "samples"])
def test_packets_before_a_limit_are_told(what):
    data = scene("ts").data
    media = probed(data, limits=ProbeLimits(**{what: 20}))
    assert facts(media, Finding.PROBE_FAILED) == {"because": f"too_many_{what}"}
    assert 0 < media.tracks[0].samples <= 20
    check_cuts(media.cuts, len(data))


def test_packets_that_lie_in_disorder_leave_fixed_cuts(monkeypatch):
    monkeypatch.setattr(packets, "_ordered", lambda _stream: False)
    data = scene("ts").data
    assert probed(data).cuts == fixed_cuts(len(data))


def test_the_reader_moves_as_a_file_does():
    reader = packets.Reader(BytesSource(b"0123456789"))
    assert reader.read(4) == b"0123"
    assert (reader.seek(-2, 2), reader.read(9), reader.read(9)) == (8, b"89", b"")
    assert (reader.seek(1), reader.seek(2, 1), reader.tell()) == (1, 3, 3)
    with pytest.raises(ValueError, match="-1"):
        reader.seek(-1)

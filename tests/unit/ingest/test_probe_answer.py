"""The parent's side of the probe: a child that lies is a finding, and the cuts still tile."""

import copy

import pytest

from evidence.errors import ParserError, UnpluggedError
from evidence.findings import Finding
from evidence.slices import fixed_cuts
from ingest.probe import OURS, media_of, probe
from tests.unit.appliance.sources import BytesSource
from tests.unit.ingest.probing import Answering, facts

SIZE = 3_000_000
GOOD = {
    "kind": "video",
    "container": "mp4",
    "duration_ms": 4_000,
    "created_ms": None,
    "parser": "boxes/1",
    "tracks": [{"kind": "video", "codec": "h264", "samples": 40, "width": 160, "height": 120}],
    "cuts": {
        "lengths": [48, 2_999_952],
        "keys": [0, 1],
        "pts0": [None, 0],
        "pts1": [None, 3_900],
        "packets": [0, 40],
    },
    "noted": [{"finding": "gap_inside", "at_ms": 2_000, "length_ms": 7_000}],
}


def changed(path, value):
    answer = copy.deepcopy(GOOD)
    *way, last = path
    place = answer
    for step in way:
        place = place[step]
    place[last] = value
    return answer


LIES = {
    "no object": 7,
    "nothing": None,
    "an unknown kind": changed(["kind"], "movie"),
    "a kind that is a list": changed(["kind"], ["video"]),
    "a container with control characters": changed(["container"], "mp4\x1b[2J"),
    "a negative duration": changed(["duration_ms"], -1),
    "a truth for a number": changed(["duration_ms"], True),
    "a time beyond JSON": changed(["created_ms"], 1 << 53),
    "a parser of its own": changed(["parser"], "evil/1"),
    "tracks that are no list": changed(["tracks"], {}),
    "a hundred tracks": changed(["tracks"], GOOD["tracks"] * 100),
    "a codec with a newline": changed(["tracks", 0, "codec"], "h264\n"),
    "a codec of a megabyte": changed(["tracks", 0, "codec"], "x" * 1_000_000),
    "fewer than no samples": changed(["tracks", 0, "samples"], -1),
    "no samples told": changed(["tracks", 0, "samples"], None),
    "a zero width": changed(["tracks", 0, "width"], 0),
    "a finding of the docking": changed(["noted", 0, "finding"], "important"),
    "a finding that is none": changed(["noted", 0, "finding"], "fine"),
    "a finding that is a list": changed(["noted", 0, "finding"], []),
    "a fact of its own": changed(["noted", 0, "officer"], "000001"),
    "a text for a number": changed(["noted", 0, "at_ms"], "2000"),
    "a reason with spaces": changed(["noted", 0, "because"], "trust me"),
    "a thousand findings": changed(["noted"], GOOD["noted"] * 1_000),
    "cuts that are a list": changed(["cuts"], [1, 2]),
    "cuts of unequal columns": changed(["cuts", "keys"], [1]),
    "no cuts at all": changed(["cuts", "lengths"], []),
    "a cut of no bytes": changed(["cuts", "lengths"], [0, SIZE]),
    "a cut that goes back": changed(["cuts", "lengths"], [-1, SIZE + 1]),
    "cuts that end too early": changed(["cuts", "lengths"], [48, 48]),
    "cuts that end too late": changed(["cuts", "lengths"], [48, SIZE]),
    "a cut that is too long": changed(["cuts", "lengths"], [48, 5 << 20]),
    "a cut with a truth for a length": changed(["cuts", "lengths"], [True, SIZE - 1]),
    "a time of a cut beyond JSON": changed(["cuts", "pts0"], [None, 1 << 60]),
    "a time of a cut that is text": changed(["cuts", "pts1"], [None, "0"]),
    "packets fewer than none": changed(["cuts", "packets"], [0, -1]),
    "packets unknown": changed(["cuts", "packets"], [0, None]),
    "too many cuts": changed(["cuts", "lengths"], [1] * 60_001),
}


@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_lie_is_refused_and_becomes_a_finding(lie):
    media = probe(BytesSource(bytes(SIZE)), "x.mp4", Answering(LIES[lie]))
    assert facts(media, Finding.PROBE_FAILED) == {"because": "parser_answer"}
    assert media.kind == "unknown"
    assert media.cuts == fixed_cuts(SIZE)


def test_a_true_answer_is_told_whole():
    media = media_of(GOOD, SIZE)
    assert [(cut.offset, cut.length, cut.key) for cut in media.cuts] == [
        (0, 48, False),
        (48, 2_999_952, True),
    ]
    assert media.cuts[1].pts1_ms == 3_900
    assert media.tracks[0].codec == "h264"
    assert facts(media, Finding.GAP_INSIDE) == {"at_ms": 2_000, "length_ms": 7_000}


def test_a_file_without_an_index_is_asked_of_the_second_child():
    parsers = Answering({"packets": "mpegts"}, GOOD)
    assert probe(BytesSource(bytes(SIZE)), "x.ts", parsers).kind == "video"
    limits = OURS.request()
    assert parsers.asked == [("probe", limits), ("packets", {**limits, "format": "mpegts"})]


def test_the_first_child_cannot_name_anything_but_a_word_to_the_second():
    for form in ("../../etc", 7, ["mpegts"], "a" * 41):
        parsers = Answering({"packets": form}, GOOD)
        media = probe(BytesSource(b"x"), "x.ts", parsers)
        assert facts(media, Finding.PROBE_FAILED) == {"because": "parser_answer"}
        assert len(parsers.asked) == 1


@pytest.mark.parametrize(
    ("name", "kind", "finding"),
    [
        ("x.mp4", "unknown", Finding.UNDECODABLE),
        ("x.MP4", "log", Finding.UNDECODABLE),
        ("folder.mp4/x.jpg", "unknown", Finding.UNDECODABLE),
        ("x.avi", "audio", Finding.NO_VIDEO),
        ("x.m4a", "audio", None),
        ("x.log", "log", None),
        ("x", "unknown", None),
        ("mp4", "unknown", Finding.UNDECODABLE),
    ],
)
def test_a_name_that_promises_more_than_the_bytes_is_a_finding(name, kind, finding):
    answer = {**GOOD, "kind": kind, "tracks": [], "noted": []}
    media = probe(BytesSource(bytes(SIZE)), name, Answering(answer))
    assert [note.finding for note in media.noted] == ([finding] if finding else [])


def test_an_unplugged_recorder_is_no_bad_video():
    class Gone:
        def parse(self, _task, _source, _request):
            raise UnpluggedError("unplugged", where="slot 1")

    with pytest.raises(UnpluggedError):
        probe(BytesSource(b"x"), "x.mp4", Gone())


def test_a_missing_fence_is_told_as_the_reason():
    class Unfenced:
        def parse(self, _task, _source, _request):
            raise ParserError("fence_missing", because="seccomp")

    media = probe(BytesSource(b"x"), "x.mp4", Unfenced())
    assert facts(media, Finding.PROBE_FAILED) == {"because": "fence_missing"}

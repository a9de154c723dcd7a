"""What is told of one segment: all of it from the ledger, and only to who may list it."""

from zoneinfo import ZoneInfo

import pytest

from custody.dossier import dossier
from custody.listing import listing_for
from evidence.errors import MalformedError, UnknownSegmentError
from tests.fakes.desk import PEOPLE, SQUAD, WEST, person, sealed

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEES = {"chief", "acting", "inspector", "watcher", "searcher", "head", "supervisor", "leader",
        "officer"}  # fmt: skip


@pytest.fixture
def bureau_and_segments():
    return sealed()


def told(bureau, name, segment):
    return dossier(listing_for(bureau.desk, bureau.actor(name)), segment, SHANGHAI)


def seam(before, after, kind="gap", ms=7):
    return {"before": before, "after": after, "lines": [0, 1], "kind": kind, "ms": ms,
            "because": None}  # fmt: skip


def judge(bureau, *seams, segments):
    body = {"act": "x", "part": 1, "parts": 1, "seams": list(seams)}
    return bureau.write("seams.judged", (f"d:{1:032x}", *segments), body, by="sys:ingest")


def test_a_segment_is_told_with_whose_it_is_its_label_and_what_was_noticed(bureau_and_segments):
    bureau, (segment, *_) = bureau_and_segments
    bureau.label(segment, ["officer", "mate"], "case 1", item="sealing")
    found = told(bureau, "supervisor", segment)
    assert (found.sealed.type, found.slices) == ("segment.sealed", 3)
    (one,) = found.sightings
    assert (one.belongs.person, one.belongs.unit) == (person("officer"), SQUAD)
    assert (one.recorder, one.docking) == (bureau.recorder(), f"d:{1:032x}")
    assert (one.claimed_at, one.corrected_at) == (bureau.now, None)
    assert found.label.facts["case_number"] == "case 1"
    assert found.findings == found.remarks == found.seams == ()


def test_every_place_where_it_lay_is_told_oldest_first(bureau_and_segments):
    bureau, (segment, *_) = bureau_and_segments
    bureau.seal(0, bureau.recorder("T000777"))
    first, second = told(bureau, "chief", segment).sightings
    assert first.belongs.sighting < second.belongs.sighting
    assert second.belongs.person is None
    assert told(bureau, "chief", segment).remarks == ("holder_unknown",)


def test_a_segment_of_no_recorder_that_could_be_named_is_told(bureau_and_segments):
    bureau, (segment, *_) = bureau_and_segments
    seen = {**bureau.ledger.entry(bureau.ledger.last(segment)).body}
    seen["noted"] = [{"finding": "truncated"}, {"finding": "important"}]
    bureau.write("segment.seen", (segment, f"d:{2:032x}"), seen, by="sys:ingest")
    found = told(bureau, "chief", segment)
    assert found.sightings[1].recorder is None
    assert found.findings == ("important", "truncated")


def test_joins_are_told_with_neighbours_that_the_asker_may_list(bureau_and_segments):
    bureau, (first, second, third) = bureau_and_segments
    west = bureau.recorder("T000005")
    bureau.bind(west, "west_officer", WEST)
    far = bureau.seal("far", west)
    at = judge(
        bureau,
        seam(first, second),
        seam(second, far, "unknown", None),
        seam(far, third, "hole"),
        segments=(first, second, third, far),
    )
    joined = told(bureau, "supervisor", second).seams
    assert [(each.seams, each.seam, each.kind, each.ms) for each in joined] == [
        (at, 0, "gap", 7),
        (at, 1, "unknown", None),
    ]
    assert [(each.before, each.after) for each in joined] == [(first, second), (second, None)]
    assert told(bureau, "chief", second).seams[1].after == far


@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_not_list_it_is_told_what_a_stranger_would_be_and_it_is_on_record(
    bureau_and_segments, name
):
    bureau, (segment, *_) = bureau_and_segments
    if name in SEES:
        assert told(bureau, name, segment).sealed.body["size"] == 9
        return
    with pytest.raises(UnknownSegmentError) as hidden:
        told(bureau, name, segment)
    (refused,) = bureau.house.entries("access.refused")
    assert (refused.actor, refused.body["act"]) == (person(name), "see_listing")
    with pytest.raises(UnknownSegmentError) as absent:
        told(bureau, name, "s:" + "0" * 64)
    assert hidden.value.word == absent.value.word


def test_a_label_is_told_to_who_may_see_labels_alone(bureau_and_segments):
    bureau, (segment, *_) = bureau_and_segments
    bureau.label(segment, ["officer"])
    listing = listing_for(bureau.desk, bureau.actor("supervisor"))
    listing.known[segment, "see_label"] = False
    assert dossier(listing, segment, SHANGHAI).label is None


def test_what_is_no_seam_is_not_told_as_one(bureau_and_segments):
    bureau, (segment, *_) = bureau_and_segments
    judge(bureau, 7, segments=(segment,))
    with pytest.raises(MalformedError):
        told(bureau, "chief", segment)

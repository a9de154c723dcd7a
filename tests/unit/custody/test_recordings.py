"""Which segments belong together: of one docking, of one recording."""

import pytest

from custody.recordings import of_docking, of_recording
from evidence.errors import UnknownSegmentError, UsageError
from tests.fakes.desk import sealed
from tests.unit.custody.test_gaps import DOCKING, seam


@pytest.fixture
def bureau_and_segments():
    bureau, segments = sealed(6)
    kinds = ("contiguous", "overlap", "gap", "contiguous", "pause")
    pairs = zip(segments, segments[1:], kinds, strict=False)
    rows = [seam(before, after, kind) for before, after, kind in pairs]
    rows.append(seam(segments[5], None, "contiguous"))
    for part, some in enumerate((rows[:2], rows[2:])):
        about = {each for row in some for each in (row["before"], row["after"]) if each}
        body = {"act": "seams", "part": part, "parts": 2, "seams": some}
        bureau.write("seams.judged", (DOCKING, *sorted(about)), body, by="sys:ingest")
    return bureau, segments


@pytest.mark.parametrize(("start", "first", "last"), [(0, 0, 3), (1, 0, 3), (2, 0, 3), (3, 3, 5)])
def test_a_recording_is_what_joins_without_a_gap(bureau_and_segments, start, first, last):
    bureau, segments = bureau_and_segments
    found = of_recording(bureau.ledger, segments[start], 10)
    assert found[0] == segments[start]
    assert sorted(found) == sorted(segments[first:last])


def test_a_segment_that_joins_nothing_is_a_recording(bureau_and_segments):
    bureau, segments = bureau_and_segments
    assert of_recording(bureau.ledger, segments[5], 10) == segments[5:]


def test_a_recording_longer_than_one_act_is_refused(bureau_and_segments):
    bureau, segments = bureau_and_segments
    with pytest.raises(UsageError, match="segments_malformed"):
        of_recording(bureau.ledger, segments[0], 2)


def test_a_docking_has_its_segments_in_their_order_each_once(bureau_and_segments):
    bureau, segments = bureau_and_segments
    bureau.seal(0)
    assert of_docking(bureau.ledger, DOCKING, 6) == segments
    with pytest.raises(UsageError, match="segments_malformed"):
        of_docking(bureau.ledger, DOCKING, 5)


def test_a_docking_without_segments_is_told(bureau_and_segments):
    bureau, _ = bureau_and_segments
    with pytest.raises(UnknownSegmentError, match="docking_empty"):
        of_docking(bureau.ledger, "d:" + "9" * 32, 5)

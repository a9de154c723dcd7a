"""Samples as arrays: the same cuts as the reference, gaps and rates as a person counts them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.findings import Finding
from evidence.slices import Packet, key_frame_cuts
from ingest import timeline
from ingest.timeline import Samples, cut_columns, in_blocks, pace, survey

SIZE = 30 << 20
OFFSETS = st.integers(-2, SIZE + 2) | st.integers(0, 40)
PACKETS = st.lists(st.tuples(OFFSETS, st.integers(-500, 20_000), st.booleans()), max_size=40)


def samples(rows, timescale=1_000, last=0):
    offset, pts, key = zip(*rows, strict=True) if rows else ((), (), ())
    numbers = np.array(pts, np.int64)
    sizes = np.ones(len(rows), np.int64)
    places = np.array(offset, np.int64)
    return Samples(timescale, places, sizes, numbers, numbers, np.array(key, bool), last)


def paced(dts, timescale=1_000):
    blocks = in_blocks(samples([(0, one, True) for one in dts], timescale))
    return pace(survey(blocks, SIZE), blocks)


def cut(size, rows, media_end):
    blocks = in_blocks(samples(rows))
    return cut_columns(size, survey(blocks, size), blocks, media_end)


def times(made):
    return survey(in_blocks(made), SIZE).times


@given(
    st.sampled_from([1, 2, 3, 7, 1_000]),
    PACKETS,
    st.booleans(),
    st.sampled_from([40, SIZE]),
    st.none() | st.integers(0, SIZE) | st.integers(0, 41),
)
def test_cuts_are_those_of_the_reference_whatever_the_packets(
    block, rows, ordered, size, media_end
):
    rows = sorted(rows) if ordered else rows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "BLOCK", block)
        told = cut(size, rows, media_end)
    columns = (told[name] for name in ("lengths", "keys", "pts0", "pts1", "packets"))
    reference = key_frame_cuts(size, [Packet(*row) for row in rows], media_end)
    assert list(zip(*columns, strict=True)) == [
        (cut.length, cut.key, cut.pts0_ms, cut.pts1_ms, cut.packets) for cut in reference
    ]


def test_a_film_too_long_for_one_answer_is_left_to_fixed_cuts():
    rows = [(number, number * 2_000, True) for number in range(60_001)]
    assert cut(len(rows), rows, None) is None
    assert cut(1 << 50, rows[:10], None) is None


def test_a_step_of_exactly_half_a_second_is_no_gap():
    steady = list(range(0, 1_000, 100))
    assert paced([*steady, 900 + 500])[1] == []
    assert paced([*steady, 900 + 501])[1] == [
        {"finding": Finding.GAP_INSIDE, "at_ms": 1_000, "length_ms": 401}
    ]


def test_slow_film_is_no_row_of_gaps():
    assert paced(range(0, 20_000, 1_000)) == (1_000, [])  # one picture a second, for an hour


def test_gaps_do_not_change_the_rate():
    rate, noted = paced([0, 40, 80, 5_000, 5_040, 5_080])
    assert rate == 25_000
    assert [note["finding"] for note in noted] == [Finding.GAP_INSIDE]


def test_only_the_first_hundred_gaps_are_told():
    dts = [second for start in range(0, 2_000_000, 5_000) for second in (start, start + 40)]
    assert len(paced([*dts, *(dts[-1] + 40 * n for n in range(1, 400))])[1]) == 100


def test_ticks_that_are_rounded_are_not_a_variable_rate():
    thirty = [number * 1_000 // 30 for number in range(300)]
    assert paced(thirty)[1] == []


def test_a_rate_that_changes_is_variable():
    dts = [number * 33 for number in range(100)] + [3_267 + number * 66 for number in range(1, 9)]
    assert [note["finding"] for note in paced(dts)[1]] == [Finding.VARIABLE_RATE]


def test_time_that_goes_back_is_damage():
    found = paced([0, 40, 80, 20, 60, 100])[1]
    assert found[0] == {"finding": Finding.DAMAGED, "because": "time_goes_back"}


def test_one_sample_has_times_and_no_rate():
    assert paced([70]) == (None, [])
    assert times(samples([(0, 70, True)], last=30))["last_ms"] == 100
    assert times(samples([]))["first_ms"] is None


def test_a_rate_beyond_all_reason_is_not_told():
    assert paced(range(10), timescale=(1 << 32) - 1)[0] is None

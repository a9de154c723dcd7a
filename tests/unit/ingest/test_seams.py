"""Continuity between neighbouring files: what is said of each join, and what is never guessed."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.seams import Piece, judge_seams, split_length
from tests.fakes.clock import NOON

TOLERANCE_MS = 1500


def piece(line, at_s, length_s=60, *, number=None, broken=False, stream="Movie"):
    begin = None if at_s is None else NOON + timedelta(seconds=at_s)
    duration = None if length_s is None else int(length_s * 1000)
    return Piece(f"s:{line:064x}", line, stream, begin, duration, number, broken)


def kinds(*pieces):
    return [(seam.kind, seam.ms) for seam in judge_seams(pieces, TOLERANCE_MS)]


def test_automatic_segments_without_time_between_them_are_contiguous():
    assert kinds(piece(0, 0), piece(1, 60), piece(2, 120)) == [("contiguous", 0)] * 2


def test_a_stretch_missing_after_a_full_segment_is_a_gap():
    assert kinds(piece(0, 0), piece(1, 60), piece(2, 127)) == [("contiguous", 0), ("gap", 7000)]


def test_a_recording_stopped_by_hand_before_its_full_length_is_a_pause():
    found = kinds(piece(0, 0), piece(1, 60, 20), piece(2, 400), piece(3, 460))
    assert found == [("contiguous", 0), ("pause", 320_000), ("contiguous", 0)]


def test_without_a_known_split_length_a_stretch_cannot_be_judged():
    (seam,) = judge_seams([piece(0, 0, 35), piece(1, 90, 50)], TOLERANCE_MS)
    assert (seam.kind, seam.because, seam.ms) == ("unknown", "no_split_length", 55_000)


def test_pre_recording_overlaps():
    assert kinds(piece(0, 0), piece(1, 50)) == [("overlap", -10_000)]


def test_a_clock_that_goes_back_by_days_is_a_clock_jump():
    pieces = [piece(0, 0, number=1), piece(1, -3 * 86_400, number=2)]
    assert [kind for kind, _ in kinds(*pieces)] == ["clock_jump"]


def test_a_missing_number_is_a_hole_of_that_many_files():
    assert kinds(piece(0, 0, number=7), piece(1, 180, number=10)) == [("hole", 2)]


def test_a_file_without_its_end_is_truncated_and_so_is_a_broken_last_one():
    pieces = [piece(0, 0), piece(1, 60, None, broken=True), piece(2, 130, broken=True)]
    assert kinds(*pieces) == [("contiguous", 0), ("truncated", 70_000), ("truncated", None)]


def test_a_piece_without_a_time_is_never_placed_by_guess():
    (seam,) = judge_seams([piece(0, 0), piece(1, None)], TOLERANCE_MS)
    assert (seam.kind, seam.because) == ("unknown", "no_time")


def test_a_piece_without_a_duration_says_so():
    (seam,) = judge_seams([piece(0, 0, None), piece(1, 60)], TOLERANCE_MS)
    assert (seam.kind, seam.because) == ("unknown", "no_duration")


def test_files_of_different_streams_are_no_neighbours():
    assert kinds(piece(0, 0), piece(1, 200, stream="EMR")) == []


def test_the_split_length_is_seen_and_a_longer_piece_refutes_it():
    equal = [piece(0, 0), piece(1, 60), piece(2, 120, 20)]
    assert abs(split_length(equal, TOLERANCE_MS) - 60_000) <= TOLERANCE_MS
    assert split_length([*equal, piece(3, 200, 300)], TOLERANCE_MS) is None
    assert split_length([piece(0, 0, 30), piece(1, 40, 60)], TOLERANCE_MS) is None


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 10**4)), max_size=30))
def test_every_neighbour_gets_exactly_one_seam(spans):
    pieces = [piece(n, at, length) for n, (at, length) in enumerate(spans)]
    seams = judge_seams(pieces, TOLERANCE_MS)
    assert len(seams) == max(0, len(pieces) - 1)
    assert {seam.before.line for seam in seams} | {seam.after.line for seam in seams} == (
        set(range(len(pieces))) if len(pieces) > 1 else set()
    )

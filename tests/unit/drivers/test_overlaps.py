"""Files that claim the same bytes of a device are all found."""

from hypothesis import given
from hypothesis import strategies as st

from drivers.overlaps import overlapping
from evidence.recorders import Extent, FileEntry


def file(handle, *runs):
    extents = tuple(Extent(offset, length) for offset, length in runs)
    return FileEntry(handle, "x", b"x", 1, extents=extents)


def test_neighbours_do_not_overlap():
    assert overlapping([file(0, (0, 10)), file(1, (10, 5)), file(2, (15, 1))]) == frozenset()


def test_a_file_inside_a_larger_one_is_found_behind_others():
    found = overlapping([file(0, (0, 100)), file(1, (10, 5)), file(2, (50, 5)), file(3, (100, 1))])
    assert found == {0, 1, 2}


def test_a_file_that_overlaps_itself_is_found():
    assert overlapping([file(0, (0, 10), (5, 10))]) == {0}


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=12))
def test_it_agrees_with_comparing_every_pair(runs):
    files = [file(handle, run) for handle, run in enumerate(runs)]
    by_hand = {
        h
        for h, (a, n) in enumerate(runs)
        for k, (b, m) in enumerate(runs)
        if h != k and a < b + m and b < a + n
    }
    assert overlapping(files) == by_hand

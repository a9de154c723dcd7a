"""A range of bytes is answered with the slices that hold it, and with no others."""

import pytest

from custody.ranges import range_of
from evidence.asking import Span
from evidence.errors import UsageError
from tests.fakes.desk import FILES, docked
from tests.fakes.grants import copy_of

SIZE = len(next(iter(FILES.values())))
MIB = 1 << 20


@pytest.fixture(scope="module")
def made():
    return docked()


@pytest.mark.parametrize(
    ("first", "last", "slices", "skip", "length"),
    [
        (0, 0, (0, 0), 0, 1),
        (MIB - 1, MIB, (0, 1), MIB - 1, 2),
        (MIB, 2 * MIB - 1, (1, 1), 0, MIB),
        (2 * MIB, None, (2, 2), 0, SIZE - 2 * MIB),
        (None, 1, (2, 2), SIZE - 2 * MIB - 1, 1),
        (None, SIZE * 2, (0, 2), 0, SIZE),
        (5, SIZE * 2, (0, 2), 5, SIZE - 5),
    ],
)
def test_a_range_is_the_slices_that_hold_it(*, made, first, last, slices, skip, length):
    bureau, segments = made
    found = range_of(copy_of(bureau).desk, Span(segments[0]), first, last)
    assert (found.span.first, found.span.last) == slices
    assert (found.skip, found.length, found.size) == (skip, length, SIZE)


def test_all_of_it_is_the_span_itself(made):
    bureau, segments = made
    found = range_of(bureau.desk, Span(segments[0], 1, 1), None, None)
    assert (found.span, found.first, found.last, found.skip) == (
        Span(segments[0], 1, 1), 0, MIB - 1, 0,
    )  # fmt: skip


def test_a_range_of_a_part_counts_from_the_part(made):
    bureau, segments = made
    found = range_of(bureau.desk, Span(segments[0], 1, 2), 0, 4)
    assert (found.span, found.skip) == (Span(segments[0], 1, 1), 0)


@pytest.mark.parametrize(("first", "last"), [(SIZE, None), (9, 8), (None, 0)])
def test_bytes_that_are_not_there_are_refused(made, first, last):
    bureau, segments = made
    with pytest.raises(UsageError) as told:
        range_of(bureau.desk, Span(segments[0]), first, last)
    assert told.value.word == "bytes_outside"

import pytest

from custody.parts import all_within, plan_part, sealed_entry
from evidence.asking import Span
from evidence.errors import IntegrityError, UnknownSegmentError, UsageError
from tests.fakes.desk import docked
from tests.fakes.grants import copy_of
from tests.fakes.ledger import MemoryLedger
from tests.fakes.objects import MemoryObjects

ONE, OTHER = "s:" + "1" * 64, "s:" + "2" * 64


@pytest.fixture(scope="module")
def once():
    return docked()


@pytest.fixture
def bureau(once):
    made = copy_of(once[0])
    made.segments = once[1]
    return made


def test_a_segment_that_nobody_sealed_has_no_part():
    with pytest.raises(UnknownSegmentError):
        sealed_entry(ONE, MemoryLedger())


def test_an_entry_that_seals_another_segment_is_no_seal(bureau):
    (sealed, *_) = bureau.house.entries("segment.sealed")
    bureau.write("segment.sealed", (ONE,), sealed.body)
    with pytest.raises(IntegrityError):
        sealed_entry(ONE, bureau.ledger)


@pytest.mark.parametrize(
    ("wanted", "granted", "so"),
    [
        ([Span(ONE)], [Span(ONE)], True),
        ([Span(ONE, 0, 5)], [Span(ONE)], True),
        ([Span(ONE, 2, 3)], [Span(ONE, 2, 3)], True),
        ([Span(ONE, 2, 3)], [Span(OTHER), Span(ONE, 0, 9)], True),
        ([Span(ONE, 2, 3), Span(ONE, 2, 3)], [Span(ONE)], True),
        ([], [Span(ONE)], False),
        ([Span(ONE)] * 61, [Span(ONE)], False),
        ([Span(OTHER)], [Span(ONE)], False),
        ([Span(ONE)], [Span(ONE, 0, 9)], False),
        ([Span(ONE, 1, 3)], [Span(ONE, 2, 3)], False),
        ([Span(ONE, 2, 4)], [Span(ONE, 2, 3)], False),
        ([Span(ONE, 0, 3)], [Span(ONE, 0, 1), Span(ONE, 2, 3)], False),
        ([Span(ONE, 2, 3), Span(OTHER)], [Span(ONE)], False),
    ],
)
def test_only_what_lies_within_one_granted_span_was_granted(wanted, granted, so):
    assert all_within(wanted, granted) is so


@pytest.mark.parametrize(("first", "last"), [(0, 3), (3, 3), (-1, 1), (2, 1)])
def test_slices_that_are_not_there_make_no_part(bureau, first, last):
    span = Span(bureau.segments[0], first, last)
    with pytest.raises(UsageError):
        plan_part(0, span, bureau.ledger, bureau.desk.objects)


def test_without_the_roll_there_is_no_part(bureau):
    with pytest.raises(Exception, match="object_missing"):
        plan_part(0, Span(bureau.segments[0]), bureau.ledger, MemoryObjects())

"""What the ledger says of segments: whose they are, who appears, and that nothing is guessed."""

import pytest

from custody.footage import Footage, check_spans, footage_of, slices_of, span_json, within
from evidence.asking import Span
from evidence.errors import UnknownSegmentError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import SQUAD, WEST, person, sealed, small_bureau

UNKNOWN = "s:" + "9" * 64


def people(*names):
    return frozenset(map(person, names))


def test_footage_is_of_who_held_the_recorder_and_of_their_unit():
    bureau, segments = sealed()
    found = footage_of(bureau.ledger, segments)
    assert found == Footage(segments, (SQUAD,), people("officer"), frozenset(), people("officer"))


def test_what_nobody_held_is_unresolved_and_of_the_organisation():
    bureau = small_bureau()
    segments = (bureau.seal("a", bureau.recorder("unknown")),)
    found = footage_of(bureau.ledger, segments)
    assert found.unresolved
    assert found.owners == (ORGANISATION,)
    assert not found.own


def test_what_lay_on_two_recorders_is_of_both_units_and_both_appear():
    bureau, segments = sealed()
    bureau.bind(bureau.recorder("second"), "west_officer", WEST)
    for n in range(3):
        bureau.seal(n, bureau.recorder("second"))
    found = footage_of(bureau.ledger, segments)
    assert set(found.owners) == {SQUAD, WEST}
    assert found.own == found.appear == people("officer", "west_officer")


def test_a_right_needs_every_segment_and_a_conflict_needs_one():
    bureau, segments = sealed()
    bureau.label(segments[0], ["officer", "mate"])
    found = footage_of(bureau.ledger, segments)
    assert person("mate") not in found.own
    assert person("mate") in found.appear
    assert person("mate") in footage_of(bureau.ledger, segments[:1]).own


def test_who_is_named_in_the_case_appears_and_is_named():
    bureau, segments = sealed()
    other = bureau.seal("z")
    bureau.label(other, ["west_officer"], "C-1")
    bureau.label(segments[0], ["officer"], "C-1")
    found = footage_of(bureau.ledger, segments[:1])
    assert person("west_officer") in found.named & found.appear
    assert person("west_officer") not in found.own
    assert person("west_officer") not in footage_of(bureau.ledger, segments).named


def test_the_case_of_a_question_counts_even_where_no_label_says_it():
    bureau, segments = sealed()
    other = bureau.seal("z")
    bureau.label(other, ["head"], "C-1")
    case = bureau.ledger.pseudonym("c", "C-1")
    assert person("head") in footage_of(bureau.ledger, segments, case).appear
    assert person("head") not in footage_of(bureau.ledger, segments).appear


@pytest.mark.parametrize("case", ["C-1", None])
def test_a_corrected_label_takes_away_the_right_and_heals_no_conflict(case):
    bureau, segments = sealed()
    first = bureau.label(segments[0], ["head"], case, sensitivity="state_secret")
    assert footage_of(bureau.ledger, segments).secret
    bureau.label(segments[0], ["officer"], "C-2", corrects=first)
    found = footage_of(bureau.ledger, segments[:1])
    assert person("head") not in found.own | found.named
    assert person("head") in found.appear
    assert not found.secret


def test_a_segment_that_is_not_in_custody_is_no_footage():
    bureau, _ = sealed()
    bureau.label(UNKNOWN, ["officer"])
    for segment in (UNKNOWN, "s:" + "8" * 64):
        with pytest.raises(UnknownSegmentError):
            footage_of(bureau.ledger, [segment])
        with pytest.raises(UnknownSegmentError):
            slices_of(bureau.ledger, segment)
    assert footage_of(bureau.ledger, []).own == frozenset()


def test_a_span_must_be_a_part_of_its_segment():
    bureau, segments = sealed()
    count = slices_of(bureau.ledger, segments[0])
    check_spans(bureau.ledger, [Span(segments[0]), Span(segments[1], 0, count - 1)])
    for span in (
        Span(segments[0], 0, count),
        Span(segments[0], 1, 0),
        Span(segments[0], 0),
        Span(segments[0], None, 0),
        Span(segments[0], -1, 0),
    ):
        with pytest.raises(UsageError) as caught:
            check_spans(bureau.ledger, [span])
        assert caught.value.word == "span_outside"
    with pytest.raises(UsageError) as caught:
        check_spans(bureau.ledger, [Span(segments[0], 0, 0), Span(segments[0], 1, 1)])
    assert caught.value.word == "span_twice"


@pytest.mark.parametrize(
    ("narrow", "wide", "inside"),
    [
        (Span("a"), Span("a"), True),
        (Span("a", 1, 2), Span("a"), True),
        (Span("a", 1, 2), Span("a", 1, 2), True),
        (Span("a", 1, 3), Span("a", 1, 2), False),
        (Span("a", 0, 2), Span("a", 1, 2), False),
        (Span("a"), Span("a", 1, 2), False),
        (Span("b", 1, 2), Span("a"), False),
    ],
)
def test_a_part_is_never_more_than_the_whole(narrow, wide, inside):
    assert within(narrow, wide) is inside


def test_a_span_is_written_as_it_is_read():
    assert span_json([Span("s:1", 0, 2)]) == [{"segment": "s:1", "first": 0, "last": 2}]

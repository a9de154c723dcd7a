import pytest

from custody import history as history_module
from custody.history import history
from evidence.errors import IntegrityError
from tests.unit.custody.shift import DOCKING, RECORDER, SEGMENTS, whole_shift

OTHER_DOCKING = "d:" + "1d" * 16


def test_the_history_of_a_segment_is_complete_and_newest_first():
    shift = whole_shift()
    shift.open(OTHER_DOCKING)
    shift.inventory(OTHER_DOCKING)
    shift.see(0, OTHER_DOCKING)
    assert [entry.type for entry in history(SEGMENTS[0], shift.book)] == [
        "segment.seen",
        "inventory.taken",
        "docking.opened",
        "docking.ended",
        "docking.erased",
        "docking.certified",
        "seams.judged",
        "segment.sealed",
        "inventory.taken",
        "docking.opened",
    ]


def test_the_history_of_a_segment_says_nothing_of_its_neighbours():
    shift = whole_shift()
    entries = history(SEGMENTS[2], shift.book)
    assert shift.index_of["judged"] not in [entry.seq for entry in entries]
    assert [entry.seq for entry in entries if entry.type == "segment.sealed"] == [
        shift.index_of["sealed2"]
    ]


def test_other_subjects_have_exactly_the_entries_about_them():
    book = whole_shift().book
    for subject in (DOCKING, RECORDER):
        entries = history(subject, book)
        assert [entry.seq for entry in entries] == [
            index
            for index in reversed(range(len(book.leaves)))
            if subject in book.entry(index).about
        ]


def test_what_nobody_spoke_of_has_no_history():
    assert history("s:" + "00" * 32, whole_shift().book) == []


def test_an_entry_that_does_not_name_its_subject_breaks_the_history():
    book = whole_shift().book
    book.last_of[SEGMENTS[0]] = 1
    with pytest.raises(IntegrityError, match="history_broken"):
        history(SEGMENTS[0], book)


def test_a_history_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(history_module, "HISTORY_LIMIT", 3)
    with pytest.raises(IntegrityError, match="history_too_long"):
        history(RECORDER, whole_shift().book)

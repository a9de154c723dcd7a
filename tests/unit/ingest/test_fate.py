"""What is docked again is sealed, seen, or left, by what the ledger says of its bytes."""

import pytest

from evidence.entry import Draft
from evidence.errors import ConflictError, CustodyError, MalformedError
from ingest.fate import fate_of
from tests.fakes.recorder import MemoryRecorder
from tests.unit.ingest.memory import MemoryHouse, film

FILES = {"a.mp4": film(60_000)}
DISPOSAL = "x:" + "d" * 32


@pytest.fixture
def house():
    made = MemoryHouse()
    made.dock(MemoryRecorder(dict(FILES)))
    return made


def name(house):
    return house.entries("segment.sealed")[0].body["sha256"]


def write(house, kind, body=None):
    about = (f"s:{name(house)}", DISPOSAL)
    return house.ledger.append([Draft(kind, "sys:keeper", about, body or {})]).indexes[0]


def fate(house):
    return fate_of(f"s:{name(house)}", house.ledger, house.objects)


def test_what_nobody_has_seen_is_to_be_sealed(house):
    found = fate_of("s:" + "0" * 64, house.ledger, house.objects)
    assert (found.last, found.sealed, found.disposed) == (None, None, None)


def test_what_is_in_custody_is_seen_again_under_the_entry_that_sealed_it(house):
    house.dock(MemoryRecorder(dict(FILES)))
    write(house, "alarm.raised")
    (sealed,) = house.entries("segment.sealed")
    assert fate(house).sealed == sealed.seq
    assert fate(house).last == len(house.entries()) - 1


def test_between_the_tombstone_and_the_end_of_the_bytes_it_stays_where_it_is(house):
    write(house, "segment.disposed")
    with pytest.raises(CustodyError, match="disposal_under_way"):
        fate(house)
    ended = house.dock(MemoryRecorder(dict(FILES)), after="erase")
    assert (ended.outcome, ended.recorder) == ("left_behind", "kept")
    assert house.entries("segment.left")[0].body["because"] == "disposal_under_way"


def test_bytes_that_the_keeper_took_after_they_were_placed_are_not_in_custody(house):
    write(house, "segment.disposed")
    house.objects.objects.pop(name(house))
    write(house, "disposal.executed")
    with pytest.raises(CustodyError, match="disposal_under_way"):
        fate(house)


def test_after_the_end_of_its_bytes_it_is_sealed_anew(house):
    tombstone = write(house, "segment.disposed")
    house.objects.objects.pop(name(house))
    write(house, "disposal.executed")
    house.dock(MemoryRecorder(dict(FILES)), after="erase")
    first, second = house.entries("segment.sealed")
    assert second.about[f"s:{name(house)}"] == tombstone + 1
    assert {"finding": "disposed_before", "disposed": tombstone} in second.body["noted"]
    assert {"finding": "disposed_before"} not in first.body["noted"]
    assert fate(house).sealed == second.seq


def test_what_was_never_sealed_is_nothing_that_we_wrote(house):
    other = "s:" + "1" * 64
    house.ledger.append([Draft("alarm.raised", "sys:ingest", (other,), {})])
    with pytest.raises(MalformedError, match="segment_never_sealed"):
        fate_of(other, house.ledger, house.objects)


def test_a_card_recognised_by_its_marks_is_read_whole_after_a_disposal(house):
    write(house, "segment.disposed")
    write(house, "disposal.executed")
    ended = house.dock(MemoryRecorder(dict(FILES)))
    assert (ended.recognised, len(ended.sealed)) == ([], 1)


def overtaken(house, monkeypatch, times):
    """Let somebody else write about the segment before each of the next appends about it."""
    append, left = house.ledger.append, [times]

    def slower(drafts):
        if drafts[0].type in {"segment.seen", "segment.sealed"} and left[0]:
            left[0] -= 1
            raise ConflictError("ledger_moved_on")
        return append(drafts)

    monkeypatch.setattr(house.ledger, "append", slower)


def test_who_is_overtaken_a_few_times_looks_again(house, monkeypatch):
    overtaken(house, monkeypatch, 3)
    assert house.dock(MemoryRecorder(dict(FILES)), after="erase").outcome == "complete"


def test_who_is_always_overtaken_leaves_the_file_for_the_next_docking(house, monkeypatch):
    overtaken(house, monkeypatch, 100)
    assert house.dock(MemoryRecorder(dict(FILES)), after="erase").outcome == "left_behind"
    assert house.entries("segment.left")[0].body["because"] == "segment_contended"


def test_a_sample_that_is_overtaken_becomes_a_reading(house, monkeypatch):
    overtaken(house, monkeypatch, 1)
    ended = house.dock(MemoryRecorder(dict(FILES)))
    assert (ended.recognised, len(ended.sealed)) == ([], 1)

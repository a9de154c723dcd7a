"""What a ledger says of earlier dockings is used as far as it goes, and never beyond."""

from datetime import timedelta

import pytest

from evidence.entry import Draft, Entry
from evidence.states import Listed, NameFacts, Recognised
from ingest import known
from ingest.known import known_files
from ingest.seams import piece_of_known
from tests.fakes.clock import NOON
from tests.fakes.recorder import MemoryRecorder, file_of
from tests.unit.ingest.memory import MemoryHouse

FILES = {f"{n}.bin": b"%d" % n * 900 for n in range(3)}
DOCKING, SEGMENT = "d:" + "0" * 32, "s:" + "a" * 64


@pytest.fixture
def house():
    built = MemoryHouse()
    built.dock(MemoryRecorder(dict(FILES)))
    return built


def recorder_of(house):
    (taken,) = house.entries("inventory.taken")
    return next(subject for subject in taken.about if subject[0] == "r")


def test_every_file_of_the_last_docking_is_known_by_its_mark(house):
    found = known_files(recorder_of(house), DOCKING, house.ledger)
    sealed = {entry.body["sha256"]: entry.seq for entry in house.entries("segment.sealed")}
    assert {each.sha256: each.sealed for each in found.values()} == sealed


def test_an_old_recorder_costs_no_more_than_a_young_one(house, monkeypatch):
    """The walk back ends; what was not reached is read whole."""
    monkeypatch.setattr(known, "ENTRIES_BACK", 3)
    assert known_files(recorder_of(house), DOCKING, house.ledger) == {}


@pytest.mark.parametrize(
    "body",
    [
        {"sighting": None},
        {"sighting": {"docking": DOCKING, "line": "0"}},
        {"sighting": {"line": 0}},
        {"sighting": {"docking": DOCKING, "line": 0}, "sealed": "7"},
        {},
    ],
)
def test_a_sighting_of_another_form_makes_no_file_known(body):
    house = MemoryHouse()
    recorder = "r:" + "1" * 64
    house.ledger.append(
        [Draft("segment.seen", "sys:ingest", (SEGMENT, DOCKING, recorder), {"sealed": 1, **body})]
    )
    assert known_files(recorder, "d:" + "9" * 32, house.ledger) == {}


def test_what_this_docking_has_written_itself_is_not_known_from_before(house):
    (taken,) = house.entries("inventory.taken")
    docking = next(subject for subject in taken.about if subject[0] == "d")
    assert known_files(recorder_of(house), docking, house.ledger) == {}


@pytest.mark.parametrize(
    ("sighting", "begin"),
    [
        ({"claimed_at": "2026-11-22T04:00:00.000Z"}, NOON),
        ({"claimed_at": None}, None),
        (None, None),
    ],
)
def test_a_known_film_begins_when_its_entry_says_or_nobody_knows(sighting, begin):
    body = {"kind": "video", "duration_ms": 60_000, "sighting": sighting, "noted": None}
    sealed = Entry("segment.sealed", "station-1", 1, NOON, "sys:ingest", {}, None, body)
    line = Listed(DOCKING, 0, file_of(0, "a/1.mp4", 9), NameFacts(None))
    piece = piece_of_known(Recognised(line, SEGMENT[2:], 2, sealed))
    assert (piece.begin, piece.duration_ms, piece.broken) == (begin, 60_000, False)


def test_a_known_film_with_a_telling_name_begins_when_its_name_says():
    body = {"kind": "video", "sighting": {"claimed_at": "2026-11-22T04:00:00.000Z"}}
    sealed = Entry("segment.sealed", "station-1", 1, NOON, "sys:ingest", {}, None, body)
    named = NameFacts("x", time=NOON + timedelta(hours=1))
    piece = piece_of_known(
        Recognised(Listed(DOCKING, 0, file_of(0, "1.mp4", 9), named), SEGMENT[2:], 2, sealed)
    )
    assert (piece.begin, piece.duration_ms) == (NOON + timedelta(hours=1), None)

"""What is disposed of leaves the catalogue, whether it grew with the ledger or was made anew."""

import sqlite3

import pytest

from evidence.entry import Draft, Private
from tests.fakes.disposing import Keepers
from tests.fakes.house import House
from tests.fakes.recorder import MemoryRecorder

PARTY = "unmistakable-party"
OFFICER = "p:" + "9" * 32


@pytest.fixture
def at(tmp_path):
    house = House(tmp_path / "home")
    keepers = Keepers(house)
    keepers.dock(2)
    label(keepers, keepers.subjects[0])
    house.project()
    yield keepers
    house.close()


def label(at, segment):
    body = {
        "act": segment, "items": None, "item": None, "step": None, "no_case": None,
        "complete": True, "sensitivity": "none", "corrects": None,
    }  # fmt: skip
    facts = {
        "officers": [OFFICER], "cause": "cause", "party": PARTY, "case_number": "1",
        "place": None, "words": None,
    }  # fmt: skip
    draft = Draft(
        "segment.labelled", OFFICER, (segment, OFFICER), body, {}, Private(segment, facts)
    )
    at.house.ledger.append([draft])


def count(at, *tables):
    with sqlite3.connect(at.house.root / "catalogue.sqlite") as opened:
        return {name: opened.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
                for name in tables}  # fmt: skip


def test_why_a_mark_needed_no_hold_goes_with_its_segment(at):
    segment, other = at.subjects[:2]
    for each in (segment, other):
        sealed = at.house.ledger.last(each)
        while at.house.ledger.entry(sealed).type != "segment.sealed":
            sealed = at.house.ledger.entry(sealed).about[each]
        body = {"sighting": sealed, "answer": "not_needed"}
        private = Private(each, {"reason": PARTY})
        at.house.ledger.append([Draft("mark.resolved", OFFICER, (each,), body, {}, private)])
    at.house.project()
    assert count(at, "hold_answer_private") == {"hold_answer_private": 2}
    at.agree([segment])
    at.run()
    at.house.project()
    assert count(at, "hold_answer_private", "hold_answers") == {
        "hold_answer_private": 1, "hold_answers": 2,
    }  # fmt: skip


TABLES = ("segments", "sightings", "sighting_private", "labels", "label_private", "label_people")


def test_its_rows_go_and_those_of_others_stay(at):
    before = count(at, *TABLES)
    assert before["segments"] == 2
    assert before["label_private"] == 1
    at.agree(at.subjects[:1])
    at.run()
    at.house.project()
    after = count(at, *TABLES)
    assert (after["segments"], after["sightings"], after["sighting_private"]) == (1, 1, 1)
    assert (after["labels"], after["label_private"], after["label_people"]) == (0, 0, 0)
    assert count(at, "tombstones") == {"tombstones": 1}


def test_nothing_of_its_label_is_left_in_the_file(at):
    at.agree(at.subjects[:1])
    at.run()
    at.house.project()
    at.house.catalogue._catalogue().close()
    for file in at.house.root.glob("catalogue.sqlite*"):
        assert PARTY.encode() not in file.read_bytes(), file.name


def test_a_catalogue_made_anew_is_the_same(at):
    at.agree(at.subjects[:1])
    at.run()
    assert at.house.audit().findings == ()
    at.house.rebuild()
    assert at.house.audit().findings == ()
    assert count(at, "segments", "labels") == {"segments": 1, "labels": 0}


def test_what_is_docked_again_has_rows_of_its_own(at):
    at.agree(at.subjects)
    at.run()
    at.house.dock(MemoryRecorder(dict(at.recorder.files)))
    assert at.house.audit().findings == ()
    assert count(at, "segments", "sightings") == {"segments": 2, "sightings": 2}
    at.house.rebuild()
    assert at.house.audit().findings == ()

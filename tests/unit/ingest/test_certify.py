"""Leave to forget: what it names, what it says of the rest, and who never gets it."""

from dataclasses import replace

import pytest

from evidence.entry import ABOUT_LIMIT
from evidence.findings import Finding, Noted
from evidence.recorders import Identity
from ingest.certify import certify
from ingest.inventory import take_inventory
from ingest.pipeline import Pipeline
from ingest.receive import receive
from ingest.tools import Plan
from tests.fakes.recorder import MemoryRecorder
from tests.unit.ingest.memory import MemoryHouse

DOCKING = "d:" + "a" * 32
ACT = f"certify:{DOCKING}"


@pytest.fixture
def house():
    return MemoryHouse()


def sealed_in(house, files, **about):
    """Return inventory and seals of a recorder, as a docking has them before it may certify."""
    recorder = MemoryRecorder(files, **about)
    inventory = take_inventory(recorder, Plan(DOCKING, "1"), house.tools)
    with Pipeline(inventory, house.tools) as pipeline:
        waiting = [
            pipeline.give(receive(recorder, listed, inventory.identity, house.tools))
            for listed in inventory.files
        ]
        return inventory, [each.result() for each in waiting]


def noting(inventory, finding, **facts):
    return replace(inventory, noted=(*inventory.noted, Noted(finding, facts)))


def test_a_certificate_names_what_is_sealed_and_says_that_it_is_all(house):
    inventory, sealed = sealed_in(house, {"a": b"one", "b": b"two"})
    certificate = certify(inventory, sealed, ACT, house.tools)
    assert (certificate.sealed, certificate.whole) == (tuple(sealed), True)
    (entry,) = house.entries("docking.certified")
    assert (entry.body["lines"], entry.body["whole"]) == ([0, 1], True)
    assert set(entry.about) == {DOCKING, inventory.recorder, *(each.segment for each in sealed)}


def test_a_certificate_of_a_part_does_not_say_that_it_is_all(house):
    inventory, sealed = sealed_in(house, {"a": b"one", "b": b"two"})
    assert not certify(inventory, sealed[:1], ACT, house.tools).whole


def test_nothing_sealed_is_nothing_certified(house):
    inventory, _ = sealed_in(house, {"a": b"one"})
    assert certify(inventory, [], ACT, house.tools) is None
    assert not house.entries("docking.certified")


def test_a_recorder_that_contradicts_itself_gets_no_certificate(house):
    inventory, sealed = sealed_in(house, {"a": b"one"})
    conflict = noting(inventory, Finding.IDENTITY_CONFLICT, devices=2)
    assert certify(conflict, sealed, ACT, house.tools) is None
    assert not house.entries("docking.certified")


@pytest.mark.parametrize(
    ("finding", "because"),
    [(Finding.LEFT_BEHIND, "fifo"), (Finding.VOLUME_DAMAGED, "limit_entries")],
)
def test_a_certificate_is_not_whole_where_the_listing_was_not(house, finding, because):
    inventory, sealed = sealed_in(house, {"a": b"one"})
    partly = noting(inventory, finding, because=because, count=1)
    assert not certify(partly, sealed, ACT, house.tools).whole


def test_other_damage_of_a_volume_hides_nothing(house):
    inventory, sealed = sealed_in(house, {"a": b"one"})
    damaged = noting(inventory, Finding.VOLUME_DAMAGED, because="overlap", count=1)
    assert certify(damaged, sealed, ACT, house.tools).whole


def test_a_segment_that_lay_there_twice_is_one_subject_and_two_lines(house):
    inventory, sealed = sealed_in(house, {"a": b"one", "copy": b"one"}, told=Identity())
    certify(inventory, sealed, ACT, house.tools)
    (entry,) = house.entries("docking.certified")
    assert entry.body["lines"] == [0, 1]
    assert len(entry.about) == 2


def test_as_many_segments_as_an_entry_may_name_are_one_part(house):
    most = ABOUT_LIMIT - 2
    inventory, sealed = sealed_in(house, {f"{n}": b"%d" % n for n in range(most + 1)})
    certify(inventory, sealed, ACT, house.tools)
    parts = house.entries("docking.certified")
    assert [len(entry.body["lines"]) for entry in parts] == [most, 1]
    assert [(entry.body["part"], entry.body["parts"]) for entry in parts] == [(0, 2), (1, 2)]
    assert len(parts[0].about) == ABOUT_LIMIT

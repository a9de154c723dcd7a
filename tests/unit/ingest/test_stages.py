"""The stages of one file on their own: what each promises, and what it refuses to promise."""

import hashlib
from dataclasses import replace

import pytest

from evidence.entry import Draft
from evidence.errors import (
    ConflictError,
    DigestMismatchError,
    LedgerUnavailableError,
    MalformedError,
    UnreadableError,
    VaultUnavailableError,
)
from evidence.recorders import Identity
from ingest.inventory import take_inventory
from ingest.pipeline import Pipeline
from ingest.receive import receive, staging_key
from ingest.tools import Plan
from tests.fakes.recorder import MemoryRecorder
from tests.unit.ingest.memory import MemoryHouse, film

DOCKING = "d:" + "a" * 32
FILM = film(60_000)
BLOCK = 4 << 20


@pytest.fixture
def house():
    return MemoryHouse()


def listed(house, files, **about):
    recorder = MemoryRecorder(files, **about)
    inventory = take_inventory(recorder, Plan(DOCKING, "1"), house.tools)
    return recorder, inventory


def received(house, content=FILM, **about):
    recorder, inventory = listed(house, {"a.mp4": content}, **about)
    return receive(recorder, inventory.files[0], inventory.identity, house.tools), inventory


def finish(file, inventory, tools):
    with Pipeline(inventory, tools) as pipeline:
        return pipeline.give(file).result()


# --- receive ------------------------------------------------------------------------------------


def test_received_is_synced_and_carries_the_digests_of_what_the_recorder_gave(house):
    house.rules = replace(house.rules, sm3=True)
    file, _ = received(house)
    assert house.objects.world.journal == ["staging.sync"]
    assert file.sha256 == hashlib.sha256(FILM).hexdigest()
    assert file.sm3 == hashlib.new("sm3", FILM).hexdigest()
    assert file.staged.read(0, BLOCK) == FILM


def test_without_its_sync_nothing_is_received_and_the_staged_file_is_let_go(house):
    house.objects.world.step = "staging.sync"
    with pytest.raises(VaultUnavailableError):
        received(house)
    assert house.objects.open == set()


def test_a_recorder_that_has_less_than_was_kept_of_it_is_told_and_believed(house):
    """Cut at the last docking after 900 bytes; now the file gives 400."""
    recorder, inventory = listed(house, {"a.mp4": b"A" * 1000})
    key = staging_key(inventory.files[0], inventory.identity)
    house.objects.staging[key] = b"A" * 900
    recorder.files["a.mp4"] = b"A" * 400
    file = receive(recorder, inventory.files[0], inventory.identity, house.tools)
    assert file.size == 400
    assert house.objects.staging[key] == b"A" * 400
    noted = {str(note.finding): note.facts for note in file.noted}
    assert noted["beginning_differs"] == {"kept": 900, "at": 400}
    assert noted["shorter_than_listed"] == {"got": 400, "listed": 1000}


def test_bytes_that_are_kept_are_compared_and_not_written_again(house, monkeypatch):
    recorder, inventory = listed(house, {"a.mp4": b"A" * 1000 + b"B" * 1000}, chunk=300)
    house.objects.staging[staging_key(inventory.files[0], inventory.identity)] = b"A" * 1000
    written = []
    append = "tests.fakes.objects.MemoryStaged.append"
    monkeypatch.setattr(append, lambda _self, chunk: written.append(bytes(chunk)))
    file = receive(recorder, inventory.files[0], inventory.identity, house.tools)
    assert b"".join(written) == b"B" * 1000
    assert file.noted == ()


def test_a_staged_name_is_a_digest_and_tells_apart_what_could_be_confused():
    house = MemoryHouse()
    _, inventory = listed(house, {"../../etc/passwd": b"x", "b": b"x"})
    one, other = inventory.files
    serial, volume = Identity(serial="S"), Identity(volume="V")
    keys = [staging_key(one, serial), staging_key(one, volume), staging_key(other, serial)]
    assert len(set(keys)) == 3
    assert all(set(key) <= set("0123456789abcdef") and len(key) == 64 for key in keys)


def test_a_device_known_by_names_alone_gives_no_staged_name_because_names_are_erased():
    house = MemoryHouse()
    _, inventory = listed(house, {"a.mp4": b"x"})
    (file,) = inventory.files
    by_names = Identity(device="CAM1", sources=(("device", "names"),))
    assert staging_key(file, by_names) == staging_key(file, Identity())
    assert staging_key(file, Identity(device="CAM1")) != staging_key(file, Identity())


# --- store --------------------------------------------------------------------------------------


def test_a_medium_that_gives_back_less_is_a_mismatch_and_its_copy_is_thrown_away(house):
    file, inventory = received(house)
    house.objects.garble = lambda content: content[:-1]
    with pytest.raises(DigestMismatchError, match="read_back_differs"):
        finish(file, inventory, house.tools)
    assert (house.objects.staging, house.objects.objects) == ({}, {})
    assert not house.entries("segment.sealed")


def test_a_medium_that_gives_back_more_is_a_mismatch(house):
    file, inventory = received(house)
    house.objects.garble = lambda content: content + b"+"
    with pytest.raises(DigestMismatchError, match="read_back_differs"):
        finish(file, inventory, house.tools)


def test_a_medium_that_gives_back_one_other_bit_is_a_mismatch(house):
    file, inventory = received(house)
    house.objects.garble = lambda content: content[:-1] + bytes([content[-1] ^ 1])
    with pytest.raises(DigestMismatchError, match="read_back_differs"):
        finish(file, inventory, house.tools)
    assert house.objects.objects == {}


def test_bytes_are_read_back_before_they_get_a_name_and_named_before_they_are_sealed(house):
    file, inventory = received(house)
    journal = house.objects.world.journal
    append = house.ledger.append
    house.ledger.append = lambda drafts: (journal.append(drafts[0].type), append(drafts))[1]
    finish(file, inventory, house.tools)
    assert journal == [
        "staging.sync", "staging.read_back", "objects.put", "objects.place", "staging.discard",
        "segment.sealed",
    ]  # fmt: skip


def test_the_staged_file_is_let_go_whatever_happens(house):
    file, inventory = received(house)
    house.objects.world.step = "objects.place"
    with pytest.raises(VaultUnavailableError):
        finish(file, inventory, house.tools)
    assert house.objects.open == set()


# --- seal ---------------------------------------------------------------------------------------


def test_of_two_slots_that_bring_the_same_bytes_one_seals_and_the_other_has_seen(house):
    """The other slot seals between our look and our append."""
    first, inventory = received(house)
    finish(first, inventory, house.tools)
    second, inventory = received(house, told=Identity(serial="T000002"))
    truth, looks = house.ledger.last, []

    def last(subject):
        looks.append(subject)
        return None if len(looks) <= 2 else truth(subject)

    house.ledger.last = last
    sealed = finish(second, inventory, house.tools)
    (entry,) = house.entries("segment.sealed")
    (seen,) = house.entries("segment.seen")
    assert (sealed.index, sealed.sealed_index) == (seen.seq, entry.seq)
    assert seen.body["sealed"] == entry.seq


def test_the_entry_that_sealed_is_found_behind_every_later_entry_about_the_segment(house):
    first, inventory = received(house)
    sealed = finish(first, inventory, house.tools)
    body = {"alarm": "object_rotten", "facts": {}}
    house.ledger.append([Draft("alarm.raised", "sys:ingest", (sealed.segment,), body)])
    again, inventory = received(house)
    assert finish(again, inventory, house.tools).sealed_index == sealed.index


def test_a_segment_that_only_alarms_speak_of_was_never_sealed(house):
    file, inventory = received(house)
    segment = f"s:{file.sha256}"
    body = {"alarm": "object_rotten", "facts": {}}
    house.ledger.append([Draft("alarm.raised", "sys:ingest", (segment,), body)])
    with pytest.raises(MalformedError, match="segment_never_sealed"):
        finish(file, inventory, house.tools)


def test_the_walk_back_to_a_seal_ends(house, monkeypatch):
    monkeypatch.setattr("ingest.fate.WALK_LIMIT", 2)
    first, inventory = received(house)
    sealed = finish(first, inventory, house.tools)
    body = {"alarm": "object_rotten", "facts": {}}
    for _ in range(2):
        house.ledger.append([Draft("alarm.raised", "sys:ingest", (sealed.segment,), body)])
    again, inventory = received(house)
    with pytest.raises(MalformedError, match="segment_never_sealed"):
        finish(again, inventory, house.tools)


def test_an_answer_that_did_not_come_is_no_seal(house):
    file, inventory = received(house)
    house.ledger.world.step, house.ledger.world.applied = "ledger.append", True
    house.ledger.world.error = LedgerUnavailableError
    with pytest.raises(LedgerUnavailableError):
        finish(file, inventory, house.tools)
    assert len(house.entries("segment.sealed")) == 1, "it may stand there; nobody may rely on it"


def test_a_time_in_the_container_days_away_from_the_name_is_told(house):
    name = "DCAM_C1_000001_20261121_103000.mp4"
    recorder, inventory = listed(house, {name: film(60_000, created_ms=1_700_000_000_000)})
    file = receive(recorder, inventory.files[0], inventory.identity, house.tools)
    sealed = finish(file, inventory, house.tools)
    assert "time_disagrees" in {str(note.finding) for note in sealed.noted}
    assert (name, "time_disagrees") in house.heard.findings


def test_tracks_stand_in_the_entry_as_they_were_seen(house):
    track = {"kind": "video", "codec": "h264", "samples": 40, "width": 160, "height": 120}
    file, inventory = received(house, film(60_000, tracks=[track]))
    finish(file, inventory, house.tools)
    (entry,) = house.entries("segment.sealed")
    (told,) = entry.body["tracks"]
    assert {field: told[field] for field in track} == track
    assert told["first_ms"] is None


# --- inventory ----------------------------------------------------------------------------------


def test_a_recorder_that_will_not_tell_its_battery_is_docked_all_the_same(house):
    recorder = MemoryRecorder({"a": b"x"})

    def mute():
        raise UnreadableError("battery_unknown", where="memory")

    recorder.battery_percent = mute
    take_inventory(recorder, Plan(DOCKING, "1"), house.tools)
    (opened,) = house.entries("docking.opened")
    assert opened.body["battery"] is None


def test_an_expectation_that_does_not_hold_refuses_the_whole_call(house):
    file, inventory = received(house)
    sealed = finish(file, inventory, house.tools)
    before = len(house.ledger.leaves)
    body = {"alarm": "object_rotten", "facts": {}}
    drafts = [
        Draft("alarm.raised", "sys:ingest", (sealed.segment,), body),
        Draft("alarm.raised", "sys:ingest", (sealed.segment,), body, expect={sealed.segment: None}),
    ]
    with pytest.raises(ConflictError):
        house.ledger.append(drafts)
    assert len(house.ledger.leaves) == before

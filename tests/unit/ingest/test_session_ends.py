"""How a docking ends: what was reached stands in the ledger, and seams are judged even then."""

import pytest

from evidence.errors import (
    DeviceError,
    FsyncFailedError,
    LedgerUnavailableError,
    NoSpaceError,
    UnpluggedError,
    UnreadableError,
    VaultUnavailableError,
)
from evidence.recorders import DeletedEntry, Identity, Listing
from tests.fakes.recorder import MemoryRecorder
from tests.unit.ingest.memory import MemoryHouse, film

NAMES = [f"DCAM_C1_000001_20261122_10{minute:02d}00.mp4" for minute in range(60)]


@pytest.fixture
def house():
    return MemoryHouse()


def failing(house, kind, error, *, after=0):
    """Let the append of an entry of this kind fail, once ``after`` of them have passed."""
    append, seen = house.ledger.append, []

    def broken(drafts):
        if any(draft.type == kind for draft in drafts):
            seen.append(kind)
            if len(seen) > after:
                raise error
        return append(drafts)

    house.ledger.append = broken


# --- seams --------------------------------------------------------------------------------------


def test_the_seams_of_a_docking_stand_in_the_ledger_with_their_segments(house):
    files = {NAMES[0]: film(60_000), NAMES[1]: film(60_000), NAMES[5]: film(60_000)}
    house.dock(MemoryRecorder(files))
    (judged,) = house.entries("seams.judged")
    assert [(seam["kind"], seam["lines"]) for seam in judged.body["seams"]] == [
        ("contiguous", [0, 1]), ("gap", [1, 2]),
    ]  # fmt: skip
    assert [subject[0] for subject in judged.about] == ["d", "s", "s", "s"]
    assert (NAMES[1], "seam_gap") in house.heard.findings
    assert (judged.body["part"], judged.body["parts"]) == (0, 1)


def test_a_broken_last_film_has_a_seam_with_nothing_behind_it(house):
    broken = film(None, noted=[{"finding": "no_index"}])
    house.dock(MemoryRecorder({NAMES[0]: film(60_000), NAMES[1]: broken}))
    (judged,) = house.entries("seams.judged")
    last = judged.body["seams"][-1]
    assert (last["kind"], last["after"], last["lines"]) == ("truncated", None, [1, None])


def test_many_seams_are_parts_of_one_act(house):
    house.dock(MemoryRecorder({name: film(60_000) for name in NAMES[:45]}))
    parts = house.entries("seams.judged")
    assert [entry.body["part"] for entry in parts] == [0, 1]
    assert len({entry.body["act"] for entry in parts}) == 1
    assert [len(entry.body["seams"]) for entry in parts] == [40, 4]


def test_a_docking_that_was_cut_has_its_seams_all_the_same(house):
    files = {NAMES[0]: film(60_000), NAMES[1]: film(60_000), NAMES[2]: film(60_000)}
    ended = house.dock(MemoryRecorder(files, unplug_at=1300))
    assert ended.outcome == "interrupted"
    assert house.types()[-2:] == ["seams.judged", "docking.ended"]


def test_a_film_that_cannot_be_parsed_is_joined_by_its_name(house):
    house.dock(MemoryRecorder({NAMES[0]: b"noise" * 99, NAMES[1]: film(60_000)}, short={NAMES[0]}))
    (judged,) = house.entries("seams.judged")
    assert [seam["kind"] for seam in judged.body["seams"]] == ["truncated"]


def test_a_photo_and_a_log_have_no_seams(house):
    photos = {f"{name[:-4]}.jpg": film(None, kind="photo") for name in NAMES[:2]}
    house.dock(MemoryRecorder({**photos, "log.txt": b"LOG"}))
    assert not house.entries("seams.judged")


def test_a_film_seen_before_is_joined_by_what_was_sealed_of_it(house):
    first = {NAMES[0]: film(60_000), NAMES[1]: film(60_000)}
    house.dock(MemoryRecorder(dict(first)))
    ended = house.dock(MemoryRecorder({**first, NAMES[2]: film(60_000), "p.jpg": b"x"}))
    assert len(ended.recognised) == 2
    judged = house.entries("seams.judged")[-1]
    assert [seam["kind"] for seam in judged.body["seams"]] == ["contiguous", "contiguous"]


def test_a_film_without_a_telling_name_keeps_the_time_it_was_sealed_with(house):
    files = {"a/1.mp4": film(60_000, created_ms=1_790_000_000_000)}
    house.dock(MemoryRecorder(dict(files)))
    files["a/2.mp4"] = film(60_000, created_ms=1_790_000_060_000)
    ended = house.dock(MemoryRecorder(files))
    assert (len(ended.recognised), len(ended.sealed)) == (1, 1)
    assert [(seam.kind, seam.ms) for seam in ended.seams] == [("contiguous", 0)]


# --- a file, or the docking -----------------------------------------------------------------------


def test_a_vault_that_refuses_one_file_leaves_it_and_goes_on(house):
    house.objects.world.step = "objects.place"
    ended = house.dock(MemoryRecorder({"a": b"one", "b": b"two"}), after="erase")
    assert (ended.outcome, len(ended.left), len(ended.sealed)) == ("left_behind", 1, 1)
    (left,) = house.entries("segment.left")
    assert left.body["because"] == "planted"


@pytest.mark.parametrize("error", [FsyncFailedError, NoSpaceError])
def test_a_full_or_failing_medium_ends_the_docking_behind_the_reader_too(house, error):
    house.objects.world.step, house.objects.world.error = "objects.place", error
    recorder = MemoryRecorder({"a": b"one"})
    ended = house.dock(recorder, after="erase")
    assert (ended.cut, ended.recorder) == ("planted", "kept")
    assert recorder.files == {"a": b"one"}
    assert [entry.body["line"] for entry in house.entries("segment.left")] == [0]
    assert not house.entries("docking.certified")


def test_a_ledger_that_is_gone_is_not_asked_to_write_down_that_it_is(house):
    failing(house, "segment.sealed", LedgerUnavailableError("ledger_gone"))
    recorder = MemoryRecorder({"a": b"one"})
    ended = house.dock(recorder, after="erase")
    assert ended.cut == "ledger_gone"
    assert not house.entries("segment.left")
    assert recorder.files == {"a": b"one"}


def test_an_end_that_cannot_be_written_is_told_to_the_caller(house):
    failing(house, "docking.ended", LedgerUnavailableError("ledger_gone"))
    ended = house.dock(MemoryRecorder({"a": b"one"}))
    assert ended.cut == "ledger_gone"
    assert ended.outcome == "left_behind", "all is sealed, and somebody has to look"


def test_what_ended_a_docking_first_is_what_is_told(house):
    failing(house, "docking.ended", LedgerUnavailableError("ledger_gone"))
    ended = house.dock(MemoryRecorder({"a": b"one" * 999}, unplug_at=10))
    assert ended.cut == "unplugged"


def test_nothing_is_read_where_the_inventory_is_not_in_the_ledger(house):
    failing(house, "inventory.taken", LedgerUnavailableError("ledger_gone"))
    recorder = MemoryRecorder({"a": b"one"})
    ended = house.dock(recorder)
    assert ended.outcome == "failed"
    assert not [line for line in recorder.journal if line.startswith("recorder.read")]
    assert house.types() == ["ledger.started"], "what was never opened has no end"


def test_a_recorder_that_cannot_be_listed_was_docked_all_the_same(house):
    recorder = MemoryRecorder({}, told=Identity(serial="T000001"))

    def gone():
        raise UnpluggedError("unplugged", where="memory")

    recorder.listing = gone
    assert house.dock(recorder).outcome == "failed"
    assert house.types()[1:] == ["docking.opened", "docking.ended"]
    (opened,) = house.entries("docking.opened")
    assert [subject[0] for subject in opened.about] == ["d"], "nobody has told whose it is"


def test_deleted_files_are_counted_and_stand_behind_the_others(house):
    recorder = MemoryRecorder({"a": b"one"})
    listing = recorder.listing

    def with_deleted():
        told = listing()
        return Listing(told.files, (DeletedEntry("DCIM/gone.mp4", 7),), told.file_system)

    recorder.listing = with_deleted
    house.dock(recorder)
    (taken,) = house.entries("inventory.taken")
    assert (taken.body["files"], taken.body["deleted"]) == (1, 1)
    lines = house.ledger.statement(taken.seq).lines
    assert [(line["path"], line["deleted"]) for line in lines] == [
        ("a", False), ("DCIM/gone.mp4", True),
    ]  # fmt: skip
    assert (None, "deleted_files") in house.heard.findings


# --- recognised -----------------------------------------------------------------------------------


def test_a_file_that_cannot_be_sampled_is_read_whole(house):
    house.dock(MemoryRecorder({"a": b"one" * 999}))
    recorder = MemoryRecorder({"a": b"one" * 999})

    def unreadable(*_arguments):
        raise UnreadableError("read_failed", path="a")

    recorder.sample = unreadable
    ended = house.dock(recorder)
    assert (ended.recognised, len(ended.sealed)) == ([], 1)


def test_a_cable_that_goes_while_a_file_is_sampled_ends_the_docking(house):
    house.dock(MemoryRecorder({"a": b"one" * 999}))
    recorder = MemoryRecorder({"a": b"one" * 999})

    def gone(*_arguments):
        raise UnpluggedError("unplugged", where="memory")

    recorder.sample = gone
    assert house.dock(recorder).cut == "unplugged"


def test_a_vault_that_cannot_be_asked_recognises_nothing(house):
    house.dock(MemoryRecorder({"a": b"one" * 999}))
    size, asked = house.objects.size, []

    def silent(sha256):
        asked.append(sha256)
        if len(asked) == 1:
            raise VaultUnavailableError("vault_io", path="x", because="?")
        return size(sha256)

    house.objects.size = silent
    ended = house.dock(MemoryRecorder({"a": b"one" * 999}))
    assert (ended.recognised, len(ended.sealed)) == ([], 1)


def test_a_device_error_of_no_special_kind_leaves_one_file(house):
    recorder = MemoryRecorder({"a": b"one", "b": b"two"})
    read = recorder.read

    def strange(file):
        if file.path == "a":
            raise DeviceError("device_strange", where="memory")
        return read(file)

    recorder.read = strange
    ended = house.dock(recorder)
    assert [(left.line, left.because) for left in ended.left] == [(0, "device_strange")]
    assert len(ended.sealed) == 1

"""One docked recorder, from plug to "safe to take", on the real ledger and the real vault."""

import hashlib

import pytest

from evidence.errors import EraseError, UnpluggedError
from evidence.recorders import Identity
from tests.fakes.house import House
from tests.fakes.recorder import MemoryRecorder

ONE, TWO = b"first film " * 300, b"second film " * 400
FILES = {"DCIM/a.mp4": ONE, "DCIM/b.mp4": TWO, "empty.mp4": b"", "log.txt": b"POWER_ON\r\n"}


@pytest.fixture
def house(tmp_path):
    built = House(tmp_path / "home")
    yield built
    built.store.close()


def kept(house, content):
    name = hashlib.sha256(content).hexdigest()
    return b"".join(house.objects.read(name)) == content


def types(house):
    return [entry.type for entry in house.entries()]


def test_every_file_is_sealed_whatever_it_is(house):
    ended = house.dock(MemoryRecorder(dict(FILES)))
    assert (ended.outcome, ended.recorder, len(ended.sealed)) == ("complete", "kept", 4)
    assert all(kept(house, content) for content in FILES.values())
    assert types(house).count("segment.sealed") == 4
    assert ended.safe_to_take


def test_the_inventory_and_the_clock_are_in_the_ledger_before_a_file_is_opened(house):
    recorder = MemoryRecorder(dict(FILES), offset_ms=-90_000)
    sizes = []
    read = recorder.read
    recorder.read = lambda file: (sizes.append(types(house)), read(file))[1]
    house.dock(recorder)
    assert sizes[0] == ["ledger.started", "docking.opened", "inventory.taken"]
    (inventory,) = house.entries("inventory.taken")
    assert inventory.body["clock"] == {"kind": "measured", "offset_ms": -90_000, "how": "vendor"}
    statement = house.store.statement(inventory.seq)
    assert [line["path"] for line in statement.lines] == list(FILES)


def test_no_name_of_the_recorder_stands_in_an_entry(house, tmp_path):
    house.dock(MemoryRecorder(dict(FILES)), after="confirm")
    public = b"".join(
        path.read_bytes() for path in (tmp_path / "home/ledger").rglob("*") if path.is_file()
    )
    for secret in (b"DCIM", b"a.mp4", b"T000001", b"log.txt"):
        assert secret not in public


def test_important_files_come_first_then_the_oldest(house):
    names = {
        "DCAM_C1_000001_20261122_103000.mp4": b"late",
        "DCAM_C1_000001_20261122_093000.mp4": b"early",
        "DCAM_C1_000001_20261122_113000_IMP.mp4": b"marked",
        "nameless.bin": b"who knows",
    }
    recorder = MemoryRecorder(names, minutes_ago={"nameless.bin": 1000})
    house.dock(recorder)
    order = [line.split()[-1] for line in recorder.journal if line.startswith("recorder.read")]
    assert [name[-10:] for name in order] == [
        "00_IMP.mp4",
        "meless.bin",
        "093000.mp4",
        "103000.mp4",
    ]


def test_a_recorder_is_emptied_only_when_asked_and_only_of_what_is_certified(house):
    recorder = MemoryRecorder(dict(FILES), unreadable=frozenset({"DCIM/b.mp4"}))
    ended = house.dock(recorder, after="erase")
    assert (ended.outcome, ended.recorder) == ("left_behind", "erased")
    assert list(recorder.files) == ["DCIM/b.mp4"]
    (certified,) = house.entries("docking.certified")
    assert certified.body["lines"] == [0, 2, 3]
    assert not certified.body["whole"]
    (erased,) = house.entries("docking.erased")
    assert erased.body["remaining"] == 1
    (left,) = house.entries("segment.left")
    assert (left.body["line"], left.body["because"]) == (1, "read_failed")


def test_keep_writes_no_certificate_and_confirm_erases_nothing(house):
    recorder = MemoryRecorder(dict(FILES))
    house.dock(recorder)
    assert not house.entries("docking.certified")
    assert house.dock(recorder, after="confirm").recorder == "confirmed"
    assert house.entries("docking.certified")
    assert recorder.files == FILES


def test_a_machine_that_cannot_write_the_medium_says_may_be_reused(house):
    ended = house.dock(MemoryRecorder(dict(FILES), cannot_erase=True), after="erase")
    assert (ended.outcome, ended.recorder, ended.because) == (
        "complete", "confirmed", "erase_unsupported",
    )  # fmt: skip


def test_a_file_shorter_than_listed_is_kept_and_stays(house):
    recorder = MemoryRecorder(dict(FILES), short=frozenset({"DCIM/a.mp4"}))
    ended = house.dock(recorder, after="erase")
    assert ended.outcome == "left_behind"
    assert list(recorder.files) == ["DCIM/a.mp4"]
    assert kept(house, ONE[:-1])


def test_the_same_bytes_are_stored_once_and_seen_again(house):
    recorder = MemoryRecorder({"a.mp4": ONE, "copy.mp4": ONE})
    house.dock(recorder)
    again = house.dock(recorder)
    assert types(house).count("segment.sealed") == 1
    assert types(house).count("segment.seen") == 3
    assert again.counts()["seen"] == 2
    sealed = house.entries("segment.sealed")[0].seq
    assert {entry.body["sealed"] for entry in house.entries("segment.seen")} == {sealed}


@pytest.mark.parametrize("at", [0, 1, 999, 1000, 3300, 3301, 8099])
def test_a_docking_cut_at_any_byte_is_continued_by_the_next(house, at):
    recorder = MemoryRecorder(dict(FILES), unplug_at=at, chunk=500)
    cut = house.dock(recorder, after="erase")
    assert (cut.outcome, cut.recorder, cut.cut) == ("interrupted", "kept", "unplugged")
    assert recorder.files == FILES
    (ended,) = house.entries("docking.ended")
    assert ended.body["because"] == "unplugged"

    ended = house.dock(MemoryRecorder(dict(FILES)), after="erase")
    assert (ended.outcome, ended.recorder) == ("complete", "erased")
    assert all(kept(house, content) for content in FILES.values())
    sealed = [entry.body["sha256"] for entry in house.entries("segment.sealed")]
    assert len(sealed) == len(set(sealed)) == 4


def test_what_was_kept_of_a_cut_file_is_compared_and_a_difference_is_told(house):
    first, second = b"A" * 20_000, b"A" * 9_000 + b"B" * 11_000
    house.dock(MemoryRecorder({"a.mp4": first}, unplug_at=15_000, chunk=500))
    ended = house.dock(MemoryRecorder({"a.mp4": second}, chunk=500))
    (sealed,) = ended.sealed
    noted = {str(note.finding): note.facts for note in sealed.noted}
    assert noted["beginning_differs"]["at"] == 9_000
    assert kept(house, second)


def test_a_medium_that_gives_back_other_bytes_raises_an_alarm_and_nothing_is_erased(
    house, monkeypatch
):
    def rotten(_staged):
        yield memoryview(b"other bytes")

    monkeypatch.setattr("vault.staged.StagedFile.read_back", rotten)
    recorder = MemoryRecorder({"a.mp4": ONE})
    ended = house.dock(recorder, after="erase")
    assert ended.outcome == "left_behind"
    assert recorder.files == {"a.mp4": ONE}
    (alarm,) = house.entries("alarm.raised")
    assert alarm.body["alarm"] == "read_back_differs"


def test_an_object_that_rotted_in_custody_is_noticed_when_its_copy_comes_again(house, tmp_path):
    house.dock(MemoryRecorder({"a.mp4": ONE}))
    name = hashlib.sha256(ONE).hexdigest()
    path = tmp_path / "home/vault/objects" / name[:2] / name
    path.chmod(0o644)
    path.write_bytes(b"rot" + ONE[3:])
    recorder = MemoryRecorder({"a.mp4": ONE})
    ended = house.dock(recorder, after="erase")
    assert (ended.outcome, recorder.files) == ("left_behind", {"a.mp4": ONE})
    assert [entry.body["alarm"] for entry in house.entries("alarm.raised")] == ["object_rotten"]


def test_a_recorder_that_contradicts_itself_is_kept_for_a_person(house):
    names = {
        "DCAM_C1_000001_20261122_103000.mp4": b"one",
        "DCAM_C2_000001_20261122_103100.mp4": b"two",
    }
    recorder = MemoryRecorder(names, told=Identity())
    ended = house.dock(recorder, after="erase")
    assert (ended.outcome, ended.recorder, ended.because) == (
        "complete", "kept", "identity_conflict",
    )  # fmt: skip
    assert len(recorder.files) == 2


def test_a_listing_that_fails_still_leaves_a_trace(house):
    recorder = MemoryRecorder({})

    def gone():
        raise UnpluggedError("unplugged", where="memory")

    recorder.listing = gone
    ended = house.dock(recorder)
    assert ended.outcome == "failed"
    assert types(house)[1:] == ["docking.opened", "docking.ended"]


def test_nothing_identifies_a_bare_folder_and_nobody_guesses(house):
    house.dock(MemoryRecorder({"x": b"1"}, told=Identity(), offset_ms=None))
    (opened,) = house.entries("docking.opened")
    assert [subject[0] for subject in opened.about] == ["d"]
    (inventory,) = house.entries("inventory.taken")
    assert inventory.body["clock"]["kind"] == "unknown"


def test_more_files_than_an_entry_names_are_certified_in_parts_of_one_act(house):
    recorder = MemoryRecorder({f"{n}.jpg": b"%d" % n for n in range(120)})
    ended = house.dock(recorder, after="erase")
    assert ended.recorder == "erased"
    parts = house.entries("docking.certified")
    assert [entry.body["part"] for entry in parts] == [0, 1]
    assert len({entry.body["act"] for entry in parts}) == 1
    assert sorted(line for entry in parts for line in entry.body["lines"]) == list(range(120))


def test_a_sighting_carries_the_claim_and_the_corrected_time(house):
    name = "DCAM_C1_000001_20261122_103000.mp4"
    house.dock(MemoryRecorder({name: b"film"}, offset_ms=60_000))
    sighting = house.entries("segment.sealed")[0].body["sighting"]
    assert sighting["claimed_at"] == "2026-11-22T02:30:00.000Z"
    assert sighting["corrected_at"] == "2026-11-22T02:29:00.000Z"
    assert sighting["claimed_from"] == "name"


def test_an_erase_that_ends_half_way_is_written_down_as_far_as_it_went(house):
    recorder = MemoryRecorder(dict(FILES))

    def half(_certificate):
        del recorder.files["DCIM/a.mp4"]
        raise EraseError("erase_incomplete", where="memory", files=3, because="test")

    recorder.erase = half
    ended = house.dock(recorder, after="erase")
    assert (ended.outcome, ended.recorder, ended.because) == (
        "left_behind", "confirmed", "erase_incomplete",
    )  # fmt: skip
    (erased,) = house.entries("docking.erased")
    assert (erased.body["lines"], erased.body["remaining"]) == ([0], 3)


def test_a_recorder_that_forgets_more_than_it_may_raises_an_alarm(house):
    recorder = MemoryRecorder(dict(FILES), unreadable=frozenset({"DCIM/b.mp4"}))

    def too_much(_certificate):
        recorder.files.clear()

    recorder.erase = too_much
    house.dock(recorder, after="erase")
    (alarm,) = house.entries("alarm.raised")
    assert alarm.body == {"alarm": "erased_uncertified", "facts": {"lines": [1], "count": 1}}
    (erased,) = house.entries("docking.erased")
    assert erased.body["lines"] == [0, 2, 3]

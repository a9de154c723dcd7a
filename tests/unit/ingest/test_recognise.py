"""A card that is kept is not read whole again; a sample is never taken for a reading."""

import pytest

from evidence.recorders import Identity
from ingest.known import mark_of
from tests.fakes.house import House
from tests.fakes.recorder import MemoryRecorder, file_of

FILES = {"a.mp4": b"first film " * 30_000, "b.mp4": b"second film " * 30_000, "e": b""}


@pytest.fixture
def house(tmp_path):
    built = House(tmp_path / "home")
    yield built
    built.store.close()


def read_whole(recorder):
    return [line.split()[1] for line in recorder.journal if line.startswith("recorder.read")]


def test_what_was_sealed_before_is_sampled_and_only_the_new_is_read(house):
    house.dock(MemoryRecorder(dict(FILES)))
    again = MemoryRecorder({**FILES, "new.mp4": b"third" * 1000})
    ended = house.dock(again)
    assert read_whole(again) == ["e", "new.mp4"], "an empty file has nothing to be recognised by"
    assert (ended.outcome, len(ended.recognised), ended.counts()["seen"]) == ("complete", 2, 3)
    sampled = [entry for entry in house.entries("segment.seen") if entry.body["read"] == "sampled"]
    assert len(sampled) == 2
    assert sampled[0].body["blocks"] == 18


def test_what_was_only_sampled_is_recognised_again(house):
    for _ in range(3):
        house.dock(MemoryRecorder(dict(FILES)))
    last = MemoryRecorder(dict(FILES))
    assert len(house.dock(last).recognised) == 2


def test_a_certificate_needs_a_whole_reading(house):
    house.dock(MemoryRecorder(dict(FILES)))
    recorder = MemoryRecorder(dict(FILES))
    ended = house.dock(recorder, after="erase")
    assert sorted(read_whole(recorder)) == ["a.mp4", "b.mp4", "e"]
    assert (ended.recognised, ended.recorder) == ([], "erased")


@pytest.mark.parametrize("at", [0, 200_000, -1])
def test_a_file_with_the_same_name_size_and_times_but_other_bytes_is_read_whole(house, at):
    house.dock(MemoryRecorder(dict(FILES)))
    forged = bytearray(FILES["a.mp4"])
    # Half of the file: a sample of eighteen blocks that misses it all is a miracle.
    half = slice(0, len(forged) // 2) if at >= 0 else slice(len(forged) // 2, None)
    forged[half] = b"x" * len(forged[half])
    recorder = MemoryRecorder({**FILES, "a.mp4": bytes(forged)})
    ended = house.dock(recorder)
    assert "a.mp4" in read_whole(recorder)
    assert len(ended.sealed) == 2
    assert len(house.entries("segment.sealed")) == 4


def test_a_file_whose_object_is_gone_is_read_whole(house, tmp_path):
    house.dock(MemoryRecorder({"a.mp4": FILES["a.mp4"]}))
    (sealed,) = house.entries("segment.sealed")
    name = sealed.body["sha256"]
    (tmp_path / "home/vault/objects" / name[:2] / name).unlink()
    recorder = MemoryRecorder({"a.mp4": FILES["a.mp4"]})
    house.dock(recorder)
    assert read_whole(recorder) == ["a.mp4"]
    assert b"".join(house.objects.read(name)) == FILES["a.mp4"]


def test_another_recorder_is_recognised_by_nothing(house):
    house.dock(MemoryRecorder(dict(FILES)))
    other = MemoryRecorder(dict(FILES), told=Identity(serial="T000002"))
    assert house.dock(other).recognised == []
    nobody = MemoryRecorder(dict(FILES), told=Identity())
    assert house.dock(nobody).recognised == []


def test_after_a_cut_docking_the_one_before_it_is_still_known(house):
    house.dock(MemoryRecorder(dict(FILES)))
    house.dock(MemoryRecorder(dict(FILES), told=Identity(serial="T000001"), unplug_at=-1))
    ended = house.dock(MemoryRecorder(dict(FILES)))
    assert len(ended.recognised) == 2


def test_seams_are_judged_between_recognised_and_new_files(house):
    names = [f"DCAM_C1_000001_20261122_1030{n:02d}.mp4" for n in (0, 10)]
    house.dock(MemoryRecorder({names[0]: b"one" * 100}))
    ended = house.dock(MemoryRecorder({names[0]: b"one" * 100, names[1]: b"two" * 100}))
    assert [seam.kind for seam in ended.seams] in ([], ["unknown"])


def test_a_mark_tells_files_apart_by_everything_that_is_listed():
    file = file_of(0, "a.mp4", 5)
    marks = {
        mark_of(file, "V"),
        mark_of(file, "W"),
        mark_of(file_of(0, "b.mp4", 5), "V"),
        mark_of(file_of(0, "a.mp4", 6), "V"),
        mark_of(file_of(0, "a.mp4", 5, minutes_ago=1), "V"),
        mark_of(file_of(0, "a.mp4", 5, inode=7), "V"),
    }
    assert len(marks) == 6
    assert mark_of(file_of(1, "a.mp4", 5), "V") in marks, "the driver's own number is no mark"
    assert mark_of(file_of(0, "a.mp4", 0), "V") is None

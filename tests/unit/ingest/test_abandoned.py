"""A docking whose process could not write its end is ended by whoever watched it."""

import pytest

from ingest.abandoned import end_abandoned
from tests.fakes.house import House
from tests.fakes.recorder import MemoryRecorder


@pytest.fixture
def house(tmp_path):
    built = House(tmp_path / "home")
    yield built
    built.store.close()


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


def die_after(house, kind):
    append = house.store.append

    def dying(drafts):
        receipt = append(drafts)
        if any(draft.type == kind for draft in drafts):
            raise Killed
        return receipt

    house.store.append = dying


def docked_until(house, kind, after="keep"):
    die_after(house, kind)
    recorder = MemoryRecorder({"a": b"one" * 100})
    with pytest.raises(Killed):
        house.dock(recorder, after=after)
    del house.store.append
    (opened,) = house.entries("docking.opened")
    return next(subject for subject in opened.about if subject[0] == "d")


def test_the_counts_come_from_the_ledger(house):
    docking = docked_until(house, "segment.sealed")
    index = end_abandoned(docking, "slot_died", house.store)
    ended = house.store.entry(index)
    assert ended.body == {
        "outcome": "interrupted", "recorder": "kept", "files": 1, "sealed": 1, "seen": 0,
        "left": 0, "bytes": 300, "ms": 0, "because": "slot_died",
    }  # fmt: skip


def test_what_was_certified_before_the_end_is_told(house):
    docking = docked_until(house, "docking.certified", after="erase")
    ended = house.store.entry(end_abandoned(docking, "slot_hung", house.store))
    assert ended.body["recorder"] == "confirmed"


def test_what_was_erased_before_the_end_is_told(house):
    docking = docked_until(house, "docking.erased", after="erase")
    ended = house.store.entry(end_abandoned(docking, "slot_hung", house.store))
    assert ended.body["recorder"] == "erased"


def test_a_docking_is_ended_once(house):
    docking = docked_until(house, "segment.sealed")
    assert end_abandoned(docking, "slot_died", house.store) is not None
    assert end_abandoned(docking, "slot_died", house.store) is None


def test_what_never_came_into_the_ledger_needs_no_end(house):
    assert end_abandoned("d:" + "0" * 32, "slot_died", house.store) is None

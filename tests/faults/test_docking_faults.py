"""Break every durable step of a docking, in both ways; dock again; nothing lost, nothing twice.

A step that happens and is not in the tables fails a test.
"""

import hashlib

import pytest

from evidence.errors import EvidenceError
from tests.fakes.house import Breaker, House
from tests.fakes.recorder import MemoryRecorder
from vault import ledger as ledger_module
from vault import objects as objects_module

FILES = {"DCIM/a.mp4": b"first film " * 700, "DCIM/b.mp4": b"second film " * 900, "e": b""}
FOUNDING = frozenset(ledger_module.FOUNDING_STEPS)
LEDGER = [step for step in ledger_module.STEPS if step not in FOUNDING]
STEPS = [*objects_module.STEPS, *LEDGER]
NTH = (1, 2, 4)


def whole(house):
    """Every byte of the recorder is in the vault and each segment is sealed exactly once."""
    sealed = [entry.body["sha256"] for entry in house.entries("segment.sealed")]
    names = [hashlib.sha256(content).hexdigest() for content in FILES.values()]
    assert sorted(sealed) == sorted(names)
    for content, name in zip(FILES.values(), names, strict=True):
        assert b"".join(house.objects.read(name)) == content


def nothing_erased_early(house, recorder):
    """What the recorder has forgotten is in the vault, under an entry and a certificate."""
    certified = {
        line for entry in house.entries("docking.certified") for line in entry.body["lines"]
    }
    sealed = {entry.body["sha256"] for entry in house.entries("segment.sealed")}
    for line, (path, content) in enumerate(FILES.items()):
        name = hashlib.sha256(content).hexdigest()
        if path not in recorder.files:
            assert line in certified
            assert name in sealed
            assert b"".join(house.objects.read(name)) == content


def no_entry_without_its_bytes(house):
    for entry in house.entries("segment.sealed"):
        content = b"".join(house.objects.read(entry.body["sha256"]))
        assert len(content) == entry.body["size"]


@pytest.mark.parametrize("nth", NTH)
@pytest.mark.parametrize("applied", [False, True], ids=["failed", "failed-but-done"])
@pytest.mark.parametrize("step", STEPS)
def test_a_broken_step_loses_nothing_and_the_next_docking_completes(tmp_path, step, applied, nth):
    house = House(tmp_path / "home", Breaker())
    house.breaker.seen.clear()
    house.breaker.step, house.breaker.applied, house.breaker.nth = step, applied, nth
    recorder = MemoryRecorder(dict(FILES))

    house.dock(recorder, after="erase")
    house.restart()
    nothing_erased_early(house, recorder)
    no_entry_without_its_bytes(house)

    left = MemoryRecorder({**FILES}) if not recorder.files else recorder
    ended = house.dock(left, after="erase")
    assert ended.outcome == "complete"
    assert ended.recorder == "erased"
    whole(house)
    house.close()


def test_every_step_that_happens_is_in_the_tables(tmp_path):
    house = House(tmp_path / "home")
    house.dock(MemoryRecorder(dict(FILES)), after="erase")
    house.dock(MemoryRecorder(dict(FILES)), after="erase")
    house.close()
    assert set(house.breaker.seen) - FOUNDING <= set(STEPS)
    assert set(STEPS) <= set(house.breaker.seen)


def test_a_planted_step_outside_the_tables_would_be_noticed():
    breaker = Breaker()
    with breaker("somewhere.new"):
        pass
    assert not set(breaker.seen) <= set(STEPS)


def test_a_breaker_really_breaks():
    with pytest.raises(EvidenceError), Breaker("x")("x"):
        pass

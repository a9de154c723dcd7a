"""A checker that cannot fail proves nothing: every promise is broken once, and it must say so."""

from contextlib import closing
from hashlib import sha256

import pytest

from appliance.clock import SystemClock
from evidence.entry import Draft, Private
from tests.crash.checker import Known, ViolationError, check_nothing_lost, check_whole
from tests.crash.ground import SHIFT, cleared, lay, played
from tests.fakes.house import House

FIRST, *_ = SHIFT.values()
NAME = sha256(FIRST).hexdigest()
KNOWN = Known(SHIFT, SHIFT)


@pytest.fixture
def card(ram):
    return lay(ram / "card")


@pytest.fixture
def house(ram, card):
    with closing(House(ram / "home", clock=SystemClock())) as built:
        built.dock(played(card), after="erase")
        yield built


def at(house, digest):
    return house.root / "vault" / "objects" / digest[:2] / digest


def roll_of(house, digest):
    (entry,) = (e for e in house.entries("segment.sealed") if e.body["sha256"] == digest)
    return entry.body["slices"]["sha256"]


def test_a_house_in_which_nothing_is_broken_passes(house, card):
    assert cleared(card) == set(SHIFT)
    check_nothing_lost(house, KNOWN)
    check_whole(house, SHIFT.values())


def test_a_segment_that_is_gone_is_seen(house):
    at(house, NAME).unlink()
    with pytest.raises(ViolationError, match="not in the vault"):
        check_nothing_lost(house, KNOWN)
    with pytest.raises(ViolationError, match="not in the vault"):
        check_whole(house, SHIFT.values())


def test_a_segment_with_another_byte_is_seen(house):
    at(house, NAME).chmod(0o600)
    at(house, NAME).write_bytes(b"\0" + FIRST[1:])
    at(house, NAME).chmod(0o444)
    with pytest.raises(ViolationError, match="damaged"):
        check_nothing_lost(house, KNOWN)


def test_a_roll_that_is_gone_is_seen(house):
    at(house, roll_of(house, NAME)).unlink()
    with pytest.raises(ViolationError, match="slices_missing"):
        check_nothing_lost(house, KNOWN)


def test_an_object_that_can_be_written_is_seen(house):
    at(house, NAME).chmod(0o644)
    with pytest.raises(ViolationError, match="unguarded"):
        check_nothing_lost(house, KNOWN)


def test_a_file_that_was_cleared_and_never_certified_is_seen(ram, card):
    with closing(House(ram / "other", clock=SystemClock())) as house:
        house.dock(played(card))
        with pytest.raises(ViolationError, match="never certified"):
            check_nothing_lost(house, KNOWN)


def test_a_seal_that_was_reported_and_is_not_there_is_seen(house):
    with pytest.raises(ViolationError, match="reported as sealed"):
        check_nothing_lost(house, Known(SHIFT, sealed=["0" * 64]))


def test_an_acknowledged_entry_that_is_gone_is_seen(house):
    leaves = tuple(house.store.leaf(index) for index in range(house.store.size))
    with pytest.raises(ViolationError, match="entries lost"):
        check_nothing_lost(house, Known(SHIFT, leaves=(*leaves, b"{}")))


def test_a_tree_with_a_file_too_many_is_seen(house):
    (house.root / "ledger" / "more").write_bytes(b"?")
    with pytest.raises(ViolationError, match="stray_file"):
        check_nothing_lost(house, KNOWN)


def test_a_file_that_was_never_sealed_is_seen(house):
    with pytest.raises(ViolationError, match="never"):
        check_whole(house, [*SHIFT.values(), b"one more"])


def test_a_segment_that_is_sealed_twice_is_seen(house):
    (first, *_) = house.entries("segment.sealed")
    statement = house.store.statement(first.seq)
    private = Private(statement.of, statement.facts)
    again = Draft(first.type, first.actor, tuple(first.about), first.body, private=private)
    house.store.append([again])
    with pytest.raises(ViolationError, match="sealed twice"):
        check_whole(house, SHIFT.values())


def test_a_staged_file_that_nobody_finished_is_seen(house):
    (house.root / "vault" / "staging" / ("ab" * 32)).write_bytes(b"half")
    with pytest.raises(ViolationError, match="left in the staging"):
        check_whole(house, SHIFT.values())


def test_bytes_that_no_entry_speaks_of_are_seen_unless_they_are_allowed(house):
    name = house.objects.put(b"stranger")
    check_nothing_lost(house, KNOWN)  # a docking under way leaves such, until it is docked again
    with pytest.raises(ViolationError, match="object_unplaced"):
        check_whole(house, SHIFT.values())
    check_whole(house, SHIFT.values(), leftover=[name])

"""The audit decides a tombstone again, by what stood in the ledger just before it."""

import pytest

from custody.rekeep import Rekeeping
from tests.fakes.house import SHANGHAI
from tests.fakes.shelf import hold, of_segments
from tests.unit.custody.test_disposing import Office


@pytest.fixture
def office():
    return Office()


def disposed(office):
    proposed = office.propose()
    office.wait()
    office.approve(proposed)
    office.wait()
    office.run(proposed)
    return office.bureau.house.entries("segment.disposed")


def decide(office, tombstone, segment):
    return Rekeeping(office.bureau.ledger, SHANGHAI)(tombstone, segment)


def test_what_was_due_was_lawful_also_when_something_holds_it_later(office):
    tombstone = disposed(office)[0]
    segment = next(each for each in tombstone.about if each.startswith("s:"))
    assert decide(office, tombstone, segment) == []
    office.say(*office.bureau.dock({"other.mp4": b"x" * 3000}))
    assert decide(office, tombstone, segment) == []


def forged(office, segment, now=None):
    """A tombstone that no keeper of ours has written."""
    body = {"disposal": "x:" + "d" * 32, "now": (now or "2028-01-01T00:00:00.000Z")}
    index = office.bureau.write("segment.disposed", (segment,), body, by="sys:keeper")
    return office.bureau.ledger.entry(index)


def test_what_was_held_then_was_not_lawful(office):
    hold(office.bureau, of_segments(office.segments[0]))
    tombstone = forged(office, office.segments[0])
    assert "held" in decide(office, tombstone, office.segments[0])


def test_what_was_not_over_then_was_not_lawful(office):
    tombstone = forged(office, office.segments[0], "2026-11-25T00:00:00.000Z")
    assert decide(office, tombstone, office.segments[0]) == ["kept"]


def test_what_was_gone_already_was_not_lawful(office):
    tombstone = disposed(office)[0]
    segment = next(each for each in tombstone.about if each.startswith("s:"))
    assert decide(office, forged(office, segment), segment) == ["segment_disposed"]

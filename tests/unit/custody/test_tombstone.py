"""What remains of what was disposed of; and what no keeper of ours has written."""

import pytest

from custody.disposals import named_segment
from custody.tombstone import remains_of
from evidence.errors import CustodyError, MalformedError, UnknownSegmentError
from tests.fakes.disposing import APPROVER, DISPOSAL, PROPOSER, MemoryKeepers
from tests.fakes.recorder import MemoryRecorder
from tests.unit.ingest.memory import MemoryHouse

STRANGE = "s:" + "b" * 64


@pytest.fixture
def at():
    keepers = MemoryKeepers(MemoryHouse())
    keepers.dock()
    return keepers


def gone(at):
    at.agree()
    at.run()
    return remains_of(at.ledger, at.subjects[0])


def test_it_says_what_it_was_why_it_went_and_who_decided(at):
    found = gone(at)
    assert (found.proposed_by, found.approved_by) == (PROPOSER, APPROVER)
    assert found.size == at.house.entries("segment.sealed")[0].body["size"]
    assert [each.what for each in found.grounds] == ["standard"]
    assert (found.executed, dict(found.homes)) == (True, {"local": "removed"})
    assert found.sealed_again is None


def test_what_came_back_says_so(at):
    gone(at)
    at.house.dock(MemoryRecorder(dict(at.recorder.files)))
    found = remains_of(at.ledger, at.subjects[0])
    assert at.ledger.entry(found.sealed_again).type == "segment.sealed"


def test_between_tombstone_and_removal_it_is_not_executed(at):
    at.agree()
    at.remove = lambda _tombstone: 1 / 0
    with pytest.raises(ZeroDivisionError):
        at.run()
    found = remains_of(at.ledger, at.subjects[0])
    assert (found.executed, dict(found.homes)) == (False, {})


def test_what_is_in_custody_or_nowhere_has_no_tombstone(at):
    with pytest.raises(CustodyError, match="not_disposed_of"):
        remains_of(at.ledger, at.subjects[0])
    with pytest.raises(UnknownSegmentError):
        remains_of(at.ledger, STRANGE)


def test_a_tombstone_over_nothing_is_none_of_ours(at):
    at.write("segment.disposed", (STRANGE, DISPOSAL), {"disposal": DISPOSAL})
    with pytest.raises(MalformedError, match="segment_never_sealed"):
        remains_of(at.ledger, STRANGE)


def test_an_execution_that_does_not_name_what_it_is_about_is_none_of_ours(at):
    at.agree()
    body = {"disposal": DISPOSAL, "now": "2027-01-01T00:00:00.000Z", "grounds": []}
    at.write("segment.disposed", (at.subjects[0], DISPOSAL), body)
    rows = [{"segment": STRANGE, "homes": {}}]
    executed = {"disposal": DISPOSAL, "segments": rows}
    at.write("disposal.executed", (DISPOSAL, at.subjects[0]), executed)
    with pytest.raises(MalformedError, match="segments"):
        remains_of(at.ledger, at.subjects[0])


def test_a_tombstone_names_one_segment(at):
    index = at.write("segment.disposed", (*at.subjects[:2], DISPOSAL), {"disposal": DISPOSAL})
    with pytest.raises(MalformedError):
        named_segment(at.ledger.entry(index))

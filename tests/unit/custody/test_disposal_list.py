"""Disposals as one person may know of them; a stranger learns not even that there is one."""

import pytest

from custody.disposal_list import disposal_for, disposals_for, due_of, in_the_way, remains_for
from custody.disposing import undo_disposal
from custody.keeping import begin_keeping
from custody.listing import listing_for
from evidence.errors import CustodyError, UnknownSegmentError
from tests.fakes.disposing import DISPOSAL
from tests.unit.custody.test_deciding import Office as Deciders
from tests.unit.custody.test_disposing import Office


@pytest.fixture
def office():
    return Office()


def keeper(office, who):
    return begin_keeping(office.bureau.desk, office.bureau.actor(who))


def rows(office, who, found, act="approve_disposal"):
    return [each.id for each in in_the_way(keeper(office, who), found, act)]


def test_a_disposal_is_there_for_who_sees_figures_over_what_is_to_go(office):
    found = office.propose()
    for who, sees in (("head", True), ("inspector", True), ("officer", False), ("admin", False)):
        listed = [each.id for each in disposals_for(keeper(office, who), ended=False)]
        assert listed == ([found.id] if sees else []), who
        if sees:
            assert disposal_for(keeper(office, who), found.id) == found
            continue
        with pytest.raises(CustodyError) as caught:
            disposal_for(keeper(office, who), found.id)
        with pytest.raises(CustodyError) as unknown:
            disposal_for(keeper(office, who), DISPOSAL)
        assert caught.value.word == unknown.value.word == "disposal_unknown"
    assert office.bureau.house.entries("access.refused") == []


def test_what_has_ended_is_listed_where_it_is_asked_for(office):
    found, bureau = office.propose(), office.bureau
    undo_disposal(bureau.desk, bureau.actor("head"), office.judges.look(), found.id, "no")
    head = keeper(office, "head")
    assert list(disposals_for(head, ended=False)) == []
    assert [each.state for each in disposals_for(head, ended=True)] == ["undone"]


def test_what_is_in_the_way_is_told_without_a_signature_and_a_fresh_proof(office):
    found = office.propose("head")
    assert rows(office, "chief", found) == []
    assert "own_proposal" in rows(office, "head", found)
    assert "may_dispose" in rows(office, "supervisor", found)
    assert rows(office, "head", found, "undo_disposal") == []
    assert office.bureau.house.entries("access.refused") == []


def test_what_is_due_is_what_may_go_and_no_more_than_one_list_holds(monkeypatch):
    office = Deciders().later(400)
    assert due_of(office.deciding()) == office.segments[:2]
    monkeypatch.setattr("custody.disposal_list.DISPOSAL_LIMIT", 1)
    assert due_of(office.deciding()) == office.segments[:1]


def test_what_remains_is_told_to_who_might_have_listed_it(office):
    bureau, segment = office.bureau, office.segments[0]
    officer = listing_for(bureau.desk, bureau.actor("officer"))
    with pytest.raises(CustodyError, match="not_disposed_of"):
        remains_for(officer, segment)
    found = office.propose()
    tomb = {"disposal": found.id, "grounds": []}
    bureau.write("segment.disposed", (segment, found.id), tomb, by="sys:keeper")
    assert remains_for(officer, segment).disposal == found.id
    with pytest.raises(UnknownSegmentError):
        remains_for(listing_for(bureau.desk, bureau.actor("west_head")), segment)
    assert bureau.house.entries("access.refused")[-1].body["act"] == "see_listing"

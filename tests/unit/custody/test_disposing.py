"""Two people decide, with a warning before and time to undo after; each refusal has its row."""

from dataclasses import replace

import pytest

from custody.destroy import Keeper, run
from custody.disposals import disposals_of
from custody.disposing import (
    approve_disposal,
    propose_approval,
    propose_disposal,
    undo_disposal,
)
from custody.items import ItemList
from custody.judging import Judges
from custody.labels import Label, label, label_of
from evidence.disposal import Now
from evidence.errors import ConflictError, CustodyError, ProofError, RefusedError, UsageError
from evidence.keeping import KEEPING
from tests.fakes.desk import MemoryHouse, docked, open_home
from tests.fakes.disposing import MemoryKeepers, Trusting
from tests.fakes.grants import approval_of
from tests.fakes.house import SHANGHAI
from tests.fakes.shelf import adopt, asked, hold, of_segments

ITEMS = ItemList("none", "1", "0" * 64, {})


class Office:
    """A bureau with two labelled films in custody whose time is long over."""

    def __init__(self, house=None):
        self.bureau, segments = docked(house)
        self.segments = segments[:2]
        adopt(self.bureau)
        self.say(*self.segments)
        self.bureau.house.clock.forward(days=400)
        self.judges = Judges(self.bureau.ledger, SHANGHAI)

    def say(self, *segments):
        said = Label(no_case="patrol")
        label(self.bureau.desk, self.bureau.actor("officer"), segments, said, ITEMS)

    ends = Trusting()

    @property
    def now(self):
        return Now(self.bureau.now, "attested")

    def propose(self, by="supervisor", segments=None, **more):
        actor, look = self.bureau.actor(by, **more), self.judges.look()
        listed = self.segments if segments is None else segments
        return propose_disposal(self.bureau.desk, actor, look, listed, "due", now=self.now)

    def approve(self, disposal, by="head", reason="agreed", **more):
        actor, look = self.bureau.actor(by, **more), self.judges.look()
        desk = self.bureau.desk
        planned = propose_approval(desk, actor, look, disposal.id, reason, now=self.now)
        return approve_disposal(desk, actor, look, planned, self.sign(by, planned))

    def sign(self, name, planned):
        """Return the signature of somebody who has a key; it is registered when first needed."""
        if name not in self.bureau.keys:
            self.bureau.register(name)
        return approval_of(self.bureau, name, planned)

    def undo(self, disposal, by="inspector"):
        actor, look = self.bureau.actor(by), self.judges.look()
        return undo_disposal(self.bureau.desk, actor, look, disposal.id, "a complaint came")

    def wait(self, days=40):
        self.bureau.house.clock.forward(days=days)

    def run(self, disposal):
        homes = MemoryKeepers(self.bureau.house)
        keeper = Keeper(self.bureau.ledger, self.judges.look, homes, [homes], self.ends)
        return run(keeper, disposal.id, self.now, lambda _decided: None)


@pytest.fixture
def office():
    return Office()


def rows(caught):
    return {row for row, _ in caught.value.facts["rows"]}


def test_two_people_a_warning_and_time_to_undo_and_then_it_goes(office):
    proposed = office.propose()
    assert (proposed.state, len(proposed.segments)) == ("proposed", 2)
    office.wait()
    approved = office.approve(proposed)
    assert (approved.state, approved.by == approved.approved_by) == ("approved", False)
    with pytest.raises(CustodyError, match="undo_open"):
        office.run(proposed)
    office.wait()
    assert office.run(proposed).disposed == 2
    assert label_of(office.bureau.ledger, office.segments[0]) is None


def test_nobody_approves_what_they_have_proposed(office):
    proposed = office.propose(by="head")
    office.wait()
    with pytest.raises(RefusedError) as caught:
        office.approve(proposed, by="head")
    assert "own_proposal" in rows(caught)
    assert office.approve(proposed, by="watcher").state == "approved"


@pytest.mark.parametrize(
    ("by", "row"),
    [("officer", "may_propose_disposal"), ("admin", "admin_apart"), ("west_head", None),
     ("inspector", "may_propose_disposal")],
)  # fmt: skip
def test_who_has_no_say_over_the_footage_proposes_nothing(office, by, row):
    with pytest.raises(RefusedError) as caught:
        office.propose(by=by)
    assert (row or "may_propose_disposal") in rows(caught)
    assert office.bureau.house.entries("access.refused")


# --- signed --------------------------------------------------------------------------------------


def planned(office, by="head", reason="agreed"):
    """Return an approval that waits for its signature, and who would give it."""
    proposed = office.propose()
    office.wait()
    actor, look = office.bureau.actor(by), office.judges.look()
    office.bureau.register(by)
    desk = office.bureau.desk
    return propose_approval(desk, actor, look, proposed.id, reason, now=office.now)


def write(office, approving, approval, by="head"):
    look = office.judges.look()
    return approve_disposal(office.bureau.desk, office.bureau.actor(by), look, approving, approval)


def test_the_approval_carries_a_signature_over_the_very_list(office):
    approving = planned(office)
    found = write(office, approving, approval_of(office.bureau, "head", approving))
    body = office.bureau.ledger.entry(found.approved).body
    assert (body["root"], body["count"]) == (found.root, 2)
    assert body["signature"]["fmt"] == "software/1"


def test_without_a_signature_nothing_is_approved(office):
    approving = planned(office)
    with pytest.raises(RefusedError) as caught:
        write(office, approving, None)
    assert rows(caught) == {"not_signed"}
    office.bureau.with_rules(password_only=True)
    assert write(office, approving, None).state == "approved"


def other_list(approving):
    body = {**approving.draft.body, "root": "0" * 64}
    return replace(approving, draft=replace(approving.draft, body=body))


def other_reason(approving):
    private = replace(approving.draft.private, facts={"reason": "another"})
    return replace(approving, draft=replace(approving.draft, private=private))


@pytest.mark.parametrize("changed", [other_list, other_reason])
def test_what_was_not_signed_is_not_approved(office, changed):
    approving = planned(office)
    signed = approval_of(office.bureau, "head", approving)
    with pytest.raises(ProofError):
        write(office, changed(approving), signed)
    assert office.bureau.house.entries("access.refused")
    assert not office.bureau.house.entries("disposal.approved")


def test_a_signature_of_somebody_else_approves_nothing(office):
    approving = planned(office)
    office.bureau.register("watcher")
    with pytest.raises(ProofError):
        write(office, approving, approval_of(office.bureau, "watcher", approving))
    theirs = approval_of(office.bureau, "head", approving)
    with pytest.raises(ProofError):  # and nobody puts the head's signature under their own name
        write(office, approving, theirs, by="watcher")


def test_what_was_undone_while_the_head_signed_is_not_approved(office):
    approving = planned(office)
    office.undo(approving.disposal)
    with pytest.raises(CustodyError, match="disposal_settled"):
        write(office, approving, approval_of(office.bureau, "head", approving))


@pytest.mark.parametrize("by", ["officer", "supervisor", "inspector", "west_head"])
def test_who_has_no_say_over_the_footage_approves_nothing(office, by):
    proposed = office.propose(by="watcher")
    office.wait()
    with pytest.raises(RefusedError) as caught:
        office.approve(proposed, by=by)
    assert "may_dispose" in rows(caught)


def test_who_has_not_proved_who_they_are_decides_nothing(office):
    with pytest.raises(RefusedError) as caught:
        office.propose(fresh=False)
    assert "not_fresh" in rows(caught)


def test_what_must_stay_is_named_with_why(office):
    hold(office.bureau, of_segments(office.segments[1]))
    with pytest.raises(CustodyError) as caught:
        office.propose()
    facts = caught.value.facts
    assert (facts["count"], facts["segment"]) == (1, office.segments[1])
    assert "held" in facts["because"]


def test_before_the_warning_is_over_nobody_approves(office):
    proposed = office.propose()
    with pytest.raises(CustodyError, match="warning_open"):
        office.approve(proposed)


def test_a_hold_placed_during_the_warning_spares_its_segment(office):
    proposed = office.propose()
    hold(office.bureau, of_segments(office.segments[0]))
    office.wait()
    office.approve(proposed)
    office.wait()
    ran = office.run(proposed)
    assert (ran.disposed, ran.spared) == (1, 1)
    (spared,) = office.bureau.house.entries("segment.spared")
    assert spared.body["because"] == ["held"]


@pytest.mark.parametrize("by", ["inspector", "supervisor", "head", "watcher"])
def test_whoever_watches_may_undo_it_before_and_after_the_approval(office, by):
    proposed = office.propose()
    assert office.undo(proposed, by=by).state == "undone"
    again = office.propose()
    office.wait()
    office.approve(again)
    assert office.undo(again, by=by).state == "undone"
    office.wait()
    with pytest.raises(CustodyError, match="not_approved"):
        office.run(again)


def test_an_officer_undoes_nothing(office):
    proposed = office.propose()
    with pytest.raises(RefusedError) as caught:
        office.undo(proposed, by="officer")
    assert "may_undo_disposal" in rows(caught)


def test_what_is_settled_is_not_decided_again(office):
    proposed = office.propose()
    office.wait()
    office.approve(proposed)
    with pytest.raises(CustodyError, match="disposal_settled"):
        office.approve(proposed, by="watcher")
    office.wait()
    office.run(proposed)
    with pytest.raises(CustodyError, match="disposal_settled"):
        office.undo(proposed)


def test_two_who_decide_at_once_make_one_decision(office, monkeypatch):
    proposed = office.propose()
    office.wait()
    stale = office.judges.look()
    monkeypatch.setattr("custody.disposing.load_disposal", lambda _ledger, _id: proposed)
    office.approve(proposed)
    inspector = office.bureau.actor("inspector")
    with pytest.raises(ConflictError):
        undo_disposal(office.bureau.desk, inspector, stale, proposed.id, "no")


def test_a_keeping_that_moved_on_refuses_the_proposal(office):
    look = office.judges.look()
    hold(office.bureau, of_segments(office.segments[0]))
    actor = office.bureau.actor("supervisor")
    with pytest.raises(ConflictError):
        propose_disposal(office.bureau.desk, actor, look, office.segments, "due", now=office.now)
    assert office.judges.look().index == office.bureau.ledger.last(KEEPING)


@pytest.mark.parametrize("listed", [(), "twice"])
def test_a_list_that_is_empty_or_names_one_twice_is_none(office, listed):
    segments = (office.segments[0],) * 2 if listed else ()
    with pytest.raises(UsageError):
        office.propose(segments=segments)


def test_no_reason_of_a_disposal_stands_in_an_entry(office):
    proposed = office.propose()
    entry = office.bureau.ledger.entry(proposed.entry)
    assert "reason" not in entry.body
    assert office.bureau.ledger.statement(entry.seq).facts == {"reason": "due"}


def test_before_people_are_set_up_nothing_is_disposed_of():
    bureau, segments = open_home(MemoryHouse()), ("s:" + "a" * 64,)
    look = Judges(bureau.ledger, SHANGHAI).look()
    with pytest.raises((RefusedError, CustodyError)):
        propose_disposal(
            bureau.desk, bureau.actor("head"), look, segments, "due", now=Now(bureau.now, "x")
        )


def test_what_is_gone_is_labelled_and_asked_for_by_nobody(office):
    proposed = office.propose()
    office.wait()
    office.approve(proposed)
    office.wait()
    office.run(proposed)
    with pytest.raises(CustodyError, match="segment_disposed"):
        office.say(office.segments[0])
    with pytest.raises(CustodyError, match="segment_disposed"):
        asked(office.bureau, office.segments[:1])


def test_disposals_are_told_the_newest_first(office):
    first = office.propose(segments=office.segments[:1])
    office.wait(1)
    second = office.propose(segments=office.segments[1:])
    found = list(disposals_of(office.bureau.ledger))
    assert [each.id for each in found] == [second.id, first.id]

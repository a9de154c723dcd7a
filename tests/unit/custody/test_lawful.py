"""A tombstone is decided again, by what stood in the ledger just before it and by nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from custody.clockwatch import now_of
from custody.disposals import list_root
from custody.disposing import approve_disposal, propose_approval
from custody.lawful import Lawful
from custody.outside import AttestedTime, attest_day
from custody.signing import challenge_of
from evidence.approval import signature_of
from evidence.codec import format_time
from evidence.disposal import Now
from evidence.entry import Draft
from evidence.errors import ConflictError, CustodyError
from evidence.keeping import KEEPING
from tests.fakes.desk import person
from tests.fakes.grants import approval_of
from tests.fakes.house import SHANGHAI
from tests.fakes.shelf import adopt, hold, of_segments, pack
from tests.unit.custody.test_disposing import Office

X = "x:" + "d" * 32


class Attested(Office):
    """An office in which two people say the day before anything is decided by it."""

    def __init__(self, house=None):
        super().__init__(house)
        self.attest()

    def attest(self, ago=0):
        day = self.bureau.now.astimezone(SHANGHAI).date() - timedelta(days=ago)
        for who in ("chief", "inspector"):
            attest_day(self.bureau.desk, self.bureau.actor(who), day)

    def wait(self, days=40):
        super().wait(days)
        self.attest()

    @property
    def now(self):
        return now_of(self.bureau.now, AttestedTime(self.bureau.ledger, SHANGHAI).newest())

    @property
    def lawful(self):
        desk = self.bureau.desk
        return Lawful(desk.ledger, SHANGHAI, desk.rules, desk.hosts)

    @property
    def ends(self):
        return self.lawful

    def entries(self, kind):
        return self.bureau.house.entries(kind)

    def to_the_end(self):
        """Dispose of both films as the acts do; return the disposal."""
        proposed = self.propose()
        self.wait()
        self.approve(proposed)
        self.wait()
        self.run(proposed)
        return proposed


@pytest.fixture
def office():
    return Attested()


def faults(office, entry):
    segment = next(each for each in entry.about if each.startswith("s:"))
    return office.lawful(entry, segment)


def refused(office, segment):
    """Return why nothing of a segment is destroyed."""
    with pytest.raises(CustodyError) as caught:
        office.lawful.check(segment)
    return set(caught.value.facts.get("because", caught.value.word).split())


def test_what_the_acts_disposed_of_is_lawful(office):
    disposal = office.to_the_end()
    for segment in office.segments:
        office.lawful.check(segment)
    assert [faults(office, each) for each in office.entries("segment.disposed")] == [[], []]
    assert office.lawful.agreed(disposal.id) == []


def test_what_was_due_was_lawful_also_when_something_holds_it_later(office):
    office.to_the_end()
    tombstone = office.entries("segment.disposed")[0]
    office.say(*office.bureau.dock({"other.mp4": b"x" * 3000}))
    adopt(office.bureau, pack(version="9", grace_days=3000))
    office.bureau.suspend("head")
    office.bureau.revoke_key("head")
    assert faults(office, tombstone) == []


def test_what_is_in_custody_or_never_was_is_not_disposed(office):
    assert refused(office, office.segments[0]) == {"not_disposed"}
    assert refused(office, "s:" + "0" * 64) == {"not_disposed"}


def test_what_was_docked_again_after_its_end_is_not_disposed_any_more(office):
    office.to_the_end()
    tombstone = office.entries("segment.disposed")[0]
    segment = next(each for each in tombstone.about if each.startswith("s:"))
    sealed = next(e for e in office.entries("segment.sealed") if segment in e.about)
    office.bureau.write("segment.sealed", (segment,), dict(sealed.body), by="sys:ingest")
    assert refused(office, segment) == {"not_disposed"}


# --- forged: who may only append writes what no act of ours writes ----------------------------


class Forger:
    """Writes a whole disposal in the names of others; a test changes one thing."""

    def __init__(self, office):
        self.office = office
        self.segment = office.segments[0]
        self.proposer, self.approver = person("supervisor"), person("head")
        self.listed = (self.segment,)
        self.root = None
        self.changes = {}  # of bodies, by type
        self.waits = (40, 40)

    def body(self, kind, body):
        return {"disposal": X, **self.time(), **body, **self.changes.get(kind, {})}

    def time(self):
        return {"now": format_time(self.office.now.at), "source": "attested"}

    def until(self, days):
        return format_time(self.office.now.at + timedelta(days=days))

    def write(self, kind, about, body, by):
        draft = Draft(kind, by, about, self.body(kind, body))
        return self.office.bureau.ledger.append([draft]).indexes[0]

    def propose(self):
        root = self.root or list_root(self.listed)
        body = {
            "act": X, "part": 0, "parts": 1, "count": len(self.listed), "bytes": 0,
            "root": root, "law": [], "policies": [], "warning_until": self.until(14),
        }  # fmt: skip
        about = (X, KEEPING, *self.listed)
        return self.write("disposal.proposed", about, body, self.proposer)

    def approve(self, proposed):
        """Approve with the signature of ``head``, over whatever stands there."""
        root = self.root or list_root(self.listed)
        body = self.body("disposal.approved", {
            "proposed": proposed, "count": len(self.listed), "bytes": 0, "root": root,
            "undo_until": self.until(14), "signature": None,
        })  # fmt: skip
        draft = Draft("disposal.approved", self.approver, (X, KEEPING), body)
        draft = self.sign(draft)
        return self.office.bureau.ledger.append([draft]).indexes[0]

    def sign(self, draft):
        del self
        return draft

    def bury(self):
        about = (self.segment, X)
        body = {"sha256": self.segment[2:], "grounds": []}
        return self.write("segment.disposed", about, body, "sys:keeper")

    def all(self):
        proposed = self.propose()
        self.office.wait(self.waits[0])
        self.approve(proposed)
        self.office.wait(self.waits[1])
        return self.bury()


@pytest.fixture
def forger(office):
    office.bureau.register("head")
    return Forger(office)


class Signing(Forger):
    """Somebody with the head's key: what is left to find is everything else."""

    def sign(self, draft):
        planned = type("Planned", (), {"challenge": challenge_of(draft)})
        approval = approval_of(self.office.bureau, "head", planned)
        return replace(draft, body={**draft.body, "signature": signature_of(approval)})


@pytest.fixture
def signing(office):
    office.bureau.register("head")
    return Signing(office)


def test_who_can_only_append_has_nothing_destroyed(office, forger):
    forger.all()
    assert refused(office, forger.segment) == {"not_signed"}


def test_signed_and_in_time_a_forgery_would_be_lawful(office, signing):
    """So that each of the next tests fails by what it changes alone."""
    signing.all()
    office.lawful.check(signing.segment)


def test_a_signature_over_another_list_is_none(office, signing):
    signing.listed = office.segments
    signing.root = list_root(office.segments[:1])
    signing.all()
    assert refused(office, signing.segment) == {"list_differs"}


def test_parts_that_are_added_after_the_approval_do_not_count(office, signing):
    signing.listed = office.segments[1:]
    proposed = signing.propose()
    office.wait()
    signing.approve(proposed)
    signing.listed = office.segments[:1]
    signing.propose()
    office.wait()
    signing.bury()
    assert "not_listed" in refused(office, signing.segment)


@pytest.mark.parametrize(
    ("role", "name", "because"),
    [
        ("proposer", "officer", "proposer_unfit"),
        ("proposer", "inspector", "proposer_unfit"),
        ("proposer", "admin", "proposer_unfit"),
        ("approver", "supervisor", "approver_unfit"),
    ],
)
def test_who_held_no_role_for_it_then_has_decided_nothing(office, signing, role, name, because):
    setattr(signing, role, person(name))
    signing.all()
    assert because in refused(office, signing.segment)


def test_who_was_suspended_then_has_decided_nothing(office, signing):
    office.bureau.suspend("head")
    signing.all()
    assert "approver_unfit" in refused(office, signing.segment)


def test_one_person_alone_has_decided_nothing(office, signing):
    signing.proposer = signing.approver
    signing.all()
    assert refused(office, signing.segment) == {"same_person"}


@pytest.mark.parametrize(
    ("kind", "name", "because"),
    [
        ("disposal.proposed", "warning_until", "warning_short"),
        ("disposal.approved", "undo_until", "undo_short"),
    ],
)
def test_a_window_shorter_than_the_packs_ask_is_none(office, signing, kind, name, because):
    signing.changes[kind] = {name: signing.until(1)}
    signing.waits = (2, 2) if kind == "disposal.proposed" else (40, 40)
    signing.all()
    assert because in refused(office, signing.segment)


def test_approved_before_the_warning_was_over_it_is_not_agreed(office, signing):
    signing.waits = (3, 40)
    signing.all()
    assert {"warning_open"} <= refused(office, signing.segment)
    assert office.lawful.agreed(X) == ["warning_open"]


def test_buried_before_the_time_to_undo_was_over_it_is_not_lawful(office, signing):
    signing.waits = (40, 3)
    signing.all()
    assert refused(office, signing.segment) == {"undo_open"}


def test_without_an_approval_nothing_is_lawful(office, signing):
    signing.propose()
    office.wait()
    signing.bury()
    assert refused(office, signing.segment) == {"not_approved"}
    assert office.lawful.agreed(X) == ["not_approved"]


def test_an_approval_that_came_after_the_tombstone_is_none(office, signing):
    proposed = signing.propose()
    office.wait()
    signing.bury()
    signing.approve(proposed)
    assert "not_approved" in refused(office, signing.segment)


def test_undone_before_it_is_not_lawful_and_undone_after_it_was(office, signing):
    proposed = signing.propose()
    office.wait()
    signing.approve(proposed)
    office.wait()
    signing.write("disposal.undone", (X, KEEPING), {}, person("inspector"))
    signing.bury()
    assert refused(office, signing.segment) == {"undone"}


def test_an_undoing_that_came_after_the_tombstone_accuses_nobody(office, signing):
    signing.all()
    signing.write("disposal.undone", (X, KEEPING), {}, person("inspector"))
    office.lawful.check(signing.segment)


def test_a_tombstone_without_a_disposal_is_none(office, forger):
    forger.bury()
    assert refused(office, forger.segment) == {"not_listed"}


def test_a_tombstone_that_somebody_else_has_written_is_none(office, signing):
    signing.all()
    again = office.segments[1]
    signing.listed = (again,)
    body = {"sha256": again[2:], "grounds": []}
    signing.write("segment.disposed", (again, X), body, person("head"))
    assert {"not_the_keeper", "not_listed"} <= refused(office, again)


# --- what kept it --------------------------------------------------------------------------------


def test_what_was_held_then_was_not_lawful(office, signing):
    hold(office.bureau, of_segments(signing.segment))
    signing.all()
    assert "held" in refused(office, signing.segment)


def test_what_was_not_over_then_was_not_lawful(office, signing):
    adopt(office.bureau, pack(version="9", grace_days=3000))
    signing.all()
    assert "in_grace" in refused(office, signing.segment)


def test_what_was_gone_already_was_not_lawful(office, signing):
    office.to_the_end()
    index = signing.all()
    assert "segment_disposed" in faults(office, office.bureau.ledger.entry(index))


# --- the time that counted -----------------------------------------------------------------------


def begin(day):
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def test_a_time_that_nobody_had_said_by_then_is_none(office, signing):
    """A clock that ran ahead, and a keeper that was made to say that people had."""
    office.bureau.house.clock.forward(days=400)  # the box alone
    ahead = {"now": format_time(office.bureau.now)}
    signing.changes = {"segment.disposed": ahead}
    proposed = signing.propose()
    office.wait()
    signing.approve(proposed)
    Office.wait(office)
    signing.changes = {"segment.disposed": {"now": format_time(office.bureau.now)}}
    signing.bury()
    assert refused(office, signing.segment) == {"time_unsaid"}


def test_a_source_that_nobody_knows_says_nothing(office, signing):
    signing.changes = {"segment.disposed": {"source": "a friend"}}
    signing.all()
    assert refused(office, signing.segment) == {"time_unsaid"}


def test_one_word_on_a_day_says_nothing(office, signing):
    proposed = signing.propose()
    office.wait()
    signing.approve(proposed)
    Office.wait(office)
    day = office.bureau.now.astimezone(SHANGHAI).date()
    attest_day(office.bureau.desk, office.bureau.actor("chief"), day)
    signing.changes = {"segment.disposed": {"now": format_time(begin(day))}}
    signing.bury()
    assert refused(office, signing.segment) == {"time_unsaid"}


@pytest.mark.parametrize("kind", ["disposal.proposed", "disposal.approved"])
def test_a_window_that_began_before_its_own_entry_has_not_run(office, signing, kind):
    """Else a warning of fourteen days would be over as soon as it is given."""
    long_ago = office.now.at - timedelta(days=60)
    name = "warning_until" if kind == "disposal.proposed" else "undo_until"
    over = long_ago + timedelta(days=30)
    signing.changes[kind] = {"now": format_time(long_ago), name: format_time(over)}
    signing.waits = (1, 40) if kind == "disposal.proposed" else (40, 1)
    signing.all()
    assert "time_past" in refused(office, signing.segment)


def planned(office):
    """Return a disposal, and its approval by the head before it is signed."""
    proposed = office.propose()
    Office.wait(office)
    office.attest(ago=1)
    office.bureau.register("head")
    head, look, desk = office.bureau.actor("head"), office.judges.look(), office.bureau.desk
    return proposed, propose_approval(desk, head, look, proposed.id, "agreed", now=office.now)


def write(office, approving):
    head, look, desk = office.bureau.actor("head"), office.judges.look(), office.bureau.desk
    return approve_disposal(
        desk, head, look, approving, approval_of(office.bureau, "head", approving)
    )


def test_a_day_that_was_said_while_the_head_signed_changes_nothing(office):
    proposed, approving = planned(office)
    office.bureau.house.clock.forward(minutes=25)
    office.attest()
    write(office, approving)
    assert office.lawful.agreed(proposed.id) == []


def test_an_approval_that_lay_about_is_looked_at_again(office):
    _, approving = planned(office)
    office.bureau.house.clock.forward(minutes=31)
    with pytest.raises(ConflictError, match="approval_stale"):
        write(office, approving)


def test_before_anybody_said_a_day_no_time_was_said():
    bare = Office()
    bare.bureau.register("head")
    proposed = bare.propose()
    bare.wait()
    bare.approve(proposed)
    bare.wait()
    bare.run(proposed)
    desk = bare.bureau.desk
    lawful = Lawful(desk.ledger, SHANGHAI, desk.rules, desk.hosts)
    with pytest.raises(CustodyError) as caught:
        lawful.check(bare.segments[0])
    assert set(caught.value.facts["because"].split()) == {"time_unsaid"}


def test_our_own_clock_counts_where_it_is_the_earlier_one(office):
    day = (office.bureau.now + timedelta(hours=12)).astimezone(SHANGHAI).date() + timedelta(days=1)
    assert now_of(office.bureau.now, (begin(day), "attested")) == Now(office.bureau.now, "local")


def test_of_many_disposals_only_the_newest_are_remembered(office, monkeypatch):
    monkeypatch.setattr("custody.lawful.REMEMBERED_LIMIT", 1)
    both = [office.propose(segments=[segment]) for segment in office.segments]
    office.wait()
    for each in both:
        office.approve(each)
    lawful = office.lawful
    assert [lawful.agreed(each.id) for each in (*both, *both)] == [[], [], [], []]
    assert lawful.agreed("x:" + "0" * 32) == ["not_approved"]


def test_what_was_weighed_once_is_not_weighed_again_and_a_new_entry_is_seen(office, monkeypatch):
    disposal, lawful = office.to_the_end(), office.lawful
    weighed = []
    weigh = Lawful._weigh
    monkeypatch.setattr(Lawful, "_weigh", lambda *told: weighed.append(told) or weigh(*told))
    for _ in range(2):
        for segment in office.segments:
            lawful.check(segment)
    assert len(weighed) == 1
    office.bureau.write("segment.disposed", (office.segments[0], disposal.id), {
        "disposal": disposal.id, **Forger(office).time(),
    }, by=person("head"))  # fmt: skip
    assert "not_the_keeper" in refused_by(lawful, office.segments[0])


def refused_by(lawful, segment):
    with pytest.raises(CustodyError) as caught:
        lawful.check(segment)
    return caught.value.facts["because"].split()

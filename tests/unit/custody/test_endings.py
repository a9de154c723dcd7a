"""The audit of disposals: what was lawful is clean, and what was not is named."""

from datetime import timedelta

import pytest

from custody.endings import Endings
from custody.findings import Findings
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.errors import MalformedError
from evidence.keeping import KEEPING
from tests.fakes.clock import NOON
from tests.fakes.disposing import Keepers
from tests.fakes.house import House
from tests.fakes.recorder import MemoryRecorder
from vault.remover import LocalRemover

SEGMENT = "s:" + "a" * 64
X = "x:" + "d" * 32
PROPOSER, APPROVER, KEEPER = "p:" + "1" * 32, "p:" + "2" * 32, "sys:keeper"
WARNED, UNDONE_BY = NOON + timedelta(days=7), NOON + timedelta(days=10)
RUN = NOON + timedelta(days=11)


class Story:
    """Entries in order, as a lawful disposal writes them; a test changes one of them."""

    def __init__(self, decides=None):
        self.findings = Findings()
        self.endings = Endings(self.findings, decides)
        self.seals = {SEGMENT: 1}
        self.seq = 1

    def tell(self, kind, at, actor, about, body):
        self.seq += 1
        entry = Entry(kind, "s", self.seq, at, actor, dict.fromkeys(about), None, body)
        self.endings.read(entry, self.seals)
        return self

    def proposed(self, segments=(SEGMENT,), by=PROPOSER):
        body = {"warning_until": format_time(WARNED)}
        return self.tell("disposal.proposed", NOON, by, (X, *segments), body)

    def approved(self, by=APPROVER, at=WARNED):
        body = {"undo_until": format_time(UNDONE_BY)}
        return self.tell("disposal.approved", at, by, (X,), body)

    def undone(self):
        return self.tell("disposal.undone", WARNED, PROPOSER, (X,), {})

    def disposed(self, by=KEEPER, now=UNDONE_BY, at=RUN):
        body = {"now": format_time(now)}
        return self.tell("segment.disposed", at, by, (SEGMENT, X), body)

    def executed(self):
        body = {"segments": [{"segment": SEGMENT, "homes": {"local": "removed"}}]}
        return self.tell("disposal.executed", RUN, KEEPER, (X, SEGMENT), body)

    @property
    def because(self):
        return [each.facts["because"] for each in self.findings.kept
                if each.code == "disposed_unlawfully"]  # fmt: skip


def test_what_two_people_decided_in_time_is_lawful():
    story = Story().proposed().approved().disposed().executed()
    assert story.because == []
    assert SEGMENT not in story.seals
    assert list(story.endings.undead()) == [(SEGMENT, 4, 1)]


@pytest.mark.parametrize(
    ("told", "because"),
    [
        (lambda s: s.disposed(), ["not_listed"]),
        (lambda s: s.proposed(("s:" + "b" * 64,)).approved().disposed(), ["not_listed"]),
        (lambda s: s.proposed().disposed(), ["not_approved"]),
        (lambda s: s.proposed().approved(by=PROPOSER).disposed(), ["same_person"]),
        (lambda s: s.proposed().approved(at=NOON).disposed(), ["warning_open"]),
        (lambda s: s.approved(), ["not_proposed"]),
        (lambda s: s.proposed().approved().undone().disposed(), ["undone"]),
        (lambda s: s.proposed().approved().disposed(now=WARNED), ["undo_open"]),
        (lambda s: s.proposed().approved().disposed(at=WARNED), ["ahead_of_our_clock"]),
        (lambda s: s.proposed().approved().disposed(by=APPROVER), ["not_the_keeper"]),
        (lambda s: s.proposed().approved().disposed().disposed(), ["not_in_custody"]),
        (lambda s: s.executed(), ["no_tombstone"]),
        (lambda s: s.proposed(()).approved().proposed().disposed(), ["listed_late", "not_listed"]),
        (lambda s: s.proposed(()).proposed(by=APPROVER).approved().disposed(),
         ["listed_by_another", "not_listed"]),
        (lambda s: s.proposed().approved().approved().disposed(), ["approved_twice"]),
    ],
)  # fmt: skip
def test_what_was_not_lawful_is_named(told, because):
    assert told(Story()).because == because


def attested(story, day, *, by=(PROPOSER, APPROVER), second=None):
    """Two people say a day; ``second``: another one that the second says."""
    body = {"day": day.date().isoformat(), "first": None}
    story.tell("time.attested", RUN, by[0], (KEEPING,), body)
    first = story.seq
    body = {"day": (second or day).date().isoformat(), "first": first}
    return story.tell("time.attested", RUN, by[1], (KEEPING,), body)


def test_a_day_that_two_people_say_afterwards_and_that_is_earlier_is_named_once():
    story = Story().proposed().approved().disposed()
    tombstone = story.seq
    attested(attested(story, UNDONE_BY - timedelta(days=2)), UNDONE_BY - timedelta(days=3))
    assert story.because == ["time_taken_back"]
    (found,) = story.findings.kept
    assert (found.entry, found.subject) == (tombstone, SEGMENT)


@pytest.mark.parametrize("days", [-1, 0, 9])
def test_a_day_that_is_later_or_the_day_before_accuses_nobody(days):
    story = Story().proposed().approved().disposed()
    assert attested(story, UNDONE_BY + timedelta(days=days)).because == []


def test_one_person_alone_or_two_who_do_not_agree_accuse_nobody():
    story, long_ago = Story().proposed().approved().disposed(), UNDONE_BY - timedelta(days=99)
    attested(story, long_ago, by=(PROPOSER, PROPOSER))
    attested(story, UNDONE_BY, second=long_ago)
    body = {"day": long_ago.date().isoformat(), "first": 99}
    assert story.tell("time.attested", RUN, APPROVER, (KEEPING,), body).because == []


def test_an_undoing_of_nothing_accuses_nobody():
    assert Story().undone().because == []


def test_what_the_entries_before_did_not_allow_is_named():
    story = Story(lambda _entry, segment: ["held"] if segment == SEGMENT else [])
    assert story.proposed().approved().disposed().because == ["held"]


def test_until_it_is_executed_nothing_is_undead_and_sealed_again_it_lives():
    story = Story().proposed().approved().disposed()
    assert list(story.endings.undead()) == []
    story.executed().tell("segment.sealed", RUN, "sys:ingest", (SEGMENT,), {})
    assert list(story.endings.undead()) == []
    assert story.endings.ended == {SEGMENT: 4}


def test_where_entries_are_missing_nobody_is_accused_for_what_they_may_have_said():
    story = Story()
    story.endings.skip()
    assert story.disposed().because == []


def test_a_tombstone_over_two_segments_has_not_its_form():
    story, about = Story(), (SEGMENT, "s:" + "b" * 64, X)
    with pytest.raises(MalformedError):
        story.tell("segment.disposed", RUN, KEEPER, about, {"now": format_time(RUN)})


# --- the whole audit -----------------------------------------------------------------------------


@pytest.fixture
def at(tmp_path):
    house = House(tmp_path / "home")
    keepers = Keepers(house)
    keepers.dock(1)
    yield keepers
    house.close()


def codes(at):
    return [str(each.code) for each in at.house.audit(catalogue=False).findings]


def test_a_lawful_disposal_leaves_nothing_to_find(at):
    at.agree()
    at.run()
    assert codes(at) == []
    at.house.dock(MemoryRecorder(dict(at.recorder.files)))
    assert codes(at) == []
    (at.house.root / "vault" / "objects" / at.segments[0][:2] / at.segments[0]).unlink()
    assert codes(at) == ["object_missing"]


def test_bytes_and_words_that_outlive_their_tombstone_are_found(at, monkeypatch):
    monkeypatch.setattr(LocalRemover, "remove", lambda *_told: "removed")
    monkeypatch.setattr(at.house.store, "shred", lambda _segments: None)
    at.agree()
    at.run()
    assert codes(at) == ["object_undead", "words_undead"]

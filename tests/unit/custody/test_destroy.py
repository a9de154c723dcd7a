"""What two people have decided is done in order, and nothing else goes with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.destroy import ACTOR, run
from custody.disposals import load_disposal, tombstone_of, unburied
from evidence.disposal import Now
from evidence.errors import ConflictError, CustodyError, MalformedError, VaultUnavailableError
from evidence.keeping import KEEPING
from tests.fakes.disposing import DISPOSAL, LATER, MemoryKeepers, blocked, ended
from tests.fakes.recorder import MemoryRecorder
from tests.unit.ingest.memory import MemoryHouse


@pytest.fixture
def at():
    keepers = MemoryKeepers(MemoryHouse())
    keepers.dock()
    return keepers


def types(at, since):
    return [entry.type for entry in at.house.entries()[since:]]


def test_bytes_and_words_go_after_the_tombstone_and_the_entries_stay(at):
    at.agree()
    before = at.size
    ran = at.run()
    assert (ran.disposed, ran.spared, ran.done) == (3, 0, True)
    assert at.there() == []
    for entry in at.house.entries("segment.sealed"):
        assert at.ledger.statement(entry.seq) is None
    assert types(at, before) == [
        "disposal.decided", *["segment.disposed"] * 3, "disposal.executed", "disposal.done",
    ]  # fmt: skip
    row = at.house.entries("disposal.executed")[0].body["segments"][0]
    assert row["homes"] == {"local": "removed"}


def test_a_tombstone_says_why_by_which_time_and_under_which_rule(at):
    at.agree()
    at.run()
    tombstone = at.house.entries("segment.disposed")[0]
    assert tombstone.actor == ACTOR
    assert tombstone.body["source"] == "attested"
    (ground,) = tombstone.body["grounds"]
    assert (ground["what"], ground["article"], ground["policy"]) == ("standard", "17", 1)


def test_nothing_that_was_not_listed_goes_with_it(at):
    listed = at.subjects[:1]
    at.agree(listed)
    at.run()
    assert at.there() == at.segments[1:]
    assert tombstone_of(at.ledger, at.subjects[1]) is None


def test_what_may_not_go_any_more_is_spared_and_says_why(at):
    at.agree()
    kept = at.subjects[1]
    at.judge = lambda s, now: blocked(s, now, "held") if s == kept else ended(s, now)
    ran = at.run()
    assert (ran.disposed, ran.spared) == (2, 1)
    assert at.there() == [kept[2:]]
    (spared,) = at.house.entries("segment.spared")
    assert spared.body["because"] == ["held"]


def test_its_own_disposal_does_not_stand_in_its_way(at):
    at.agree()
    at.judge = lambda s, now: blocked(s, now, "disposing")
    assert at.run().disposed == 3


def test_what_ends_later_than_now_is_spared(at):
    at.agree()
    at.judge = lambda s, now: ended(s, Now(now.at + timedelta(days=3), "local"))
    assert at.run().disposed == 0
    assert at.house.entries("segment.spared")[0].body["because"] == ["kept"]


def test_nothing_goes_before_the_time_to_undo_is_over_by_the_time_from_outside(at):
    at.agree()
    with pytest.raises(CustodyError, match="undo_open"):
        at.run(Now(LATER.at - timedelta(days=2), "attested"))
    assert len(at.there()) == 3


def test_nothing_goes_that_only_one_person_wanted(at):
    at.propose()
    with pytest.raises(CustodyError, match="not_approved"):
        at.run()


def test_what_was_undone_does_not_go(at):
    at.agree()
    at.write("disposal.undone", (DISPOSAL, KEEPING), {"disposal": DISPOSAL})
    with pytest.raises(CustodyError, match="not_approved"):
        at.run()
    assert len(at.there()) == 3


def test_undone_while_the_keeper_decides_nothing_goes(at):
    at.agree()

    def undo(_segment):
        at.write("disposal.undone", (DISPOSAL, KEEPING), {"disposal": DISPOSAL})

    with at.meanwhile(undo), pytest.raises(CustodyError, match="disposal_undone"):
        at.run()
    assert len(at.there()) == 3


@pytest.mark.parametrize("about", ["segment", "keeping"])
def test_what_is_written_while_the_keeper_decides_makes_it_look_again(at, about):
    at.agree()

    def write(segment):
        at.judge = lambda s, now: blocked(s, now, "held") if s == segment else ended(s, now)
        at.write("alarm.raised", ({"segment": segment, "keeping": KEEPING}[about],), {})

    with at.meanwhile(write):
        ran = at.run()
    assert (ran.disposed, ran.spared) == (2, 1), "the second look found the hold"
    assert len(at.house.entries("disposal.decided")) == 1


def test_who_is_always_overtaken_gives_up_and_nothing_goes(at):
    at.agree()

    def judge(segment, now):
        at.write("alarm.raised", (segment,), {})
        return ended(segment, now)

    at.judge = judge
    with pytest.raises(CustodyError, match="disposal_contended"):
        at.run()
    assert len(at.there()) == 3


def test_a_home_that_does_not_answer_is_asked_again_by_the_next_run(at):
    class Away:
        home = "second"
        calls = 0

        def remove(self, tombstone):
            self.calls += 1
            if self.calls <= 2:
                raise VaultUnavailableError("away", segment=tombstone.segment)
            return "removed"

    at.homes = [Away()]
    at.agree()
    assert not at.run().done
    assert at.run().done
    homes = [row["homes"] for e in at.house.entries("disposal.executed")
             for row in e.body["segments"]]  # fmt: skip
    assert sorted(each["local"] for each in homes) == ["absent", "absent", "removed"]


def test_a_run_again_does_nothing_twice(at):
    at.agree()
    at.run()
    size = at.size
    assert at.run().done
    assert at.size == size


def test_many_segments_go_in_batches_and_progress_is_told():
    at = MemoryKeepers(MemoryHouse())
    at.dock(130)
    at.agree()
    told = []
    run(at.keeper, DISPOSAL, LATER, told.append)
    assert told == [60, 120, 130]
    assert at.there() == []
    assert load_disposal(at.ledger, DISPOSAL).state == "done"


# --- reading disposals ---------------------------------------------------------------------------


def test_a_list_of_which_a_part_is_missing_is_no_disposal(at):
    at.propose()
    body = at.house.entries("disposal.proposed")[0].body
    other = "x:" + "e" * 32
    bad = {**body, "disposal": other, "parts": 2}
    at.write("disposal.proposed", (other, KEEPING, *at.subjects), bad, "p:" + "1" * 32)
    with pytest.raises(MalformedError, match="root"):
        load_disposal(at.ledger, other)


@pytest.mark.parametrize("change", [{"root": "0" * 64}, {"count": 2}, {"part": 1}])
def test_a_list_with_another_root_count_or_place_is_no_disposal(at, change):
    at.propose()
    body = at.house.entries("disposal.proposed")[0].body
    other = "x:" + "e" * 32
    bad = {**body, "disposal": other, **change}
    at.write("disposal.proposed", (other, KEEPING, *at.subjects), bad, "p:" + "1" * 32)
    with pytest.raises(MalformedError):
        load_disposal(at.ledger, other)


def test_a_disposal_that_nobody_proposed_is_unknown(at):
    with pytest.raises(CustodyError, match="disposal_unknown"):
        load_disposal(at.ledger, DISPOSAL)


def test_a_tombstone_is_told_until_the_segment_is_sealed_again(at):
    at.agree()
    at.run()
    found = load_disposal(at.ledger, DISPOSAL)
    assert tombstone_of(at.ledger, at.subjects[0]).disposal == DISPOSAL
    assert unburied(found) == ()
    at.house.dock(MemoryRecorder(dict(at.recorder.files)))
    assert tombstone_of(at.ledger, at.subjects[0]) is None
    assert tombstone_of(at.ledger, "s:" + "0" * 64) is None


def test_the_keeper_expects_what_it_has_seen(at):
    at.agree()
    look = at.look()
    at.write("alarm.raised", (KEEPING,), {})
    at.look = lambda: look
    with pytest.raises(CustodyError, match="disposal_contended"):
        at.run()
    with pytest.raises(ConflictError):
        at.write("alarm.raised", (KEEPING,), {}, expect={KEEPING: look.index})


# --- what nobody may have agreed on --------------------------------------------------------------


class Doubting:
    """Finds fault with agreements, or with the tombstones that another run has left."""

    def __init__(self, agreed=(), unlawful=()):
        self.faults, self.unlawful = list(agreed), unlawful

    def agreed(self, disposal):
        assert disposal == DISPOSAL
        return self.faults

    def check(self, segment):
        if segment in self.unlawful:
            raise CustodyError("disposed_unlawfully", segment=segment, because="not_signed")


def test_what_was_not_agreed_on_as_it_must_be_is_not_begun(at):
    at.agree()
    before, there = at.size, at.there()
    at.ends = Doubting(["not_signed", "list_differs"])
    with pytest.raises(CustodyError, match="disposed_unlawfully") as caught:
        at.run()
    assert caught.value.facts["because"] == "not_signed list_differs"
    assert (at.size, at.there()) == (before, there)


def test_an_unlawful_tombstone_that_lies_there_takes_no_bytes_with_it(at):
    at.agree()
    (segment, *_) = at.subjects
    body = {"disposal": DISPOSAL, "now": "2027-09-18T04:00:00.000Z"}
    at.write("segment.disposed", (segment, DISPOSAL), body)
    before, there = at.size, at.there()
    at.ends = Doubting(unlawful=(segment,))
    with pytest.raises(CustodyError, match="disposed_unlawfully"):
        at.run()
    assert (at.size, at.there()) == (before, there)
    at.ends = Doubting()
    at.run()
    assert at.there() == []


def test_whoever_removes_several_at_once_says_of_each_what_became_of_it(at):
    def together(do, batch):
        return [do(each) for each in reversed(batch)][::-1]

    class Second:
        home = "second"

        def remove(self, tombstone):
            return "removed" if tombstone.segment == at.subjects[1] else "absent"

    at.homes = [Second()]
    at.agree()
    assert run(replace(at.keeper, each=together), DISPOSAL, LATER, lambda _decided: None).done
    (executed,) = at.house.entries("disposal.executed")
    told = {row["segment"]: row["homes"]["second"] for row in executed.body["segments"]}
    assert told == dict(zip(at.subjects, ("absent", "removed", "absent"), strict=True))

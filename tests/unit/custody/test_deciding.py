"""Many segments decided for one person: a catalogue proposes, and can show nobody anything more."""

from datetime import timedelta

import pytest

from custody.blocked import blocked_of
from custody.deciding import Deciding
from custody.keeping import begin_keeping
from custody.kept_json import decided_json
from custody.listing import listing_for
from custody.waiting import waiting_marks, waiting_proposals
from evidence.errors import RefusedError, UnknownSegmentError
from evidence.people import Actor
from tests.fakes.desk import SQUAD, MemoryHouse, open_home, small_bureau
from tests.fakes.disposing import DISPOSAL
from tests.fakes.house import SHANGHAI
from tests.fakes.shelf import adopt, asked, hold, of_segments, pack

UNKNOWN = "s:" + "0" * 64


class Office:
    """A pack holds; two segments are labelled, the third is not."""

    def __init__(self):
        self.bureau = small_bureau().take()
        adopt(self.bureau)
        self.segments = [self.bureau.seal(name) for name in "abc"]
        for each in self.segments[:2]:
            self.bureau.label(each, ["officer"])
        self.proposed = [*self.segments, UNKNOWN]
        self.wanted = []  # what the catalogue was asked for

    def deciding(self, who="head", **more):
        def propose(wanted):
            self.wanted.append(wanted)
            yield from self.proposed

        return Deciding(self.bureau.desk, self.bureau.actor(who), SHANGHAI, propose, **more)

    def later(self, days):
        self.bureau.clock.forward(days=days)
        return self


@pytest.fixture
def office():
    return Office()


def names(found):
    return [each.keeping.segment for each in found]


def test_what_one_may_list_is_decided_and_nothing_else(office):
    assert names(office.deciding().all()) == office.segments
    assert names(office.deciding("inspector").all()) == office.segments
    assert names(office.deciding("west_head").all()) == []
    assert office.wanted == [None] * 3, "everything in custody"


def test_what_an_old_catalogue_proposes_and_is_gone_is_left_out(office):
    gone = office.segments[0]
    tomb = {"disposal": DISPOSAL, "grounds": []}
    office.bureau.write("segment.disposed", (gone, DISPOSAL), tomb, by="sys:keeper")
    assert names(office.deciding().all()) == office.segments[1:]


def test_one_segment_is_told_to_who_may_see_why_it_is_kept(office):
    segment = office.segments[0]
    for who in ("officer", "head", "inspector"):
        assert office.deciding(who).look(segment).keeping.segment == segment
    with pytest.raises(RefusedError):
        office.deciding("west_head").look(segment)
    assert office.bureau.house.entries("access.refused")[-1].body["act"] == "see_retention"
    with pytest.raises(UnknownSegmentError):
        office.deciding().look(UNKNOWN)
    home = open_home(MemoryHouse()).take()
    opened = Deciding(home.desk, Actor("sys:local"), SHANGHAI, lambda _wanted: iter(()))
    assert opened.look(home.seal("a")).over is False


def test_what_may_go_is_what_nothing_keeps_and_nothing_forbids(office):
    assert names(office.deciding().due()) == []
    office.later(400)
    assert names(office.deciding().due()) == office.segments[:2]
    hold(office.bureau, of_segments(office.segments[0]))
    assert names(office.deciding().due()) == office.segments[1:2]
    assert not office.wanted[-1].blocked


def test_what_falls_due_is_counted_whole_and_listed_the_soonest_first(office):
    late = office.later(5).bureau.seal("late")
    office.proposed.insert(0, late)
    found = office.deciding().falls_due(timedelta(days=300), 2)
    assert (found.count, len(found.soonest)) == (4, 2)
    assert found.bytes == sum(each.kept.size for each in office.deciding().all())
    assert late not in names(found.soonest)
    assert office.deciding().falls_due(timedelta(days=9), 2).count == 0
    assert office.deciding(now=office.bureau.now + timedelta(days=300)).falls_due(
        timedelta(), 9
    ).count == 4  # fmt: skip


def test_where_nothing_ever_ends_nothing_falls_due_and_nobody_is_asked():
    office = Office()
    office.bureau = small_bureau()
    adopt(office.bureau, pack(standard={"article": "1", "period": "permanent"}))
    assert names(office.deciding().due()) == []
    assert office.deciding().falls_due(timedelta(days=999), 9).count == 0
    assert office.wanted == []


def test_that_somebody_asked_is_told_to_heads_and_auditors_only(office):
    segment = office.segments[0]
    asked(office.bureau, [segment])
    for who, codes in (("officer", []), ("head", ["proposed", "open_request"])):
        deciding = office.deciding(who)
        decided = deciding.decide(segment)
        assert [each.code for each in deciding.told(decided)] == codes
        told = decided_json(deciding, decided)
        assert (len(told["blockers"]), told["hidden"]) == (len(codes), 2 - len(codes))
        assert told["grounds"][0]["from"] == "sealed"


def test_a_ground_without_an_end_has_none_in_documents(office):
    hold(office.bureau, of_segments(office.segments[0]))
    deciding = office.deciding()
    told = decided_json(deciding, deciding.decide(office.segments[0]))
    assert (told["until"], [each["ends"] is None for each in told["grounds"]]) == (
        None,
        [False, True],
    )


def test_what_cannot_go_is_summed_up_by_reason_and_by_unit(office):
    asked(office.bureau, office.segments[1:2])
    office.later(4)
    found = blocked_of(office.deciding("officer"), by_unit=False)
    ((place, total),) = found.sums.items()
    assert (place, total.count, total.over_count) == ((None, "unlabelled", "supervisor"), 1, 0)
    assert (found.days(place), found.hidden) == (4, 1)
    office.later(400)
    found = blocked_of(office.deciding(), by_unit=True)
    place = (SQUAD, "unlabelled", "supervisor")
    total = found.sums[place]
    assert (total.over_count, total.over_size) == (1, total.size)
    assert found.json(place)["unit"] == SQUAD
    assert found.json(place)["days"] == 404


def test_a_reason_that_stands_twice_counts_a_segment_once_from_the_older_one(office):
    segment = office.segments[0]
    hold(office.bureau, of_segments(segment))
    office.later(3)
    hold(office.bureau, of_segments(segment))
    office.proposed = [segment]
    found = blocked_of(office.deciding(), by_unit=False)
    place = (None, "held", "nobody")
    assert (found.sums[place].count, found.days(place)) == (1, 3)


def test_a_mark_waits_for_who_may_list_it_and_a_proposal_for_who_may_see_the_question(office):
    bureau = office.bureau
    bureau.take()
    marked = bureau.seal("marked", important=True)
    question = asked(bureau, [office.segments[0]])
    for who, sees in (("head", True), ("officer", False), ("west_head", False)):
        actor = bureau.actor(who)
        keeper, listing = begin_keeping(bureau.desk, actor), listing_for(bureau.desk, actor)
        found = list(waiting_marks(keeper, listing, [marked, office.segments[1]]))
        assert [each.segment for each in found] == ([] if who == "west_head" else [marked])
        assert [e.request.id for e in waiting_proposals(keeper)] == ([question.id] if sees else [])

"""What somebody recorded: by the tenure of their recorders, not by the catalogue or a claim."""

from datetime import timedelta

import pytest

from custody import mine
from custody.gaps import Explanation, explain, gaps_of
from custody.listing import listing_for
from custody.mine import sightings_of
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, SQUAD, person, small_bureau
from tests.unit.custody.test_gaps import DOCKING, seam

HOUR = timedelta(hours=1)
POOLED = "T000009"


@pytest.fixture
def bureau():
    return small_bureau()


def theirs(bureau, name, since=None):
    return [each.segment for each in sightings_of(bureau.desk, person(name), since).sightings]


def unlabelled(bureau, name, by=None):
    listing = listing_for(bureau.desk, bureau.actor(by or name))
    listed = sightings_of(bureau.desk, person(name))
    return [each.mine.segment for each in mine.unlabelled(bureau.desk, listed, listing.may)]


def pooled(bureau):
    """A recorder of the pool that the officer had for an hour, then the mate."""
    recorder = bureau.recorder(POOLED)
    bureau.bind(recorder, None, SQUAD)
    bureau.handover("handover.out", recorder, "officer", SQUAD, NOON - 4 * HOUR)
    bureau.handover("handover.in", recorder, "officer", SQUAD, NOON - 3 * HOUR)
    bureau.handover("handover.out", recorder, "mate", SQUAD, NOON - 2 * HOUR)
    return recorder


def test_what_lay_on_their_own_recorder_is_theirs_the_newest_first(bureau):
    first, second = bureau.seal(1, at=NOON - 2 * HOUR), bureau.seal(2, at=NOON - HOUR)
    assert theirs(bureau, "officer") == [second, first]
    assert theirs(bureau, "mate") == []


def test_a_pooled_recorder_gives_to_each_what_each_recorded(bureau):
    recorder = pooled(bureau)
    early = bureau.seal("early", recorder, NOON - 4 * HOUR + HOUR / 2)
    between = bureau.seal("between", recorder, NOON - 2 * HOUR - HOUR / 2)
    late = bureau.seal("late", recorder, NOON - HOUR)
    assert theirs(bureau, "officer") == [early]
    assert theirs(bureau, "mate") == [late]
    assert between not in theirs(bureau, "officer") + theirs(bureau, "mate")


def test_what_a_person_resolved_to_be_theirs_is_theirs(bureau):
    segment = bureau.seal("lost", bureau.recorder("T000777"))
    assert theirs(bureau, "mate") == []
    body = {"sighting": bureau.ledger.last(segment), "person": person("mate"), "unit": SQUAD}
    about = (segment, DOCKING, person("mate"))
    bureau.write("holder.resolved", about, body, {"reason": "asked them"}, of=segment)
    assert theirs(bureau, "mate") == [segment]


def test_a_segment_that_came_twice_stands_there_once_with_its_newest_sighting(bureau):
    segment = bureau.seal(1)
    bureau.seal(1)
    listed = sightings_of(bureau.desk, person("officer")).sightings
    assert [each.segment for each in listed] == [segment]
    assert listed[0].entry == bureau.ledger.last(segment)


def test_a_list_ends_where_it_is_told_to(bureau):
    old = bureau.seal("old", at=NOON - timedelta(days=70))
    new = bureau.seal("new", at=NOON - timedelta(days=3))
    assert theirs(bureau, "officer") == [new]
    assert theirs(bureau, "officer", NOON - timedelta(days=71)) == [new, old]
    assert theirs(bureau, "officer", NOON - timedelta(days=2)) == []


def test_what_was_written_before_is_not_even_read(bureau, monkeypatch):
    bureau.seal("long ago")
    bureau.clock.forward(days=90)
    new = bureau.seal("new")
    monkeypatch.setattr(mine, "_mine", guarded(mine._mine, bureau.ledger.last(new)))
    assert theirs(bureau, "officer") == [new]


def guarded(real, expected):
    def read(entry):
        assert entry.seq == expected
        return real(entry)

    return read


def test_a_list_without_end_is_cut_and_says_so(bureau, monkeypatch):
    for name in range(3):
        bureau.seal(name)
    monkeypatch.setattr(mine, "SIGHTINGS_LIMIT", 2)
    listed = sightings_of(bureau.desk, person("officer"))
    assert (len(listed.sightings), listed.more) == (2, True)


def test_what_has_no_complete_label_is_unlabelled(bureau):
    none, part, whole = (bureau.seal(name) for name in range(3))
    bureau.label(part, ["officer"], complete=False)
    bureau.label(whole, ["officer"])
    assert set(unlabelled(bureau, "officer")) == {none, part}
    assert set(unlabelled(bureau, "officer", by="supervisor")) == {none, part}
    assert unlabelled(bureau, "officer", by="west_supervisor") == []


def test_what_is_gone_asks_for_no_label_and_what_came_back_for_a_new_one(bureau):
    segment = bureau.seal("film")
    bureau.label(segment, ["officer"])
    sealed = bureau.ledger.entry(bureau.ledger.last(segment) - 1)
    bureau.write("segment.disposed", (segment,), {"disposal": "x:" + "1" * 32}, by="sys:keeper")
    assert unlabelled(bureau, "officer") == []
    assert sealed.type == "segment.sealed"
    about = tuple(sealed.about)
    bureau.write("segment.sealed", about, dict(sealed.body), by="sys:ingest")
    assert unlabelled(bureau, "officer") == [segment]


def judged(bureau):
    first, second, other = (bureau.seal(name) for name in range(3))
    rows = [seam(first, second, "gap"), seam(second, None, "truncated", ms=None)]
    body = {"act": "seams", "part": 0, "parts": 1, "seams": rows}
    bureau.write("seams.judged", (DOCKING, first, second, other), body, by="sys:ingest")


def gaps(bureau, name, by=None):
    listing = listing_for(bureau.desk, bureau.actor(by or name))
    listed = sightings_of(bureau.desk, person(name))
    return [each.state for each in mine.gaps(bureau.desk, listed, listing.may)]


def test_the_gaps_at_their_recordings_are_listed_with_what_was_said(bureau):
    judged(bureau)
    assert gaps(bureau, "officer") == ["open", "open"]
    first = gaps_of(bureau.ledger, DOCKING)[0]
    explain(bureau.desk, bureau.actor("officer"), first, Explanation("battery", spoken=True))
    assert gaps(bureau, "officer") == ["explained", "open"]
    assert gaps(bureau, "officer", by="watcher") == ["explained", "open"]


def test_gaps_of_others_are_not_theirs_and_not_shown_to_strangers(bureau):
    judged(bureau)
    assert gaps(bureau, "mate") == []
    assert gaps(bureau, "officer", by="mate") == []
    bureau.bind(bureau.recorder("T000008"), "mate", EAST)
    bureau.seal("mates", bureau.recorder("T000008"))
    assert gaps(bureau, "mate") == []

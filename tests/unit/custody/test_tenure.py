from datetime import timedelta

import pytest

from custody.tenure import (
    Holder,
    holder,
    owner_of,
    read_tenure,
    recorded_at,
    segment_of,
    tenure_id,
)
from evidence.errors import MalformedError, UsageError
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, LONG_AGO, SQUAD, WEST, docked, person, small_bureau

HOUR = timedelta(hours=1)
POOL = "POOL-1"


@pytest.fixture
def bureau():
    return small_bureau()


@pytest.fixture
def pool(bureau):
    recorder = bureau.recorder(POOL)
    bureau.bind(recorder, None, EAST, NOON - 10 * HOUR)
    return recorder


def unbind(bureau, recorder, until):
    body = {"recorder": recorder, "person": None, "unit": EAST, "until": stamp(until)}
    return bureau.write("recorder.unbound", (recorder, tenure_id(bureau.ledger, recorder)), body)


def stamp(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_footage_of_a_persons_own_recorder_is_theirs(bureau):
    recorder = bureau.recorder()
    assert holder(bureau.ledger, recorder, NOON) == Holder(person("officer"), SQUAD, "own")
    assert holder(bureau.ledger, recorder, LONG_AGO).why == "own"
    before = LONG_AGO - timedelta(milliseconds=1)
    assert holder(bureau.ledger, recorder, before) == Holder(None, None, "none")


def test_footage_of_a_pooled_recorder_is_of_who_had_taken_it(bureau, pool):
    bureau.handover("handover.out", pool, "mate", SQUAD, NOON - 8 * HOUR)
    bureau.handover("handover.in", pool, "mate", SQUAD, NOON - 4 * HOUR)
    bureau.handover("handover.out", pool, "officer", SQUAD, NOON - 4 * HOUR)
    tenure = read_tenure(bureau.ledger, pool)
    found = {hours: tenure.holder(NOON - hours * HOUR) for hours in (11, 9, 8, 5, 4, 0)}
    assert found == {
        11: Holder(None, None, "none"),
        9: Holder(None, EAST, "none"),
        8: Holder(person("mate"), SQUAD, "pooled"),
        5: Holder(person("mate"), SQUAD, "pooled"),
        4: Holder(person("officer"), SQUAD, "pooled"),  # the end is not included
        0: Holder(person("officer"), SQUAD, "pooled"),
    }
    assert tenure.handover().person == person("officer")
    assert tenure.binding().unit == EAST
    assert tenure.last == bureau.ledger.last(tenure_id(bureau.ledger, pool))


def test_two_who_held_it_at_once_are_nobody(bureau, pool):
    bureau.handover("handover.out", pool, "mate", SQUAD, NOON - 8 * HOUR)
    bureau.handover("handover.out", pool, "officer", SQUAD, NOON - 6 * HOUR)
    assert holder(bureau.ledger, pool, NOON) == Holder(None, SQUAD, "two")
    bureau.handover("handover.out", pool, "west_officer", WEST, NOON - 5 * HOUR)
    assert holder(bureau.ledger, pool, NOON) == Holder(None, None, "two")
    assert holder(bureau.ledger, pool, NOON - 7 * HOUR).person == person("mate")


def test_a_binding_that_ended_gives_nothing_any_more(bureau, pool):
    unbind(bureau, pool, NOON - HOUR)
    tenure = read_tenure(bureau.ledger, pool)
    assert tenure.binding() is None
    assert tenure.handover() is None
    assert tenure.holder(NOON - 2 * HOUR).unit == EAST
    assert tenure.holder(NOON - HOUR).unit is None


def test_a_recorder_may_come_back_late(bureau, pool):
    bureau.handover("handover.out", pool, "mate", SQUAD, NOON - 8 * HOUR)
    stay = read_tenure(bureau.ledger, pool).handover()
    assert not stay.late(NOON)
    due = type(stay)(stay.person, stay.unit, stay.since, None, NOON - HOUR, stay.entry)
    assert due.late(NOON)
    assert not due.late(NOON - HOUR)
    back = type(stay)(stay.person, stay.unit, stay.since, NOON - 2 * HOUR, due.due, stay.entry)
    assert not back.late(NOON)


def test_the_tenure_is_read_without_the_dockings_of_the_recorder():
    bureau, _ = docked()
    asked = []
    real = bureau.ledger.entry
    bureau.ledger.entry = lambda index: asked.append(index) or real(index)
    assert read_tenure(bureau.ledger, bureau.recorder()).binding().person == person("officer")
    assert len(asked) == 1


def test_whose_a_sighting_is_depends_on_when_it_was_recorded_not_on_who_docks():
    bureau, (segment, *_) = docked()
    sealed = next(each for each in bureau.house.entries("segment.sealed") if segment in each.about)
    assert owner_of(bureau.ledger, sealed) == Holder(person("officer"), SQUAD, "own")
    known = {}
    owner_of(bureau.ledger, sealed, known)
    unbind(bureau, bureau.recorder(), LONG_AGO)
    assert owner_of(bureau.ledger, sealed, known).why == "own"  # as it was read
    assert owner_of(bureau.ledger, sealed).why == "none"
    assert segment_of(sealed) == segment


@pytest.mark.parametrize(
    ("sighting", "moment"),
    [
        ({"corrected_at": stamp(NOON), "claimed_at": stamp(NOON - HOUR)}, NOON),
        ({"corrected_at": None, "claimed_at": stamp(NOON - HOUR)}, NOON - HOUR),
        ({"corrected_at": None, "claimed_at": None}, NOON),  # of its sealing
    ],
)
def test_the_corrected_time_counts_else_the_claimed_one_else_the_sealing(bureau, sighting, moment):
    about = ("s:" + "5" * 64, bureau.recorder())
    index = bureau.write("segment.seen", about, {"sighting": sighting}, by="sys:ingest")
    assert recorded_at(bureau.ledger.entry(index)) == moment


def test_footage_of_an_unknown_recorder_is_nobodys_until_a_person_says(bureau):
    segment = "s:" + "5" * 64
    seen = {"sighting": {"corrected_at": None, "claimed_at": None}}
    index = bureau.write("segment.seen", (segment,), seen, by="sys:ingest")
    sighting = bureau.ledger.entry(index)
    assert owner_of(bureau.ledger, sighting) == Holder(None, None, "none")
    for other in (index + 5, index):  # of another sighting of the same film: says nothing of ours
        body = {"sighting": other, "person": person("mate"), "unit": SQUAD}
        bureau.write(
            "holder.resolved", (segment, person("mate")), body, {"reason": "x"}, of=segment
        )
        expected = "none" if other != index else "resolved"
        assert owner_of(bureau.ledger, sighting).why == expected
    assert owner_of(bureau.ledger, sighting) == Holder(person("mate"), SQUAD, "resolved")


def test_another_entry_is_no_sighting(bureau):
    with pytest.raises(UsageError, match="not_a_sighting"):
        owner_of(bureau.ledger, bureau.ledger.entry(1))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("recorder.bound", {"recorder": "r:" + "0" * 64}),
        ("recorder.bound", {"since": "soon"}),
        ("alarm.raised", {}),
    ],
)
def test_an_entry_of_a_tenure_that_no_writer_makes_is_refused(bureau, pool, kind, change):
    body = {"recorder": pool, "person": None, "unit": EAST, "since": stamp(NOON), **change}
    bureau.write(kind, (pool, tenure_id(bureau.ledger, pool)), body)
    with pytest.raises(MalformedError):
        read_tenure(bureau.ledger, pool)

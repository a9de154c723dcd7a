"""A unit's week: what is in custody, what is named, and who closes it; decided from the ledger."""

from dataclasses import replace

import pytest

from custody.amending import correct
from custody.closings import closing_body, closing_of
from custody.handover import bind, handover_in, handover_out, resolve_holder
from custody.kits import bearer_of, kit_of
from custody.past import Past
from custody.tenure import kit_id, read_tenure
from custody.weeks import check_seer, week_of, week_then, weeks_of
from evidence.errors import (
    ConflictError,
    CustodyError,
    MalformedError,
    RefusedError,
    UsageError,
    VaultUnavailableError,
)
from evidence.keeping import KEEPING
from evidence.people import ORGANISATION
from evidence.weeks import Missing, parse_week
from tests.fakes.clock import FixedClock
from tests.fakes.desk import EAST, SQUAD, WEST, person
from tests.fakes.house import House
from tests.fakes.weeks import HOURS, W47, Weekly, local


@pytest.fixture
def weekly():
    return Weekly()


def because(week):
    return {(each.what, each.because) for each in week.missing}


def whole(weekly):
    """A week in which every evening all was docked, labelled and read back."""
    days = (f"11-{day}" for day in range(16, 23))
    segments = [weekly.at(f"{day} 18:00").docking(f"{day} 09:00")[0] for day in days]
    weekly.label(*segments)
    weekly.at("11-23 08:30")
    return segments


def test_a_week_that_was_docked_every_evening_misses_nothing_and_is_closed(weekly):
    whole(weekly)
    before = weekly.look()
    assert (before.segments, before.bytes, before.dockings) == (7, 700, 7)
    assert (before.late, before.unlabelled, before.open_gaps, before.missing) == ((), (), (), ())
    assert before.state == "open"
    closed = weekly.close()
    assert closed.state == weekly.look().state == "closed"
    entry = weekly.ledger.entry(closed.closings[0].entry)
    assert set(entry.about) == {KEEPING, EAST}
    assert entry.body["checkpoint"] == {"size": before.size, "root": before.root}
    assert (entry.body["week"], entry.body["closes_again"]) == ("2026-W47", None)
    assert entry.statement is None


def test_a_week_that_is_not_over_cannot_be_closed(weekly):
    weekly.at("11-22 23:59")
    with pytest.raises(CustodyError, match="week_running"):
        weekly.close()
    assert weekly.look().state == "running"
    assert weekly.at("11-23 00:00").close().state == "closed"


def test_a_week_that_nothing_was_added_to_is_not_closed_twice(weekly):
    whole(weekly)
    first = weekly.close().closings[0].entry
    with pytest.raises(CustodyError) as caught:
        weekly.close(by="head")
    assert (caught.value.word, caught.value.facts["entry"]) == ("week_closed", first)


def test_a_late_docking_with_footage_of_the_week_reopens_it_and_nothing_is_edited(weekly):
    whole(weekly)
    closing = weekly.close().closings[0]
    weekly.at("11-25 18:00").docking("11-22 14:00", "11-25 09:00")
    week = weekly.look()
    assert (week.state, week.segments) == ("reopened", 8)
    assert week.reopened == next(row.entry for row in week.brought if row.entry > closing.entry)
    assert week.closings == (closing,)
    again = weekly.close().closings
    assert [each.again for each in again] == [None, closing.entry]
    assert (again[0], again[1].segments, again[1].late) == (closing, 8, 1)
    assert weekly.look().state == "closed"


def test_what_is_docked_while_the_week_is_being_closed_reopens_it(weekly):
    whole(weekly)
    append, late = weekly.ledger.append, []

    def slow(drafts):
        if drafts[0].type == "week.closed" and not late:
            late.append(weekly.docking("11-22 20:00"))
        return append(drafts)

    weekly.ledger.append = slow
    weekly.close()
    week = weekly.look()
    assert week.state == "reopened"
    assert week.reopened < week.closings[0].entry


def test_the_same_film_docked_once_more_reopens_nothing(weekly):
    whole(weekly)
    weekly.at("11-23 08:31").docking("11-23 08:20", names=["kept"])
    weekly.close()
    weekly.at("11-23 18:00").docking("11-22 09:00", names=["7-0"])
    assert weekly.look().state == "closed"


def test_docked_late_is_counted_from_the_end_of_the_shift_not_from_midnight(weekly):
    night = weekly.at("11-18 07:59").docking("11-17 23:30")
    late = weekly.at("11-20 08:01").docking("11-19 10:00", "11-19 11:00", "11-20 01:00")
    week = weekly.look()
    (row,) = week.late
    assert (row.segments, row.person, row.recorder) == (2, person("officer"), weekly.own)
    assert (row.due, row.docked) == (local("11-20 08:00"), local("11-20 08:01"))
    assert not {*night, late[2]} & {each.segment for each in week.brought if each.late}


def test_a_handover_that_is_due_ends_the_shift(weekly):
    pool = weekly.pooled()
    weekly.hand(pool, "11-17 20:00", "11-18 09:30", due="11-18 09:00")
    weekly.at("11-18 08:59").docking("11-17 22:00", recorder=pool)
    assert weekly.look().late == ()
    weekly.hand(pool, "11-19 08:00", "11-19 18:30", due="11-19 18:00")
    weekly.at("11-19 18:01").docking("11-19 09:00", recorder=pool)
    (row,) = weekly.look().late
    assert row.due == local("11-19 18:00")


def test_recorders_that_were_handed_out_and_did_not_come_back_are_named(weekly):
    whole(weekly)
    lost, due, free = (weekly.pooled(f"P00000{n}") for n in range(3))
    weekly.hand(lost, "11-20 08:00", due="11-20 18:00")
    weekly.hand(due, "11-22 22:00", due="11-23 12:00")
    weekly.hand(free, "11-22 08:00")
    week = weekly.look()
    assert set(week.out) == {lost, due, free}
    told = {each.id: each.because for each in week.missing}
    assert told == {lost: "not_returned", due: "still_out", free: "not_returned"}
    assert weekly.close().closings[0].missing == week.missing


def test_a_recorder_that_was_not_docked_since_its_last_use_is_named(weekly):
    whole(weekly)
    never, early, after = (weekly.pooled(f"P00000{n}") for n in range(3))
    weekly.hand(never, "11-18 08:00", "11-18 18:00")
    weekly.hand(early, "11-17 08:00", "11-19 18:00")
    weekly.hand(after, "11-18 08:00", "11-18 18:00")
    weekly.docking("11-17 09:00", recorder=after)
    assert {each.id: each.because for each in weekly.look().missing} == {
        never: "not_docked",
        early: "not_docked",
    }


def test_one_that_was_docked_before_its_last_use_may_hold_more(weekly):
    weekly.at("11-17 18:00").docking("11-17 09:00")
    weekly.at("11-23 08:30")
    assert weekly.look().missing == (Missing("recorder", weekly.own, "not_docked_since"),)
    weekly.at("11-23 18:00").docking("11-23 09:00")
    assert weekly.look().missing == ()


def test_while_it_runs_a_week_names_what_is_late_and_not_what_is_still_worn(weekly):
    weekly.at("11-18 07:00")
    assert because(weekly.look()) == {("recorder", "not_docked")}
    weekly.docking("11-17 09:00")
    weekly.at("11-19 07:59")
    assert weekly.look().missing == ()
    weekly.at("11-19 08:01")
    assert because(weekly.look()) == {("recorder", "not_docked_since")}


@pytest.mark.parametrize(
    ("outcome", "named"),
    [("left_behind", "left_behind"), ("interrupted", "interrupted"), ("failed", "failed"),
     (None, "under_way")],
)  # fmt: skip
def test_a_docking_that_did_not_take_in_all_is_named_until_one_does(weekly, outcome, named):
    weekly.at("11-22 18:00").docking("11-22 09:00", outcome=outcome)
    weekly.at("11-23 08:30")
    assert because(weekly.look()) == {("docking", named)}
    weekly.docking("11-22 10:00")
    assert weekly.look().missing == ()


def test_unlabelled_footage_and_open_gaps_are_counted_and_a_settled_gap_is_not(weekly):
    one, two = weekly.at("11-22 18:00").docking("11-22 09:00", "11-22 10:00")
    seam = {"before": one, "after": two, "lines": [0, 1], "kind": "gap", "ms": 9, "because": None}
    docking = weekly.look().brought[0].docking
    write = weekly.bureau.write
    body = {"act": "a", "part": 0, "parts": 1, "seams": [seam]}
    judged = write("seams.judged", (docking, one, two), body, by="sys:ingest")
    weekly.label(one)
    weekly.label(two, complete=False)
    week = weekly.look()
    assert (week.unlabelled, week.open_gaps) == ((two,), ((judged, 0),))
    told = {"seams": judged, "seam": 0, "reason": "battery", "spoken": True}
    about = (docking, one, two)
    said = write("gap.explained", about, told, {"words": ""}, of=docking, by="officer")
    assert weekly.look().open_gaps == ((judged, 0),)
    answer = {"explained": said, "answer": "accepted"}
    write("gap.answered", about, answer, {"words": ""}, of=docking, by="supervisor")
    assert weekly.look().open_gaps == ()


def test_bytes_that_were_not_the_sealed_ones_are_named_and_what_was_disposed_of_is_not(weekly):
    one, two = weekly.at("11-22 18:00").docking("11-22 09:00", "11-22 10:00")
    write = weekly.bureau.write
    facts = {"alarm": "digest_differs", "facts": {}}
    write("alarm.raised", (one,), facts, by="sys:audit")
    write("alarm.raised", (two,), facts, by="sys:audit")
    weekly.at("11-23 08:30")
    assert [each.id for each in weekly.look().missing] == [one, two]
    disposal = "x:" + "0" * 32
    tomb = {"disposal": disposal, "sha256": two[2:], "grounds": []}
    write("segment.disposed", (two, disposal), tomb, by="sys:keeper")
    week = weekly.look()
    assert ([each.id for each in week.missing], week.unlabelled) == ([one], (one,))
    assert week.segments == 2


def test_footage_of_a_clock_that_tells_nothing_counts_in_the_week_of_its_sealing(weekly):
    odd = weekly.at("11-22 18:00").docking("11-03 09:00", None, noted=["clock_reset"])
    far = weekly.docking("11-22 09:00", corrected="2026-11-30T00:00:00.000Z")
    ahead = weekly.docking("11-29 09:00")
    assert {each.segment for each in weekly.look().brought} == {*odd, *far, *ahead}
    right = weekly.docking("11-29 09:00", corrected="2026-11-10T00:00:00.000Z")
    assert right[0] in {each.segment for each in weekly.look(week=parse_week("2026-W46")).brought}


def test_a_unit_closes_for_its_squads_and_not_for_an_enforcing_unit_below_it(weekly):
    whole(weekly)
    assert weekly.look(EAST).segments == weekly.look(SQUAD).segments == 7
    assert weekly.look(EAST).units == (EAST, SQUAD)
    assert weekly.look(WEST).segments == 0
    closed = weekly.close(unit=EAST)
    assert (closed.state, weekly.look(SQUAD).state) == ("closed", "open")


def test_a_reorganisation_later_changes_no_past_week(weekly):
    whole(weekly)
    weekly.bureau.unit(SQUAD, WEST, enforcing=False, kind="unit.moved")
    assert (weekly.look(EAST).segments, weekly.look(WEST).segments) == (7, 0)


def test_footage_that_is_given_to_the_unit_after_the_closing_reopens_it(weekly):
    bureau = weekly.bureau
    bureau.bind(bureau.recorder("W000001"), "west_officer", WEST, local("11-01 08:00"))
    (segment,) = weekly.at("11-22 18:00").docking("11-22 09:00", recorder="")
    weekly.at("11-23 08:30").close()
    sighting = bureau.house.entries("segment.sealed")[0].seq
    mine = person("mate")
    said = resolve_holder(bureau.desk, bureau.actor("chief"), sighting, mine, "paper list")
    week = weekly.look()
    assert (week.reopened, [each.segment for each in week.brought]) == (said, [segment])
    assert week.brought[0].person == mine


def test_a_binding_that_is_corrected_later_brings_its_footage_and_reopens(weekly):
    whole(weekly)
    bureau = weekly.bureau
    weekly.close(by="west_supervisor", unit=WEST)
    (stay,) = read_tenure(weekly.ledger, weekly.own).bound
    right = replace(stay, person=person("west_officer"), unit=WEST)
    entry = correct(bureau.desk, bureau.actor("searcher"), weekly.own, right, "the wrong unit")
    week = weekly.look(WEST)
    assert (week.segments, week.reopened) == (7, entry)
    assert weekly.look(EAST).segments == 0


@pytest.mark.parametrize(
    ("by", "row"),
    [("officer", "may_close_week"), ("watcher", "may_close_week"), ("inspector", "may_close_week"),
     ("west_head", "may_close_week"), ("admin", "admin_apart"), ("leader", "may_close_week")],
)  # fmt: skip
def test_who_does_not_lead_the_unit_closes_nothing(weekly, by, row):
    whole(weekly)
    with pytest.raises(RefusedError) as caught:
        weekly.close(by=by)
    assert row in {each for each, _ in caught.value.facts["rows"]}
    assert weekly.bureau.house.entries("access.refused")
    assert not weekly.bureau.house.entries("week.closed")


@pytest.mark.parametrize("by", ["supervisor", "head", "chief"])
def test_who_leads_the_unit_closes_its_week(weekly, by):
    whole(weekly)
    assert weekly.close(by=by).state == "closed"


def test_officers_see_no_week_and_overseers_and_auditors_see_it(weekly):
    bureau = weekly.bureau
    for name in ("supervisor", "head", "watcher", "inspector"):
        check_seer(bureau.desk, bureau.actor(name), EAST)
    with pytest.raises(RefusedError, match="refused"):
        check_seer(bureau.desk, bureau.actor("officer"), EAST)


@pytest.mark.parametrize("applied", [False, True])
def test_a_retry_after_a_broken_append_closes_exactly_once(weekly, applied):
    whole(weekly)
    world = weekly.ledger.world
    world.step, world.applied = "ledger.append", applied
    with pytest.raises(VaultUnavailableError):
        weekly.close()
    world.step = None
    if applied:
        with pytest.raises(CustodyError, match="week_closed"):
            weekly.close()
    else:
        weekly.close()
    assert weekly.look().state == "closed"
    assert len(weekly.bureau.house.entries("week.closed")) == 1


def test_of_two_who_close_at_once_one_is_told_to_look_again(weekly):
    whole(weekly)
    append, other = weekly.ledger.append, []

    def slow(drafts):
        if drafts[0].type == "week.closed" and not other:
            other.append(1)
            weekly.close(by="head")
        return append(drafts)

    weekly.ledger.append = slow
    with pytest.raises(ConflictError):
        weekly.close()
    assert len(weekly.bureau.house.entries("week.closed")) == 1


def test_what_does_not_fit_into_the_entry_is_counted(weekly):
    weekly.at("11-22 18:00")
    for _ in range(130):
        weekly.docking(outcome="failed")
    weekly.at("11-23 08:30")
    closing = weekly.close().closings[0]
    assert (len(closing.missing), closing.more) == (100, 30)


def test_several_weeks_are_read_together_as_each_is_alone(weekly):
    weekly.at("11-19 23:50").docking("11-19 09:00", "11-18 09:00", outcome="interrupted")
    weekly.at("11-24 18:00").docking("11-22 09:00", "11-24 09:00")
    weekly.at("12-01 09:00")
    wanted = [parse_week(f"2026-W{n}") for n in (46, 47, 48)]
    together = weeks_of(weekly.bureau.desk, EAST, wanted, HOURS)
    assert list(together) == [weekly.look(week=each) for each in wanted]


def test_a_unit_that_nobody_knows_has_no_week(weekly):
    with pytest.raises(UsageError, match="unit_unknown"):
        weekly.look("u:" + "9" * 32)


def test_what_belongs_to_nobody_waits_in_the_week_of_the_topmost_unit(tmp_path):
    house = House(tmp_path, clock=FixedClock(local("11-16 00:30")))
    try:
        weekly = Weekly(house)
        stray = weekly.at("11-22 18:00").docking("11-22 09:00", recorder="r:" + "7" * 64)
        nameless = weekly.docking("11-22 10:00", recorder="", outcome="interrupted")
        weekly.docking("11-22 11:00")
        weekly.at("11-23 08:30")
        week = weekly.look(ORGANISATION)
        assert {each.segment for each in week.brought} == {*stray, *nameless}
        assert because(week) == {("docking", "interrupted")}
        assert weekly.close(by="chief", unit=ORGANISATION).state == "closed"
        assert weekly.look(EAST).segments == 1
    finally:
        house.close()


def test_a_week_is_counted_again_as_it_stood_for_a_closing(weekly):
    whole(weekly)
    pool = weekly.pooled()
    weekly.hand(pool, "11-20 08:00", due="11-20 18:00")
    before = weekly.look()
    first = weekly.close().closings[0]
    weekly.at("11-25 18:00").docking("11-22 14:00")
    weekly.bureau.handover("handover.in", pool, "mate", SQUAD, local("11-25 19:00"))
    second = weekly.close().closings[1]
    again = week_then(weekly.bureau.desk, EAST, W47, HOURS.zone, first)
    assert again.closings == (first,)
    assert replace(again, closings=(), at=before.at) == before
    latest = week_then(weekly.bureau.desk, EAST, W47, HOURS.zone, second)
    assert (latest.segments, len(latest.missing), latest.out) == (8, 1, ())
    assert closing_body(replace(latest, closings=(first,)), HOURS) == dict(
        weekly.ledger.entry(second.entry).body
    )


def test_with_whom_a_recorder_is(weekly):
    pool = weekly.pooled()
    bearers = [bearer_of(weekly.ledger, pool)]
    weekly.hand(pool, "11-20 08:00")
    bearers += [bearer_of(weekly.ledger, each) for each in (pool, weekly.own, "r:" + "0" * 64)]
    assert bearers == [None, person("mate"), person("officer"), None]


@pytest.mark.parametrize(
    "changes",
    [
        {"missing": [{"what": "person", "id": "r:1", "because": "not_docked"}]},
        {"missing": [{"what": "recorder", "id": "r:1", "because": "why not"}]},
        {"missing": ["r:1"]},
        {"checkpoint": {"size": 1, "root": "no"}},
        {"late": -1},
    ],
)
def test_a_closing_that_no_writer_of_ours_makes_is_refused(weekly, changes):
    whole(weekly)
    entry = weekly.ledger.entry(weekly.close().closings[0].entry)
    assert closing_of(entry).segments == 7
    with pytest.raises(MalformedError):
        closing_of(replace(entry, body={**entry.body, **changes}))


def test_a_recorder_stands_in_the_kit_of_a_unit_once_however_often_it_is_handed_out(weekly):
    bureau = weekly.bureau
    pool = bureau.recorder("K000001")
    bind(bureau.desk, bureau.actor("searcher"), pool, unit=EAST)
    for _ in range(3):
        handover_out(bureau.desk, bureau.actor("supervisor"), pool, person("mate"))
        handover_in(bureau.desk, bureau.actor("supervisor"), pool, person("mate"))
    past = Past(weekly.ledger)
    for unit in (EAST, SQUAD):
        named = [entry.type for entry in past.chain(kit_id(weekly.ledger, unit))]
        assert named.count("recorder.bound" if unit == EAST else "handover.out") == 1
        assert kit_of(past, (unit,)).recorders.count(pool) == 1


def test_what_was_docked_before_our_own_clock_was_set_back_for_a_while_is_in_its_week(tmp_path):
    house = House(tmp_path, clock=FixedClock(local("11-16 00:30")))
    try:
        weekly = Weekly(house)
        films = weekly.at("11-19 18:00").docking("11-19 09:00")
        stray = weekly.docking("11-19 10:00", recorder="r:" + "7" * 64)
        house.clock.forward(days=-365)
        house.store.accept_clock("sys:local")
        weekly.docking("11-19 11:00")
        house.clock.forward(days=365)
        weekly.at("11-20 18:00").docking("11-20 09:00")
        found = {each.segment for each in weekly.look().brought}
        assert set(films) < found
        assert {each.segment for each in weekly.look(ORGANISATION).brought} == set(stray)
    finally:
        house.close()


class Counting:
    """A ledger that counts which entries are read."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.read = []

    def __getattr__(self, name):
        return getattr(self.ledger, name)

    def entry(self, index):
        self.read.append(index)
        return self.ledger.entry(index)


def read_for(weekly):
    counting = Counting(weekly.ledger)
    week_of(replace(weekly.bureau.desk, ledger=counting), EAST, W47, HOURS)
    return counting.read


def test_of_other_units_and_of_weeks_before_not_one_docking_is_read():
    weekly = Weekly(start="11-09 08:00")
    bureau = weekly.bureau
    foreign = bureau.recorder("W000001")
    bureau.bind(foreign, "west_officer", WEST, local("11-01 08:00"))
    begun = len(weekly.ledger.leaves)
    for day in range(10, 15):
        weekly.at(f"11-{day} 18:00").docking(f"11-{day} 09:00")
    past = range(begun, len(weekly.ledger.leaves) - 1)  # the walk back ends with the last of them
    whole(weekly)
    first = read_for(weekly)
    for day in range(16, 23):
        weekly.docking(f"11-{day} 10:00", f"11-{day} 11:00", recorder=foreign)
    assert sorted(read_for(weekly)) == sorted(first)
    assert weekly.look(WEST).segments == 14
    assert not set(past) & set(first)
    assert weekly.look(week=parse_week("2026-W46")).segments == 5

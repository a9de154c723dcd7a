from datetime import timedelta

import pytest

from custody.handover import bind, handover_in, handover_out, resolve_holder, unbind
from custody.seen import LOOKED_AT, Seen, last_seen
from custody.tenure import owner_of, read_tenure
from evidence.errors import ConflictError, CustodyError, RefusedError, UsageError
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, LONG_AGO, SERIAL, SQUAD, WEST, docked, person, small_bureau

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def bureau():
    return small_bureau()


@pytest.fixture
def pool(bureau):
    recorder = bureau.recorder("POOL")
    bind(bureau.desk, bureau.actor("supervisor"), recorder, unit=EAST, since=NOON - DAY)
    return recorder


def rows(refused):
    return [row for row, _ in refused.value.facts["rows"]]


def out(bureau, recorder, name="mate", by="supervisor", **times):
    return handover_out(bureau.desk, bureau.actor(by), recorder, person(name), **times)


def back(bureau, recorder, name="mate", by="supervisor", **times):
    return handover_in(bureau.desk, bureau.actor(by), recorder, person(name), **times)


def test_a_recorder_is_bound_to_a_person_or_pooled_in_a_unit(bureau):
    desk, actor = bureau.desk, bureau.actor("admin")
    own, pooled = bureau.recorder("A"), bureau.recorder("B")
    bind(desk, actor, own, person=person("mate"))
    bind(desk, actor, pooled, unit=WEST)
    assert read_tenure(bureau.ledger, own).binding().person == person("mate")
    assert read_tenure(bureau.ledger, own).binding().unit == SQUAD
    assert read_tenure(bureau.ledger, own).binding().since == NOON
    assert read_tenure(bureau.ledger, pooled).binding().person is None


def test_a_bound_recorder_is_unbound_first(bureau):
    desk, actor = bureau.desk, bureau.actor("supervisor")
    recorder = bureau.recorder()
    with pytest.raises(CustodyError, match="recorder_bound"):
        bind(desk, actor, recorder, person=person("mate"))
    unbind(desk, actor, recorder, NOON - HOUR)
    with pytest.raises(CustodyError, match="recorder_unbound"):
        unbind(desk, actor, recorder)
    with pytest.raises(UsageError, match="time_overlaps"):
        bind(desk, actor, recorder, person=person("mate"), since=NOON - 2 * HOUR)
    bind(desk, actor, recorder, person=person("mate"), since=NOON - HOUR)
    tenure = read_tenure(bureau.ledger, recorder)
    assert tenure.holder(NOON - 2 * HOUR).person == person("officer")
    assert tenure.holder(NOON).person == person("mate")


@pytest.mark.parametrize("by", ["west_supervisor", "west_head", "officer", "inspector"])
def test_nobody_of_another_unit_and_no_officer_binds_or_hands_over(bureau, pool, by):
    acts = (
        lambda actor: bind(bureau.desk, actor, bureau.recorder("N"), unit=EAST),
        lambda actor: unbind(bureau.desk, actor, pool),
        lambda actor: handover_out(bureau.desk, actor, pool, person("mate")),
        lambda actor: handover_in(bureau.desk, actor, pool, person("mate")),
    )
    for act in acts:
        with pytest.raises(RefusedError) as refused:
            act(bureau.actor(by))
        assert rows(refused) == ["may_equip"]


def test_a_pooled_recorder_goes_out_and_comes_in(bureau, pool):
    out(bureau, pool, due=NOON + HOUR)
    stay = read_tenure(bureau.ledger, pool).handover()
    assert (stay.person, stay.unit, stay.due) == (person("mate"), SQUAD, NOON + HOUR)
    with pytest.raises(CustodyError, match="recorder_out"):
        out(bureau, pool, "officer")
    with pytest.raises(CustodyError, match="recorder_out"):
        unbind(bureau.desk, bureau.actor("supervisor"), pool)
    with pytest.raises(CustodyError, match="recorder_with_other"):
        back(bureau, pool, "officer")
    bureau.clock.forward(hours=2)
    entry = back(bureau, pool)
    assert bureau.ledger.entry(entry).body["due"] == "2026-11-22T05:00:00.000Z"
    tenure = read_tenure(bureau.ledger, pool)
    assert tenure.handover() is None
    assert tenure.out[0].late(bureau.now)
    with pytest.raises(CustodyError, match="recorder_in"):
        back(bureau, pool)


def test_a_paper_list_may_be_typed_in_afterwards_but_never_so_that_two_held_it(bureau, pool):
    out(bureau, pool, at=NOON - 9 * HOUR)
    back(bureau, pool, at=NOON - 5 * HOUR)
    for at in (NOON - 2 * DAY, NOON - 6 * HOUR):
        with pytest.raises(UsageError, match="time_overlaps"):
            out(bureau, pool, "officer", at=at)
    out(bureau, pool, "officer", at=NOON - 5 * HOUR)
    with pytest.raises(UsageError, match="time_overlaps"):
        back(bureau, pool, "officer", at=NOON - 6 * HOUR)
    with pytest.raises(UsageError, match="time_ahead"):
        back(bureau, pool, "officer", at=NOON + HOUR)
    back(bureau, pool, "officer", at=NOON - HOUR)
    with pytest.raises(UsageError, match="time_overlaps"):
        unbind(bureau.desk, bureau.actor("supervisor"), pool, NOON - 2 * HOUR)
    unbind(bureau.desk, bureau.actor("supervisor"), pool, NOON - HOUR)


def test_a_handover_that_is_due_before_it_begins_is_refused(bureau, pool):
    with pytest.raises(UsageError, match="due_before"):
        out(bureau, pool, due=NOON)


def test_only_a_pooled_recorder_is_handed_out(bureau):
    with pytest.raises(CustodyError, match="recorder_own"):
        out(bureau, bureau.recorder())
    with pytest.raises(CustodyError, match="recorder_unbound"):
        out(bureau, bureau.recorder("NEW"))


def test_who_is_suspended_or_unknown_gets_no_recorder(bureau, pool):
    bureau.suspend("mate")
    with pytest.raises(CustodyError, match="person_is_suspended"):
        out(bureau, pool)
    with pytest.raises(CustodyError, match="person_is_suspended"):
        bind(bureau.desk, bureau.actor("admin"), bureau.recorder("N"), person=person("mate"))
    with pytest.raises(UsageError, match="unit_unknown"):
        bind(bureau.desk, bureau.actor("admin"), bureau.recorder("N"))
    with pytest.raises(UsageError, match="recorder_unknown"):
        bind(bureau.desk, bureau.actor("admin"), person("mate"), unit=EAST)


def test_of_two_who_hand_out_at_once_one_is_refused(bureau, pool):
    real = bureau.ledger.append

    def late(drafts):
        bureau.ledger.append = real
        out(bureau, pool, "officer")
        return real(drafts)

    bureau.ledger.append = late
    with pytest.raises(ConflictError, match="ledger_moved_on"):
        out(bureau, pool)
    assert read_tenure(bureau.ledger, pool).handover().person == person("officer")


def test_a_handover_tells_what_the_last_docking_saw():
    bureau, _ = docked()
    desk, actor = bureau.desk, bureau.actor("supervisor")
    recorder = bureau.recorder()
    unbind(desk, actor, recorder)
    bind(desk, actor, recorder, unit=EAST)
    seen = last_seen(bureau.ledger, recorder)
    inventory = bureau.house.entries("inventory.taken")[0]
    assert seen.at == inventory.at
    assert seen.battery == bureau.house.entries("docking.opened")[0].body["battery"]
    assert seen.free_bytes == inventory.body["free_bytes"]
    body = bureau.ledger.entry(out(bureau, recorder)).body
    assert {name: body[name] for name in seen.json()} == seen.json()


def begin_docking(bureau, docking, recorder):
    body = {"slot": "1", "driver": "disk", "battery": 42, "sources": [], "after": "keep"}
    return bureau.write("docking.opened", (docking, recorder), body, by="sys:ingest")


def take_inventory(bureau, docking, recorder, clock):
    body = {"free_bytes": 7, "clock": clock}
    return bureau.write("inventory.taken", (docking, recorder), body, by="sys:ingest")


def test_only_a_measured_clock_is_told(bureau):
    docking, recorder = "d:" + "1" * 32, bureau.recorder("S")
    assert last_seen(bureau.ledger, recorder) == Seen()
    begin_docking(bureau, docking, recorder)
    assert last_seen(bureau.ledger, recorder) == Seen(NOON, 42)
    take_inventory(bureau, docking, recorder, {"kind": "at_least", "offset_ms": 9, "how": "log"})
    assert last_seen(bureau.ledger, recorder) == Seen(NOON, 42, 7)
    take_inventory(bureau, docking, recorder, {"kind": "measured", "offset_ms": -5, "how": "log"})
    assert last_seen(bureau.ledger, recorder) == Seen(NOON, 42, 7, -5)


def test_an_inventory_without_its_beginning_tells_no_battery(bureau):
    docking, recorder = "d:" + "2" * 32, bureau.recorder("S")
    clock = {"kind": "unknown", "offset_ms": None, "how": "none"}
    first = take_inventory(bureau, docking, recorder, clock)
    assert last_seen(bureau.ledger, recorder) == Seen(NOON, None, 7)
    for _ in range(LOOKED_AT):
        bureau.write("docking.ended", (docking,), {}, by="sys:ingest")
    sighting = {"sighting": {"inventory": take_inventory(bureau, docking, recorder, clock)}}
    bureau.write("segment.seen", ("s:" + "1" * 64, docking, recorder), sighting, by="sys:ingest")
    assert last_seen(bureau.ledger, recorder) == Seen(NOON, None, 7)
    assert first


def unresolved(bureau):
    """A sighting of a recorder that nobody has."""
    (segment,) = bureau.dock({"A.MP4": b"film"}, serial="STRANGER")
    sealed = next(each for each in bureau.house.entries("segment.sealed") if segment in each.about)
    assert owner_of(bureau.ledger, sealed).why == "none"
    return sealed


def test_a_person_says_who_held_it_and_another_may_say_otherwise_later(bureau):
    sighting = unresolved(bureau)
    desk = bureau.desk
    entry = resolve_holder(desk, bureau.actor("supervisor"), sighting.seq, person("mate"), " list ")
    assert bureau.ledger.statement(entry).facts == {"reason": "list"}
    assert owner_of(bureau.ledger, sighting).person == person("mate")
    with pytest.raises(RefusedError):  # it is the east's now
        resolve_holder(desk, bureau.actor("west_head"), sighting.seq, person("west_officer"), "no")
    resolve_holder(desk, bureau.actor("head"), sighting.seq, person("officer"), "better list")
    held = owner_of(bureau.ledger, sighting)
    assert (held.person, held.unit, held.why) == (person("officer"), SQUAD, "resolved")


@pytest.mark.parametrize(
    ("by", "name", "row"),
    [
        ("supervisor", "supervisor", "about_self"),
        ("officer", "mate", "may_resolve"),
        ("west_supervisor", "mate", "may_resolve"),
        ("admin", "mate", "admin_apart"),
    ],
)
def test_nobody_says_it_of_themself_or_of_another_unit(bureau, by, name, row):
    sighting = unresolved(bureau)
    with pytest.raises(RefusedError) as refused:
        resolve_holder(bureau.desk, bureau.actor(by), sighting.seq, person(name), "x")
    assert row in rows(refused)


def test_what_the_entries_say_is_not_overruled(bureau):
    bureau.dock({"A.MP4": b"film"}, serial=SERIAL)
    (sealed,) = bureau.house.entries("segment.sealed")
    with pytest.raises(CustodyError, match="holder_known"):
        resolve_holder(bureau.desk, bureau.actor("head"), sealed.seq, person("mate"), "x")


def test_who_is_said_to_have_held_it_is_enrolled_and_a_reason_is_given(bureau):
    sighting = unresolved(bureau)
    head = bureau.actor("head")
    with pytest.raises(UsageError, match="reason_unusable"):
        resolve_holder(bureau.desk, head, sighting.seq, person("mate"), " ")
    with pytest.raises(UsageError, match="person_unknown"):
        resolve_holder(bureau.desk, head, sighting.seq, person("nobody"), "x")
    resolve_holder(bureau.desk, head, sighting.seq, person("mate"), "x")
    with pytest.raises(UsageError, match="person_unknown"):
        resolve_holder(bureau.desk, head, sighting.seq, person("nobody"), "x")


def test_of_two_who_resolve_at_once_one_is_refused(bureau):
    sighting = unresolved(bureau)
    real = bureau.ledger.append

    def late(drafts):
        bureau.ledger.append = real
        resolve_holder(bureau.desk, bureau.actor("head"), sighting.seq, person("mate"), "x")
        return real(drafts)

    bureau.ledger.append = late
    with pytest.raises(ConflictError, match="ledger_moved_on"):
        resolve_holder(
            bureau.desk, bureau.actor("supervisor"), sighting.seq, person("officer"), "y"
        )
    assert LONG_AGO < NOON

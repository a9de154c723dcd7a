"""Invariant 3 when the ledger does not write, or the process dies in the middle."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from custody.access import Access
from custody.closing import recover
from custody.grants import load_grant
from evidence.asking import Span
from evidence.errors import (
    ConflictError,
    CustodyError,
    EvidenceError,
    LedgerUnavailableError,
    RefusedError,
    VaultUnavailableError,
)
from tests.fakes.desk import FILES, docked
from tests.fakes.grants import copy_of, granted
from tests.fakes.meter import MemoryMeter
from tests.unit.custody.looking import Down, closed, down, opened, read, span_of, withdraw

MIB = 1 << 20
CONTENTS = tuple(FILES.values())


@pytest.fixture(scope="module")
def once():
    return docked()


@pytest.fixture
def bureau(once):
    made = copy_of(once[0])
    made.segments = once[1]
    made.holder = made.actor("supervisor")
    return made


@pytest.mark.parametrize("applied", [False, True])
def test_where_the_ledger_cannot_write_nothing_is_served(bureau, applied):
    grant = granted(bureau, *bureau.segments)
    desk = down(bureau, "copy.opened", applied=applied)
    pieces = Access(desk).read(grant, bureau.holder)
    with pytest.raises(LedgerUnavailableError):
        next(pieces)
    assert len(recover(bureau.desk)) == len(opened(bureau)) == applied
    assert [(each["how"], each["bytes"]) for each in closed(bureau)] == [("recovered", 0)] * applied
    assert bureau.desk.meter.kept == []


@pytest.mark.parametrize("applied", [False, True])
def test_where_the_end_cannot_be_written_the_next_start_writes_it_once(bureau, applied):
    grant = granted(bureau, bureau.segments[0])
    desk = down(bureau, "copy.closed", applied=applied)
    with pytest.raises(LedgerUnavailableError):
        list(Access(desk).read(grant, bureau.holder))
    assert len(closed(bureau)) == applied
    recover(bureau.desk)
    assert recover(bureau.desk) == ()
    (ended,) = closed(bureau)
    assert ended["how"] == ("complete" if applied else "recovered")
    assert ended["bytes"] == len(CONTENTS[0])


@pytest.mark.parametrize("taken", range(10))
def test_whenever_a_process_is_killed_the_next_start_says_what_had_left(bureau, taken):
    grant = granted(bureau, *bureau.segments)
    look = Access(bureau.desk).open(grant, bureau.holder)
    pieces = iter(look)
    left = sum(len(next(pieces).data) for _ in range(taken))
    bureau.desk.meter.kill()
    assert recover(bureau.desk) == (look.opened.entry,)
    (entry,) = bureau.house.entries("copy.closed")
    assert (entry.actor, entry.body["how"], entry.body["bytes"]) == ("sys:local", "recovered", left)
    slices = [each["last"] - each["first"] + 1 for each in entry.body["spans"]]
    assert sum(slices) == taken
    assert recover(bureau.desk) == ()
    assert load_grant(bureau.desk, grant.id).used == 1


def test_a_part_of_a_film_is_recovered_with_its_own_slices(bureau):
    grant = granted(bureau, Span(bureau.segments[0], 1, 2))
    pieces = iter(Access(bureau.desk).open(grant, bureau.holder))
    next(pieces)
    bureau.desk.meter.kill()
    recover(bureau.desk)
    assert closed(bureau)[0]["spans"] == [span_of(bureau.segments[0], 1, 1)]


def test_killed_between_its_count_and_its_entry_nothing_was_opened(bureau):
    grant = granted(bureau, *bureau.segments)
    bureau.desk.meter.begin(grant.id, grant.last)
    bureau.desk.meter.begin("g:" + "0" * 32, 3)
    bureau.desk.meter.kill()
    assert recover(bureau.desk) == ()
    assert bureau.desk.meter.kept == []
    assert closed(bureau) == []


def test_killed_between_its_count_and_its_entry_others_are_left_alone(bureau):
    grant = granted(bureau, *bureau.segments)
    bureau.desk.meter.begin(grant.id, grant.last)
    bureau.desk.meter.kill()
    withdraw(bureau, grant)  # what follows is no use of the grant
    assert recover(bureau.desk) == ()
    assert closed(bureau) == []


def test_what_is_being_read_is_not_closed_by_the_start_of_another(bureau):
    grant = granted(bureau, bureau.segments[0])
    pieces = read(bureau, grant)
    next(pieces)
    assert recover(bureau.desk) == ()
    assert len(list(pieces)) == 2
    assert [each["how"] for each in closed(bureau)] == ["complete"]


def test_a_start_that_cannot_write_leaves_it_to_the_next(bureau):
    grant = granted(bureau, *bureau.segments)
    next(iter(Access(bureau.desk).open(grant, bureau.holder)))
    bureau.desk.meter.kill()
    with pytest.raises(LedgerUnavailableError):
        recover(down(bureau, "copy.closed"))
    assert len(recover(bureau.desk)) == 1
    assert closed(bureau)[0]["bytes"] == MIB


def test_the_end_is_written_whoever_writes_about_the_grant_meanwhile(bureau):
    grant = granted(bureau, bureau.segments[0])

    class Disturbed(Down):
        times = 3

        def append(self, drafts):
            if drafts[0].type == "copy.closed" and self.times:
                self.times -= 1
                bureau.write("alarm.raised", (grant.id,), {"alarm": "other", "facts": {}})
            return self._ledger.append(drafts)

    desk = replace(bureau.desk, ledger=Disturbed(bureau.ledger, ""))
    list(Access(desk).read(grant, bureau.holder))
    assert [each["how"] for each in closed(bureau)] == ["complete"]


def test_the_end_that_loses_every_race_is_left_to_the_next_start(bureau):
    grant = granted(bureau, bureau.segments[0])

    class Racing(Down):
        def append(self, drafts):
            if drafts[0].type == "copy.closed":
                raise ConflictError("ledger_moved_on", subject=grant.id)
            return self._ledger.append(drafts)

    desk = replace(bureau.desk, ledger=Racing(bureau.ledger, ""))
    with pytest.raises(ConflictError):
        list(Access(desk).read(grant, bureau.holder))
    assert len(recover(bureau.desk)) == 1


class BrokenMeter(MemoryMeter):
    def __init__(self, step):
        super().__init__()
        self._step = step

    def run(self, step, effect):
        if step == self._step:
            raise VaultUnavailableError("planted", step=step)
        effect()


def test_without_a_count_nothing_is_opened(bureau):
    grant = granted(bureau, *bureau.segments)
    with pytest.raises(VaultUnavailableError):
        list(
            Access(replace(bureau.desk, meter=BrokenMeter("meter.begin"))).read(
                grant, bureau.holder
            )
        )
    assert opened(bureau) == []


def test_what_cannot_be_counted_does_not_leave(bureau):
    grant = granted(bureau, *bureau.segments)
    desk = replace(bureau.desk, meter=BrokenMeter("meter.leaving"))
    got = []
    with suppress(EvidenceError):
        got += list(Access(desk).read(grant, bureau.holder))
    assert got == []
    assert (closed(bureau)[0]["how"], closed(bureau)[0]["bytes"]) == ("broken", 0)


def test_a_count_that_cannot_be_forgotten_is_found_closed_at_the_next_start(bureau):
    grant = granted(bureau, bureau.segments[0])
    meter = BrokenMeter("meter.end")
    desk = replace(bureau.desk, meter=meter)
    list(Access(desk).read(grant, bureau.holder))
    meter._step = None
    assert len(list(meter.left_over())) == 1
    meter.kill()
    assert recover(desk) == (bureau.house.entries("copy.opened")[0].seq,)
    assert [each["how"] for each in closed(bureau)] == ["complete"]


def test_a_film_that_nobody_has_cannot_be_taken(bureau):
    grant = granted(bureau, bureau.segments[0])
    stranger = Span("s:" + "9" * 64)
    with pytest.raises(CustodyError):
        list(read(bureau, replace(grant, spans=(stranger,))))
    assert opened(bureau) == []


def test_a_grant_lasts_until_its_day_and_not_longer(bureau):
    grant = granted(bureau, *bureau.segments, days=2)
    assert grant.until == bureau.now + timedelta(days=2)
    bureau.clock.forward(seconds=2 * 86_400 - 1)
    pieces = read(bureau, grant)
    next(pieces)
    bureau.clock.forward(seconds=1)
    with pytest.raises(RefusedError):
        next(pieces)


def test_one_count_that_cannot_be_closed_keeps_no_other_from_being_closed(bureau):
    first, second = granted(bureau, bureau.segments[0]), granted(bureau, bureau.segments[1])
    for grant in (first, second):
        next(iter(Access(bureau.desk).open(grant, bureau.holder)))
    bureau.desk.meter.kill()
    real = bureau.ledger.append

    def append(drafts):
        if first.id in drafts[0].about:
            raise CustodyError("planted")
        return real(drafts)

    bureau.ledger.append = append
    with pytest.raises(CustodyError, match="planted"):
        recover(bureau.desk)
    assert [each["grant"] for each in closed(bureau)] == [second.id]
    bureau.ledger.append = real
    assert len(recover(bureau.desk)) == 1
    assert [each["grant"] for each in closed(bureau)] == [second.id, first.id]

"""Invariant 3: no byte leaves before question and decision, none that does not give its digest."""

from dataclasses import replace

import pytest

from custody.access import Access
from custody.closing import recover
from custody.grants import withdraw_grant
from evidence.asking import Span
from evidence.errors import (
    ConflictError,
    CustodyError,
    DigestMismatchError,
    IntegrityError,
    LedgerUnavailableError,
    RefusedError,
    UsageError,
    VaultUnavailableError,
)
from evidence.people import Actor
from tests.fakes.desk import FILES, MemoryHouse, docked, person, small_bureau
from tests.fakes.grants import copy_of, granted
from tests.unit.custody.looking import Down, closed, down, opened, read, rows, span_of, withdraw

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


def test_what_was_granted_leaves_whole_and_every_byte_is_accounted_for(bureau):
    grant = granted(bureau, *bureau.segments)
    pieces = list(read(bureau, grant))
    for number, content in enumerate(CONTENTS):
        assert b"".join(each.data for each in pieces if each.span == number) == content
    assert [(each.slice, each.offset) for each in pieces[:3]] == [(0, 0), (1, MIB), (2, 2 * MIB)]
    assert all(each.record.startswith(b'{"i":') or b'"i":' in each.record for each in pieces)
    (begun,), (ended,) = opened(bureau), closed(bureau)
    assert (begun["grant"], begun["use"], begun["where"]) == (grant.id, 1, "cli")
    assert begun["spans"] == [span_of(each) for each in bureau.segments]
    assert ended["bytes"] == sum(len(content) for content in CONTENTS)
    assert ended["spans"] == [span_of(each, 0, 2) for each in bureau.segments]
    assert ended["how"] == "complete"
    assert recover(bureau.desk) == ()


def test_both_entries_name_grant_question_holder_and_segments(bureau):
    grant = granted(bureau, *bureau.segments)
    list(read(bureau, grant))
    for kind in ("copy.opened", "copy.closed"):
        (entry,) = bureau.house.entries(kind)
        assert set(entry.about) == {grant.id, grant.request, grant.holder, *bureau.segments}
        assert entry.actor == grant.holder


def test_no_byte_of_a_film_is_read_before_the_look_is_in_the_ledger(bureau):
    grant = granted(bureau, *bureau.segments)
    inner, films = bureau.desk.objects, {each[2:] for each in bureau.segments}

    class Policed:
        def __getattr__(self, name):
            return getattr(inner, name)

        def read(self, sha256, offset=0, length=None):
            assert sha256 not in films or opened(bureau), "a byte before its entry"
            return inner.read(sha256, offset, length)

    desk = replace(bureau.desk, objects=Policed())
    assert len(list(Access(desk).read(grant, bureau.holder))) == 9


def test_a_slice_that_was_verified_ahead_has_not_left_before_it_is_given(bureau):
    grant = granted(bureau, *bureau.segments)
    with Access(bureau.desk).open(grant, bureau.holder) as look:
        gives = look.ahead()
        first, second = next(gives), next(gives)
        assert first().data == CONTENTS[0][:MIB]
    (ended,) = closed(bureau)
    assert (ended["bytes"], ended["how"]) == (MIB, "broken")
    assert ended["spans"] == [span_of(bureau.segments[0], 0, 0)]
    with pytest.raises(CustodyError):
        second()


def test_a_part_that_was_granted_leaves_cut_at_slices(bureau):
    segment = bureau.segments[1]
    grant = granted(bureau, Span(segment, 1, 2))
    data = b"".join(each.data for each in read(bureau, grant))
    assert data == CONTENTS[1][MIB:]
    (ended,) = closed(bureau)
    assert ended["spans"] == [span_of(segment, 1, 2)]
    assert ended["bytes"] == len(data)


def test_less_than_was_granted_can_be_taken(bureau):
    first, second, _ = bureau.segments
    grant = granted(bureau, *bureau.segments)
    with Access(bureau.desk).open(grant, bureau.holder, [Span(second, 0, 0), Span(first)]) as look:
        assert look.size == MIB + len(CONTENTS[0])
        data = b"".join(each.data for each in look)
    assert data == CONTENTS[1][:MIB] + CONTENTS[0]
    assert [each["segment"] for each in opened(bureau)[0]["spans"]] == [second, first]


@pytest.mark.parametrize("spans", [[], [Span("s:" + "0" * 64)]])
def test_more_than_was_granted_is_refused_on_record(bureau, spans):
    grant = granted(bureau, bureau.segments[0])
    wanted = [Span(bureau.segments[1])] if spans else []
    with pytest.raises(RefusedError) as refusal:
        list(read(bureau, grant, wanted))
    assert "no_grant" in rows(refusal)
    assert bureau.house.entries("access.refused")
    assert opened(bureau) == []


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 3), (0, 2), (None, None)])
def test_a_part_gives_no_leave_for_its_neighbours(bureau, first, last):
    grant = granted(bureau, Span(bureau.segments[0], 1, 2))
    with pytest.raises(RefusedError):
        list(read(bureau, grant, [Span(bureau.segments[0], first, last)]))


def test_slices_that_a_segment_has_not_cannot_be_taken(bureau):
    grant = granted(bureau, bureau.segments[0])
    with pytest.raises(UsageError):
        list(read(bureau, grant, [Span(bureau.segments[0], 0, 3)]))
    assert opened(bureau) == []


@pytest.mark.parametrize("name", ["officer", "head", "west_supervisor", "inspector", "admin"])
def test_a_grant_is_nobodys_but_its_holders(bureau, name):
    grant = granted(bureau, *bureau.segments)
    with pytest.raises(RefusedError) as refusal:
        list(read(bureau, grant, by=bureau.actor(name)))
    assert "no_grant" in rows(refusal)
    (entry,) = bureau.house.entries("access.refused")
    assert entry.actor == person(name)
    assert entry.body["of"] == [grant.id]
    assert opened(bureau) == []


def test_a_stranger_who_is_refused_does_not_disturb_the_holder(bureau):
    grant = granted(bureau, *bureau.segments)
    with pytest.raises(RefusedError):
        list(read(bureau, grant, by=bureau.actor("officer")))
    assert bureau.ledger.last(grant.id) == grant.last


def test_the_appliance_itself_has_no_grant(bureau):
    grant = granted(bureau, *bureau.segments)
    with pytest.raises(RefusedError):
        list(read(bureau, grant, by=Actor("sys:local")))


def test_what_ran_out_while_somebody_held_it_is_refused(bureau):
    grant = granted(bureau, *bureau.segments, days=1)
    bureau.clock.forward(days=1)
    with pytest.raises(RefusedError) as refusal:
        list(read(bureau, grant))
    assert "no_grant" in rows(refusal)
    assert opened(bureau) == []


def test_who_was_suspended_while_they_held_it_is_refused(bureau):
    grant = granted(bureau, *bureau.segments)
    bureau.suspend("supervisor")
    with pytest.raises(RefusedError) as refusal:
        list(read(bureau, grant))
    assert "suspended" in rows(refusal)
    assert opened(bureau) == []


def test_what_was_withdrawn_while_somebody_held_it_is_refused(bureau):
    grant = granted(bureau, *bureau.segments)
    withdraw_grant(bureau.desk, bureau.actor("head"), grant.id, "a mistake")
    with pytest.raises(RefusedError) as refusal:
        list(read(bureau, grant))
    assert "grant_withdrawn" in rows(refusal)
    assert opened(bureau) == []


def test_a_grant_that_is_dead_is_refused_on_record_when_it_is_claimed(bureau):
    access, grant = Access(bureau.desk), granted(bureau, *bureau.segments)
    assert access.claim(grant.id, bureau.holder) == grant
    withdraw_grant(bureau.desk, bureau.actor("head"), grant.id, "a mistake")
    with pytest.raises(RefusedError) as refusal:
        access.claim(grant.id, bureau.holder)
    assert rows(refusal) == {"grant_withdrawn"}
    (entry,) = bureau.house.entries("access.refused")
    assert entry.body["rows"] == [{"row": "grant_withdrawn", "article": "18"}]
    assert (entry.actor, entry.body["act"]) == (person("supervisor"), "copy")


def test_looking_waits_for_its_player(bureau):
    grant = granted(bureau, *bureau.segments, act="view")
    with pytest.raises(CustodyError) as missing:
        list(read(bureau, grant))
    assert missing.value.word == "view_needs_player"
    assert opened(bureau) == []


def test_a_release_leaves_as_a_copy_does(bureau):
    grant = granted(bureau, bureau.segments[0], act="release")
    assert b"".join(each.data for each in read(bureau, grant)) == CONTENTS[0]


def test_two_who_use_one_grant_at_once_count_twice(bureau):
    grant = granted(bureau, bureau.segments[0], times=2)
    access = Access(bureau.desk)
    with access.open(grant, bureau.holder) as one, access.open(grant, bureau.holder) as two:
        assert len(list(one)) == len(list(two)) == 3
    assert [each["use"] for each in opened(bureau)] == [1, 2]
    assert [each["how"] for each in closed(bureau)] == ["complete", "complete"]
    assert {each["opened"] for each in closed(bureau)} == {one.opened.entry, two.opened.entry}


def test_a_use_too_many_is_refused_also_to_who_asked_before_it_was_used_up(bureau):
    grant = granted(bureau, bureau.segments[0], times=1)
    list(read(bureau, grant))
    with pytest.raises(RefusedError) as refusal:
        list(read(bureau, grant))
    assert rows(refusal) == {"grant_used_up"}
    assert len(opened(bureau)) == 1
    assert recover(bureau.desk) == ()


def test_whoever_loses_every_race_is_told_so(bureau):
    grant = granted(bureau, bureau.segments[0], times=100)

    class Racing(Down):
        def append(self, drafts):
            del drafts
            raise ConflictError("ledger_moved_on", subject=grant.id)

    desk = replace(bureau.desk, ledger=Racing(bureau.ledger, ""))
    with pytest.raises(ConflictError):
        list(Access(desk).read(grant, bureau.holder))
    assert bureau.desk.meter.kept == []


# --- what stops it ---------------------------------------------------------------------------


def suspend(bureau, grant):
    del grant
    bureau.suspend("supervisor")


def expire(bureau, grant):
    bureau.clock.forward(seconds=(grant.until - bureau.now).total_seconds())


def make_admin(bureau, grant):
    del grant
    bureau.role("supervisor", "admin", "u:" + "0" * 32)


@pytest.mark.parametrize("stop", [withdraw, suspend, expire, make_admin])
def test_what_takes_the_leave_away_stops_what_runs_within_two_seconds(bureau, stop):
    grant = granted(bureau, *bureau.segments, times=1)
    pieces = read(bureau, grant)
    next(pieces)
    bureau.clock.forward(seconds=0.9)
    next(pieces)
    stop(bureau, grant)
    bureau.clock.forward(seconds=1.0)
    with pytest.raises(RefusedError):
        next(pieces)
    (ended,) = closed(bureau)
    assert (ended["how"], ended["bytes"]) == ("withdrawn", 2 * MIB)
    assert ended["spans"] == [span_of(bureau.segments[0], 0, 1)]


def test_what_others_do_with_the_same_grant_stops_nothing(bureau):
    grant = granted(bureau, *bureau.segments, times=2)
    pieces = read(bureau, grant)
    next(pieces)
    list(read(bureau, grant))  # uses it up
    bureau.enrol("newcomer", "u:" + "0" * 32)
    bureau.clock.forward(seconds=5)
    assert len(list(pieces)) == 8


def test_the_ledger_is_asked_at_most_once_a_second(bureau):
    grant = granted(bureau, *bureau.segments)
    asked = []

    class Counting(Down):
        def last(self, subject):
            asked.append(subject)
            return self._ledger.last(subject)

    desk = replace(bureau.desk, ledger=Counting(bureau.ledger, ""))
    with Access(desk).open(grant, bureau.holder) as look:
        pieces = iter(look)
        next(pieces)
        before = len(asked)
        for _ in range(3):
            bureau.clock.forward(seconds=0.3)
            next(pieces)
        assert asked[before:] == []
        bureau.clock.forward(seconds=0.2)
        look.check()
        assert set(asked[before:]) == {grant.id, "u:" + "0" * 32}


def test_whoever_hands_a_piece_on_slowly_can_ask_in_between(bureau):
    grant = granted(bureau, *bureau.segments)
    with Access(bureau.desk).open(grant, bureau.holder) as look:
        next(iter(look))
        withdraw(bureau, grant)
        bureau.clock.forward(seconds=1)
        with pytest.raises(RefusedError):
            look.check()
    assert closed(bureau)[0]["how"] == "withdrawn"


def test_a_ledger_that_does_not_answer_ends_it(bureau):
    grant = granted(bureau, *bureau.segments)

    class Silent(Down):
        silent = False

        def last(self, subject):
            if self.silent:
                raise LedgerUnavailableError("ledger_unreachable", path="planted")
            return self._ledger.last(subject)

    ledger = Silent(bureau.ledger, "")
    pieces = Access(replace(bureau.desk, ledger=ledger)).read(grant, bureau.holder)
    next(pieces)
    ledger.silent = True
    bureau.clock.forward(seconds=1)
    with pytest.raises(LedgerUnavailableError):
        next(pieces)
    assert closed(bureau) == []
    assert recover(bureau.desk) == (bureau.house.entries("copy.opened")[0].seq,)
    assert closed(bureau)[0]["bytes"] == MIB


# --- the reader ------------------------------------------------------------------------------


def test_a_reader_who_goes_away_has_what_they_had(bureau):
    grant = granted(bureau, *bureau.segments)
    pieces = read(bureau, grant)
    for _ in range(4):
        next(pieces)
    pieces.close()
    (ended,) = closed(bureau)
    assert (ended["how"], ended["bytes"]) == ("broken", len(CONTENTS[0]) + MIB)
    assert ended["spans"] == [span_of(bureau.segments[0], 0, 2), span_of(bureau.segments[1], 0, 0)]


def test_a_reader_who_never_begins_opens_nothing(bureau):
    grant = granted(bureau, *bureau.segments)
    read(bureau, grant).close()
    assert opened(bureau) == []


def test_a_reader_who_opens_and_takes_nothing_is_told_so(bureau):
    grant = granted(bureau, *bureau.segments)
    with Access(bureau.desk).open(grant, bureau.holder):
        pass
    (ended,) = closed(bureau)
    assert (ended["how"], ended["bytes"], ended["spans"]) == ("broken", 0, [])


def test_a_reader_who_stops_at_the_last_slice_has_everything(bureau):
    grant = granted(bureau, bureau.segments[0])
    pieces = read(bureau, grant)
    for _ in range(3):
        next(pieces)
    pieces.close()
    assert closed(bureau)[0]["how"] == "complete"


def test_a_reader_who_fails_ends_it_with_their_own_error(bureau):
    grant = granted(bureau, *bureau.segments)
    desk = down(bureau, "copy.closed")
    look = Access(desk).open(grant, bureau.holder)
    next(iter(look))
    with pytest.raises(ZeroDivisionError), look:
        raise ZeroDivisionError
    assert closed(bureau) == []
    assert len(recover(bureau.desk)) == 1
    assert closed(bureau)[0]["how"] == "recovered"


def test_a_look_is_taken_once_and_closed_once(bureau):
    grant = granted(bureau, bureau.segments[0])
    look = Access(bureau.desk).open(grant, bureau.holder)
    with look:
        assert len(list(look)) == 3
        with pytest.raises(CustodyError):
            next(iter(look))
    look.close()
    with pytest.raises(CustodyError):
        look.check()
    assert len(closed(bureau)) == 1


def test_an_empty_film_is_copied_without_a_byte():
    bureau = small_bureau(MemoryHouse())
    (segment,) = bureau.dock({"DCIM/EMPTY.MP4": b""})
    grant = granted(bureau, segment)
    assert list(read(bureau, grant, by=bureau.actor("supervisor"))) == []
    (ended,) = closed(bureau)
    assert (ended["how"], ended["bytes"], ended["spans"]) == ("complete", 0, [])


# --- bytes that are not what was sealed ------------------------------------------------------


def garble(bureau, name, change):
    objects = bureau.desk.objects.objects
    objects[name] = change(objects[name])


def flip(at):
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("change", [flip(MIB), flip(2 * MIB - 1), lambda data: data[: MIB + 5]])
def test_a_changed_byte_is_never_given_out_and_raises_an_alarm(bureau, change):
    segment = bureau.segments[0]
    grant = granted(bureau, segment)
    garble(bureau, segment[2:], change)
    pieces = read(bureau, grant)
    assert next(pieces).data == CONTENTS[0][:MIB]
    with pytest.raises(DigestMismatchError):
        next(pieces)
    (alarm,) = bureau.house.entries("alarm.raised")
    assert alarm.body["alarm"] == "slice_differs"
    assert {segment, grant.id} == set(alarm.about)
    (ended,) = closed(bureau)
    assert (ended["how"], ended["bytes"]) == ("broken", MIB)


def roll_of(bureau, segment):
    (entry,) = (e for e in bureau.house.entries("segment.sealed") if segment in e.about)
    return entry.body["slices"]["sha256"]


def test_slices_that_were_not_sealed_open_nothing(bureau):
    """Whoever changes a film changes its slices too; the root in the ledger they cannot."""
    grant = granted(bureau, bureau.segments[0])
    garble(bureau, roll_of(bureau, bureau.segments[0]), flip(20))
    with pytest.raises(IntegrityError):
        list(read(bureau, grant))
    assert opened(bureau) == []
    assert bureau.house.entries("alarm.raised")


def test_slices_that_change_while_it_runs_end_it(bureau):
    grant = granted(bureau, *bureau.segments)
    pieces = read(bureau, grant)
    for _ in range(3):
        next(pieces)
    garble(bureau, roll_of(bureau, bureau.segments[1]), flip(20))
    with pytest.raises(IntegrityError):
        next(pieces)
    assert closed(bureau)[0]["bytes"] == len(CONTENTS[0])
    assert bureau.house.entries("alarm.raised")


def test_a_changed_byte_is_told_also_where_no_alarm_can_be_written(bureau):
    grant = granted(bureau, bureau.segments[0])
    garble(bureau, bureau.segments[0][2:], flip(0))
    with pytest.raises(DigestMismatchError):
        list(Access(down(bureau, "alarm.raised")).read(grant, bureau.holder))
    assert closed(bureau)[0]["bytes"] == 0


def test_a_film_that_is_gone_gives_nothing(bureau):
    grant = granted(bureau, bureau.segments[0])
    del bureau.desk.objects.objects[bureau.segments[0][2:]]
    with pytest.raises(VaultUnavailableError):
        list(read(bureau, grant))
    assert closed(bureau)[0]["how"] == "broken"

"""What has to be told to people: once, again while nobody answers, and never not at all."""

from datetime import timedelta

import pytest

from custody.outbox import (
    FAILING,
    FIRST_PAUSE,
    LAST_PAUSE,
    LISTED_LIMIT,
    Message,
    Seen,
    Told,
    Way,
    due,
    failed,
    look,
    message_of,
    pruned,
    went,
)
from custody.tree import Tree
from evidence.entry import Draft
from evidence.keeping import KEEPING, same_alarm
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.trees import LedgerTiles

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
S, D, P, G = "s:" + "a" * 64, "d:" + "b" * 32, "p:" + "c" * 32, "g:" + "d" * 32
NOBODY = Way()


@pytest.fixture
def ledger():
    return MemoryLedger()


def raise_alarm(ledger, *about, code="slice_differs", **facts):
    body = {"alarm": code, "facts": facts}
    return ledger.append([Draft("alarm.raised", "sys:ingest", about, body)]).indexes[0]


def acknowledge(ledger, alarm, **changes):
    raised = ledger.entry(alarm)
    same = same_alarm(raised.body["alarm"], raised.about)
    body = {"alarm": alarm, "same": same, "answer": "known", "audit": None, **changes}
    return ledger.append([Draft("alarm.acknowledged", P, (KEEPING,), body)]).indexes[0]


def fill(ledger, count):
    for begin in range(0, count, 200):
        drafts = [Draft("disposal.undone", "sys:keeper", (), {})] * min(200, count - begin)
        ledger.append(drafts)


def seen(ledger, before=None):
    return look(tree(ledger), before or Seen())


def tree(ledger, published=None):
    return Tree(LedgerTiles(ledger, published))


def entries(found):
    return [each.newest for each in found]


def told(ledger, way=NOBODY, now=NOON, repeat=DAY):
    """The way after it was told everything that is due."""
    found = due(seen(ledger), way, repeat, now)
    return went(way, message_of(tree(ledger), found), now)


# --- what stands


def test_what_nobody_has_answered_stands_and_what_was_answered_does_not(ledger):
    one, two = raise_alarm(ledger, S), raise_alarm(ledger, D)
    assert sorted(each.newest for each in seen(ledger).open.values()) == [one, two]
    acknowledge(ledger, one)
    assert [each.newest for each in seen(ledger).open.values()] == [two]
    again = raise_alarm(ledger, S)
    assert sorted(each.newest for each in seen(ledger).open.values()) == [two, again]


@pytest.mark.parametrize("between", [0, 100, 253, 254, 255, 256, 600])
def test_only_what_is_new_is_read_and_nothing_is_missed_however_it_is_cut(ledger, between):
    raise_alarm(ledger, S)
    before = seen(ledger)
    fill(ledger, between)
    raise_alarm(ledger, D)
    tiles = LedgerTiles(ledger)
    after = look(Tree(tiles), before)
    assert after == look(Tree(LedgerTiles(ledger)), Seen())
    assert tiles.reads <= 2 + between // 256
    assert look(tree(ledger), after) == after


def test_of_a_long_tree_only_the_end_is_read(ledger):
    fill(ledger, 2000)
    before = seen(ledger)
    raise_alarm(ledger, S)
    tiles = LedgerTiles(ledger)
    look(Tree(tiles), before)
    assert tiles.reads == 1


def test_another_tree_or_an_older_one_is_read_anew(ledger):
    raise_alarm(ledger, S)
    fill(ledger, 5)
    whole = seen(ledger)
    older = look(tree(ledger, published=2), whole)
    assert (older.size, len(older.open)) == (2, 1)
    other = MemoryLedger(station="station-2")
    for _ in range(10):
        raise_alarm(other, D)
    found = look(tree(other), whole)
    assert [each.count for each in found.open.values()] == [10]


def test_an_answer_without_its_form_answers_nothing_and_hides_no_other_alarm(ledger):
    first = raise_alarm(ledger, S)
    acknowledge(ledger, first, answer="fine")
    second = raise_alarm(ledger, D)
    assert sorted(each.newest for each in seen(ledger).open.values()) == [first, second]


def test_bytes_that_only_look_like_an_alarm_are_none(ledger):
    facts = {"words": 'no "type":"alarm.raised" here', "kind": {"type": "alarm.raised"}}
    ledger.append([Draft("disposal.undone", "sys:keeper", (), facts)])
    assert seen(ledger).open == {}


# --- what is due


def test_an_alarm_raised_a_thousand_times_is_told_once_and_a_day_later_with_its_number(ledger):
    raise_alarm(ledger, S)
    way = told(ledger)
    for _ in range(999):
        raise_alarm(ledger, S)
    assert due(seen(ledger), way, DAY, NOON + DAY - SECOND) == []
    (again,) = due(seen(ledger), way, DAY, NOON + DAY)
    assert again.count == 1000


def test_a_new_alarm_is_told_at_once_and_the_newest_comes_first(ledger):
    raise_alarm(ledger, S)
    way = told(ledger)
    new = [raise_alarm(ledger, D), raise_alarm(ledger, KEEPING, code="clock_ahead")]
    assert entries(due(seen(ledger), way, DAY, NOON + SECOND)) == new[::-1]


def test_where_it_is_not_repeated_it_is_told_once(ledger):
    raise_alarm(ledger, S)
    way = told(ledger)
    assert due(seen(ledger), way, timedelta(), NOON + 1000 * DAY) == []


def test_what_was_answered_and_comes_again_is_told_at_once(ledger):
    first = raise_alarm(ledger, S)
    way = told(ledger)
    acknowledge(ledger, first)
    way = pruned(way, seen(ledger), [])
    again = raise_alarm(ledger, S)
    assert entries(due(seen(ledger), way, DAY, NOON + SECOND)) == [again]


@pytest.mark.parametrize("back", [SECOND, DAY, 400 * DAY])
def test_a_clock_that_was_set_back_makes_nothing_wait(ledger, back):
    entry = raise_alarm(ledger, S)
    way = told(ledger)
    assert entries(due(seen(ledger), way, DAY, NOON - back)) == [entry]
    assert entries(due(seen(ledger), failed(NOBODY, "x", NOON), DAY, NOON - back)) == [entry]


def test_where_the_mark_is_lost_everything_open_is_told_again(ledger):
    entry = raise_alarm(ledger, S)
    told(ledger)
    assert entries(due(look(tree(ledger), Seen()), Way(), DAY, NOON)) == [entry]


# --- what does not go


def test_what_did_not_go_is_tried_again_more_and_more_slowly_and_never_given_up(ledger):
    entry = raise_alarm(ledger, S)
    way, pause = NOBODY, FIRST_PAUSE
    for _ in range(200):
        way = failed(way, "mail_unreachable", NOON)
        assert due(seen(ledger), way, DAY, NOON + pause - SECOND) == []
        assert entries(due(seen(ledger), way, DAY, NOON + pause)) == [entry]
        pause = min(pause * 2, LAST_PAUSE)
    assert (way.failures, way.because, way.told) == (200, "mail_unreachable", {})


def test_what_went_after_all_is_not_told_again_and_the_way_is_well(ledger):
    raise_alarm(ledger, S)
    way = told(ledger, failed(NOBODY, "mail_lost", NOON - HOUR))
    assert (way.failures, way.tried, way.because) == (0, NOON, None)
    assert due(seen(ledger), way, DAY, NOON + SECOND) == []


def test_the_same_message_tried_again_is_known_by_its_id_and_another_is_not(ledger):
    raise_alarm(ledger, S)
    first = message_of(tree(ledger), due(seen(ledger), NOBODY, DAY, NOON))
    later = message_of(tree(ledger), due(seen(ledger), NOBODY, DAY, NOON + DAY))
    assert first.id == later.id
    raise_alarm(ledger, S)
    other = message_of(tree(ledger), due(seen(ledger), NOBODY, DAY, NOON))
    assert other.id != first.id


def test_a_way_that_fails_is_told_on_the_other_until_it_is_well(ledger):
    bad = Way()
    for _ in range(FAILING - 1):
        bad = failed(bad, "mail_unreachable", NOON)
        assert due(seen(ledger), NOBODY, DAY, NOON, [("mail", bad)]) == []
    bad = failed(bad, "mail_unreachable", NOON)
    found = due(seen(ledger), NOBODY, DAY, NOON, [("mail", bad)])
    message = message_of(tree(ledger), found)
    (only,) = message.items
    assert (only.code, only.entry, only.at, only.count) == ("mail_failing", None, None, FAILING)
    way = pruned(went(NOBODY, message, NOON), seen(ledger), [("mail", bad)])
    assert due(seen(ledger), way, DAY, NOON + HOUR, [("mail", bad)]) == []
    assert due(seen(ledger), way, DAY, NOON + DAY, [("mail", bad)]) == found
    assert pruned(way, seen(ledger), [("mail", Way())]).told == {}


def test_addresses_that_are_refused_are_told_on_the_other_way_and_alarms_still_come_after(ledger):
    entry = raise_alarm(ledger, S)
    partly = went(NOBODY, Message("x", (), 0), NOON, refused=1)
    found = due(seen(ledger), NOBODY, DAY, NOON, [("webhook", partly)])
    assert [each.code for each in found] == ["webhook_failing", "slice_differs"]
    assert entries(found) == [-1, entry]


# --- what a message gives away


def test_a_message_holds_codes_indexes_times_and_ids_and_no_fact_and_no_person(ledger):
    entry = raise_alarm(ledger, S, D, P, G, KEEPING, where="/media/Li", officer="Li")
    (item,) = message_of(tree(ledger), due(seen(ledger), NOBODY, DAY, NOON)).items
    assert (item.code, item.entry, item.first, item.count) == ("slice_differs", entry, entry, 1)
    assert item.at == ledger.entry(entry).at
    assert item.subjects == (D, KEEPING, S)


@pytest.mark.parametrize("code", ["Li Wei", "a\r\nBcc: x@y", "x" * 41, "", "1st", 7, None])
def test_a_code_that_is_none_stays_here(ledger, code):
    raise_alarm(ledger, S, code=code)
    (item,) = message_of(tree(ledger), due(seen(ledger), NOBODY, DAY, NOON)).items
    assert item.code == "unknown"


def test_a_flood_of_different_alarms_comes_in_messages_that_end_and_all_of_it_comes(ledger):
    codes = [f"code_{number}" for number in range(2 * LISTED_LIMIT + 1)]
    for code in codes:
        raise_alarm(ledger, S, code=code)
    way, got = NOBODY, []
    for left in (LISTED_LIMIT + 1, 1, 0):
        message = message_of(tree(ledger), due(seen(ledger), way, DAY, NOON))
        assert (len(message.items) <= LISTED_LIMIT, message.more) == (True, left)
        got += [each.code for each in message.items]
        way = went(way, message, NOON)
    assert sorted(got) == sorted(codes)
    assert due(seen(ledger), way, DAY, NOON) == []
    assert way.told[same_alarm("code_0", (S,))] == Told(1, NOON)

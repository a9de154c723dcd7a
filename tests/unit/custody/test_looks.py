"""Officers see who looked at their recordings; auditors see everything about access."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from custody.access import Access
from custody.accesslog import EVERY, GROUPS, LogFilter, access_log
from custody.looks import looks_at, looks_at_own
from custody.scan import scan
from custody.tree import Tree
from evidence.errors import (
    MalformedError,
    RefusedError,
    UnknownSegmentError,
    UsageError,
    VaultUnavailableError,
)
from evidence.note import parse_vkey
from evidence.people import ORGANISATION
from evidence.proof import verify
from tests.fakes.desk import docked, person
from tests.fakes.grants import copy_of, granted
from tests.fakes.house import House
from tests.unit.custody.book import MemoryTiles
from vault.places import places_of


@pytest.fixture(scope="module")
def once():
    return docked()


@pytest.fixture
def bureau(once):
    made = copy_of(once[0])
    made.segments = once[1]
    return made


def copy(bureau, grant, pieces=None):
    reading = Access(bureau.desk).read(grant, bureau.actor("supervisor"))
    for number, _ in enumerate(reading, 1):
        if number == pieces:
            break
    reading.close()


def test_an_officer_sees_who_looked_at_their_recording_and_what_left(bureau):
    first, second, _ = bureau.segments
    grant = granted(bureau, first, second)
    copy(bureau, grant)
    copy(bureau, grant, pieces=2)
    late, early = looks_at(bureau.desk, bureau.actor("officer"), [first])
    assert (early.person, early.grant) == (person("supervisor"), grant.id)
    assert (early.request.id, early.decision) == (grant.request, grant.decision)
    assert (early.request.act, early.request.purpose) == ("copy", "case")
    assert early.spans == grant.spans
    assert (early.how, late.how, late.bytes) == ("complete", "broken", 2 << 20)
    assert early.opened < early.closed < late.opened < late.closed
    assert early.hidden_until is None
    assert looks_at(bureau.desk, bureau.actor("officer"), bureau.segments) == (late, early)


def test_a_look_that_runs_is_seen_without_its_end(bureau):
    grant = granted(bureau, bureau.segments[0])
    with Access(bureau.desk).open(grant, bureau.actor("supervisor")):
        (look,) = looks_at(bureau.desk, bureau.actor("officer"), bureau.segments)
    assert (look.closed, look.bytes, look.how) == (None, None, None)


@pytest.mark.parametrize("name", ["officer", "head", "inspector"])
def test_who_may_know_of_looks(bureau, name):
    copy(bureau, granted(bureau, *bureau.segments))
    assert len(looks_at(bureau.desk, bureau.actor(name), bureau.segments)) == 1


@pytest.mark.parametrize("name", ["mate", "west_officer", "supervisor", "watcher", "admin"])
def test_who_may_not_is_refused_on_record(bureau, name):
    copy(bureau, granted(bureau, *bureau.segments))
    with pytest.raises(RefusedError):
        looks_at(bureau.desk, bureau.actor(name), bureau.segments)
    (entry,) = bureau.house.entries("access.refused")
    assert (entry.actor, entry.body["act"]) == (person(name), "see_access")


def test_one_strange_recording_among_ones_own_tells_nothing_of_any(bureau):
    (strange,) = bureau.dock({"DCIM/X.MP4": b"another"}, serial="T000002")
    with pytest.raises(RefusedError):
        looks_at(bureau.desk, bureau.actor("officer"), [bureau.segments[0], strange])


def test_what_is_not_in_custody_was_not_looked_at(bureau):
    with pytest.raises(UnknownSegmentError):
        looks_at(bureau.desk, bureau.actor("inspector"), ["s:" + "0" * 64])


def test_a_confidential_look_is_hidden_from_the_officer_until_its_day(bureau):
    open_look = granted(bureau, *bureau.segments)
    hidden = granted(bureau, *bureau.segments, hidden=5)
    copy(bureau, open_look)
    copy(bureau, hidden)
    day = bureau.now + timedelta(days=5)
    for name, number in (("officer", 1), ("head", 1), ("inspector", 2)):
        assert len(looks_at(bureau.desk, bureau.actor(name), bureau.segments)) == number
    newest, oldest = looks_at(bureau.desk, bureau.actor("inspector"), bureau.segments)
    assert (newest.hidden_until, oldest.hidden_until) == (day, None)
    bureau.clock.forward(days=5)
    assert len(looks_at(bureau.desk, bureau.actor("officer"), bureau.segments)) == 2


# --- on real stores: the tree itself is read ---------------------------------------------------


@pytest.fixture(scope="module")
def filed(tmp_path_factory):
    """A real home, two days of looks later; the tests write nothing but what they are refused."""
    made, segments = docked(House(tmp_path_factory.mktemp("home")))
    made.segments = segments
    made.begin = made.now
    made.open_look = granted(made, *segments)
    copy(made, made.open_look)
    made.clock.forward(days=1)
    made.second_day = made.now
    made.hidden = granted(made, segments[0], hidden=90)
    copy(made, made.hidden, pieces=1)
    with suppress(RefusedError):
        Access(made.desk).open(made.hidden, made.actor("officer"))
    made.clock.forward(days=1)
    yield made
    made.house.close()


def log(filed, **wanted):
    """The log without the entries of reading it, which tests/unit/custody/test_accesslog.py has."""
    page = access_log(filed.desk, filed.actor("inspector"), LogFilter(**wanted))
    rows = tuple(row for row in page.rows if row.entry.type != "access_log.read")
    return replace(page, rows=rows)


def kinds(page):
    return [row.entry.type for row in page.rows]


def test_an_auditor_reads_every_question_answer_copy_and_refusal_newest_first(filed):
    page = log(filed)
    assert page.next is None
    assert kinds(page) == [
        "access.refused",
        *("copy.closed", "copy.opened", "request.decided", "request.made"),
        *("copy.closed", "copy.opened", "request.decided", "request.made"),
    ]


def test_an_auditor_sees_that_looks_are_hidden_and_until_when(filed):
    day = filed.second_day + timedelta(days=90)
    told = {row.entry.seq: row.hidden_until for row in log(filed).rows}
    for entry in filed.house.entries():
        if entry.type in EVERY - GROUPS["readings"]:
            about_hidden = filed.hidden.id in entry.about
            assert told[entry.seq] == (day if about_hidden else None)


def test_the_log_is_filtered_by_kind_person_subject_and_time(filed):
    assert set(kinds(log(filed, groups=("copies",)))) == GROUPS["copies"]
    assert kinds(log(filed, groups=("refusals",))) == ["access.refused"]
    assert kinds(log(filed, groups=("nothing",))) == []
    assert len(kinds(log(filed, subjects=(filed.hidden.id,)))) == 4
    assert len(kinds(log(filed, subjects=(filed.segments[1],)))) == 4
    assert kinds(log(filed, subjects=(person("officer"),))) == ["access.refused"]
    head = log(filed, subjects=(person("head"), filed.hidden.request))
    assert kinds(head) == ["request.decided"]
    assert log(filed, subjects=(ORGANISATION,)).rows == (), "a path names it, no entry is about it"
    assert len(log(filed, until=filed.second_day).rows) == 4
    assert len(log(filed, since=filed.second_day).rows) == 5
    assert log(filed, since=filed.now).rows == ()


def test_the_log_comes_in_pages_without_a_gap(filed):
    whole, before, found = [row.entry.seq for row in log(filed).rows], None, []
    for _ in range(20):
        page = log(filed, limit=2, before=before)
        found += [row.entry.seq for row in page.rows]
        before = page.next
        if before is None:
            break
    assert found == whole


@pytest.mark.parametrize("name", ["officer", "head", "watcher", "supervisor", "second_admin"])
def test_the_log_is_the_auditors_alone(filed, name):
    with pytest.raises(RefusedError):
        access_log(filed.desk, filed.actor(name), LogFilter())


def test_an_officer_sees_the_looks_at_all_their_recordings_but_the_hidden_one(filed):
    (look,) = looks_at_own(filed.desk, filed.actor("officer"), filed.begin, filed.now)
    assert look.grant == filed.open_look.id
    assert looks_at_own(filed.desk, filed.actor("officer"), filed.second_day, filed.now) == ()
    assert looks_at_own(filed.desk, filed.actor("west_officer"), filed.begin, filed.now) == ()


def test_every_row_can_be_followed_to_its_proof(filed):
    places = places_of(filed.house.root)
    key, tree = parse_vkey(places.vkey.read_text().strip()), Tree(filed.desk.tiles)
    for row in log(filed).rows:
        index = row.entry.seq
        assert verify(tree.prove(index), tree.leaf(index), key).size == tree.size


def test_a_scan_ends_where_time_begins_and_where_it_is_told_to(filed):
    tree = Tree(filed.desk.tiles)
    every = frozenset({"segment.sealed", "person.enrolled"})
    found = list(scan(tree, every))
    assert [entry.seq for entry in found] == sorted((e.seq for e in found), reverse=True)
    assert list(scan(tree, every, before=0)) == []
    assert list(scan(tree, every, before=10**9)) == found
    assert list(scan(tree, every, since=filed.second_day)) == []
    assert list(scan(tree, frozenset({"nothing"}), since=filed.second_day)) == []


# --- the tree ----------------------------------------------------------------------------------


def test_what_lies_beyond_the_end_of_a_tree_is_no_entry(filed):
    tree = Tree(filed.desk.tiles)
    for index in (-1, tree.size):
        with pytest.raises(UsageError):
            tree.leaf(index)


def test_a_tree_without_checkpoint_or_tile_says_so(filed):
    with pytest.raises(VaultUnavailableError):
        Tree(MemoryTiles({}))
    note = filed.desk.tiles.checkpoint()
    with pytest.raises(VaultUnavailableError):
        Tree(MemoryTiles({"checkpoint": note})).leaf(0)
    for wrong in (b"\xff\n\nx", b"no\n\nx"):
        with pytest.raises(MalformedError):
            Tree(MemoryTiles({"checkpoint": wrong}))


def test_a_tile_that_has_grown_full_meanwhile_is_read_from_its_beginning(filed):
    tiles = filed.desk.tiles
    files = {"checkpoint": tiles.checkpoint()}
    for path in tiles.names():
        files[path.partition(".p/")[0]] = tiles.read(path)  # the newest one is the longest
    old, new = Tree(tiles), Tree(MemoryTiles(files))
    assert new.leaf(old.size - 1) == old.leaf(old.size - 1)
    assert new.prove(3).path == old.prove(3).path

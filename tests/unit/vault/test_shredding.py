"""The ledger process destroys words of what has its tombstone, and of nothing else."""

import sqlite3
from contextlib import closing

import pytest

from evidence.entry import Draft, Private
from evidence.errors import CustodyError, UsageError
from tests.fakes.clock import FixedClock
from tests.fakes.house import FOUNDING
from vault.ledger import LedgerStore
from vault.places import places_of

SEGMENT, OTHER = "s:" + "a" * 64, "s:" + "b" * 64
DISPOSAL = "x:" + "d" * 32


@pytest.fixture
def places(tmp_path):
    return places_of(tmp_path / "home")


@pytest.fixture
def store(places):
    opened = LedgerStore.create(places, FOUNDING, FixedClock())
    for segment in (SEGMENT, OTHER):
        seal(opened, segment)
    yield opened
    opened.close()


def seal(store, segment, word="name of an officer"):
    private = Private(segment, {"path": word})
    return store.append([Draft("segment.sealed", "sys:ingest", (segment,), {}, {}, private)])


def dispose(store, segment=SEGMENT):
    body = {"disposal": DISPOSAL}
    store.append([Draft("segment.disposed", "sys:keeper", (segment, DISPOSAL), body)])


def words(store, index):
    found = store.statement(index)
    return found.facts["path"] if found else None


def test_the_words_of_what_is_disposed_of_can_be_read_by_nobody_again(store, places):
    dispose(store)
    store.shred([SEGMENT])
    assert (words(store, 1), words(store, 2)) == (None, "name of an officer")
    store.shred([SEGMENT])
    key = store._keys.key(SEGMENT)
    assert key is None
    assert store._keys.key(OTHER)
    for path in places.keys.parent.glob("keys.sqlite*"):
        assert SEGMENT.encode() not in path.read_bytes(), f"{path.name} still names it"


def test_the_key_is_gone_from_the_file_and_its_log(store, places):
    key = store._keys.key(SEGMENT)
    dispose(store)
    store.shred([SEGMENT])
    for path in places.keys.parent.glob("keys.sqlite*"):
        assert key not in path.read_bytes()


def test_the_ciphertext_goes_too_whatever_becomes_of_the_key(store, places):
    dispose(store)
    sealed = ciphertext(places, SEGMENT)
    assert len(sealed) > len("name of an officer")
    store.shred([SEGMENT])
    assert ciphertext(places, SEGMENT) == b""
    assert ciphertext(places, OTHER)
    for path in places.statements.parent.glob("statements.sqlite*"):
        assert sealed not in path.read_bytes()


def ciphertext(places, segment):
    with closing(sqlite3.connect(places.statements)) as connection:
        found = connection.execute("SELECT sealed FROM statements WHERE of=?", (segment,))
        return found.fetchone()[0]


def test_nothing_is_destroyed_of_what_is_in_custody(store):
    with pytest.raises(CustodyError, match="not_disposed"):
        store.shred([SEGMENT])
    assert words(store, 1)


def test_one_that_is_in_custody_keeps_all_of_a_call(store):
    dispose(store)
    with pytest.raises(CustodyError, match="not_disposed"):
        store.shred([SEGMENT, OTHER])
    assert words(store, 1)


def test_what_was_sealed_again_is_in_custody_and_its_new_words_are_read(store):
    dispose(store)
    store.shred([SEGMENT])
    seal(store, SEGMENT, "another name")
    with pytest.raises(CustodyError, match="not_disposed"):
        store.shred([SEGMENT])
    assert words(store, 1) is None
    assert words(store, store.size - 1) == "another name"


@pytest.mark.parametrize("subject", ["s:" + "c" * 64, DISPOSAL])
def test_what_is_no_disposed_segment_has_nothing_to_destroy(store, subject):
    dispose(store)
    with pytest.raises(CustodyError, match="not_disposed"):
        store.shred([subject])


def test_a_call_has_a_limit(store):
    with pytest.raises(UsageError):
        store.shred([SEGMENT] * 101)


def test_another_statement_of_the_segment_goes_too_and_those_of_others_stay(store):
    person = "p:" + "1" * 32
    label = Private(SEGMENT, {"path": "a party"})
    other = Private(person, {"path": "a person"})
    store.append([
        Draft("segment.labelled", person, (SEGMENT,), {}, {}, label),
        Draft("person.enrolled", person, (SEGMENT, person), {}, {}, other),
    ])  # fmt: skip
    dispose(store)
    store.shred([SEGMENT])
    assert [words(store, index) for index in (1, 3, 4)] == [None, None, "a person"]

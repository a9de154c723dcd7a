"""The index is a copy of the ledger: caught up, and made anew whenever it is another's."""

import sqlite3

import pytest

from tests.unit.vault.ledgers import DOCKING, OTHER, draft, reopen, young
from vault.places import places_of
from vault.reader import LedgerReader
from vault.subjects import SubjectIndex


@pytest.fixture
def home(tmp_path):
    store = young(tmp_path)
    store.append([draft((DOCKING,)), draft((DOCKING, OTHER)), draft((DOCKING,))])
    store.close()
    return tmp_path


def lasts(home):
    store = reopen(home)
    found = store.last(DOCKING), store.last(OTHER)
    store.close()
    return found


def change(home, sql):
    connection = sqlite3.connect(places_of(home).index)
    with connection:
        connection.execute(sql)
    connection.close()


def test_a_missing_index_is_made_anew(home):
    places_of(home).index.unlink()
    assert lasts(home) == (3, 2)


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_a_damaged_index_is_made_anew(home, content):
    places_of(home).index.write_bytes(content)
    assert lasts(home) == (3, 2)


def test_an_index_that_is_behind_is_caught_up(home):
    early = places_of(home).index.read_bytes()
    store = reopen(home)
    store.append([draft((OTHER,))])
    store.close()
    places_of(home).index.write_bytes(early)
    assert lasts(home) == (3, 4)


def test_an_index_that_is_ahead_is_of_another_ledger_and_made_anew(home):
    change(home, "UPDATE applied SET size=9")
    change(home, "UPDATE subjects SET last=8")
    assert lasts(home) == (3, 2)


def test_an_index_with_another_last_entry_is_made_anew(home):
    change(home, "UPDATE applied SET tip=zeroblob(32)")
    change(home, "UPDATE subjects SET last=0")
    assert lasts(home) == (3, 2)


def test_an_index_that_is_up_to_date_is_not_read_again(home, monkeypatch):
    def reading(*_):
        raise AssertionError("the ledger was scanned")

    monkeypatch.setattr(LedgerReader, "entries", reading)
    index = SubjectIndex(places_of(home).index)
    index.catch_up(LedgerReader(places_of(home).ledger), 4)
    assert (index.applied(), index.last(DOCKING)) == (4, 3)
    index.close()


def test_catching_up_goes_page_by_page(home, monkeypatch):
    monkeypatch.setattr("vault.subjects._PAGE_ENTRIES", 1)
    places_of(home).index.unlink()
    assert lasts(home) == (3, 2)

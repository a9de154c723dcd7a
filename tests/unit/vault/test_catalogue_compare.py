"""Whatever somebody changed in a catalogue, the comparison with a new one names it."""

import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy import literal_column

from tests.fakes.histories import every_type
from vault.catalogue import SqlCatalogue
from vault.search import CatalogueReader
from vault.sql import sqlite_url
from vault.tables import TABLES

PAIRS = every_type(0)  # this one fills every table but ``unreadable``
_LAST, _ = PAIRS[-1]
PAIRS.append((replace(_LAST, seq=len(PAIRS), body={}), None))


@pytest.fixture
def two(tmp_path):
    """Return the path of one catalogue, and a function that compares it with an untouched one."""
    readers = []
    for name in ("ours", "theirs"):
        url = sqlite_url(tmp_path / name)
        catalogue = SqlCatalogue(url)
        catalogue.apply(PAIRS)
        catalogue.close()
        readers.append(CatalogueReader(url))
    ours, theirs = readers
    return tmp_path / "ours", lambda: list(ours.differences(theirs))


def change(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    connection.commit()
    connection.close()


def test_two_catalogues_of_one_ledger_do_not_differ(two):
    _, differences = two
    assert differences() == []


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_every_column_of_every_table_is_compared(two, table):
    path, differences = two
    for column in table.columns:
        if not column.primary_key:
            change(path, str(table.update().values({column.name: literal_column("12345678")})))
            found = differences()
            assert {each.table for each in found} == {table.name}, column
            assert all(each.ours and each.theirs for each in found)


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_a_row_that_was_removed_is_named(two, table):
    path, differences = two
    change(path, str(table.delete()))
    found = differences()
    assert found
    assert all(each.table == table.name for each in found)
    assert all(each.ours is None and each.theirs for each in found)


def test_a_row_that_no_entry_gave_is_named_with_its_index(two):
    path, differences = two
    change(path, "INSERT INTO left_behind VALUES (99999, 'd:1', 3, 'unreadable')")
    (found,) = differences()
    assert (found.table, found.entry, found.theirs) == ("left_behind", 99999, None)


def test_a_row_that_moved_to_another_entry_is_missing_and_foreign(two):
    path, differences = two
    change(path, "UPDATE audits SET entry = 0")
    assert {(each.entry == 0, each.ours is None) for each in differences()} == {
        (True, False),
        (False, True),
    }


def test_a_key_of_another_type_is_named_too(two):
    path, differences = two
    change(
        path,
        "UPDATE event_subjects SET entry = 'x' WHERE entry = 2",
    )
    assert {each.table for each in differences()} == {"event_subjects"}

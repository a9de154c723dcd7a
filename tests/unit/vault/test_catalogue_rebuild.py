"""The catalogue can be thrown away: made again it is equal row by row, whatever happened to it."""

import sqlite3
import stat
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import ConflictError, MalformedError, VaultUnavailableError
from evidence.search import SegmentFilter
from tests.fakes.histories import batches, every_type, renumbered, some, without_keys
from vault.catalogue import Rebuilt, SqlCatalogue, rebuild
from vault.projection import project_all
from vault.search import CatalogueReader
from vault.sql import sqlite_url

HISTORIES = st.builds(some, st.integers(0, 999), st.lists(st.integers(0, 8), max_size=3))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "catalogue.sqlite"


@pytest.fixture
def url(path):
    return sqlite_url(path)


def applied(pairs, size=1000, url="sqlite://"):
    """Return the rows of a catalogue that was fed in batches of ``size``."""
    catalogue = SqlCatalogue(url)
    for batch in batches(pairs, size):
        catalogue.apply(batch)
    rows = list(catalogue.dump())
    catalogue.close()
    return rows


def rebuilt(url, pairs, size=7):
    return rebuild(url, map(project_all, batches(pairs, size)))


def rows_at(url):
    reader = CatalogueReader(url)
    rows = list(reader.dump())
    reader.close()
    return rows


def damage(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@settings(max_examples=6, deadline=None)
@given(HISTORIES, st.integers(1, 30))
def test_fed_one_by_one_or_in_batches_a_ledger_gives_the_same_rows(pairs, size):
    assert applied(pairs, 1) == applied(pairs, size)


def test_a_rebuild_names_an_entry_that_has_not_its_form_as_the_feed_did(url):
    pairs = every_type()
    entry, statement = pairs[5]
    pairs[5] = replace(entry, body={**entry.body, "noted": 7}), statement
    rows = applied(pairs)
    assert [row for name, row in rows if name == "unreadable"] == [{"entry": 5, "field": "noted"}]
    rebuilt(url, pairs)
    assert rows_at(url) == rows


@settings(max_examples=6, deadline=None)
@given(HISTORIES, st.integers(1, 30), st.integers(0, 999))
def test_even_a_ledger_in_an_order_that_no_session_writes_gives_the_same_rows(pairs, size, seed):
    shuffled = list(pairs)
    Random(seed).shuffle(shuffled)
    pairs = renumbered(shuffled)
    assert applied(pairs, 1) == applied(pairs, size)


@settings(max_examples=5, deadline=None)
@given(HISTORIES, st.integers(1, 30))
def test_a_rebuilt_catalogue_equals_the_one_that_grew(tmp_path_factory, pairs, size):
    url = sqlite_url(tmp_path_factory.mktemp("c") / "catalogue.sqlite")
    grown = applied(pairs, 3, url)
    made = rebuilt(url, pairs, size)
    assert rows_at(url) == grown
    assert made == Rebuilt(len(pairs), len(grown))


def test_a_rebuild_in_a_database_without_a_file_begins_at_entry_0():
    assert rebuilt("sqlite://", some(1, [3])).entries == len(some(1, [3]))


def test_a_rebuilt_catalogue_goes_on_where_the_ledger_goes_on(url):
    pairs = some(2, [4, 4, 4])
    rebuilt(url, pairs[:20])
    catalogue = SqlCatalogue(url)
    catalogue.apply(pairs[20:])
    catalogue.close()
    assert rows_at(url) == applied(pairs)


def test_a_rebuilt_catalogue_has_the_indexes_of_one_that_grew(path, url, tmp_path):
    def indexes(where):
        connection = sqlite3.connect(where)
        found = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
        connection.close()
        return found

    applied(some(1, [3]), 5, sqlite_url(tmp_path / "grown"))
    rebuilt(url, some(1, [3]))
    assert indexes(path) == indexes(tmp_path / "grown")


def test_a_rebuild_without_keys_leaves_no_name(url):
    pairs = every_type()
    applied(pairs, 10, url)
    rebuilt(url, without_keys(pairs))
    assert not [name for name, _ in rows_at(url) if name.endswith("_private")]


def test_a_rebuild_that_is_cut_leaves_the_old_catalogue_and_nothing_else(path, url):
    pairs = every_type()
    before = applied(pairs, 10, url)

    def cut():
        yield project_all(pairs[:10])
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        rebuild(url, cut())
    assert rows_at(url) == before
    assert not list(path.parent.glob("*.new*"))


def test_what_a_killed_rebuild_left_does_not_stop_the_next(path, url):
    path.with_name("catalogue.sqlite.new").write_bytes(b"half a database")
    path.with_name("catalogue.sqlite.new-journal").write_bytes(b"x")
    rebuilt(url, every_type())
    assert rows_at(url) == applied(every_type())


def test_a_log_of_the_old_catalogue_never_meets_the_new_one(path, url):
    pairs = every_type()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE foreign_rows (n)")
    connection.commit()
    assert path.with_name("catalogue.sqlite-wal").stat().st_size
    rebuilt(url, pairs)
    connection.close()
    assert rows_at(url) == applied(pairs)


@pytest.mark.parametrize("junk", [b"", b"no database at all " * 300])
def test_a_rebuild_replaces_what_cannot_be_opened(path, url, junk):
    path.write_bytes(junk)
    rebuilt(url, every_type())
    assert rows_at(url) == applied(every_type())


def test_who_is_reading_sees_the_rebuilt_catalogue_at_the_next_question(url):
    pairs = some(6, [5, 5])
    applied(pairs[:15], 5, url)
    reader = CatalogueReader(url)
    assert reader.applied() == 15
    rebuilt(url, pairs)
    assert reader.applied() == len(pairs)


@pytest.mark.parametrize("table", ["endings", "events", "sightings", "sighting_private"])
def test_a_transaction_that_fails_applies_nothing(path, url, table):
    pairs = every_type()
    catalogue = SqlCatalogue(url)
    catalogue.apply(pairs[:2])
    before = list(catalogue.dump())
    refuse = f"CREATE TRIGGER t BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
    damage(path, refuse)
    with pytest.raises(VaultUnavailableError, match="catalogue_unavailable"):
        catalogue.apply(pairs[2:])
    assert catalogue.applied() == 2
    assert list(catalogue.dump()) == before
    damage(path, "DROP TRIGGER t")
    catalogue.apply(pairs[2:])
    catalogue.close()
    assert rows_at(url) == applied(pairs)


def test_a_process_that_is_gone_before_its_commit_has_applied_nothing(path, url):
    pairs = every_type()
    applied(pairs[:4], 4, url)
    torn = sqlite3.connect(path, isolation_level=None)
    torn.execute("BEGIN IMMEDIATE")
    torn.execute("UPDATE meta SET applied = 5")
    torn.close()  # what the kernel does for a killed process
    assert applied(pairs[4:], 9, url) == applied(pairs)


def test_of_two_writers_only_one_applies_an_entry(url):
    pairs = every_type()
    one, two = SqlCatalogue(url), SqlCatalogue(url)
    assert one.applied() == two.applied() == 0
    one.apply(pairs[:5])
    with pytest.raises(ConflictError, match="catalogue_gap"):
        two.apply(pairs[:5])
    two.apply(pairs[5:])
    one.close()
    two.close()
    assert rows_at(url) == applied(pairs)


def test_an_entry_of_a_type_that_no_one_knows_is_not_stepped_over(url):
    pairs = renumbered([*every_type()[:3], every_type()[0]])
    pairs[1] = replace(pairs[1][0], type="segment.eaten"), None
    catalogue = SqlCatalogue(url)
    with pytest.raises(MalformedError):
        catalogue.apply(pairs)
    assert catalogue.applied() == 0
    catalogue.close()


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("UPDATE meta SET version = version + 1", "catalogue_version"),
        ("DELETE FROM meta", "catalogue_damaged"),
        ("DROP TABLE sightings", "catalogue_damaged"),
        ("UPDATE sightings SET at = 'noon'", "catalogue_damaged"),
        ("UPDATE sightings SET at = 9000000000000000000", "catalogue_damaged"),
        ("UPDATE segments SET codecs = x'ff'", "catalogue_damaged"),
    ],
)
def test_a_catalogue_that_is_not_ours_says_so(path, url, fault, word):
    applied(every_type(), 100, url)
    damage(path, fault)
    with pytest.raises(VaultUnavailableError, match=word):
        CatalogueReader(url).segments(SegmentFilter())


@pytest.mark.parametrize("open_it", [SqlCatalogue, lambda url: CatalogueReader(url).applied()])
def test_a_file_that_is_no_database_says_so(path, url, open_it):
    path.write_bytes(b"no database at all " * 300)
    with pytest.raises(VaultUnavailableError, match="catalogue_damaged"):
        open_it(url)


def test_a_writer_refuses_a_catalogue_of_another_version(path, url):
    applied(every_type(), 100, url)
    damage(path, "UPDATE meta SET version = version + 1")
    with pytest.raises(VaultUnavailableError, match="catalogue_version"):
        SqlCatalogue(url)


def test_a_catalogue_that_is_not_there_is_not_made_by_reading(path, url):
    with pytest.raises(VaultUnavailableError, match="catalogue_missing"):
        CatalogueReader(url).applied()
    assert not path.exists()


def test_a_folder_that_is_not_there_is_an_error_of_ours(tmp_path):
    with pytest.raises(VaultUnavailableError, match="vault_io"):
        SqlCatalogue(sqlite_url(tmp_path / "nowhere" / "catalogue.sqlite"))


def test_a_path_with_the_signs_of_an_address_is_only_a_path(tmp_path):
    url = sqlite_url(tmp_path / "a b?c#d%20e.sqlite")
    rows = applied(every_type(), 10, url)
    assert rows_at(url) == rows
    assert (tmp_path / "a b?c#d%20e.sqlite").exists()


def test_names_are_for_the_group_only_and_leave_no_trace_when_deleted(path, url):
    catalogue = SqlCatalogue(url)
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    with catalogue._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
    catalogue.close()


def test_a_reader_cannot_write(url):
    applied(every_type(), 10, url)
    with (
        CatalogueReader(url)._engine.connect() as connection,
        pytest.raises(Exception, match="readonly"),
    ):
        connection.exec_driver_sql("DELETE FROM segments")

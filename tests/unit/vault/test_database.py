"""What SQLite says becomes ours at one door, and the worst of it stops the process."""

import sqlite3

import pytest

from evidence.errors import FsyncFailedError, NoSpaceError, VaultUnavailableError
from vault.database import create_database, database_error, open_database, transaction

SCHEMA = "CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY, data BLOB)"


@pytest.fixture
def path(tmp_path):
    create_database(tmp_path / "a.sqlite", SCHEMA)
    return tmp_path / "a.sqlite"


@pytest.fixture
def connection(path):
    made = open_database(path)
    yield made
    made.close()


def names(connection):
    return [name for (name,) in connection.execute("SELECT name FROM things")]


def insert(path, connection, *things):
    with transaction(connection, path):
        connection.executemany("INSERT INTO things VALUES (?, zeroblob(20000))", things)


def insert_and_fail(connection):
    connection.execute("INSERT INTO things VALUES ('c', NULL)")
    raise OSError("planted")


def test_a_commit_waits_for_the_disk(connection):
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_a_transaction_is_whole_or_nothing(path, connection):
    insert(path, connection, "a")
    with pytest.raises(VaultUnavailableError, match="database_failed"):
        insert(path, connection, "b", "a")
    with pytest.raises(OSError, match="planted"), transaction(connection, path):
        insert_and_fail(connection)
    insert(path, connection, "d")
    assert names(connection) == ["a", "d"]


def test_a_full_disk_is_no_space_and_the_database_goes_on(path, connection):
    connection.execute("PRAGMA max_page_count=6")
    with pytest.raises(NoSpaceError, match="no_space"):
        insert(path, connection, "a", "b")
    connection.execute("PRAGMA max_page_count=1000")
    insert(path, connection, "c")
    assert names(connection) == ["c"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("SQLITE_IOERR_FSYNC", FsyncFailedError),
        ("SQLITE_IOERR_DIR_FSYNC", FsyncFailedError),
        ("SQLITE_IOERR_WRITE", FsyncFailedError),
        ("SQLITE_IOERR_READ", VaultUnavailableError),
        ("SQLITE_IOERR_SHORT_READ", VaultUnavailableError),
        ("SQLITE_FULL", NoSpaceError),
        ("SQLITE_BUSY", VaultUnavailableError),
        ("SQLITE_CORRUPT", VaultUnavailableError),
        ("SQLITE_NOTADB", VaultUnavailableError),
    ],
)
def test_each_trouble_has_its_class(path, name, error):
    foreign = sqlite3.OperationalError("planted")
    foreign.sqlite_errorname = name
    assert type(database_error(foreign, path)) is error


def test_a_damaged_file_is_told(path):
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
    with pytest.raises(VaultUnavailableError, match="database_damaged"):
        open_database(path)


def test_a_missing_file_is_never_made_by_opening(tmp_path):
    with pytest.raises(VaultUnavailableError, match="database_missing"):
        open_database(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_making_a_database_again_changes_nothing(path, connection):
    insert(path, connection, "a")
    create_database(path, SCHEMA)
    assert names(connection) == ["a"]
    assert path.stat().st_mode & 0o777 == 0o600

"""One writer, and one row that only grows."""

import sqlite3

import pytest

from evidence.errors import LedgerForkError, LedgerUnavailableError, VaultError
from vault.lock import CheckpointLock, Head, WriterLock

OLD, NEW = Head(1, b"a" * 32, b"note 1"), Head(3, b"b" * 32, b"note 3")


@pytest.fixture
def lock(tmp_path):
    CheckpointLock.create(tmp_path / "lock.sqlite", OLD)
    made = CheckpointLock(tmp_path / "lock.sqlite")
    yield made
    made.close()


def swap(lock, old, new):
    lock.compare_and_swap(old.size, old.root, new)


def test_a_lock_holds_the_last_checkpoint(lock):
    assert lock.head() == OLD
    swap(lock, OLD, NEW)
    assert lock.head() == NEW


def test_the_checkpoint_survives_the_process(lock):
    swap(lock, OLD, NEW)
    again = CheckpointLock(lock.path)
    assert again.head() == NEW
    again.close()


FORKS = {
    "another size before": (Head(2, OLD.root, b""), NEW),
    "another root before": (Head(1, b"c" * 32, b""), NEW),
    "the same size again": (OLD, Head(1, b"d" * 32, b"")),
    "a smaller size": (OLD, Head(0, b"d" * 32, b"")),
}


@pytest.mark.parametrize("fork", FORKS)
def test_a_second_branch_is_refused_and_changes_nothing(lock, fork):
    with pytest.raises(LedgerForkError, match="ledger_lock_moved"):
        swap(lock, *FORKS[fork])
    assert lock.head() == OLD


def test_of_two_writers_with_one_view_the_second_is_refused(lock):
    other = CheckpointLock(lock.path)
    swap(lock, OLD, NEW)
    with pytest.raises(LedgerForkError, match="ledger_lock_moved"):
        swap(other, OLD, Head(2, b"e" * 32, b""))
    other.close()


@pytest.mark.parametrize("sql", ["UPDATE head SET size=0", "DELETE FROM head"])
def test_the_file_itself_refuses_to_go_back(lock, sql):
    connection = sqlite3.connect(lock.path)
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        connection.execute(sql)
    connection.close()


def test_a_missing_lock_is_refused_and_not_made(tmp_path):
    with pytest.raises(LedgerForkError, match="ledger_lock_missing"):
        CheckpointLock(tmp_path / "lock.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_made_once(lock):
    with pytest.raises(LedgerForkError, match="ledger_lock_exists"):
        CheckpointLock.create(lock.path, NEW)
    assert lock.head() == OLD


def test_a_making_that_was_cut_is_begun_again(tmp_path):
    (tmp_path / ".lock.sqlite.partial").write_bytes(b"half a database")
    CheckpointLock.create(tmp_path / "lock.sqlite", OLD)
    lock = CheckpointLock(tmp_path / "lock.sqlite")
    assert lock.head() == OLD
    lock.close()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "lock.sqlite").write_bytes(b"x" * 4096)
    with pytest.raises(VaultError, match="database_damaged"):
        CheckpointLock(tmp_path / "lock.sqlite")


def test_the_lock_and_its_log_are_for_its_owner_only(lock):
    swap(lock, OLD, NEW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in lock.path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "lock.sqlite-wal" in modes


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path):
    first = WriterLock(tmp_path / "writer.lock")
    with pytest.raises(LedgerUnavailableError, match="ledger_busy"):
        WriterLock(tmp_path / "writer.lock")
    first.close()
    WriterLock(tmp_path / "writer.lock").close()

"""What keeps the ledger from forking: one writer process, and one row that only grows.

The lock database holds the last checkpoint that was ever signed.  It is trusted, the tree on disk
is not: a tree that was put back from a backup is behind it and is refused.  So it is never put
back from a backup itself; its path may lie outside the home for that reason.  The order of steps
around it is Sunlight's (notes: integrity a5).
"""

import fcntl
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from evidence.errors import LedgerForkError, LedgerUnavailableError
from vault.database import mapped_database, open_database, transaction
from vault.durable import mapped, sync_directory, sync_file

_FILE_MODE = 0o600
# The trigger holds what the code promises, also against whoever opens the file by hand.
_SCHEMA = """
    CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL
    );
    CREATE TRIGGER head_grows BEFORE UPDATE ON head WHEN NEW.size <= OLD.size
        BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
    CREATE TRIGGER head_stays BEFORE DELETE ON head
        BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
"""
_SELECT = "SELECT CAST(size AS INTEGER), CAST(root AS BLOB), CAST(note AS BLOB) FROM head"


@dataclass(frozen=True, slots=True)
class Head:
    """The last signed checkpoint: size in entries, root (32 bytes), and the signed note."""

    size: int
    root: bytes
    note: bytes


class CheckpointLock:
    """The compare-and-swap of the checkpoint, in a small SQLite file of its own."""

    @staticmethod
    def create(path: Path, head: Head) -> None:
        """Make the file for a new ledger; refuse where there is one.  Durable, whole or not at all.

        It is built under another name: a cut in between leaves no lock that knows no checkpoint.
        """
        partial = path.with_name(f".{path.name}.partial")
        with mapped(path):
            partial.unlink(missing_ok=True)
            descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
        try:
            _fill(partial, head)
            sync_file(descriptor, partial)
        finally:
            os.close(descriptor)
        _name(partial, path)

    def __init__(self, path: Path) -> None:
        """Open the lock of an existing ledger.  It is never made here: see the module."""
        if not path.exists():
            raise LedgerForkError("ledger_lock_missing", path=str(path))
        self.path = path
        self._mutex = Lock()
        self._connection = open_database(path)

    def head(self) -> Head:
        """Return the last checkpoint that was signed."""
        with self._mutex, mapped_database(self.path):
            row = self._connection.execute(_SELECT).fetchone()
        if row is None:
            raise LedgerForkError("ledger_lock_missing", path=str(self.path))
        return Head(*row)

    def compare_and_swap(self, old_size: int, old_root: bytes, new: Head) -> None:
        """Move from the old checkpoint to ``new``, durably, or raise ``LedgerForkError``."""
        update = "UPDATE head SET size=?, root=?, note=? WHERE size=? AND root=? AND size<?"
        values = (new.size, new.root, new.note, old_size, old_root, new.size)
        with self._mutex, transaction(self._connection, self.path) as connection:
            if connection.execute(update, values).rowcount != 1:
                raise LedgerForkError("ledger_lock_moved", expected=old_size, size=new.size)

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex:
            self._connection.close()


class WriterLock:
    """Held by the one process that may write to a ledger; freed by the kernel when it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock, or raise ``LedgerUnavailableError`` with the word ``ledger_busy``."""
        with mapped(path):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise LedgerUnavailableError("ledger_busy", path=str(path)) from error

    def close(self) -> None:
        """Give the lock back.  The file stays: removing it would let two writers hold two locks."""
        os.close(self._descriptor)


def _fill(path: Path, head: Head) -> None:
    with mapped_database(path), closing(sqlite3.connect(path)) as connection:
        connection.executescript(_SCHEMA)
        with connection:
            values = (head.size, head.root, head.note)
            connection.execute("INSERT INTO head VALUES (1, ?, ?, ?)", values)


def _name(partial: Path, path: Path) -> None:
    """Give the finished file its name, which must be new."""
    with mapped(path):
        try:
            os.link(partial, path)
        except FileExistsError as error:
            raise LedgerForkError("ledger_lock_exists", path=str(path)) from error
        partial.unlink()
    sync_directory(path.parent)

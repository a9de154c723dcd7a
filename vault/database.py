"""Our own SQLite files: opened in one way, and their errors mapped at this door.

Write-ahead log and ``synchronous=FULL``: a commit that returns survives a power cut, for one
fsync of the log (a rollback journal costs forty times as much, notes: A6).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from evidence.errors import (
    FsyncFailedError,
    NoSpaceError,
    VaultError,
    VaultUnavailableError,
)
from vault.durable import mapped, sync_directory

BUSY_TIMEOUT_S = 5.0  # each file has one writing process; this covers a reader's checkpoint
_FILE_MODE = 0o600
# Random subjects touch one page each: a longer log folds many batches into one copying of pages.
_LOG_PAGES = 4096  # of 4 KiB, at most 16 MiB to look through at a start after a cut


@contextmanager
def mapped_database(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about ``path`` into our errors.

    An I/O error of a write or a sync is ``FsyncFailedError``: SQLite may not know which pages
    reached the medium, and so the process stops, as after an fsync of our own.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise database_error(error, path) from error


def database_error(error: sqlite3.Error, path: Path) -> VaultError:
    """Return our error for one of SQLite's; the caller raises it from the old one."""
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name == "SQLITE_FULL":
        return NoSpaceError("no_space", path=str(path))
    if name.startswith("SQLITE_IOERR") and "READ" not in name:
        return FsyncFailedError("fsync_failed", path=str(path))
    if name in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
        return VaultUnavailableError("database_damaged", path=str(path))
    return VaultUnavailableError("database_failed", path=str(path), because=name)


def create_database(path: Path, schema: str) -> None:
    """Make the file with its tables, or leave it as it is; the name is durable on return."""
    if not path.exists():
        with mapped(path):
            path.touch(mode=_FILE_MODE)
    with mapped_database(path):
        connection = open_database(path)
        try:
            connection.executescript(f"BEGIN IMMEDIATE;{schema};COMMIT;")
        finally:
            connection.close()
    sync_directory(path.parent)


def open_database(
    path: Path, *, synchronous: Literal["FULL", "NORMAL"] = "FULL", secure_delete: bool = False
) -> sqlite3.Connection:
    """Open an existing file for one writer; transactions are begun and ended by hand.

    The connection may be used by several threads, one at a time: the caller holds a lock.
    """
    if not path.exists():
        raise VaultUnavailableError("database_missing", path=str(path))
    with mapped_database(path):
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        if secure_delete:
            connection.execute("PRAGMA secure_delete=ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """Commit what the block writes, durably, or nothing of it."""
    with mapped_database(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # Only politeness: what cannot roll back now is rolled back at the next open.
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise


def truncate_log(connection: sqlite3.Connection, path: Path) -> None:
    """Move everything out of the write-ahead log and empty it: it holds what was deleted.

    Raises ``VaultUnavailableError`` (``database_busy``) where another connection reads the log.
    """
    with mapped_database(path):
        busy, _pages, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise VaultUnavailableError("database_busy", path=str(path))

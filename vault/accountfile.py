"""``accounts.sqlite``: one file for who may sign in and who is signed in (mode 0600).

Backed up, and not to be made again from the ledger.  No password, token, code or challenge lies in
it as it is: hashes and digests only.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from evidence.codec import format_time, parse_time
from vault.database import create_database, mapped_database, open_database, transaction
from vault.keys import check_private

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS passwords (
        person TEXT PRIMARY KEY, account TEXT NOT NULL UNIQUE, hash TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS sessions (
        id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
        person TEXT NOT NULL, proof TEXT NOT NULL, place TEXT NOT NULL, opened_at TEXT NOT NULL,
        seen_at TEXT NOT NULL, proved_at TEXT, ended TEXT
    );
    CREATE TABLE IF NOT EXISTS tickets (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, digest TEXT NOT NULL, person TEXT NOT NULL,
        until TEXT NOT NULL, content BLOB NOT NULL, UNIQUE (kind, digest)
    );
    CREATE TABLE IF NOT EXISTS failures (
        id INTEGER PRIMARY KEY, account TEXT NOT NULL, address TEXT NOT NULL,
        because TEXT NOT NULL, minute TEXT NOT NULL, person TEXT, counted INTEGER NOT NULL,
        count INTEGER NOT NULL, told INTEGER NOT NULL, last TEXT NOT NULL,
        UNIQUE (account, address, because, minute)
    );
    CREATE TABLE IF NOT EXISTS places (
        account TEXT NOT NULL, address TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (account, address)
    );
    CREATE TABLE IF NOT EXISTS answers (
        person TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, at TEXT NOT NULL,
        content BLOB, PRIMARY KEY (person, key)
    )
"""


class AccountFile:
    """The open file; one thread at a time."""

    @staticmethod
    def create(path: Path) -> None:
        """Make the file, or leave the one that is there."""
        create_database(path, _SCHEMA)

    def __init__(self, path: Path) -> None:
        """Open it.  Raises ``VaultUnavailableError``, also where others may read it."""
        self.path = path
        check_private(path)
        self._mutex = Lock()
        self._connection = open_database(path, secure_delete=True)

    def rows(self, select: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """Return what a SELECT finds."""
        with self._mutex, mapped_database(self.path):
            return self._connection.execute(select, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Commit what the block writes, durably, or nothing of it."""
        with self._mutex, transaction(self._connection, self.path) as connection:
            yield connection

    def write(self, statement: str, *values: object) -> int:
        """Run one statement, durably; return how many rows it changed."""
        with self.writing() as connection:
            return connection.execute(statement, values).rowcount

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex:
            self._connection.close()


def told(at: datetime | None) -> str | None:
    """Return a time as it is kept: texts sort as times do."""
    return None if at is None else format_time(at)


def heard(text: str | None) -> datetime | None:
    """Return a time that was kept."""
    return None if text is None else parse_time(text)

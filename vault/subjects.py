"""The index subject -> last entry: what ``about`` and ``expect`` are made from.

A copy of what the ledger says, so it is written without waiting for the disk, caught up at every
start, and made anew when it is missing, damaged, or of another ledger.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from threading import Lock

from evidence.errors import VaultError
from evidence.merkle import leaf_hash
from vault.database import create_database, mapped_database, open_database, transaction
from vault.durable import mapped
from vault.reader import LedgerReader

_PAGE_ENTRIES = 4096  # caught up in one transaction
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS subjects (
        subject TEXT PRIMARY KEY, last INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS applied (
        one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, tip BLOB NOT NULL
    );
    INSERT OR IGNORE INTO applied VALUES (1, 0, x'')
"""
_COUNTED = "SELECT CAST(size AS INTEGER), (SELECT count(*) FROM subjects) FROM applied"
# One question for a whole batch: asked one by one, they were a fifth of an append.
_LASTS = """
    SELECT subject, CAST(last AS INTEGER) FROM json_each(?) JOIN subjects ON subject=value
"""
_APPLIED = "SELECT CAST(size AS INTEGER), CAST(tip AS BLOB) FROM applied"


class SubjectIndex:
    """The index, with how many entries it has applied and the leaf hash of the last of them."""

    def __init__(self, path: Path) -> None:
        """Open the file; make it where there is none, and anew where it is damaged."""
        self.path = path
        self._mutex = Lock()
        self._connection = self._open()

    def last(self, subject: str) -> int | None:
        """Return the index of the last applied entry about ``subject``, or None."""
        select = "SELECT CAST(last AS INTEGER) FROM subjects WHERE subject=?"
        with self._mutex, mapped_database(self.path):
            row = self._connection.execute(select, (subject,)).fetchone()
        return None if row is None else int(row[0])

    def lasts(self, subjects: Collection[str]) -> Mapping[str, int]:
        """Return the index of the last applied entry about each subject that has one."""
        with self._mutex, mapped_database(self.path):
            return dict(self._connection.execute(_LASTS, (json.dumps([*subjects]),)).fetchall())

    def applied(self) -> int:
        """Return how many entries of the ledger are in the index."""
        return self._applied()[0]

    def counted(self) -> tuple[int, int]:
        """Return how many entries are in the index, and how many subjects."""
        with self._mutex, mapped_database(self.path):
            size, count = self._connection.execute(_COUNTED).fetchone()
        return int(size), int(count)

    def apply(self, size: int, tip: bytes, lasts: Mapping[str, int]) -> None:
        """Move the index on to ``size`` entries, the last of which has the leaf hash ``tip``."""
        upsert = "INSERT INTO subjects VALUES (?, ?) ON CONFLICT DO UPDATE SET last=excluded.last"
        with self._mutex, transaction(self._connection, self.path) as connection:
            connection.executemany(upsert, lasts.items())
            connection.execute("UPDATE applied SET size=?, tip=?", (size, tip))

    def catch_up(self, reader: LedgerReader, size: int) -> None:
        """Apply what the tree of ``size`` has and the index has not; begin anew if it differs."""
        applied, tip = self._applied()
        if applied > size or (applied and leaf_hash(reader.leaf(applied - 1, size)) != tip):
            self._make_anew()
            applied = 0
        for start in range(applied, size, _PAGE_ENTRIES):
            stop = min(start + _PAGE_ENTRIES, size)
            lasts: dict[str, int] = {}
            for entry in reader.entries(start, stop, size):
                lasts |= dict.fromkeys(entry.about, entry.seq)
            self.apply(stop, leaf_hash(reader.leaf(stop - 1, size)), lasts)

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex:
            self._connection.close()

    def _applied(self) -> tuple[int, bytes]:
        with self._mutex, mapped_database(self.path):
            size, tip = self._connection.execute(_APPLIED).fetchone()
        return int(size), bytes(tip)

    def _open(self) -> sqlite3.Connection:
        try:
            return self._open_as_it_is()
        except VaultError as error:
            # No space and the like pass; only a damaged copy of the ledger is worth nothing.
            if error.word != "database_damaged":
                raise
            self._remove()
            return self._open_as_it_is()

    def _open_as_it_is(self) -> sqlite3.Connection:
        create_database(self.path, _SCHEMA)
        # NORMAL: after a power cut the last transactions may be missing, never half there.
        return open_database(self.path, synchronous="NORMAL")

    def _make_anew(self) -> None:
        with self._mutex:
            self._connection.close()
            self._remove()
            self._connection = self._open_as_it_is()

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            with mapped(self.path):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

"""A catalogue that may be missing, damaged or of another version when the ledger process starts.

The ledger never waits for it: it is opened when it is first needed, and asked again until it
answers.  Only ``rebuild`` throws away what lies there, because everything in it can be made again.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from evidence.entry import Entry, Statement
from vault.catalogue import Rebuilt, SqlCatalogue, rebuild
from vault.projection import Projected
from vault.sql import sqlite_url


class LazyCatalogue:
    """Implements the port ``Catalogue`` over a SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self._path = path
        self._opened: SqlCatalogue | None = None

    def applied(self) -> int:
        """See ``evidence.ports.Catalogue``."""
        return self._catalogue().applied()

    def apply(self, entries: Sequence[tuple[Entry, Statement | None]]) -> None:
        """See ``evidence.ports.Catalogue``."""
        self._catalogue().apply(entries)

    def rebuild(self, batches: Iterable[Projected]) -> Rebuilt:
        """Make it anew from entry 0, also where the old one cannot be opened."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        return rebuild(sqlite_url(self._path), batches)

    def _catalogue(self) -> SqlCatalogue:
        if self._opened is None:
            self._opened = SqlCatalogue(sqlite_url(self._path))
        return self._opened

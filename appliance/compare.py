"""The catalogue against the ledger, for the audit: made again, and compared row by row."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from appliance.home import Home
from evidence.entry import Entry, Statement
from evidence.errors import IntegrityError
from evidence.json import JsonObject
from vault.catalogue import rebuild
from vault.client import LedgerClient
from vault.projection import Projected, project_all
from vault.reader import LedgerReader
from vault.search import CatalogueReader
from vault.sql import sqlite_url

PAGE_ENTRIES = 256


def catalogue_differences(home: Home, client: LedgerClient, size: int) -> Iterator[JsonObject]:
    """Yield the facts of each row that is not what the first ``size`` entries give.

    Rows of entries that came since are nobody's difference.  Nothing is repaired.
    """
    client.wait_catalogue(size - 1)
    with tempfile.TemporaryDirectory(dir=home.run, prefix="audit-") as folder:
        path = Path(folder) / "catalogue.sqlite"
        rebuild(sqlite_url(path), _batches(home, client, size))
        ours = CatalogueReader(sqlite_url(home.catalogue))
        theirs = CatalogueReader(sqlite_url(path))
        try:
            for each in ours.differences(theirs):
                if each.entry is not None and each.entry < size:
                    where = "missing" if each.ours is None else "foreign"
                    kind = "changed" if each.ours and each.theirs else where
                    yield {"table": each.table, "entry": each.entry, "difference": kind}
        finally:
            ours.close()
            theirs.close()


def _batches(home: Home, client: LedgerClient, size: int) -> Iterator[Projected]:
    reader = LedgerReader(home.ledger)
    for first in range(0, size, PAGE_ENTRIES):
        stop = min(first + PAGE_ENTRIES, size)
        entries = reader.entries(first, stop, size)
        yield project_all([(entry, _statement(entry, client)) for entry in entries])


def _statement(entry: Entry, client: LedgerClient) -> Statement | None:
    if entry.statement is None:
        return None
    try:
        return client.get(entry.statement)
    except IntegrityError:
        return None  # lost or damaged: the audit names it where it compares statements

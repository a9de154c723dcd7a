"""The catalogue against the ledger, for the audit: made again, and compared row by row."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from appliance.home import Home
from evidence.entry import Entry, Statement
from evidence.errors import IntegrityError, VaultUnavailableError
from evidence.json import JsonObject
from evidence.search import Difference
from vault.catalogue import rebuild
from vault.client import LedgerClient
from vault.projection import Projected, project_all
from vault.reader import LedgerReader
from vault.search import CatalogueReader
from vault.sql import sqlite_url

PAGE_ENTRIES = 256
AHEAD_LIMIT = 1000  # rows of entries that are not there, told one by one
UNREADABLE_LIMIT = 1000  # entries that have not their form, told one by one


def catalogue_differences(
    home: Home, client: LedgerClient, size_now: Callable[[], int]
) -> Iterator[JsonObject]:
    """Yield the facts of each row that is not what the entries of the ledger give.

    First the entries that give no rows but in ``unreadable``, with the ``field`` that is at fault.
    Rows of entries that came meanwhile are nobody's difference.  Nothing is repaired.
    """
    size = size_now()
    client.wait_catalogue(size - 1)
    unreadable: list[JsonObject] = []
    with tempfile.TemporaryDirectory(dir=home.run, prefix="audit-") as folder:
        path = Path(folder) / "catalogue.sqlite"
        rebuild(sqlite_url(path), _batches(home, client, size, unreadable))
        yield from unreadable
        ours = CatalogueReader(sqlite_url(home.catalogue))
        theirs = CatalogueReader(sqlite_url(path))
        ahead: list[Difference] = []
        try:
            for each in ours.differences(theirs):
                if each.entry is None:
                    continue  # the row that counts the entries
                if each.entry < size:
                    yield _facts(each)
                elif len(ahead) < AHEAD_LIMIT:
                    ahead.append(each)
        finally:
            ours.close()
            theirs.close()
    newest = size_now()
    yield from (_facts(each) for each in ahead if each.entry is None or each.entry >= newest)


def _facts(difference: Difference) -> JsonObject:
    where = "missing" if difference.ours is None else "foreign"
    kind = "changed" if difference.ours and difference.theirs else where
    return {"table": difference.table, "entry": difference.entry, "difference": kind}


def _batches(
    home: Home, client: LedgerClient, size: int, unreadable: list[JsonObject]
) -> Iterator[Projected]:
    reader = LedgerReader(home.ledger)
    for first in range(0, size, PAGE_ENTRIES):
        stop = min(first + PAGE_ENTRIES, size)
        entries = reader.entries(first, stop, size)
        batch = project_all([(entry, _statement(entry, client)) for entry in entries])
        room = UNREADABLE_LIMIT - len(unreadable)
        unreadable += [dict(row) for row in batch.rows.get("unreadable", [])[:room]]
        yield batch


def _statement(entry: Entry, client: LedgerClient) -> Statement | None:
    if entry.statement is None:
        return None
    try:
        return client.get(entry.statement)
    except (IntegrityError, VaultUnavailableError):
        return None  # lost or damaged: the audit names it where it compares statements

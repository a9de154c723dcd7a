"""The catalogue, in SQL: a view of the ledger that may be thrown away at any moment.

Only the ledger's own process writes it.  A power cut may cost its last transactions (they are not
synced one by one), never its consistency: the row of ``meta`` says how far it has come, and the
ledger gives the rest again.  That is why an error here is "unavailable" even where SQLite speaks
of the disk: nothing but searching waits for a catalogue.
"""

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, insert, inspect, make_url, update
from sqlalchemy.schema import CreateTable

from evidence.entry import Entry, Statement
from evidence.errors import ConflictError
from vault.columns import metadata
from vault.durable import mapped, sync_directory, sync_file
from vault.forgetting import forget, forget_all
from vault.fulltext import create_full_text, drop_full_text, purge_full_text
from vault.projection import Projected, project_all
from vault.rows import Row
from vault.sql import (
    Inserting,
    dump,
    file_of,
    insert_rows,
    inserts_for,
    mapped_sql,
    open_for_writing,
    read_applied,
    writing,
)
from vault.tables import LOADING, SCHEMA, TABLES, meta

LOADING_CACHE_KIB = 16 * 1024  # and as much again to sort an index
LOADING_ENTRIES = 4096  # of one transaction of a rebuild: some 20 MiB of rows
_FILE_MODE = 0o640  # it holds names; the group is who may search
_WRITING = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")
# Nobody reads the file yet, and a rebuild that is cut begins again.
_LOADING = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA locking_mode=EXCLUSIVE",
    f"PRAGMA cache_size=-{LOADING_CACHE_KIB}",
)

Pair = tuple[Entry, Statement | None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made."""

    entries: int
    rows: int


class SqlCatalogue:
    """Implements the port ``Catalogue`` on SQLite, later PostgreSQL, by URL.

    Everything raises ``VaultUnavailableError`` with the word ``catalogue_unavailable``,
    ``catalogue_damaged`` or ``catalogue_version``; the way on from the last two is ``rebuild``.
    """

    def __init__(self, url: str) -> None:
        """Open the catalogue, making it where there is none."""
        self._url = make_url(url)
        self._engine = _opened(self._url)
        self._inserts = inserts_for(self._engine.dialect)

    def applied(self) -> int:
        """See ``evidence.ports.Catalogue``."""
        with mapped_sql(), self._engine.connect() as connection:
            return read_applied(connection)

    def apply(self, entries: Sequence[Pair]) -> None:
        """Insert the rows of the next entries: all, or none and an error.

        Raises ``ConflictError`` (``catalogue_gap``) where they do not begin at ``applied()`` or do
        not follow each other, and ``MalformedError`` for an entry that gives no rows.
        """
        if entries:
            batch = project_all(entries)
            with writing(self._engine) as connection:
                _insert(connection, self._inserts, batch)
                forget(connection, batch.rows.get("tombstones", ()))
                if any(row["step"] == "done" for row in batch.rows.get("disposals", ())):
                    purge_full_text(connection)

    def dump(self) -> Iterator[tuple[str, Row]]:
        """Yield every row of every table in one order, as of one moment."""
        yield from dump(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def rebuild(url: str, batches: Iterable[Projected]) -> Rebuilt:
    """Make a catalogue anew from entry 0 on, also where the old one cannot be opened.

    The caller projects (``project_all``), so that other processes may do it, and has closed its
    own ``SqlCatalogue``.  A file is built beside and takes the old one's place at the end; until
    then the old one answers.  A cut leaves the old catalogue or none: then the next start begins
    at entry 0.
    """
    made = make_url(url)
    path = file_of(made)
    with _no_collector():
        return _rebuild_in_place(made, batches) if path is None else _rebuild_file(path, batches)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Let the cycle collector rest: millions of rows pass, none in a cycle, and it reads them all.

    It costs a fifth of a rebuild.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _rebuild_file(path: Path, batches: Iterable[Projected]) -> Rebuilt:
    beside = path.with_name(path.name + ".new")
    _remove_database(beside)
    try:
        rebuilt = _load(beside, batches)
        _replace(path, beside)
    finally:
        _remove_database(beside)
    return rebuilt


def _rebuild_in_place(url: URL, batches: Iterable[Projected]) -> Rebuilt:
    engine = open_for_writing(url, ())
    try:
        with writing(engine) as connection:
            drop_full_text(connection)
            metadata.drop_all(connection)
            _create(connection)
        return _fill(engine, batches)
    finally:
        engine.dispose()


def _opened(url: URL) -> Engine:
    path = file_of(url)
    if path is not None:
        with mapped(path):
            path.touch(mode=_FILE_MODE)
    engine = open_for_writing(url, _WRITING)
    try:
        with writing(engine) as connection:
            if not inspect(connection).has_table(meta.name):
                _create(connection)
                _create_indexes(connection)
            read_applied(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _create(connection: Connection) -> None:
    """Make the tables and what an insert looks up; the other indexes come when rows are there."""
    for table in TABLES.values():
        connection.execute(CreateTable(table))
        for index in table.indexes:
            if index.name in LOADING:
                index.create(connection)
    create_full_text(connection)
    connection.execute(insert(meta).values(one=1, version=SCHEMA, applied=0))


def _create_indexes(connection: Connection) -> None:
    for table in TABLES.values():
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if index.name not in LOADING:
                index.create(connection)


def _insert(connection: Connection, inserts: Mapping[str, Inserting], batch: Projected) -> None:
    _advance(connection, batch.first, batch.count)
    for name, inserting in inserts.items():
        if rows := batch.rows.get(name):
            insert_rows(connection, inserting, rows)


def _advance(connection: Connection, first: int, count: int) -> None:
    """Compare and swap: two writers of one catalogue never apply an entry twice."""
    change = update(meta).where(meta.c.applied == first).values(applied=first + count)
    if connection.execute(change).rowcount != 1:
        raise ConflictError("catalogue_gap", applied=read_applied(connection), got=first)


def _load(path: Path, batches: Iterable[Projected]) -> Rebuilt:
    """Make a whole catalogue in a new file, durable on return."""
    with mapped(path):
        path.touch(mode=_FILE_MODE, exist_ok=False)
    engine = open_for_writing(URL.create("sqlite", database=str(path)), _LOADING)
    try:
        with writing(engine) as connection:
            _create(connection)
        rebuilt = _fill(engine, batches)
    finally:
        engine.dispose()
    with mapped(path), path.open("rb") as file:
        sync_file(file.fileno(), path)
    return rebuilt


def _fill(engine: Engine, batches: Iterable[Projected]) -> Rebuilt:
    inserts = inserts_for(engine.dialect)
    entries, rows = 0, 1  # the row of meta
    for batch in _gathered(batches):
        with writing(engine) as connection:
            _insert(connection, inserts, batch)
        entries += batch.count
        rows += sum(map(len, batch.rows.values()))
    with writing(engine) as connection:
        _create_indexes(connection)
        if gone := forget_all(connection):
            purge_full_text(connection)
            rows -= gone
    return Rebuilt(entries, rows)


def _gathered(batches: Iterable[Projected]) -> Iterator[Projected]:
    """Yield batches of at least ``LOADING_ENTRIES``, but for the last one."""
    first, count, rows = 0, 0, defaultdict[str, list[Row]](list)
    for batch in batches:
        if batch.first != first + count:
            raise ConflictError("catalogue_gap", applied=first + count, got=batch.first)
        count += batch.count
        for name, more in batch.rows.items():
            rows[name] += more
        if count >= LOADING_ENTRIES:
            yield Projected(first, count, rows)
            first, count, rows = first + count, 0, defaultdict(list)
    if count:
        yield Projected(first, count, rows)


def _replace(path: Path, beside: Path) -> None:
    """Put the new file in the old one's place; whoever still reads the old one reads on.

    The old log must never meet the new file, so the old catalogue goes first: cut in between,
    there is none, and a catalogue that is missing is begun again at entry 0.
    """
    _remove_database(path)
    sync_directory(path.parent)
    with mapped(path):
        beside.rename(path)
    sync_directory(path.parent)


def _remove_database(path: Path) -> None:
    with mapped(path):
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)

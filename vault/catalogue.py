"""The catalogue, in SQL: a view of the ledger that may be thrown away at any moment.

Only the ledger's own process writes it.  A power cut may cost its last transactions (they are not
synced one by one), never its consistency: the row of ``meta`` says how far it has come, and the
ledger gives the rest again.  That is why an error here is "unavailable" even where SQLite speaks
of the disk: nothing but searching waits for a catalogue.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.schema import CreateTable

from evidence.entry import Entry, Statement
from evidence.errors import ConflictError, VaultUnavailableError
from vault.durable import mapped, sync_directory, sync_file
from vault.projection import project
from vault.rows import Row
from vault.tables import LOADING, SCHEMA, TABLES, insert_sql, meta, metadata

BUSY_TIMEOUT_S = 5.0
CACHE_KIB = 8 * 1024  # pages that one connection keeps
LOADING_CACHE_KIB = 48 * 1024
_FILE_MODE = 0o640  # it holds names; the group is who may search
_FETCH_ROWS = 1000
_EVERY_CONNECTION = (
    f"PRAGMA cache_size=-{CACHE_KIB}",
    "PRAGMA secure_delete=ON",  # a name that is deleted is not left in a free page
)
_WRITING = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")
# Nobody reads the file yet, and a rebuild that is cut begins again.
_LOADING = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA locking_mode=EXCLUSIVE",
    f"PRAGMA cache_size=-{LOADING_CACHE_KIB}",
)

Pair = tuple[Entry, Statement | None]


def sqlite_url(path: Path) -> str:
    """Return the URL of a catalogue in a file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


class SqlCatalogue:
    """Implements the port ``Catalogue`` on SQLite, later PostgreSQL, by URL.

    Everything raises ``VaultUnavailableError`` with the word ``catalogue_unavailable``,
    ``catalogue_damaged`` or ``catalogue_version``; the way on from the last two is ``rebuild``.
    """

    def __init__(self, url: str) -> None:
        """Open the catalogue, making it where there is none."""
        self._url = make_url(url)
        self._engine = _open_for_writing(self._url)
        self._inserts = insert_sql(self._engine.dialect)

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
            _apply(self._engine, self._inserts, entries)

    def rebuild(self, batches: Iterable[Sequence[Pair]]) -> int:
        """Make the catalogue anew from entry 0 on; return how many entries it holds.

        A file is built beside and takes the old one's place at the end; until then the old one
        answers.  A cut leaves the old catalogue, or none: then the next start begins at entry 0.
        """
        path = _file_of(self._url)
        if path is None:
            return self._rebuild_in_place(batches)
        beside = path.with_name(path.name + ".new")
        _remove_database(beside)
        try:
            applied = _load(beside, batches)
            self._engine.dispose()
            _replace(path, beside)
        finally:
            _remove_database(beside)
            self._engine.dispose()
        self._engine = _open_for_writing(self._url)
        return applied

    def dump(self) -> Iterator[tuple[str, Row]]:
        """Yield every row of every table in one order, as of one moment."""
        yield from dump(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _rebuild_in_place(self, batches: Iterable[Sequence[Pair]]) -> int:
        with mapped_sql(), self._engine.execution_options(writes=True).begin() as connection:
            metadata.drop_all(connection)
            _create(connection)
            _create_indexes(connection)
        for batch in batches:
            self.apply(batch)
        return self.applied()


def open_engine(url: URL, pragmas: Sequence[str] = (), *, read_only: bool = False) -> Engine:
    """Return an engine whose transactions are begun by us, and whose SQLite is set up."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    path = _file_of(url)
    if read_only and path is not None:
        query = {"mode": "ro", "uri": "true"}
        url = URL.create("sqlite", database=f"file:{quote(str(path))}", query=query)
    engine = create_engine(url, paramstyle="named", connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def _connected(connection: DBAPIConnection, _record: object) -> None:
        # The driver would begin at the first write only, and never for a schema.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*_EVERY_CONNECTION, *pragmas):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        # A reader that becomes a writer would fail where another has written in between.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def mapped_sql() -> Iterator[None]:
    """Turn what SQLAlchemy raises into ``VaultUnavailableError``."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _catalogue_error(error) from error


def read_applied(connection: Connection) -> int:
    """Return how many entries the catalogue holds; refuse one of another version."""
    row = connection.execute(select(meta.c.version, meta.c.applied)).one()
    if row.version != SCHEMA:
        raise VaultUnavailableError("catalogue_version", found=row.version, wanted=SCHEMA)
    return int(row.applied)


def dump(engine: Engine) -> Iterator[tuple[str, Row]]:
    """Yield every row of every table by its key, as of one moment, with few in memory."""
    with mapped_sql(), engine.connect() as connection:
        for table in TABLES.values():
            query = select(table).order_by(*table.primary_key.columns)
            rows = connection.execution_options(yield_per=_FETCH_ROWS).execute(query)
            for row in rows.mappings():
                yield table.name, dict(row)


def _catalogue_error(error: SQLAlchemyError) -> VaultUnavailableError:
    origin = error.orig if isinstance(error, DBAPIError) else None
    name = getattr(origin, "sqlite_errorname", "") or type(origin or error).__name__
    if name in {"SQLITE_CORRUPT", "SQLITE_NOTADB"} or isinstance(error, NoSuchTableError):
        return VaultUnavailableError("catalogue_damaged", because=name)
    return VaultUnavailableError("catalogue_unavailable", because=name)


def _open_for_writing(url: URL) -> Engine:
    path = _file_of(url)
    if path is not None:
        with mapped(path):
            path.touch(mode=_FILE_MODE)
    engine = open_engine(url, _WRITING)
    try:
        with mapped_sql(), engine.execution_options(writes=True).begin() as connection:
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
    connection.execute(insert(meta).values(one=1, version=SCHEMA, applied=0))


def _create_indexes(connection: Connection) -> None:
    for table in TABLES.values():
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if index.name not in LOADING:
                index.create(connection)


def _apply(engine: Engine, inserts: Mapping[str, str], entries: Sequence[Pair]) -> None:
    first = entries[0][0].seq
    for seq, (entry, _) in enumerate(entries, first):
        if entry.seq != seq:
            raise ConflictError("catalogue_gap", applied=seq, got=entry.seq)
    rows = _rows(entries)
    with mapped_sql(), engine.execution_options(writes=True).begin() as connection:
        _advance(connection, first, len(entries))
        for name, batch in rows.items():
            if batch:
                # Straight to the driver: its executemany takes the rows as they are.
                connection.exec_driver_sql(inserts[name], batch)


def _rows(entries: Sequence[Pair]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for entry, statement in entries:
        for name, row in project(entry, statement):
            rows[name].append(row)
    return rows


def _advance(connection: Connection, first: int, count: int) -> None:
    """Compare and swap: two writers of one catalogue never apply an entry twice."""
    change = update(meta).where(meta.c.applied == first).values(applied=first + count)
    if connection.execute(change).rowcount != 1:
        raise ConflictError("catalogue_gap", applied=read_applied(connection), got=first)


def _load(path: Path, batches: Iterable[Sequence[Pair]]) -> int:
    """Make a whole catalogue in a new file, durable on return."""
    with mapped(path):
        path.touch(mode=_FILE_MODE, exist_ok=False)
    engine = open_engine(URL.create("sqlite", database=str(path)), _LOADING)
    writing, inserts = engine.execution_options(writes=True), insert_sql(engine.dialect)
    try:
        with mapped_sql(), writing.begin() as connection:
            _create(connection)
        for batch in batches:
            if batch:
                _apply(engine, inserts, batch)
        with mapped_sql(), writing.begin() as connection:
            _create_indexes(connection)
            connection.execute(text("ANALYZE"))
            applied = read_applied(connection)
    finally:
        engine.dispose()
    with mapped(path), path.open("rb") as file:
        sync_file(file.fileno(), path)
    return applied


def _replace(path: Path, beside: Path) -> None:
    """Put the new file in the old one's place; whoever still reads the old one reads on.

    The old log must never meet the new file, so the old catalogue goes first: cut in between,
    there is none, and a catalogue that is missing is begun again at entry 0.
    """
    _remove_database(path)
    with mapped(path):
        beside.rename(path)
    sync_directory(path.parent)


def _remove_database(path: Path) -> None:
    with mapped(path):
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)


def _file_of(url: URL) -> Path | None:
    """Return the file of a SQLite catalogue; None for one in memory or on a server."""
    is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(url.database) if is_file and url.database else None

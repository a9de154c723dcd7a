"""How the catalogue's database is opened, asked and filled, and its errors mapped, at one door."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Compiled,
    Connection,
    Dialect,
    Engine,
    Insert,
    NullPool,
    Select,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, NoResultFound, SQLAlchemyError
from sqlalchemy.sql.compiler import SQLCompiler

from evidence.errors import VaultUnavailableError
from vault.rows import Row, Value
from vault.tables import SCHEMA, TABLES, dockings, meta, segments, sightings

BUSY_TIMEOUT_S = 5.0
CACHE_KIB = 8 * 1024  # pages that one connection keeps
_FETCH_ROWS = 1000
_DAMAGED, _UNAVAILABLE = "catalogue_damaged", "catalogue_unavailable"
_EVERY_CONNECTION = (
    f"PRAGMA cache_size=-{CACHE_KIB}",
    "PRAGMA secure_delete=ON",  # a name that is deleted is not left in a free page
)


def sqlite_url(path: Path) -> str:
    """Return the URL of a catalogue in a file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def open_for_writing(url: URL, pragmas: Sequence[str]) -> Engine:
    """Return an engine that ``pragmas`` set up where it is SQLite; see ``writing``."""
    engine = create_engine(url, **_wait(url))
    return _prepared(engine, (*_EVERY_CONNECTION, *pragmas))


def open_for_reading(url: str) -> Engine:
    """Return an engine that cannot write; a catalogue that is not there is not made."""
    made = make_url(url)
    path = file_of(made)
    if path is None:
        return _prepared(create_engine(made), _EVERY_CONNECTION)
    query = {"mode": "ro", "uri": "true"}
    read_only = URL.create("sqlite", database=f"file:{quote(str(path))}", query=query)
    # A rebuild puts another file in its place: whoever asks opens the one that is there now.
    engine = create_engine(read_only, poolclass=NullPool, **_wait(made))
    return _prepared(engine, _EVERY_CONNECTION)


def _wait(url: URL) -> dict[str, Any]:
    return {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if _is_sqlite(url) else {}


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _prepared(engine: Engine, pragmas: Sequence[str]) -> Engine:
    """Return the engine; on SQLite, transactions are begun by us: the driver would begin late."""
    if not _is_sqlite(engine.url):
        return engine

    @event.listens_for(engine, "connect")
    def _connected(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        # A reader that becomes a writer would fail where another has written in between.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Commit what the block writes, or nothing of it."""
    with mapped_sql(), engine.execution_options(writes=True).begin() as connection:
        yield connection


@dataclass(frozen=True, slots=True)
class Asking:
    """Several questions to the catalogue as of one moment."""

    applied: int  # entries it held at that moment
    _connection: Connection

    def rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Mapping[str, Any]]:
        """Return the rows, by column; the query has a limit."""
        return [dict(row) for row in self._connection.execute(query).mappings()]


@contextmanager
def asking(engine: Engine) -> Iterator[Asking]:
    """Let questions be asked; values that no catalogue of ours holds are damage."""
    with mapped_sql(), engine.connect() as connection:
        try:
            yield Asking(read_applied(connection), connection)
        except (TypeError, ValueError, OverflowError) as error:
            because = type(error).__name__
            raise VaultUnavailableError("catalogue_damaged", because=because) from error


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
            try:
                for row in rows.mappings():
                    yield table.name, dict(row)
            except (TypeError, ValueError, OverflowError) as error:  # see ``asking``
                because = type(error).__name__
                raise VaultUnavailableError("catalogue_damaged", because=because) from error


@dataclass(frozen=True, slots=True)
class Inserting:
    """The INSERT of one row in the words of a database, and its values in the order it wants."""

    sql: str
    values: Callable[[Iterable[Row]], Iterable[Row] | Iterable[tuple[Value, ...]]]


def inserts_for(dialect: Dialect) -> dict[str, Inserting]:
    """Return how each table is filled, in the order in which they are."""
    statements = {name: insert(table) for name, table in TABLES.items()}
    statements[sightings.name] = _insert_sighting()
    return {name: _inserting(each.compile(dialect=dialect)) for name, each in statements.items()}


def insert_rows(connection: Connection, inserting: Inserting, rows: Sequence[Row]) -> None:
    """Insert rows straight through the driver, whose errors are mapped here.

    SQLAlchemy would first copy every row into a list: a fifth of a rebuild.
    """
    cursor: Any = connection.connection.cursor()  # typed for sequences; drivers take any iterable
    try:
        cursor.executemany(inserting.sql, inserting.values(rows))
    except connection.dialect.loaded_dbapi.Error as error:
        raise _driver_error(error) from error
    finally:
        cursor.close()


def _inserting(compiled: Compiled) -> Inserting:
    order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
    return Inserting(str(compiled), partial(map, itemgetter(*order)) if order else iter)


def _insert_sighting() -> Insert:
    """Look up what the entry of a sighting does not say: its slot, and the kind when seen again.

    Only older entries are asked, so a batch gives what its entries one by one would give.
    """
    given = {column.name: bindparam(column.name, type_=column.type) for column in sightings.c}
    newest = (
        select(func.max(dockings.c.entry))
        .where(dockings.c.docking == given["docking"], dockings.c.entry < given["entry"])
        .scalar_subquery()
    )
    kind = select(segments.c.kind).where(
        segments.c.entry == given["segment"], segments.c.entry < given["entry"]
    )
    looked_up = {
        "slot": select(dockings.c.slot).where(dockings.c.entry == newest).scalar_subquery(),
        "kind": func.coalesce(given["kind"], kind.scalar_subquery()),
    }
    return insert(sightings).from_select(list(given), select(*(given | looked_up).values()))


def _catalogue_error(error: SQLAlchemyError) -> VaultUnavailableError:
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _driver_error(error.orig)
    # NoResultFound: the row of ``meta`` is not there.
    word = _DAMAGED if isinstance(error, NoResultFound) else _UNAVAILABLE
    return VaultUnavailableError(word, because=type(error).__name__)


def _driver_error(error: BaseException) -> VaultUnavailableError:
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name == "SQLITE_CANTOPEN":
        return VaultUnavailableError("catalogue_missing")
    # SQLITE_ERROR: a table or a column is not there.
    damaged = name in {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR"}
    word = _DAMAGED if damaged else _UNAVAILABLE
    return VaultUnavailableError(word, because=name)


def file_of(url: URL) -> Path | None:
    """Return the file of a SQLite catalogue; None for one in memory or on a server."""
    name = url.database if _is_sqlite(url) else None
    return Path(name) if name and name != ":memory:" else None

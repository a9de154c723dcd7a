"""Where two catalogues differ, row by row: for the audit, and for nothing that repairs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from evidence.search import Difference
from vault.rows import Row
from vault.tables import TABLES

# Whoever changed a row may have changed a type: text and numbers have an order too, as in SQLite.
Rank: TypeAlias = tuple[int, int, str]

_KEYS = {name: table.primary_key.columns.keys() for name, table in TABLES.items()}
_PLACES = {name: place for place, name in enumerate(TABLES)}


@dataclass(frozen=True, slots=True)
class _Keyed:
    key: tuple[int, tuple[Rank, ...]]
    table: str
    row: Row


def differences(
    ours: Iterator[tuple[str, Row]], theirs: Iterator[tuple[str, Row]]
) -> Iterator[Difference]:
    """Yield what differs between two dumps, with one row of each in memory."""
    left, right = _next(ours), _next(theirs)
    while left or right:  # every round takes at least one row from one of the two
        if right is None or (left is not None and left.key < right.key):
            yield _difference(left, None)
            left = _next(ours)
        elif left is None or right.key < left.key:
            yield _difference(None, right)
            right = _next(theirs)
        else:
            if left.row != right.row:
                yield _difference(left, right)
            left, right = _next(ours), _next(theirs)


def _next(rows: Iterator[tuple[str, Row]]) -> _Keyed | None:
    table, row = next(rows, ("", {}))
    if not table:
        return None
    return _Keyed((_PLACES[table], tuple(_rank(row[name]) for name in _KEYS[table])), table, row)


def _rank(value: object) -> Rank:
    return (0, value, "") if isinstance(value, int) else (1, 0, str(value))


def _difference(left: _Keyed | None, right: _Keyed | None) -> Difference:
    known = left or right
    entry = known.row.get("entry") if known else None
    return Difference(
        table=known.table if known else "",
        entry=entry if isinstance(entry, int) else None,
        ours=left.row if left else None,
        theirs=right.row if right else None,
    )

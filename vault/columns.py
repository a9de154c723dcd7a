"""The columns of which the tables of the catalogue are made."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Text

metadata = MetaData()

# SQLite keeps a table in the order of its key only when the type is literally INTEGER.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def number(name: str, *, null: bool = False, key: bool = False) -> Column[int]:
    """Return a column of whole numbers."""
    return Column(name, _NUMBER, nullable=null, primary_key=key, autoincrement=False)


def text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    """Return a column of texts."""
    return Column(name, Text, nullable=null, primary_key=key)


def flag(name: str) -> Column[bool]:
    """Return a column of truth values."""
    return Column(name, Boolean, nullable=False)


def entry() -> Column[int]:
    """Return the key of a table, or the first column of its key."""
    return number("entry", key=True)


def nth() -> tuple[Column[int], Column[int]]:
    """Return the key of a table with several rows for one entry, numbered in its order.

    Such a table says ``sqlite_with_rowid=False``: its key orders it, and needs no index beside.
    """
    return number("entry", key=True), number("n", key=True)

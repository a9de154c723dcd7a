"""What the catalogue forgets when a segment is disposed of: every row that tells of it.

The ledger keeps its entries, so ``events`` and what is about questions and holds stay; they name
ids only.  ``secure_delete`` leaves nothing of a name in a free page; triggers take its words out of
the full-text index, which is written anew when a disposal is done.  A segment that is docked again
has rows of its own, behind its tombstone: only what stands before that goes.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Column, ColumnElement, Connection, delete, select

from vault.desk_tables import label_people, label_private, labels
from vault.keep_tables import hold_answer_private, hold_answers, tombstones
from vault.rows import Row, Value
from vault.tables import findings, segments, sighting_findings, sighting_private, sightings

_AT_ONCE = 500  # entries in one statement


def forget(connection: Connection, ended: Iterable[Row]) -> int:
    """Delete what tells of segments, by their rows in ``tombstones``; return how many rows.

    Many at once: statements cost more than rows do.
    """
    entries, gone = [row["entry"] for row in ended], 0
    for begin in range(0, len(entries), _AT_ONCE):
        gone += _forget(connection, entries[begin : begin + _AT_ONCE])
    return gone


def _forget(connection: Connection, ended: Sequence[Value]) -> int:
    """Do it for some tombstones, which stand in the catalogue already."""
    buried = tombstones.c.entry.in_(ended)
    of_segment = segments.c.sha256 == tombstones.c.sha256, segments.c.entry < tombstones.c.entry
    of_sighting = sightings.c.segment == segments.c.entry, sightings.c.entry < tombstones.c.entry
    of_label = labels.c.sha256 == tombstones.c.sha256, labels.c.entry < tombstones.c.entry
    sealed = _column(connection, segments.c.entry, buried, *of_segment)
    seen = _column(connection, sightings.c.entry, buried, *of_segment, *of_sighting)
    said = _column(connection, labels.c.entry, buried, *of_label)
    of_answer = hold_answers.c.of == sightings.c.entry, hold_answers.c.entry < tombstones.c.entry
    told = _column(connection, hold_answers.c.entry, buried, *of_segment, *of_sighting, *of_answer)
    gone = 0
    for table in (sighting_private, sighting_findings, sightings):
        gone += _delete(connection, table.c.entry, seen)
    for table in (label_people, label_private, labels):
        gone += _delete(connection, table.c.entry, said)
    gone += _delete(connection, hold_answer_private.c.entry, told)  # why a mark needs no hold
    gone += _delete(connection, findings.c.segment, sealed)
    gone += _delete(connection, segments.c.entry, sealed)
    return gone


def forget_all(connection: Connection) -> int:
    """Do the same for every tombstone of a catalogue that was just filled."""
    rows = connection.execute(select(tombstones.c.entry).order_by(tombstones.c.entry)).all()
    return forget(connection, [{"entry": row.entry} for row in rows])


def _column(
    connection: Connection, column: Column[int], *conditions: ColumnElement[bool]
) -> list[int]:
    """Return the entries of a table that stand before a tombstone of theirs."""
    return list(connection.execute(select(column).where(*conditions).distinct()).scalars())


def _delete(connection: Connection, column: Column[int], values: Sequence[int]) -> int:
    """Delete the rows in whose ``column`` one of ``values`` stands; return how many."""
    gone = 0
    for begin in range(0, len(values), _AT_ONCE):
        some = values[begin : begin + _AT_ONCE]
        gone += connection.execute(delete(column.table).where(column.in_(some))).rowcount
    return gone

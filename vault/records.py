"""Rows of the catalogue as the records that a search answers with."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

from evidence.search import (
    DockingRecord,
    EndingRecord,
    EventRecord,
    FindingRecord,
    IdentityRecord,
    InventoryRecord,
    LabelRecord,
    LineRecord,
    SeamRecord,
    SegmentLine,
    SightingRecord,
)
from vault.fields import moment

Columns: TypeAlias = Mapping[str, Any]  # of one row, by name
Record = TypeVar("Record")

_TIMES = frozenset(
    {
        "at",
        "claimed_at",
        "corrected_at",
        "created",
        "ended_at",
        "modified",
        "opened_at",
        "sealed_at",
        "taken_at",
    }
)
_NO_NAMES = dict.fromkeys(("path", "maker", "device", "officer", "number"))


def record(kind: type[Record], row: Columns, **told: object) -> Record:
    """Return a record whose fields are the columns of the same name, but for what is ``told``."""
    values = {name: _value(name, row[name]) for name in kind.__annotations__ if name not in told}
    return kind(**values, **told)


def sighting(row: Columns, names: Columns | None) -> SightingRecord:
    """Return a sighting; without its private row, without names."""
    return record(SightingRecord, {**(names or _NO_NAMES), **row})


def label(row: Columns, people: Iterable[str]) -> LabelRecord:
    """Return a label."""
    return record(LabelRecord, row, people=tuple(people))


def segment_line(
    row: Columns, names: Columns | None, codes: Iterable[str], held: LabelRecord | None
) -> SegmentLine:
    """Return a line of a list; the columns of the segment begin with ``segment_``."""
    prefix = "segment_"
    own = {name.removeprefix(prefix): row[name] for name in row if name.startswith(prefix)}
    return record(
        SegmentLine,
        own,
        codecs=tuple(str.split(own["codecs"])),
        sighting=sighting(row, names),
        findings=tuple(codes),
        label=held,
    )


def finding(row: Columns) -> FindingRecord:
    """Return a finding."""
    return record(FindingRecord, row, facts=json.loads(row["facts"]))


def seam(row: Columns) -> SeamRecord:
    """Return a seam."""
    return record(SeamRecord, row)


def event(row: Columns) -> EventRecord:
    """Return an entry of a history."""
    return record(EventRecord, row)


def inventory_line(row: Columns) -> LineRecord:
    """Return a line of an inventory."""
    return record(LineRecord, row, line=row["n"])


def docking(row: Columns, beside: Mapping[str, list[Columns]]) -> DockingRecord:
    """Return a docking; ``beside`` are its rows in the other tables, by table, oldest first."""
    identity, inventory = _newest(beside, "docking_private"), _newest(beside, "inventories")
    observed, ending = _newest(beside, "identities"), _newest(beside, "endings")
    return record(
        DockingRecord,
        row,
        identity=identity and record(IdentityRecord, identity),
        agrees=observed["agrees"] if observed else None,
        inventory=inventory and record(InventoryRecord, inventory),
        certified=_sum(beside, "certificates"),
        erased=_sum(beside, "erasures"),
        ending=ending and record(EndingRecord, ending),
    )


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - the type of a column is known to SQL
    return moment(value) if name in _TIMES and value is not None else value


def _newest(beside: Mapping[str, list[Columns]], table: str) -> Columns | None:
    rows = beside.get(table)
    return rows[-1] if rows else None


def _sum(beside: Mapping[str, list[Columns]], table: str) -> int:
    return sum(row["lines"] for row in beside.get(table, ()))

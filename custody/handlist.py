"""A list of handovers that was kept on paper: CSV (RFC 4180), taken in row by row.

It stops at the first row that is refused, and says which.  What stands before it is written: a
handover that happened is not unwritten because a later one was typed wrong.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from custody.desk import Desk
from custody.handover import handover_in, handover_out
from custody.names import find_person
from custody.register import read_register
from evidence.errors import EvidenceError, UsageError
from evidence.people import Actor

ROWS_LIMIT = 10_000  # of one list
COLUMNS = ("recorder", "person", "out", "in", "due")
OPTIONAL = frozenset({"in", "due"})


@dataclass(frozen=True, slots=True)
class HandRow:
    """One row as it was typed; ``line`` counts from the head, which is line 1."""

    line: int
    recorder: str
    person: str  # number, name, alias or id
    out: str  # a time; local where it has no zone
    back: str  # or ""
    due: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a list: the entries, and the row at which it stopped, if it did."""

    rows: int
    entries: tuple[int, ...]
    line: int | None = None
    error: EvidenceError | None = None


def read_rows(text: str) -> tuple[HandRow, ...]:
    """Return the rows of a list whose first line names the columns, or raise ``UsageError``."""
    reader = csv.DictReader(text.removeprefix("\ufeff").split("\n"), strict=True)
    try:
        columns = set(reader.fieldnames or ())
        if columns - set(COLUMNS) or set(COLUMNS) - OPTIONAL - columns:
            raise UsageError("list_columns", columns=", ".join(COLUMNS))
        return tuple(_row(number, row) for number, row in enumerate(reader, 2))
    except csv.Error as error:
        raise UsageError("list_columns", columns=", ".join(COLUMNS)) from error


def _row(number: int, row: Mapping[str | None, str | None]) -> HandRow:
    if number > ROWS_LIMIT + 1:
        raise UsageError("list_long", limit=ROWS_LIMIT)
    if None in row or None in row.values():
        raise UsageError("list_row", line=number)
    told = {str(name): (value or "").strip() for name, value in row.items()}
    return HandRow(
        number,
        told["recorder"],
        told["person"],
        told["out"],
        told.get("in", ""),
        told.get("due", ""),
    )


def take_list(rows: Sequence[HandRow], hand: Callable[[HandRow], Iterable[int]]) -> Taken:
    """Let ``hand`` write down each row; stop at the first that is refused."""
    entries: list[int] = []
    for row in rows:
        try:
            entries.extend(hand(row))
        except EvidenceError as error:
            return Taken(len(rows), tuple(entries), row.line, error)
    return Taken(len(rows), tuple(entries))


def hand_row(desk: Desk, actor: Actor, row: HandRow, recorder: str, zone: tzinfo) -> Iterator[int]:
    """Write down that a recorder (``r:…``) was taken and, where the row says so, brought back."""
    person = find_person(desk.ledger, read_register(desk.ledger), row.person)
    out, due, back = (_moment(each, zone) for each in (row.out, row.due, row.back))
    yield handover_out(desk, actor, recorder, person, at=out, due=due)
    if back is not None:
        yield handover_in(desk, actor, recorder, person, at=back)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """Return a time, local where it has no zone; None for nothing."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("not_a_time", text=text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)

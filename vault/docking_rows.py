"""What the entries of a docking become in the catalogue."""

from evidence.entry import Entry, Statement
from vault.fields import (
    flag,
    items,
    milliseconds,
    number,
    number_or_none,
    sub,
    text,
    text_or_none,
    time_or_none,
)
from vault.rows import Rows, docking_of, noted, subject_of


def docking_opened(entry: Entry, statement: Statement | None) -> Rows:
    """Yield the docking, and who the recorder says it is."""
    body = entry.body
    yield (
        "dockings",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "recorder": subject_of(entry, "r:"),
            "slot": text(body, "slot"),
            "driver": text(body, "driver"),
            "opened_at": milliseconds(entry.at),
            "battery": number_or_none(body, "battery"),
            "after": text(body, "after"),
        },
    )
    yield from _docking_private(entry, statement)


def inventory_taken(entry: Entry, statement: Statement | None) -> Rows:
    """Yield the counts and the clock, and a private row for each line."""
    body = entry.body
    clock = sub(body, "clock")
    yield (
        "inventories",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "taken_at": milliseconds(entry.at),
            "files": number(body, "files"),
            "bytes": number(body, "bytes"),
            "deleted": number(body, "deleted"),
            "file_system": text_or_none(body, "file_system"),
            "total_bytes": number_or_none(body, "total_bytes"),
            "free_bytes": number_or_none(body, "free_bytes"),
            "clock_kind": text(clock, "kind"),
            "clock_offset_ms": number_or_none(clock, "offset_ms"),
            "clock_how": text(clock, "how"),
        },
    )
    yield from noted(entry, docking_of(entry))
    for n, line in enumerate(statement.lines if statement else ()):
        yield (
            "inventory_private",
            {
                "entry": entry.seq,
                "n": n,
                "path": text(line, "path"),
                "size": number(line, "size"),
                "modified": time_or_none(line, "modified"),
                "created": time_or_none(line, "created"),
                "deleted": flag(line, "deleted"),
            },
        )


def identity_observed(entry: Entry, statement: Statement | None) -> Rows:
    """Yield whether the recorder's own log agrees, and what it says."""
    yield (
        "identities",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "agrees": flag(entry.body, "agrees"),
        },
    )
    yield from _docking_private(entry, statement)
    yield from noted(entry, docking_of(entry))


def segment_left(entry: Entry, _statement: Statement | None) -> Rows:
    """Yield the file that stays on the recorder."""
    line = number(entry.body, "line")
    yield (
        "left_behind",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "line": line,
            "because": text(entry.body, "because"),
        },
    )
    yield from noted(entry, docking_of(entry), line)


def docking_certified(entry: Entry, _statement: Statement | None) -> Rows:
    """Yield the certificate; its segments are its subjects."""
    body = entry.body
    yield (
        "certificates",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "act": text(body, "act"),
            "part": number(body, "part"),
            "parts": number(body, "parts"),
            "whole": flag(body, "whole"),
            "lines": len(items(body, "lines")),
        },
    )


def docking_erased(entry: Entry, _statement: Statement | None) -> Rows:
    """Yield what was forgotten, in numbers."""
    body = entry.body
    yield (
        "erasures",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "lines": len(items(body, "lines")),
            "remaining": number(body, "remaining"),
        },
    )


def docking_ended(entry: Entry, _statement: Statement | None) -> Rows:
    """Yield the outcome and the counts."""
    body = entry.body
    yield (
        "endings",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "ended_at": milliseconds(entry.at),
            "outcome": text(body, "outcome"),
            "recorder": text(body, "recorder"),
            "files": number(body, "files"),
            "sealed": number(body, "sealed"),
            "seen": number(body, "seen"),
            "left": number(body, "left"),
            "bytes": number(body, "bytes"),
            "ms": number(body, "ms"),
            "because": text_or_none(body, "because"),
        },
    )


def _docking_private(entry: Entry, statement: Statement | None) -> Rows:
    if statement is None:
        return
    facts = statement.facts
    names = ("serial", "maker", "device", "officer", "unit", "volume")
    yield (
        "docking_private",
        {
            "entry": entry.seq,
            "docking": docking_of(entry),
            "place": text_or_none(facts, "where"),
            **{name: text_or_none(facts, name) for name in names},
        },
    )

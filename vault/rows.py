"""Rows of the catalogue, and what every projection needs of an entry."""

from collections.abc import Iterator
from typing import TypeAlias

from evidence.canonical import encode
from evidence.entry import Entry
from evidence.errors import MalformedError
from vault.fields import objects, text

Value: TypeAlias = int | str | bool | None
Row: TypeAlias = dict[str, Value]
Rows: TypeAlias = Iterator[tuple[str, Row]]  # name of a table, a row of it


def docking_of(entry: Entry) -> str:
    """Return the docking that the entry is about."""
    docking = subject_of(entry, "d:")
    if docking is None:
        raise MalformedError("entry_malformed", field="about", entry=entry.seq)
    return docking


def subject_of(entry: Entry, kind: str) -> str | None:
    """Return the subject of a kind (``r:``) that the entry is about, or None."""
    return min([each for each in entry.about if each.startswith(kind)], default=None)


def noted(entry: Entry, docking: str, line: int | None = None, segment: int | None = None) -> Rows:
    """Yield the findings of the entry."""
    for n, note in enumerate(objects(entry.body, "noted")):
        facts = {name: value for name, value in note.items() if name != "finding"}
        yield (
            "findings",
            {
                "entry": entry.seq,
                "n": n,
                "finding": text(note, "finding"),
                "docking": docking,
                "line": line,
                "segment": segment,
                "facts": encode(facts).decode(),
            },
        )

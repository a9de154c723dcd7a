"""The end of a docking whose process could not write it: killed, hung, or crashed.

Counts come from the ledger alone, because nobody else is left who knows them.
"""

from collections import Counter

from evidence.entry import Draft, Entry
from evidence.json import Json
from evidence.ports import Ledger
from ingest.tools import ACTOR

WALK_LIMIT = 1_000_000  # entries about one docking


def end_abandoned(docking: str, because: str, ledger: Ledger) -> int | None:
    """Append ``docking.ended`` for a docking that has none; return its index, or None.

    None also where the docking never came into the ledger: then there is nothing to end.
    """
    entries = _entries(docking, ledger)
    if not entries or entries[0].type == "docking.ended":
        return None
    opened = entries[-1]
    body: dict[str, Json] = {
        "outcome": "interrupted" if _has(entries, "inventory.taken") else "failed",
        "recorder": _recorder(entries),
        **_counts(entries),
        "ms": 0,  # nobody knows how long it took
        "because": because,
    }
    expect = {docking: entries[0].seq}
    about = tuple(opened.about)
    return ledger.append([Draft("docking.ended", ACTOR, about, body, expect=expect)]).indexes[0]


def _entries(docking: str, ledger: Ledger) -> list[Entry]:
    """Return all entries about a docking, newest first."""
    found: list[Entry] = []
    index = ledger.last(docking)
    while index is not None and len(found) < WALK_LIMIT:
        entry = ledger.entry(index)
        found.append(entry)
        index = entry.about[docking]
    return found


def _counts(entries: list[Entry]) -> dict[str, Json]:
    types = Counter(entry.type for entry in entries)
    taken = next((entry.body for entry in entries if entry.type == "inventory.taken"), {})
    return {
        "files": taken.get("files", 0),
        "sealed": types["segment.sealed"],
        "seen": types["segment.seen"],
        "left": types["segment.left"],
        "bytes": sum(_size(entry) for entry in entries),
    }


def _size(entry: Entry) -> int:
    size = entry.body.get("size") if entry.type == "segment.sealed" else 0
    return size if isinstance(size, int) else 0


def _recorder(entries: list[Entry]) -> str:
    if _has(entries, "docking.erased"):
        return "erased"
    return "confirmed" if _has(entries, "docking.certified") else "kept"


def _has(entries: list[Entry], kind: str) -> bool:
    return any(entry.type == kind for entry in entries)

"""What was sighted on this recorder before: to recognise a file without reading it whole.

The ledger alone is asked, never a catalogue: the entries about the recorder are followed back to
its last inventories, and each line that was sealed or seen then is remembered by its mark.
"""

import hashlib
from dataclasses import dataclass

from evidence.canonical import encode
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.ports import Ledger
from evidence.recorders import FileEntry

INVENTORIES_BACK = 3  # a docking that was cut sighted only a part; the one before it had the rest
ENTRIES_BACK = 20_000  # of one recorder, so that an old one costs no more than a young one


@dataclass(frozen=True, slots=True)
class Known:
    """A segment that lay on this recorder before: its SHA-256, and the entry that sealed it."""

    sha256: str
    sealed: int


def mark_of(file: FileEntry, volume: str | None) -> str | None:
    """Return what tells one file of one volume from every other without reading it, in hex.

    Volume, name, directory entry, size, times and extents; None where there is no time, because
    then too little is left to tell.
    """
    if file.modified is None or not file.size:
        return None
    extents = [[extent.offset, extent.length] for extent in file.extents]
    created = format_time(file.created) if file.created else None
    facts = [
        volume, file.raw.hex(), file.inode, file.size, format_time(file.modified), created, extents,
    ]  # fmt: skip
    return hashlib.sha256(encode(facts)).hexdigest()


def known_files(recorder: str | None, docking: str, ledger: Ledger) -> dict[str, Known]:
    """Return what earlier dockings than ``docking`` sighted on ``recorder``, by mark."""
    found: dict[str, Known] = {}
    sighted: dict[tuple[str, int], Known] = {}
    inventories = 0
    index = ledger.last(recorder) if recorder else None
    for _ in range(ENTRIES_BACK):
        if recorder is None or index is None or inventories == INVENTORIES_BACK:
            break
        entry = ledger.entry(index)
        index = entry.about.get(recorder)
        if docking in entry.about:
            continue
        if entry.type in {"segment.sealed", "segment.seen"}:
            sighted |= _sighting(entry)
        elif entry.type == "inventory.taken":
            inventories += 1
            found = {**_marks(entry, sighted, ledger), **found}
    return found


def _sighting(entry: Entry) -> dict[tuple[str, int], Known]:
    sighting = entry.body.get("sighting")
    segment = next((name[2:] for name in entry.about if name.startswith("s:")), None)
    sealed = entry.body.get("sealed", entry.seq)
    match sighting:
        case {"docking": str(docking), "line": int(line)} if segment and isinstance(sealed, int):
            return {(docking, line): Known(segment, sealed)}
        case _:
            return {}


def _marks(
    inventory: Entry, sighted: dict[tuple[str, int], Known], ledger: Ledger
) -> dict[str, Known]:
    statement = ledger.statement(inventory.seq)
    docking = next((name for name in inventory.about if name.startswith("d:")), "")
    marks: dict[str, Known] = {}
    for line in statement.lines if statement else ():
        match line:
            case {"mark": str(mark), "line": int(number)} if (docking, number) in sighted:
                marks[mark] = sighted[docking, number]
            case _:
                continue
    return marks

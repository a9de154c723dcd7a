"""After the last seal: leave to erase.  There is no other way to ``Recorder.erase``."""

from collections.abc import Sequence

from evidence.entry import ABOUT_LIMIT, Draft
from evidence.findings import Finding
from evidence.json import JsonObject
from evidence.states import Certificate, Inventory, Sealed
from ingest.tools import ACTOR, Tools

SEGMENTS_OF_ONE_ENTRY = ABOUT_LIMIT - 2  # beside the docking and the recorder

# What was not read to its listed end is kept, and stays on the recorder.
NOT_WHOLE = frozenset({Finding.SHORTER_THAN_LISTED})


def read_whole(sealed: Sealed) -> bool:
    """Return whether the recorder gave this file to its listed end in this docking."""
    return not NOT_WHOLE & {note.finding for note in sealed.noted}


def certify(
    inventory: Inventory, sealed: Sequence[Sealed], act: str, tools: Tools
) -> Certificate | None:
    """Return once the ledger names every sighting that may be forgotten; None if there is none.

    Invariant 1 holds by type: a ``Sealed`` was read back from the medium and is under a durable
    checkpoint.  A recorder whose identity is contradicted gets no certificate: a person decides.
    """
    named = tuple(each for each in sealed if read_whole(each))
    if not named or contradicted(inventory):
        return None
    whole = len(named) == len(inventory.files) and not _more_than_listed(inventory)
    parts = [
        named[start : start + SEGMENTS_OF_ONE_ENTRY]
        for start in range(0, len(named), SEGMENTS_OF_ONE_ENTRY)
    ]
    drafts = [
        _draft(inventory, part, {"act": act, "part": n, "parts": len(parts), "whole": whole})
        for n, part in enumerate(parts)
    ]
    receipt = tools.ledger.append(drafts)
    return Certificate(inventory.docking, named, whole, receipt.indexes)


def _more_than_listed(inventory: Inventory) -> bool:
    """Return whether something lies there that the listing could not show (a limit, a FIFO)."""
    return any(
        note.finding == Finding.LEFT_BEHIND
        or str(note.facts.get("because", "")).startswith("limit")
        for note in inventory.noted
    )


def contradicted(inventory: Inventory) -> bool:
    """Return whether log, names and device name different recorders."""
    return any(note.finding == Finding.IDENTITY_CONFLICT for note in inventory.noted)


def _draft(inventory: Inventory, part: Sequence[Sealed], head: JsonObject) -> Draft:
    recorder = (inventory.recorder,) if inventory.recorder else ()
    # One segment may have been sighted twice on this recorder; it is one subject.
    segments = dict.fromkeys(each.segment for each in part)
    lines = [each.stored.received.listed.line for each in part]
    about = (inventory.docking, *recorder, *segments)
    return Draft("docking.certified", ACTOR, about, {**head, "lines": lines})

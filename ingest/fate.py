"""What the ledger says of the bytes of a segment that is docked: new, in custody, or disposed of.

A copy of a segment may be docked again long after its lawful end: nothing that lies on a recorder
is dropped (invariant 6), so it is sealed anew.  While its disposal is under way it stays where it
is: the keeper is about to remove an object of this very name.
"""

from dataclasses import dataclass

from evidence.entry import Entry
from evidence.errors import CustodyError, MalformedError
from evidence.ports import Ledger, Objects

WALK_LIMIT = 100_000  # entries about one segment between its newest and the one that names it


@dataclass(frozen=True, slots=True)
class Fate:
    """``last``: newest entry about the segment, which a new one expects.

    ``sealed``: entry under which its bytes are in custody; None: it is to be sealed.
    ``disposed``: tombstone of a former stay.
    """

    last: int | None
    sealed: int | None = None
    disposed: int | None = None


def fate_of(segment: str, ledger: Ledger, objects: Objects) -> Fate:
    """Return how a segment stands, whose bytes the caller has just placed or compared.

    Raises ``CustodyError`` (``disposal_under_way``) between a tombstone and the removal of the
    bytes, also where they were removed after the caller had placed them.
    """
    last = ledger.last(segment)
    index, executed = last, False
    for _ in range(WALK_LIMIT):
        if index is None:
            break
        entry = ledger.entry(index)
        sealed = _sealed_by(entry)
        if sealed is not None:
            return Fate(last, sealed)
        if entry.type == "segment.disposed":
            if not executed or objects.size(segment.removeprefix("s:")) is None:
                raise CustodyError("disposal_under_way", segment=segment)
            return Fate(last, disposed=entry.seq)
        executed = executed or entry.type == "disposal.executed"
        index = entry.about[segment]
    if last is not None:
        raise MalformedError("segment_never_sealed", segment=segment)
    return Fate(None)


def _sealed_by(entry: Entry) -> int | None:
    """Return the entry that sealed a segment, where this one says so."""
    if entry.type == "segment.sealed":
        return entry.seq
    sealed = entry.body.get("sealed")
    return sealed if entry.type == "segment.seen" and isinstance(sealed, int) else None

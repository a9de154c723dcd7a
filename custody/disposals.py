"""Disposals as the ledger has them, from their own chains and from nothing else.

The only module that makes a ``Disposal`` or a ``Tombstone`` (``tests/test_architecture.py``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from custody.fields import integer, mapping, moment, sequence, text
from custody.history import chain
from evidence.disposal import PART_SEGMENTS, Disposal, State, Tombstone
from evidence.entry import Entry
from evidence.errors import CustodyError, MalformedError
from evidence.keeping import KEEPING
from evidence.merkle import leaf_hash, root_hash
from evidence.ports import Ledger

FATES = ("segment.sealed", "segment.disposed")  # the newest of them: are there bytes, or not


def load_disposal(ledger: Ledger, disposal: str) -> Disposal:
    """Return a disposal and what has become of it so far.

    Raises ``CustodyError`` (``disposal_unknown``), and ``MalformedError`` for entries that no
    writer of ours makes: parts that are missing, a list that has another root.
    """
    entries = list(reversed(list(chain(disposal, ledger))))
    if not entries or entries[0].type != "disposal.proposed":
        raise CustodyError("disposal_unknown", disposal=disposal)
    parts = integer(entries[0].body, "parts")
    return _followed(_proposed(disposal, entries[:parts]), entries[parts:])


def disposals_of(ledger: Ledger) -> Iterator[Disposal]:
    """Yield every disposal of this station, newest first."""
    for entry in chain(KEEPING, ledger):
        if entry.type == "disposal.proposed":
            yield load_disposal(ledger, text(entry.body, "disposal"))


def buried(segment: str, entry: int, disposal: str) -> Tombstone:
    """Return the tombstone that stands in the ledger as ``entry``, durably."""
    return Tombstone(segment, entry, disposal)


def unburied(disposal: Disposal) -> tuple[Tombstone, ...]:
    """Return the tombstones of a disposal whose execution does not stand in the ledger yet."""
    return tuple(
        Tombstone(segment, entry, disposal.id)
        for segment, entry in disposal.disposed.items()
        if segment not in disposal.executed
    )


def tombstone_of(ledger: Ledger, segment: str) -> Tombstone | None:
    """Return the tombstone under which ``segment`` lies, or None where its bytes are in custody."""
    for entry in chain(segment, ledger):
        if entry.type in FATES:
            if entry.type == "segment.sealed":
                return None
            return Tombstone(segment, entry.seq, text(entry.body, "disposal"))
    return None


def list_root(segments: tuple[str, ...]) -> str:
    """Return the RFC 6962 root over the ids of ``segments``, sorted, in hex."""
    return root_hash(leaf_hash(each.encode()) for each in sorted(segments)).hex()


def _proposed(disposal: str, parts: list[Entry]) -> Disposal:
    first = parts[0]
    segments: list[str] = []
    for number, part in enumerate(parts):
        told = (part.type, part.body.get("part"), part.body.get("disposal"), part.actor)
        if told != ("disposal.proposed", number, disposal, first.actor):
            raise MalformedError("body_malformed", field="part")
        segments += [each for each in part.about if each.startswith("s:")]
    listed, root = tuple(sorted(segments)), text(first.body, "root")
    counted = (integer(first.body, "count"), integer(first.body, "parts"))
    expected = (len(set(listed)), -(-len(listed) // PART_SEGMENTS))
    if counted != expected or root != list_root(listed):
        raise MalformedError("body_malformed", field="root")
    return Disposal(
        id=disposal,
        entry=first.seq,
        at=first.at,
        by=first.actor,
        segments=listed,
        bytes=integer(first.body, "bytes"),
        root=root,
        warning_until=moment(first.body, "warning_until"),
        last=parts[-1].seq,
    )


def _followed(found: Disposal, entries: Sequence[Entry]) -> Disposal:
    """Return the disposal after the entries that follow its list, oldest first."""
    ends = {_ENDS[each.type] for each in entries if each.type in _ENDS}
    approved = next((each for each in entries if each.type == "disposal.approved"), None)
    return replace(
        found,
        last=entries[-1].seq if entries else found.last,
        state=ends.pop() if ends else "approved" if approved else "proposed",
        approved=approved.seq if approved else None,
        approved_by=approved.actor if approved else None,
        undo_until=moment(approved.body, "undo_until") if approved else None,
        disposed=_fates(entries, "segment.disposed"),
        spared=_fates(entries, "segment.spared"),
        executed=frozenset(_executed(entries)),
    )


# What ends a disposal.  Compare-and-swap lets there be only one of them.
_ENDS: Mapping[str, State] = {"disposal.undone": "undone", "disposal.done": "done"}


def _fates(entries: Sequence[Entry], kind: str) -> dict[str, int]:
    """Return the segments of the entries of one type, each with its entry."""
    return {named_segment(each): each.seq for each in entries if each.type == kind}


def named_segment(entry: Entry) -> str:
    """Return the one segment that an entry is about."""
    segments = [each for each in entry.about if each.startswith("s:")]
    if len(segments) != 1:
        raise MalformedError("body_malformed", field="about")
    return segments[0]


def _executed(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.type == "disposal.executed":
            for row in sequence(entry.body, "segments"):
                yield text(mapping({"row": row}, "row"), "segment")

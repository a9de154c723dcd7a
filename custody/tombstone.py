"""What remains of a segment that was disposed of: enough to prove what it was, and why it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from custody.disposals import load_disposal
from custody.fields import integer, mapping, moment, optional_text, sequence, text
from custody.history import chain
from evidence.entry import Entry
from evidence.errors import CustodyError, MalformedError, UnknownSegmentError
from evidence.json import Json
from evidence.ports import Ledger


@dataclass(frozen=True, slots=True)
class Ended:
    """A ground that had kept it.  ``policy``: policy.adopted, of a rule."""

    what: str
    article: str
    policy: int | None
    ends: datetime


@dataclass(frozen=True, slots=True)
class Remains:
    """The newest tombstone of a segment; ``sealed_again``: it has come back since."""

    segment: str
    tombstone: Entry
    disposal: str
    sealed: int  # entry under which it had been in custody
    size: int  # bytes
    proposed_by: str
    approved_by: str
    grounds: tuple[Ended, ...]
    executed: bool
    homes: Mapping[str, str]  # what each home answered
    entries: int  # that speak of it still
    sealed_again: int | None


def remains_of(ledger: Ledger, segment: str) -> Remains:
    """Return what remains of ``segment``.

    Raises ``UnknownSegmentError`` where it never was in custody, and ``CustodyError``
    (``not_disposed_of``) where it has no tombstone.
    """
    entries = list(chain(segment, ledger))
    if not entries:
        raise UnknownSegmentError("segment_unknown", segment=segment)
    place = next((n for n, e in enumerate(entries) if e.type == "segment.disposed"), None)
    if place is None:
        raise CustodyError("not_disposed_of", segment=segment)
    tombstone, later, before = entries[place], entries[:place], entries[place + 1 :]
    sealed = next((each for each in before if each.type == "segment.sealed"), None)
    if sealed is None:
        raise MalformedError("segment_never_sealed", segment=segment)
    disposal = load_disposal(ledger, text(tombstone.body, "disposal"))
    executed = next((each for each in later if each.type == "disposal.executed"), None)
    again = next((each.seq for each in later if each.type == "segment.sealed"), None)
    return Remains(
        segment=segment,
        tombstone=tombstone,
        disposal=disposal.id,
        sealed=sealed.seq,
        size=integer(sealed.body, "size"),
        proposed_by=disposal.by,
        approved_by=disposal.approved_by or "",
        grounds=tuple(_ended(row) for row in sequence(tombstone.body, "grounds")),
        executed=executed is not None,
        homes=_homes(executed, segment) if executed else {},
        entries=len(entries),
        sealed_again=again,
    )


def _ended(row: Json) -> Ended:
    told = mapping({"row": row}, "row")
    policy = told.get("policy")
    named = policy if isinstance(policy, int) else None
    return Ended(text(told, "what"), text(told, "article"), named, moment(told, "ends"))


def _homes(executed: Entry, segment: str) -> Mapping[str, str]:
    for row in sequence(executed.body, "segments"):
        told = mapping({"row": row}, "row")
        if optional_text(told, "segment") == segment:
            return {home: str(answer) for home, answer in mapping(told, "homes").items()}
    raise MalformedError("body_malformed", field="segments")

"""What an audit reads of disposals: who decided, in which order, and whether anything is undead.

A tombstone is lawful where two people had decided over a list that names its segment, the warning
and the time to undo were over by the time that counts, and (``custody/rekeep.py``) what the ledger
said of the segment just before let it go.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from custody.fields import mapping, moment, sequence, text
from custody.findings import AuditFinding, Findings
from evidence.entry import Entry
from evidence.errors import MalformedError

KEEPER = "sys:keeper"

Decides = Callable[[Entry, str], list[str]]  # a tombstone and its segment -> why it may not be


@dataclass(slots=True)
class _Disposal:
    """What the ledger has said of one disposal so far."""

    by: str
    warning_until: datetime
    listed: set[str] = field(default_factory=set)
    undo_until: datetime | None = None
    undone: bool = False


@dataclass(slots=True)
class _Gone:
    """A segment under its tombstone.  ``sealed``: the entry under which it was in custody."""

    tombstone: int
    sealed: int | None
    executed: bool = False


class Endings:
    """Reads the entries in order.  ``gone`` are the segments that lie under a tombstone."""

    def __init__(self, findings: Findings, decides: Decides | None = None) -> None:
        """``decides`` decides a tombstone again; None: nothing is at hand to do it with."""
        self.gone: dict[str, _Gone] = {}
        self.ended: dict[str, int] = {}  # segment -> its newest tombstone, also where it came back
        self.skipped = False
        self._findings, self._decides = findings, decides
        self._disposals: dict[str, _Disposal] = {}
        self._rules: dict[str, Callable[[Entry], None]] = {
            "disposal.proposed": self._proposed,
            "disposal.approved": self._approved,
            "disposal.undone": self._undone,
            "disposal.executed": self._executed,
        }

    def skip(self) -> None:
        """Pass over entries that are not there: what may rest on them is not accused any more."""
        self.skipped = True

    def read(self, entry: Entry, seals: dict[str, int]) -> None:
        """Take the next entry.  ``seals``: what is in custody; a tombstone takes it out of there.

        Raises ``MalformedError`` for a body that has not its form.
        """
        if entry.type == "segment.disposed":
            segment = _only(entry, "s:")
            self._accuse(entry, segment, list(self._faults(entry, segment, held=segment in seals)))
            self.gone[segment] = _Gone(entry.seq, seals.pop(segment, None))
            self.ended[segment] = entry.seq
        elif entry.type == "segment.sealed":
            self.gone.pop(_only(entry, "s:"), None)
        elif entry.type in self._rules:
            self._rules[entry.type](entry)

    def undead(self) -> Iterator[tuple[str, int, int | None]]:
        """Yield segment, tombstone and former seal of what must not be there any more.

        Between a tombstone and its execution the keeper is at work.
        """
        for segment, gone in self.gone.items():
            if gone.executed:
                yield segment, gone.tombstone, gone.sealed

    def _proposed(self, entry: Entry) -> None:
        until = moment(entry.body, "warning_until")
        found = self._disposals.setdefault(_only(entry, "x:"), _Disposal(entry.actor, until))
        found.listed |= {each for each in entry.about if each.startswith("s:")}

    def _approved(self, entry: Entry) -> None:
        found = self._disposals.get(_only(entry, "x:"))
        if found is None:
            self._accuse(entry, None, ["not_proposed"])
            return
        faults = ["same_person"] if entry.actor == found.by else []
        if entry.at < found.warning_until:
            faults.append("warning_open")
        self._accuse(entry, None, faults)
        found.undo_until = moment(entry.body, "undo_until")

    def _undone(self, entry: Entry) -> None:
        found = self._disposals.get(_only(entry, "x:"))
        if found is not None:
            found.undone = True

    def _executed(self, entry: Entry) -> None:
        for row in sequence(entry.body, "segments"):
            gone = self.gone.get(text(mapping({"row": row}, "row"), "segment"))
            if gone is None:
                self._accuse(entry, None, ["no_tombstone"])
            else:
                gone.executed = True

    def _faults(self, entry: Entry, segment: str, *, held: bool) -> Iterator[str]:
        """Yield why a tombstone is not lawful; ``held``: its segment was in custody."""
        found = self._disposals.get(_only(entry, "x:"))
        if not held:
            yield "not_in_custody"
        if entry.actor != KEEPER:
            yield "not_the_keeper"
        if found is None or segment not in found.listed:
            yield "not_listed"
        else:
            yield from _untimely(entry, found)
        if held and self._decides:
            yield from self._decides(entry, segment)

    def _accuse(self, entry: Entry, segment: str | None, faults: list[str]) -> None:
        if self.skipped:
            return
        for because in faults:
            self._findings.add(
                AuditFinding.DISPOSED_UNLAWFULLY, entry.seq, segment, because=because
            )


def _untimely(entry: Entry, found: _Disposal) -> Iterator[str]:
    """Yield what two people and time have not allowed when a tombstone was written."""
    if found.undo_until is None:
        yield "not_approved"
        return
    now = moment(entry.body, "now")
    if now > entry.at:
        yield "ahead_of_our_clock"
    if now < found.undo_until:
        yield "undo_open"
    if found.undone:
        yield "undone"


def _only(entry: Entry, kind: str) -> str:
    """Return the one subject of this kind that the entry names, or raise ``MalformedError``."""
    subjects = [subject for subject in entry.about if subject.startswith(kind)]
    if len(subjects) != 1:
        raise MalformedError("body_malformed", field="about")
    return subjects[0]

"""What an audit reads of disposals: who decided, in which order, and whether anything is undead.

A tombstone is lawful where two people had decided over a list that names its segment, the warning
and the time to undo were over by the time that counts, and (``custody/lawful.py``) what the ledger
said of the segment just before let it go; and where nobody said an earlier day afterwards.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from custody.agreement import Agreement, begin_agreement
from custody.fields import mapping, sequence, text
from custody.findings import AuditFinding, Findings
from custody.hindsight import Hindsight
from evidence.entry import Entry
from evidence.errors import MalformedError

Decides = Callable[[Entry, str], list[str]]  # a tombstone and its segment -> why it may not be


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
        self._disposals: dict[str, Agreement] = {}
        self._hindsight = Hindsight()
        self._rules: dict[str, Callable[[Entry], None]] = {
            "disposal.proposed": self._proposed,
            "disposal.approved": self._approved,
            "disposal.undone": self._undone,
            "disposal.executed": self._executed,
            "time.attested": self._attested,
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
            faults = list(self._faults(entry, segment, held=segment in seals))
            self._accuse(entry.seq, segment, faults)
            self.gone[segment] = _Gone(entry.seq, seals.pop(segment, None))
            self.ended[segment] = entry.seq
            self._hindsight.bury(entry, segment)
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
        disposal = _only(entry, "x:")
        found = self._disposals.setdefault(disposal, begin_agreement(entry))
        self._accuse(entry.seq, None, found.listing(entry))

    def _approved(self, entry: Entry) -> None:
        found = self._disposals.get(_only(entry, "x:"))
        self._accuse(entry.seq, None, found.approve(entry) if found else ["not_proposed"])

    def _undone(self, entry: Entry) -> None:
        found = self._disposals.get(_only(entry, "x:"))
        if found is not None:
            found.undo(entry)

    def _executed(self, entry: Entry) -> None:
        for row in sequence(entry.body, "segments"):
            gone = self.gone.get(text(mapping({"row": row}, "row"), "segment"))
            if gone is None:
                self._accuse(entry.seq, None, ["no_tombstone"])
            else:
                gone.executed = True

    def _attested(self, entry: Entry) -> None:
        for tombstone, segment in self._hindsight.attest(entry):
            self._accuse(tombstone, segment, ["time_taken_back"])

    def _faults(self, entry: Entry, segment: str, *, held: bool) -> Iterator[str]:
        """Yield why a tombstone is not lawful; ``held``: its segment was in custody."""
        found = self._disposals.get(_only(entry, "x:"))
        if not held:
            yield "not_in_custody"
        if found is None:
            yield "not_listed"
        else:
            yield from found.unnamed(entry, segment)
            yield from found.untimely(entry)
        if held and self._decides:
            yield from self._decides(entry, segment)

    def _accuse(self, entry: int, segment: str | None, faults: list[str]) -> None:
        if self.skipped:
            return
        for because in faults:
            self._findings.add(AuditFinding.DISPOSED_UNLAWFULLY, entry, segment, because=because)


def _only(entry: Entry, kind: str) -> str:
    """Return the one subject of this kind that the entry names, or raise ``MalformedError``."""
    subjects = [subject for subject in entry.about if subject.startswith(kind)]
    if len(subjects) != 1:
        raise MalformedError("body_malformed", field="about")
    return subjects[0]

"""The ledger as it was before one of its entries: who decides again must see what was seen then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from custody.fields import mapping, noted, text
from custody.history import chain
from custody.lineage import Lineage, lineage_of
from custody.tenure import Tenure, read_tenure
from evidence.entry import Entry
from evidence.findings import Finding
from evidence.people import ORGANISATION
from evidence.ports import Ledger

REMEMBERED_LIMIT = 10_000  # recorders, or dockings: bounds the memory of a run

# What comes before everything that a docking says of its recorder as a whole.
_FILES = frozenset({"segment.sealed", "segment.seen", "segment.left", "inventory.taken"})


@dataclass(frozen=True, slots=True)
class Docked:
    """What a docking says of its recorder."""

    at: datetime  # when its inventory was taken
    ahead: bool  # its clock is ahead of ours by nobody knows how much
    conflict: int | None  # the entry in which it names two recorders


@dataclass
class Past:
    """A ledger up to entry ``before`` (not included; None: all of it), and what was read of it.

    Made once for a run over many segments: dockings and tenures are read once each.
    """

    ledger: Ledger
    before: int | None = None
    _lineages: list[Lineage] = field(default_factory=list)
    _tenures: dict[str, Tenure] = field(default_factory=dict)
    _docked: dict[int, Docked] = field(default_factory=dict)

    def chain(self, subject: str) -> Iterator[Entry]:
        """Yield the entries about ``subject``, newest first."""
        for entry in chain(subject, self.ledger):
            if self.before is None or entry.seq < self.before:
                yield entry

    def before_next(self) -> "Past":
        """Return the ledger up to one entry more, with what was read of this one.

        For who knows that the entry in between says nothing of units, recorders and dockings.
        """
        before = None if self.before is None else self.before + 1
        return Past(self.ledger, before, self._lineages, self._tenures, self._docked)

    @property
    def lineage(self) -> Lineage:
        """Return which units stood below which."""
        if not self._lineages:
            self._lineages.append(lineage_of(self.chain(ORGANISATION)))
        return self._lineages[0]

    def tenure(self, recorder: str) -> Tenure:
        """Return who held a recorder, and when."""
        if recorder not in self._tenures:
            if len(self._tenures) >= REMEMBERED_LIMIT:
                self._tenures.clear()
            self._tenures[recorder] = read_tenure(self.ledger, recorder, self.before)
        return self._tenures[recorder]

    def docked(self, docking: str, inventory: int) -> Docked:
        """Return what a docking says; ``inventory``: index of its inventory.taken."""
        if inventory not in self._docked:
            if len(self._docked) >= REMEMBERED_LIMIT:
                self._docked.clear()
            self._docked[inventory] = self._read_docked(docking, inventory)
        return self._docked[inventory]

    def _read_docked(self, docking: str, inventory: int) -> Docked:
        taken = self.ledger.entry(inventory)
        ahead = text(mapping(taken.body, "clock"), "kind") == "at_least"
        # Its recorder's own log is told after all files: further back there is no word of it.
        after = takewhile(lambda entry: entry.type not in _FILES, self.chain(docking))
        observed = (each for each in after if each.type == "identity.observed")
        told = (each.seq for each in (*observed, taken) if _conflicts(each))
        return Docked(taken.at, ahead, next(told, None))


def _conflicts(entry: Entry) -> bool:
    return Finding.IDENTITY_CONFLICT in noted(entry.body)

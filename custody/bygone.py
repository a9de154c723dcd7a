"""The keeping as it was at any entry, for who decides again what was decided then.

A ledger that destroys a lot is asked for hundreds of moments of the same chain: it is walked once,
and whoever asks in the order of the ledger folds each of its entries once.
"""

from bisect import bisect_right

from custody.history import chain
from custody.shelf import shelf_after
from evidence.keeping import KEEPING, Shelf
from evidence.ports import Ledger


class Bygone:
    """Answers for moments in any order; forward is fast."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._marks: list[int] = []  # every entry about the keeping, oldest first
        self._folded = 0  # how many of them are in ``_shelf``
        self._shelf = shelf_after(ledger, None, [])

    def at(self, index: int) -> Shelf:
        """Return the keeping as it was just after entry ``index``; raises as ``read_shelf``."""
        self._catch_up()
        wanted = bisect_right(self._marks, index)
        if wanted < self._folded:
            self._folded, self._shelf = 0, shelf_after(self._ledger, None, [])
        entries = [self._ledger.entry(each) for each in self._marks[self._folded : wanted]]
        if entries:
            self._shelf = shelf_after(self._ledger, self._shelf, entries)
            self._folded = wanted
        return self._shelf

    def _catch_up(self) -> None:
        """Learn of the entries that were written since the last question."""
        last = self._marks[-1] if self._marks else None
        if self._ledger.last(KEEPING) == last:
            return
        newer: list[int] = []
        for entry in chain(KEEPING, self._ledger):
            if entry.seq == last:
                break
            newer.append(entry.seq)
        self._marks += reversed(newer)

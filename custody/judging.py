"""Decides segments one after the other, by the keeping as it stands at each look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from custody.kept import facts_of
from custody.past import Past
from custody.retention import keeping_of
from custody.shelf import read_shelf
from evidence.disposal import Now
from evidence.keeping import Keeping, Shelf
from evidence.ports import Ledger


@dataclass(frozen=True, slots=True)
class Look:
    """Rules, holds and closed cases as of entry ``index`` about the keeping; None: there is none.

    ``judge`` decides one segment by them, from its own entries; raises as ``facts_of``.
    """

    index: int | None
    judge: Callable[[str, Now], Keeping]
    shelf: Shelf


class Judges:
    """Looks again and again; what it has read of the keeping is not read twice."""

    def __init__(self, ledger: Ledger, zone: tzinfo) -> None:
        """``zone`` is where the station stands: days and months are those of its calendar."""
        self._ledger, self._zone = ledger, zone
        self._shelf: Shelf | None = None

    def look(self) -> Look:
        """Return the keeping as it is now."""
        shelf = read_shelf(self._ledger, self._shelf)
        past = Past(self._ledger)  # tenures and dockings may have moved on as well
        self._shelf = shelf

        def judge(segment: str, now: Now) -> Keeping:
            return keeping_of(facts_of(past, segment, shelf), shelf, self._zone, now.at)

        return Look(shelf.index, judge, shelf)

"""What a later day says of earlier tombstones: two people cannot take time back unseen.

Whoever sets the clock a year ahead, and has two people say that day, makes a year of footage due.
Once anybody needs the time again, two people say the day that it is: every tombstone that went by a
later one is named then.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from custody.fields import integer, moment
from custody.shelf import day_of
from evidence.entry import Entry

_DAY = timedelta(days=1)  # on earth two days are said at once, and people mistake one for the next

Named = tuple[int, str]  # a tombstone, and its segment


class Hindsight:
    """Reads the entries in order; each tombstone is named once."""

    def __init__(self) -> None:
        self._days: dict[date, list[Named]] = {}  # tombstones by the day that counted for them
        self._firsts: dict[int, tuple[date, str]] = {}  # words that wait for a second person

    def bury(self, tombstone: Entry, segment: str) -> None:
        """Take a tombstone; raises ``MalformedError`` for one that says no time."""
        counted = moment(tombstone.body, "now").date()
        self._days.setdefault(counted, []).append((tombstone.seq, segment))

    def attest(self, entry: Entry) -> Iterator[Named]:
        """Take a person's word about a day; yield what went by a later one, where it is the second.

        Raises ``MalformedError`` for a body without its form.
        """
        day = day_of(entry.body, "day")
        if entry.body.get("first") is None:
            self._firsts[entry.seq] = (day, entry.actor)
            return
        said = self._firsts.pop(integer(entry.body, "first"), None)
        if said is None or said[0] != day or said[1] == entry.actor:
            return
        for counted in sorted(each for each in self._days if each - day > _DAY):
            yield from self._days.pop(counted)

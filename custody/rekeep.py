"""Decides a tombstone again, from nothing but the entries before it (DESIGN 7)."""

from dataclasses import dataclass
from datetime import tzinfo

from custody.fields import moment
from custody.kept import facts_of
from custody.past import Past
from custody.retention import keeping_of
from custody.shelf import shelf_at
from evidence.entry import Entry
from evidence.errors import CustodyError
from evidence.ports import Ledger

OWN = "disposing"  # the very disposal whose tombstone is looked at


@dataclass(frozen=True, slots=True)
class Rekeeping:
    """Decides again over ``ledger``; ``zone`` is where the station stands."""

    ledger: Ledger
    zone: tzinfo

    def __call__(self, tombstone: Entry, segment: str) -> list[str]:
        """Return why the segment might not go when its tombstone was written; [] means lawful."""
        now = moment(tombstone.body, "now")
        try:
            shelf = shelf_at(self.ledger, tombstone.seq - 1)
            kept = facts_of(Past(self.ledger, tombstone.seq), segment, shelf)
        except CustodyError as error:
            return [error.word]
        keeping = keeping_of(kept, shelf, self.zone, now)
        codes = [str(each.code) for each in keeping.blockers if each.code != OWN]
        ended = keeping.grace_until is not None and keeping.grace_until <= now
        return codes or ([] if ended else ["kept"])

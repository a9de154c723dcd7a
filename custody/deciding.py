"""The keeping of many segments: somebody proposes which, the ledger decides each of them.

The proposals come from a catalogue, which may be old or tampered with: it can hide a segment for a
while, it can neither let one go nor show one to somebody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from heapq import nsmallest

from custody.candidates import wanted_of
from custody.desk import Desk
from custody.facts import over_footage, standing_of
from custody.footage import Footage, footage_of
from custody.keeping import Keeper
from custody.kept import Kept, facts_of
from custody.listing import Listing, listing_for
from custody.past import Past
from custody.permission import refusals
from custody.retention import keeping_of
from custody.shelf import read_shelf
from evidence.candidates import Wanted
from evidence.errors import CustodyError
from evidence.keeping import Blocker, Keeping, Shelf
from evidence.people import Actor

# Segments (s:…) that may be what is wanted, each once; None: everything in custody.
Propose = Callable[[Wanted | None], Iterator[str]]
# Who asked, and who may look: told to heads and auditors alone, some of it only after a day.
ASKED = frozenset({"open_request", "open_grant", "proposed"})


@dataclass(frozen=True, slots=True)
class Decided:
    """The keeping of one segment, and whose footage it is."""

    kept: Kept
    keeping: Keeping
    footage: Footage
    over: bool  # nothing keeps it any longer, whatever forbids its disposal


@dataclass(slots=True)
class Due:
    """What falls due: how much, and the first of it, the soonest first."""

    count: int = 0
    bytes: int = 0
    soonest: list[Decided] = field(default_factory=list)

    def counted(self, decided: Decided) -> Decided:
        """Count one more, and give it back."""
        self.count += 1
        self.bytes += decided.kept.size
        return decided


class Deciding:
    """Decides for one actor, at one moment, over one state of the ledger."""

    def __init__(
        self,
        desk: Desk,
        actor: Actor,
        zone: tzinfo,
        propose: Propose,
        now: datetime | None = None,
    ) -> None:
        """``zone``: where the station stands; ``now``: another moment than that of the desk."""
        self.keeper = Keeper(standing_of(desk, actor), read_shelf(desk.ledger))
        self.listing: Listing = listing_for(desk, actor)
        self.now = now or desk.clock.now()
        self.zone = zone
        self.past = Past(desk.ledger)
        self._propose = propose

    @property
    def shelf(self) -> Shelf:
        """Return packs, holds and answers as they are now."""
        return self.keeper.shelf

    def decide(self, segment: str) -> Decided:
        """Return why a segment (s:…) is kept; raises as ``facts_of``."""
        kept = facts_of(self.past, segment, self.shelf)
        ledger = self.keeper.desk.ledger
        footage = footage_of(ledger, (segment,), known=self.listing.tenures)
        keeping = keeping_of(kept, self.shelf, self.zone, self.now)
        over = keeping.grace_until is not None and keeping.grace_until <= self.now
        return Decided(kept, keeping, footage, over)

    def look(self, segment: str) -> Decided:
        """``decide``, where the actor may see why it is kept; else ``RefusedError``, on record."""
        decided = self.decide(segment)
        if not self.listing.everything:
            over = over_footage(self.keeper.standing, decided.footage)
            self.keeper.allow("see_retention", over, (segment,))
        return decided

    def all(self, wanted: Wanted | None = None) -> Iterator[Decided]:
        """Yield what the actor may know of, decided; ``wanted``: of this only."""
        for segment in self._propose(wanted):
            if not self.listing.may(segment):
                continue
            try:
                yield self.decide(segment)
            except CustodyError:
                continue  # an old catalogue proposes what was disposed of

    def due(self) -> Iterator[Decided]:
        """Yield what may go now: nothing keeps it, and nothing forbids it."""
        wanted = wanted_of(self.shelf, self.zone, self.now, blocked=False)
        for decided in self.all(wanted) if wanted else ():
            if decided.keeping.due(self.now):
                yield decided

    def falls_due(self, within: timedelta, limit: int) -> Due:
        """Return what keeps no more after that time, whatever forbids it; memory stays flat."""
        found = Due()
        wanted = wanted_of(self.shelf, self.zone, self.now, within, blocked=True)
        if wanted:
            ends = (each for each in self.all(wanted) if _ends_by(each.keeping, self.now + within))
            found.soonest += nsmallest(limit, map(found.counted, ends), key=_soonest)
        return found

    def told(self, decided: Decided) -> tuple[Blocker, ...]:
        """Return what forbids a disposal, as far as the actor may be told of it."""
        over = over_footage(self.keeper.standing, decided.footage)
        blockers = decided.keeping.blockers
        if not refusals("see_request", over):
            return blockers
        return tuple(each for each in blockers if each.code not in ASKED)


def _ends_by(keeping: Keeping, moment: datetime) -> bool:
    return keeping.grace_until is not None and keeping.grace_until <= moment


def _soonest(decided: Decided) -> tuple[str, str]:
    return str(decided.keeping.grace_until), decided.keeping.segment

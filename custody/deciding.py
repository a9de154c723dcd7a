"""The keeping of many segments: somebody proposes which, the ledger decides each of them.

The proposals come from a catalogue, which may be old or tampered with: it can hide a segment for a
while, it can neither let one go nor show one to somebody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

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
from evidence.errors import CustodyError
from evidence.keeping import Blocker, Keeping, Period, Shelf
from evidence.people import Actor

# Segments (s:…) that were recorded before a moment, or all of them: newest first.
Propose = Callable[[datetime | None], Iterator[str]]
MONTH_DAYS = 28  # no month is shorter
YEAR_DAYS = 365
# Who asked, and who may look: told to heads and auditors alone, some of it only after a day.
ASKED = frozenset({"open_request", "open_grant", "proposed"})


@dataclass(frozen=True, slots=True)
class Decided:
    """The keeping of one segment, and whose footage it is."""

    kept: Kept
    keeping: Keeping
    footage: Footage
    over: bool  # nothing keeps it any longer, whatever forbids its disposal


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

    def all(self, until: datetime | None = None) -> Iterator[Decided]:
        """Yield what the actor may know of, newest first; ``until``: recorded before that."""
        for segment in self._propose(until):
            if not self.listing.may(segment):
                continue
            try:
                yield self.decide(segment)
            except CustodyError:
                continue  # an old catalogue proposes what was disposed of

    def falls_due(self, within: timedelta) -> list[Decided]:
        """Return what keeps no more after that time, whatever forbids it; the soonest first."""
        before = self.candidates_until(within)
        if before is None:
            return []
        found = [each for each in self.all(before) if _ends_by(each.keeping, self.now + within)]
        return sorted(found, key=lambda each: (str(each.keeping.grace_until), each.keeping.segment))

    def told(self, decided: Decided) -> tuple[Blocker, ...]:
        """Return what forbids a disposal, as far as the actor may be told of it."""
        over = over_footage(self.keeper.standing, decided.footage)
        blockers = decided.keeping.blockers
        if not refusals("see_request", over):
            return blockers
        return tuple(each for each in blockers if each.code not in ASKED)

    def candidates_until(self, within: timedelta) -> datetime | None:
        """Return before when everything was recorded that falls due by then; None: nothing does.

        By the shortest period that was ever adopted: nothing is kept shorter than that, and what
        was recorded is never sealed before.
        """
        periods = [_least(each.standard.period) for each in self.shelf.policies]
        known = [each for each in periods if each is not None]
        if not known:
            return None
        grace = min(each.grace_days for each in self.shelf.policies)
        return self.now + within - timedelta(days=min(known) + grace)


def _ends_by(keeping: Keeping, moment: datetime) -> bool:
    return keeping.grace_until is not None and keeping.grace_until <= moment


def _least(period: Period) -> int | None:
    """Return how many days a period has at least; None where it has no end."""
    if period.kind == "months":
        return period.count * MONTH_DAYS
    return period.count * YEAR_DAYS if period.kind == "years" else None

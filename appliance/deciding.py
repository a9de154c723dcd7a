"""The keeping of many segments: the catalogue proposes which, the ledger decides each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from appliance.call import Call
from appliance.commands_look import zone_of
from appliance.services import Filter
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
from evidence.codec import format_time
from evidence.errors import CustodyError
from evidence.keeping import Blocker, Keeping, Period, Shelf
from evidence.people import Actor

PAGE = 1000
PAGES_LIMIT = 10_000  # of the catalogue, in one list
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

    def __init__(self, call: Call, actor: Actor, now: datetime | None = None) -> None:
        desk: Desk = call.services.desk
        self.call = call
        self.keeper = Keeper(standing_of(desk, actor), read_shelf(desk.ledger))
        self.listing: Listing = listing_for(desk, actor)
        self.now = now or desk.clock.now()
        self.zone: tzinfo = zone_of(call)
        self.past = Past(desk.ledger)

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

    def all(self, until: datetime | None = None) -> Iterator[Decided]:
        """Yield what the actor may know of, newest first; ``until``: recorded before that."""
        wanted = format_time(until) if until else None
        after: str | None = None
        for _ in range(PAGES_LIMIT):
            page = self.call.services.segments(Filter(until=wanted, limit=PAGE, after=after))
            for row in page.segments:
                yield from self._known(f"s:{row.segment}")
            if page.next is None:
                return
            after = page.next

    def _known(self, segment: str) -> Iterator[Decided]:
        """Yield one decision; nothing of what the actor may not list, or what is gone meanwhile."""
        if not self.listing.may(segment):
            return
        try:
            yield self.decide(segment)
        except CustodyError:
            return  # an old catalogue proposes what was disposed of

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


def _least(period: Period) -> int | None:
    """Return how many days a period has at least; None where it has no end."""
    if period.kind == "months":
        return period.count * MONTH_DAYS
    return period.count * YEAR_DAYS if period.kind == "years" else None

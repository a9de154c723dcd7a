"""The keeping of many segments at the command line: which they are, the catalogue says."""

from collections.abc import Iterator
from datetime import datetime

from appliance.call import Call
from appliance.commands_look import zone_of
from appliance.services import Filter
from custody.deciding import Deciding, Propose
from evidence.codec import format_time
from evidence.people import Actor

PAGE = 1000
PAGES_LIMIT = 10_000  # of the catalogue, in one list


def deciding_for(call: Call, actor: Actor, now: datetime | None = None) -> Deciding:
    """Return what decides for ``actor``; ``now``: another moment than that of the desk."""
    return Deciding(call.services.desk, actor, zone_of(call), proposing(call), now)


def proposing(call: Call) -> Propose:
    """Return what proposes segments, from the catalogue."""

    def propose(until: datetime | None) -> Iterator[str]:
        wanted = format_time(until) if until else None
        after: str | None = None
        for _ in range(PAGES_LIMIT):
            page = call.services.segments(Filter(until=wanted, limit=PAGE, after=after))
            yield from (f"s:{row.segment}" for row in page.segments)
            if page.next is None:
                return
            after = page.next

    return propose

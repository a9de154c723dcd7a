"""The keeping of many segments at the command line: which they are, the catalogue says."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from appliance.call import Call
from appliance.commands_look import zone_of
from appliance.services import Filter
from custody.deciding import Deciding, Propose
from evidence.candidates import Wanted
from evidence.people import Actor

PAGE = 1000
PAGES_LIMIT = 10_000  # of the catalogue, in one list


def deciding_for(call: Call, actor: Actor, now: datetime | None = None) -> Deciding:
    """Return what decides for ``actor``; ``now``: another moment than that of the desk."""
    return Deciding(call.services.desk, actor, zone_of(call), proposing(call), now)


def proposing(call: Call) -> Propose:
    """Return what proposes segments, from the catalogue."""

    def propose(wanted: Wanted | None) -> Iterator[str]:
        after: str | None = None
        for _ in range(PAGES_LIMIT):
            found, after = _candidates(call, wanted, after) if wanted else _everything(call, after)
            yield from (f"s:{each}" for each in found)
            if after is None:
                return

    return propose


def _candidates(call: Call, wanted: Wanted, after: str | None) -> tuple[Sequence[str], str | None]:
    page = call.services.candidates(wanted, after)
    return page.items, page.after


def _everything(call: Call, after: str | None) -> tuple[Sequence[str], str | None]:
    page = call.services.segments(Filter(limit=PAGE, after=after))
    return [row.segment for row in page.segments], page.next

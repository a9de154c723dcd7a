"""A search for what somebody recorded: under their labels, and on the recorders that they held.

The catalogue knows labels and recorders; who held which, and when, the ledger alone.  So it is
asked several times, the newest time first, and no more often than a page needs.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from custody.held import held_by
from evidence.errors import UsageError
from evidence.ports import Ledger
from evidence.search import Page, SegmentFilter, SegmentLine, place_of, time_of

ASKED_LIMIT = 400  # times of holding that one page looks at
Search = Callable[[SegmentFilter, int, str | None], Page[SegmentLine]]


def recorded_by(
    search: Search, ledger: Ledger, wanted: SegmentFilter, limit: int, after: str | None
) -> Page[SegmentLine]:
    """Return a page of what ``wanted.person`` recorded, the newest beginning first.

    What lay on two recorders of theirs may stand on two pages, and a last page may be empty.
    Raises ``UsageError`` (``search_too_wide``) where less time must be asked for.
    """
    labelled = search(wanted, limit, after)
    found, more = [*labelled.items], labelled.after is not None
    for asked, each in enumerate(_held(ledger, wanted, after)):
        if asked == ASKED_LIMIT:
            raise UsageError("search_too_wide", limit=ASKED_LIMIT)
        found = _newest_first(found)
        if each.until and len(found) > limit and found[limit].sighting.at >= each.until:
            more = True  # nothing of it comes so early: the page after looks
            continue
        page = search(each, limit, after)
        found, more = [*found, *page.items], more or page.after is not None
    lines = _newest_first(found)
    shown = tuple(lines[:limit])
    more = more or len(lines) > limit
    return Page(shown, place_of(shown[-1]) if more and shown else None)


def _held(ledger: Ledger, wanted: SegmentFilter, after: str | None) -> Iterator[SegmentFilter]:
    """Yield what to ask for each time of holding that meets ``wanted``, the newest first."""
    behind = None if after is None else time_of(after) + timedelta(milliseconds=1)
    for held in held_by(ledger, wanted.person or ""):
        since = max(each for each in (wanted.since, held.since) if each)
        ends = [each for each in (wanted.until, held.until, behind) if each]
        until = min(ends, default=None)
        known = wanted.recorder in {None, held.recorder}
        if known and (until is None or since < until):
            yield replace(wanted, person=None, recorder=held.recorder, since=since, until=until)


def _newest_first(lines: list[SegmentLine]) -> list[SegmentLine]:
    """Return each segment once, by its newest place."""
    found: dict[str, SegmentLine] = {}
    for line in sorted(lines, key=_place, reverse=True):
        found.setdefault(line.sha256, line)
    return list(found.values())


def _place(line: SegmentLine) -> tuple[datetime, int]:
    return line.sighting.at, line.sighting.entry

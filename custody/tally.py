"""What a round over many segments counts: what may go, what falls due, and what stays and why.

Sums and codes only: no segment, no person.  What counts is what the ledger says of each
(``custody/retention.py``), whoever proposed it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from custody.candidates import wanted_of
from custody.deciding import Propose
from custody.kept import facts_of
from custody.past import Past
from custody.retention import keeping_of
from custody.shelf import read_shelf
from evidence.errors import CustodyError
from evidence.keeping import CODES, Code, Keeping
from evidence.ports import Ledger

WITHIN_DAYS = (30, 90)
DAY = timedelta(days=1)
# Reasons that end with the day on which a segment falls due, or that lead to its end.
PASSING = frozenset({"in_grace", "disposing"})


@dataclass(slots=True)
class Sum:
    """So many segments, and their bytes."""

    count: int = 0
    bytes: int = 0

    def add(self, size: int) -> None:
        """Count one more."""
        self.count += 1
        self.bytes += size


@dataclass(slots=True)
class Tally:
    """What was counted at ``now``.

    ``due``: may go.  ``within``: by days, what may go by then unless something comes in between.
    ``over``: by code, each segment once for each, what is kept by nothing else any more.
    ``leaving``: bytes by the day on which they may go, counted from ``now``.  ``staying``: what
    would leave within the longest of ``WITHIN_DAYS`` but for a reason.
    """

    now: datetime
    due: Sum = field(default_factory=Sum)
    within: dict[int, Sum] = field(default_factory=lambda: {days: Sum() for days in WITHIN_DAYS})
    over: dict[Code, Sum] = field(default_factory=lambda: {code: Sum() for code in CODES})
    leaving: dict[int, int] = field(default_factory=dict)
    staying: Sum = field(default_factory=Sum)


def decide_soon(
    ledger: Ledger, zone: tzinfo, propose: Propose, now: datetime
) -> Iterator[tuple[int, Keeping]]:
    """Yield (bytes, keeping) of what may be over within the longest of ``WITHIN_DAYS``.

    What is gone meanwhile is left out: an old catalogue proposes it.  For the keeper's round: no
    person is asked what they may know of.
    """
    shelf, past = read_shelf(ledger), Past(ledger)
    wanted = wanted_of(shelf, zone, now, max(WITHIN_DAYS) * DAY, blocked=True)
    for segment in propose(wanted) if wanted else ():
        try:
            kept = facts_of(past, segment, shelf)
        except CustodyError:
            continue
        yield kept.size, keeping_of(kept, shelf, zone, now)


def tally(decided: Iterable[tuple[int, Keeping]], now: datetime) -> Tally:
    """Count (bytes, keeping) of segments that were decided for ``now``."""
    found = Tally(now)
    for size, keeping in decided:
        _count(found, size, keeping)
    return found


def _count(found: Tally, size: int, keeping: Keeping) -> None:
    ends = keeping.grace_until
    codes = {each.code for each in keeping.blockers}
    if ends is not None and ends <= found.now:
        for code in codes:
            found.over[code].add(size)
    if keeping.due(found.now):
        found.due.add(size)
    if ends is not None:
        _leave(found, size, max(ends - found.now, timedelta()), stays=not codes <= PASSING)


def _leave(found: Tally, size: int, after: timedelta, *, stays: bool) -> None:
    """Count a segment that nothing keeps any more ``after`` that time."""
    if stays:
        if after <= max(WITHIN_DAYS) * DAY:
            found.staying.add(size)
        return
    for days, total in found.within.items():
        if after <= days * DAY:
            total.add(size)
    day = after // DAY
    found.leaving[day] = found.leaving.get(day, 0) + size

"""The keeper's round, every night: what two people decided is done, the rest is counted.

In this order, each part apart from the others, so that a catalogue that is down keeps no disposal
waiting: the clock, disposals whose time has come, the count, an alarm where room is short.
Nothing is ever deleted to make room.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from appliance.keeper import Keeping
from custody.clockwatch import Outside, odd_clock
from custody.deciding import Propose
from custody.destroy import Ran
from custody.disposals import disposals_of
from custody.space import WEEK_DAYS, Disk, Space, Taken, space_of, warn_short
from custody.tally import Tally, decide_soon, tally
from evidence.candidates import Figure
from evidence.disposal import Now
from evidence.errors import CustodyError, EvidenceError
from evidence.keeping import Code
from evidence.ports import Clock
from vault.fields import moment

if TYPE_CHECKING:  # half of what a command weighs
    from vault.figures import FigureReader

Tell = Callable[[str, int], None]  # a disposal, and how many of its segments are decided


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured, and never decided by: disk, catalogue, and who proposes segments."""

    disk: Callable[[], Disk]
    figures: "FigureReader"
    propose: Propose
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: decided by the ledger, and beside it sums of the catalogue.

    ``blocked``: by code, as far as the catalogue tells.
    """

    soon: Tally
    kept: Figure
    blocked: Mapping[Code, Figure]


@dataclass(slots=True)
class Round:
    """What one round has done and found.  ``failed``: part and error, where a part failed."""

    at: datetime
    outside: Outside | None = None
    odd: str | None = None  # what is odd about our clock
    ran: dict[str, Ran] = field(default_factory=dict)
    disposals: Mapping[str, int] = field(default_factory=dict)  # by state
    counted: Counted | None = None
    space: Space | None = None
    short: bool = False  # an alarm stands, or was raised
    failed: dict[str, EvidenceError] = field(default_factory=dict)
    ms: int = 0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Let the other parts go on where this one fails."""
        try:
            yield
        except EvidenceError as error:
            self.failed[name] = error


def go_round(keeping: Keeping, measures: Measures, least_days: int, tell: Tell) -> Round:
    """Do one round; raise an alarm where there is room for fewer than ``least_days`` days."""
    begin = time.monotonic()
    found = Round(keeping.clock.now())
    now = _look_at_clock(keeping, found)
    if now is not None:
        _run_all(keeping, found, now, tell)
    with found.part("disposals"):
        found.disposals = Counter(each.state for each in disposals_of(keeping.ledger))
    with found.part("count"):
        found.counted = count(keeping, measures, now)
    with found.part("space"):
        found.space = measure(keeping.clock, measures, found.counted)
        found.short = warn_short(keeping.ledger, keeping.clock, found.space, least_days)
    found.ms = int((time.monotonic() - begin) * 1000)
    return found


def _look_at_clock(keeping: Keeping, found: Round) -> Now | None:
    """Return the time that counts, or None where nobody outside has said one: nothing may go."""
    with found.part("clock"):
        found.outside = keeping.outside.newest()
        found.odd = odd_clock(found.at, found.outside)
        try:
            return keeping.now()
        except CustodyError as error:
            if error.word != "no_outside_time":
                raise
    return None


def _run_all(keeping: Keeping, found: Round, now: Now, tell: Tell) -> None:
    with found.part("disposals"):
        for each in list(keeping.waiting(now)):
            with found.part(each.id):
                found.ran[each.id] = keeping.run(each.id, now, partial(tell, each.id))


def count(keeping: Keeping, measures: Measures, now: Now | None) -> Counted:
    """Return what may go, falls due and stays; by our own clock where nobody has said a time."""
    at = now.at if now else keeping.clock.now()
    decided = decide_soon(keeping.ledger, measures.zone, measures.propose, at)
    soon = tally(decided, at)
    figures = measures.figures
    return Counted(soon, figures.takings(at, WEEK_DAYS).kept, figures.blocked(at))


def measure(clock: Clock, measures: Measures, counted: Counted | None) -> Space:
    """Return how long the room lasts; where nothing was counted, only that there is none left."""
    disk = measures.disk()
    if counted is None and not disk.room:
        return Space(disk, Taken((), None), 0, 0)
    now = clock.now()
    taken = measures.figures.takings(now, WEEK_DAYS)
    age = None if taken.first_ms is None else now - moment(taken.first_ms)
    return space_of(disk, Taken(taken.days, age), counted.soon if counted else Tally(now))

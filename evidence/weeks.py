"""A unit's week: what was recorded in it and lies in custody, or why not (article 16): values.

Decided from the ledger by ``custody/weeks.py``; docs/keeping.md says what each part means.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, get_args

from evidence.errors import UsageError

What = Literal["recorder", "docking", "segment"]
WHAT: tuple[What, ...] = get_args(What)
Because = Literal[
    # a recorder
    "not_returned",  # handed out, due, and nobody has brought it back
    "still_out",  # handed out and not due yet
    "not_docked",  # with somebody in the week, and not docked since
    "not_docked_since",  # docked in the week, not at the end of its time with somebody
    # a docking that did not take in all, and nothing has since
    "left_behind",
    "interrupted",
    "failed",
    "under_way",  # or cut: it has no end
    # a segment
    "not_verified",  # the vault gave other bytes than the sealed ones
]
BECAUSE: tuple[Because, ...] = get_args(Because)
State = Literal["running", "open", "closed", "reopened"]

_WEEK = re.compile(r"(?P<year>[0-9]{4})-W(?P<number>[0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """A week of ISO 8601: it belongs to the year in which its Thursday lies."""

    year: int
    number: int  # 1 to 53

    def __str__(self) -> str:
        """Return the text that ``parse_week`` reads."""
        return f"{self.year:04}-W{self.number:02}"

    @property
    def monday(self) -> date:
        """Return its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def before(self) -> "IsoWeek":
        """Return the week before it."""
        return week_of_day(self.monday - timedelta(days=1))

    @property
    def after(self) -> "IsoWeek":
        """Return the week after it."""
        return week_of_day(self.monday + timedelta(days=7))


def week_of_day(day: date) -> IsoWeek:
    """Return the week in which a day lies."""
    year, number, _ = day.isocalendar()
    return IsoWeek(year, number)


def parse_week(text: str) -> IsoWeek:
    """Return the week ``2026-W47``; raises ``UsageError`` (``week_malformed``) for none of ours."""
    told = _WEEK.fullmatch(text)
    try:
        week = IsoWeek(int(told["year"]), int(told["number"])) if told else None
        if week is None or not date(2000, 1, 3) <= week.monday < date(9999, 1, 1):
            raise UsageError("week_malformed", text=text)
    except ValueError as error:  # that year has no week 53, or there is no such week
        raise UsageError("week_malformed", text=text) from error
    return week


@dataclass(frozen=True, slots=True)
class Hours:
    """How the station counts: its calendar, and until when a day's footage is docked in time.

    ``late_after``: after the end of the local day, where no handover says when it was due.
    """

    zone: tzinfo
    late_after: timedelta


@dataclass(frozen=True, slots=True)
class Brought:
    """One segment of the week, as its first sighting in that unit and week brought it."""

    segment: str
    docking: str
    entry: int  # that sighting
    came: int  # the entry by which it came to this unit: the sighting, or a later word on whose
    recorder: str | None
    person: str | None  # who held the recorder; None: nobody knows
    size: int  # bytes
    recorded: datetime  # by the best that is known
    docked: datetime
    due: datetime  # the end of the shift: docked later is late
    labelled: bool  # as article 16 asks for it; or disposed of since
    gaps: tuple[tuple[int, int], ...]  # not settled: entry seams.judged, and the place there
    verified: bool  # no alarm about its bytes stands

    @property
    def late(self) -> bool:
        """Return whether it was docked after the end of the shift."""
        return self.docked > self.due


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not known to be in custody whole, by its id, and why."""

    what: What
    id: str
    because: Because


@dataclass(frozen=True, slots=True)
class Late:
    """A docking that brought some of the week after the end of its shift."""

    docking: str
    recorder: str | None
    person: str | None
    segments: int
    due: datetime  # the earliest of them
    docked: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """A week.closed as the ledger has it.  ``size``: of the checkpoint by which it counted."""

    entry: int
    at: datetime
    by: str
    again: int | None  # the closing that it follows
    segments: int
    bytes: int
    dockings: int
    late: int
    unlabelled: int
    open_gaps: int
    out: int
    missing: tuple[Missing, ...]
    more: int  # missing ones that did not fit
    late_after: timedelta  # as ``Hours`` had it
    counted_at: datetime  # when it was looked at
    size: int
    root: str  # hex


@dataclass(frozen=True, slots=True)
class Week:
    """A unit's week as the ledger tells it at ``size`` entries.

    ``units``: the unit and those below it that are no enforcing units of their own.
    """

    unit: str
    week: IsoWeek
    since: datetime
    until: datetime  # not included
    at: datetime  # when it was looked at
    size: int  # of the ledger: what stands behind is not counted
    root: str  # of the checkpoint of that size, hex
    units: tuple[str, ...]
    brought: tuple[Brought, ...]  # in the order of the ledger
    late: tuple[Late, ...]
    unlabelled: tuple[str, ...]  # segments
    open_gaps: tuple[tuple[int, int], ...]  # entry seams.judged, and the place there
    out: tuple[str, ...]  # recorders handed out and not brought back
    missing: tuple[Missing, ...]
    closings: tuple[Closing, ...]  # oldest first
    reopened: int | None  # the entry that brought footage which the last closing had not

    @property
    def segments(self) -> int:
        """Return how many segments of it are in custody."""
        return len(self.brought)

    @property
    def bytes(self) -> int:
        """Return how many bytes they have."""
        return sum(each.size for each in self.brought)

    @property
    def dockings(self) -> int:
        """Return how many dockings brought them."""
        return len({each.docking for each in self.brought})

    @property
    def over(self) -> bool:
        """Return whether it can be closed as far as the calendar goes."""
        return self.at >= self.until

    @property
    def state(self) -> State:
        """Return what has become of it."""
        if not self.closings:
            return "open" if self.over else "running"
        return "closed" if self.reopened is None else "reopened"

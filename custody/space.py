"""How long the room lasts at this week's rate (docs/keeping.md, "Space"): arithmetic alone.

Nothing is ever deleted to make room: this tells people early, and where there is none intake stops.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from custody.clockwatch import raise_alarm
from custody.tally import Tally
from evidence.json import JsonObject
from evidence.ports import Clock, Ledger

WEEK_DAYS = 7
HORIZON_DAYS = 3650  # further ahead nobody can tell
ALARM = "space_short"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Disk:
    """Where the vault lies, in bytes.  ``reserve``: never for intake."""

    size: int
    free: int
    reserve: int

    @property
    def room(self) -> int:
        """Return what intake may still take."""
        return max(0, self.free - self.reserve)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came into custody: (segments, bytes) of each of the last seven days, today's first.

    ``age``: since the first segment that is in custody; None: there is none.
    """

    days: Sequence[tuple[int, int]]
    age: timedelta | None

    @property
    def bytes(self) -> int:
        """Return the bytes of the week."""
        return sum(size for _, size in self.days)

    @property
    def per_day(self) -> int:
        """Return this week's rate in bytes a day; of a younger custody, that of its days so far."""
        lived = WEEK_DAYS if self.age is None else min(WEEK_DAYS, max(1, -(-self.age // DAY)))
        return -(-self.bytes // lived)


@dataclass(frozen=True, slots=True)
class Space:
    """How long there is room: whole days, None: longer than anybody can tell.

    ``days``: if what may go leaves on its day, and what is blocked stays.  ``days_if_kept``: if
    nobody disposes of anything.
    """

    disk: Disk
    taken: Taken
    days: int | None
    days_if_kept: int | None


def space_of(disk: Disk, taken: Taken, counted: Tally) -> Space:
    """Return how long the room lasts."""
    room, rate = disk.room, taken.per_day
    return Space(
        disk, taken, days_left(room, rate, counted.leaving), days_left(room, rate, leaving={})
    )


def days_left(room: int, per_day: int, leaving: Mapping[int, int]) -> int | None:
    """Return how many whole days ``room`` lasts; a day first takes, then gives back."""
    if per_day <= 0:
        return None
    for day in range(HORIZON_DAYS):
        room -= per_day
        if room < 0:
            return day
        room += leaving.get(day, 0)
    return None


def warn_short(ledger: Ledger, clock: Clock, space: Space, least_days: int) -> bool:
    """Raise an alarm where there is room for fewer days than ``least_days``; return whether so.

    An alarm of the same kind is not written again within a day.
    """
    if space.days is None or space.days >= least_days:
        return False
    facts = {"free": str(space.disk.free), "days": str(space.days)}
    raise_alarm(ledger, ALARM, clock.now(), facts)
    return True


def space_json(space: Space) -> JsonObject:
    """Return the room as documents carry it; sizes in bytes."""
    disk, taken = space.disk, space.taken
    return {
        "size": disk.size,
        "free": disk.free,
        "reserve": disk.reserve,
        "room": disk.room,
        "taken": [
            {"days_ago": ago, "count": count, "bytes": size}
            for ago, (count, size) in enumerate(taken.days)
        ],
        "per_day": taken.per_day,
        "days": space.days,
        "days_if_kept": space.days_if_kept,
    }

"""What cannot go, summed up: for each reason how much it is, since when, and whose task."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.deciding import Decided, Deciding
from evidence.json import JsonObject
from evidence.keeping import CODES, Blocker, Code, Whose

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Sum:
    """What one reason keeps from going.  ``over``: what would go but for such reasons."""

    since: datetime
    count: int = 0
    size: int = 0
    over_count: int = 0
    over_size: int = 0


Place = tuple[str | None, Code, Whose]  # unit or None, the reason, whose task


@dataclass(frozen=True, slots=True)
class Blocked:
    """All that cannot go, as far as the actor may know of it."""

    sums: dict[Place, Sum]  # by unit, reason, and whose task it is
    hidden: int  # segments with a reason that the actor is not told
    now: datetime

    def days(self, place: Place) -> int:
        """Return for how many whole days the oldest has been standing there."""
        return max(0, (self.now - self.sums[place].since) // _DAY)

    def json(self, place: Place) -> JsonObject:
        """Return one sum as documents carry it."""
        (unit, code, whose), total = place, self.sums[place]
        return {
            "unit": unit,
            "code": code,
            "whose": whose,
            "count": total.count,
            "bytes": total.size,
            "over_count": total.over_count,
            "over_bytes": total.over_size,
            "days": self.days(place),
        }


def blocked_of(deciding: Deciding, *, by_unit: bool) -> Blocked:
    """Sum up what cannot go; a segment counts once for each reason, and once in each unit."""
    sums: dict[Place, Sum] = {}
    hidden = 0
    for decided in deciding.all():
        blockers = deciding.told(decided)
        hidden += len(blockers) < len(decided.keeping.blockers)
        _add(sums, decided, blockers, by_unit=by_unit)
    ordered = sorted(sums, key=lambda each: (each[0] or "", CODES.index(each[1]), each[2]))
    return Blocked({each: sums[each] for each in ordered}, hidden, deciding.now)


def _add(
    sums: dict[Place, Sum], decided: Decided, blockers: Sequence[Blocker], *, by_unit: bool
) -> None:
    """Count a segment once for each reason, with the oldest of its kind."""
    units = decided.footage.owners if by_unit else (None,)
    oldest: dict[tuple[Code, Whose], datetime] = {}
    for each in blockers:
        known = oldest.get((each.code, each.whose), each.since)
        oldest[each.code, each.whose] = min(known, each.since)
    for unit in units:
        for (code, whose), since in oldest.items():
            total = sums.setdefault((unit, code, whose), Sum(since))
            total.since = min(total.since, since)
            total.count += 1
            total.size += decided.kept.size
            total.over_count += decided.over
            total.over_size += decided.kept.size * decided.over

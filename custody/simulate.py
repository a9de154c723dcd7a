"""What a policy pack would do to everything in custody, before anybody adopts it.

Two answers.  To what is in custody now it can only add: what was promised stays.  What is sealed
once it holds has its rules alone; so the second answer is what the same footage would get, were it
sealed under the packs of then instead of those of today: that may be less.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from custody.kept import Kept
from custody.retention import keeping_of
from evidence.canonical import INTEGER_LIMIT
from evidence.keeping import Policy, Shelf

_LAST = INTEGER_LIMIT  # an entry after every other: that of the adoption which nobody has written
_DAY_S = 86_400


@dataclass(slots=True)
class Amount:
    """So many segments; ``byte_days``: bytes times the days by which each is kept longer or less.

    ``most_days``: the largest of these.  Both are 0 where there is no end before or after.
    """

    segments: int = 0
    bytes: int = 0
    byte_days: int = 0
    most_days: int = 0

    def add(self, size: int, days: int = 0) -> None:
        """Count one more segment."""
        self.segments += 1
        self.bytes += size
        self.byte_days += size * days
        self.most_days = max(self.most_days, days)


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of footage, by the end of its grace."""

    same: Amount = field(default_factory=Amount)
    longer: Amount = field(default_factory=Amount)
    shorter: Amount = field(default_factory=Amount)
    endless: Amount = field(default_factory=Amount)  # it had an end, and would have none
    ending: Amount = field(default_factory=Amount)  # it had none, and would have one


@dataclass(frozen=True, slots=True)
class Simulated:
    """``custody``: what is kept now.  ``fresh``: the same footage, were it sealed under each."""

    total: Amount = field(default_factory=Amount)
    custody: Effect = field(default_factory=Effect)
    fresh: Effect = field(default_factory=Effect)


def simulate(
    policy: Policy, segments: Iterable[Kept], shelf: Shelf, zone: tzinfo, now: datetime
) -> Simulated:
    """Return what adopting ``policy`` now would change for ``segments``; memory stays flat."""
    after = _adopted(shelf, policy)
    today, then = (replace(each, policies=each.in_force()) for each in (shelf, after))
    found = Simulated()
    for kept in segments:
        found.total.add(kept.size)
        for effect, (old, new) in ((found.custody, (shelf, after)), (found.fresh, (today, then))):
            ends = (keeping_of(kept, each, zone, now).grace_until for each in (old, new))
            _note(effect, kept.size, *ends)
    return found


def _adopted(shelf: Shelf, policy: Policy) -> Shelf:
    """Return the shelf as it would be; a pack of the same name would be replaced."""
    held = (
        replace(each, replaced=_LAST)
        if each.name == policy.name and each.replaced is None
        else each
        for each in shelf.policies
    )
    return replace(shelf, policies=(*held, replace(policy, entry=_LAST, replaced=None)))


def _note(effect: Effect, size: int, before: datetime | None, after: datetime | None) -> None:
    if before is None or after is None:
        changed = effect.endless if after is None else effect.ending
        (effect.same if before is after else changed).add(size)
        return
    days = round((after - before).total_seconds() / _DAY_S)  # a day may have 23 or 25 hours
    if days == 0:
        effect.same.add(size)
    else:
        (effect.longer if days > 0 else effect.shorter).add(size, abs(days))

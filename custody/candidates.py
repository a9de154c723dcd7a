"""Which segments may be over: what a catalogue is asked, so that few are decided in vain.

Everything that the ledger would let go is among them.  So each bound is one that the decision
(``custody/retention.py``) certainly keeps: the end of a period with the grace of the packs that
hold, counted from the day of the sealing, where that day cannot be mistaken.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from custody.calendar import day_after, days_after, end_of, local_day
from evidence.candidates import Bound, Since, Wanted
from evidence.keeping import Period, Policy, Shelf

_FIRST_DAY = date(1970, 1, 2)  # nothing was sealed before
_NEVER = datetime.max.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


def wanted_of(
    shelf: Shelf, zone: tzinfo, now: datetime, within: timedelta = timedelta(), *, blocked: bool
) -> Wanted | None:
    """Return what may be over at ``now``, or so long after it; None: nothing ever is.

    ``blocked``: also what something else than time forbids to go.
    """
    held = shelf.in_force()
    grace = max((policy.grace_days for policy in held), default=0)
    bounds = {
        each: None
        for policy in shelf.policies
        for each in _bounds(policy, max(grace, policy.grace_days), now + within, zone)
    }
    if not held or Bound(None) in bounds:
        return None
    return Wanted(now, tuple(bounds), blocked)


def _bounds(policy: Policy, grace: int, at: datetime, zone: tzinfo) -> Iterator[Bound]:
    for rule in (policy.standard, *policy.rules):
        period = policy.case_file if rule.period.kind == "case_file" else rule.period
        since = kept_since(period, grace, at, zone)
        case = rule.start == "case_closed" and since is not None
        yield Bound(since, policy.replaced, rule.items, rule.list if rule.items else None, case)


def kept_since(period: Period | None, grace: int, at: datetime, zone: tzinfo) -> Since | None:
    """Return since when what began is certainly kept at ``at``; None: it has no end.

    ``grace`` is in days; a ``period`` of None: nobody has said how long that is.
    """
    if period is None or period.kind == "permanent":
        return None

    def ends(ordinal: int) -> datetime:
        last = day_after(date.fromordinal(ordinal), period)
        over = days_after(last, grace) if last else None
        return (end_of(over, zone) if over else None) or _NEVER

    days = range(_FIRST_DAY.toordinal(), local_day(at, zone).toordinal() + 1)
    first = _FIRST_DAY + bisect_right(days, at, key=ends) * _DAY
    # Of two midnights the later one: what began between them may be of the day before.
    return Since(first, end_of(first - _DAY, zone) or _NEVER)

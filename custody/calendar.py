"""Calendar months and days where the station stands; every end is clamped toward keeping.

Six months are six calendar months, never 180 days.  From 31 August they end with the last day of
February, and that day is kept whole.  Nothing here asks for the time now.
"""

from calendar import monthrange
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo

from evidence.errors import UsageError
from evidence.keeping import Period

_MONTHS = 12  # of a year


def last_day(start: datetime, period: Period, zone: tzinfo) -> date | None:
    """Return the last day that is kept, counted from the local day of ``start``; None: no end.

    Where the month has no such day, its last one.  Beyond the year 9999 there is no end either.
    Raises ``UsageError`` (``period_uncounted``) for ``as the case file``: somebody must say first
    how long that is.
    """
    if period.kind == "case_file":
        raise UsageError("period_uncounted")
    return day_after(local_day(start, zone), period)


def day_after(day: date, period: Period) -> date | None:
    """Return the day so much later, clamped to its month; None: there is none."""
    if period.kind == "permanent":
        return None
    count = period.count * (_MONTHS if period.kind == "years" else 1)
    years, month = divmod(day.month - 1 + count, _MONTHS)
    if day.year + years > MAXYEAR:
        return None
    longest = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, longest))


def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the day of ``moment`` where ``zone`` is; at the ends of the calendar, that of UTC."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def end_of(day: date, zone: tzinfo) -> datetime | None:
    """Return the first moment after a local day, in UTC; None at the end of the calendar.

    A midnight that the clocks of the zone pass twice counts when it is passed for the second time.
    One that they leap over counts as the moment of the leap, or later: never earlier.
    """
    if date.max - day < timedelta(days=2):
        return None
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return max(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def begin_of(day: date, zone: tzinfo) -> datetime:
    """Return when a local day began, in UTC; of two such moments the earlier one."""
    midnight = datetime.combine(day, time(), zone)
    try:
        return min(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def days_after(day: date, days: int) -> date | None:
    """Return the day so many days later; None at the end of the calendar."""
    return day + timedelta(days=days) if (date.max - day).days > days else None

"""ISO weeks where the station stands, and the end of a shift.  Pure; nothing asks for the time."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from custody.calendar import end_of, local_day
from custody.tenure import Stay
from evidence.weeks import Hours, IsoWeek, week_of_day

_DAY = timedelta(days=1)


def span_of(week: IsoWeek, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the first moment of a week and the first one after it, in UTC.

    Each week begins where the one before it ends, also where a midnight is passed twice or leapt
    over: no moment lies in two weeks, and none in no week.
    """
    monday = week.monday
    return _after(monday - _DAY, zone), _after(monday + 6 * _DAY, zone)


def week_at(moment: datetime, zone: tzinfo) -> IsoWeek:
    """Return the week in which a moment lies."""
    week = week_of_day(local_day(moment, zone))
    since, until = span_of(week, zone)
    if moment < since:  # between the two midnights of a clock that was set back
        return week.before
    return week.after if moment >= until else week


def shift_end(recorded: datetime, out: Stay | None, hours: Hours) -> datetime:
    """Return until when footage is docked in time (article 16: after work, not by midnight).

    ``out``: the handover during which it was recorded.  Where that says when it was due, then;
    else the end of the local day and so many hours.
    """
    if out is not None and out.due is not None:
        return out.due
    return _after(local_day(recorded, hours.zone), hours.zone) + hours.late_after


def _after(day: date, zone: tzinfo) -> datetime:
    return end_of(day, zone) or datetime.max.replace(tzinfo=UTC)

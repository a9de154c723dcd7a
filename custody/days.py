"""An end that is not included, named as people name it: by its last day."""

from datetime import date, datetime, time, timedelta, tzinfo


def last_day(until: datetime, zone: tzinfo) -> date | None:
    """Return the day that ends at ``until`` in ``zone``; None where that is within a day."""
    placed = until.astimezone(zone)
    return placed.date() - timedelta(days=1) if placed.time() == time() else None

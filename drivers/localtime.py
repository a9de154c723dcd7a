"""Times of a recorder's file system: local, without a zone, as its clock showed them."""

from datetime import UTC, datetime, tzinfo

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # FAT and exFAT can say nothing earlier


def to_utc(text: str, zone: tzinfo) -> datetime | None:
    """Return ``YYYY-MM-DDTHH:MM:SS.mmm``, with ``±HH:MM`` where exFAT gave it, as UTC.

    Without an offset it is read in ``zone``.  An hour that the zone's clocks had twice is taken
    as the first one; an hour that they skipped is read with the offset of before the jump: both
    are claims, moved by an hour at most and never refused.  A date that does not exist is None.
    """
    try:
        claimed = datetime.fromisoformat(text)
        aware = claimed if claimed.tzinfo else claimed.replace(tzinfo=zone, fold=0)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

"""Which time stands in an entry: our clock's, unless that went back."""

from datetime import datetime, timedelta

from evidence.codec import format_time
from evidence.errors import LedgerUnavailableError, UsageError

BACK_LIMIT = timedelta(seconds=60)  # a time server's correction; more needs a person


def next_moment(last: datetime | None, now: datetime) -> datetime:
    """Return the time for the next entry, UTC, whole milliseconds; it never goes back.

    Raises ``LedgerUnavailableError`` with the word ``clock_went_back`` when ``now`` lies more
    than 60 seconds before the last entry; nothing was written then.
    """
    moment = whole_milliseconds(now)
    if last is None or moment >= last:
        return moment
    if last - moment <= BACK_LIMIT:
        return last
    raise LedgerUnavailableError("clock_went_back", last=format_time(last), now=format_time(now))


def accepted_moment(last: datetime | None, now: datetime) -> datetime:
    """Return ``now`` for the entry ``clock.accepted``: the one place where time may go back.

    Raises ``UsageError`` when there is nothing to accept.
    """
    moment = whole_milliseconds(now)
    if last is None or last - moment <= BACK_LIMIT:
        raise UsageError("clock_not_behind", now=format_time(now))
    return moment


def whole_milliseconds(time: datetime) -> datetime:
    """Cut off what an entry cannot say; never rounded up, for the future is not known."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)

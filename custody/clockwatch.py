"""What the keeper thinks of the clock before it destroys anything: an alarm where it is odd.

The alarm protects nothing by itself: a disposal never decides by our own clock alone
(``custody/outside.py``).  It tells people that time is wrong, or that nobody has said it for long.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from custody.history import chain
from evidence.disposal import Now
from evidence.entry import Draft
from evidence.errors import CustodyError
from evidence.json import JsonObject
from evidence.keeping import KEEPING
from evidence.ports import Ledger

Outside = tuple[datetime, str]

ACTOR = "sys:keeper"
BEHIND, AHEAD_OF_ALL = "clock_behind", "clock_ahead"
AHEAD = timedelta(days=40)  # of the newest time from outside: a jump, or nobody has said one since
AGAIN = timedelta(days=1)  # an alarm that still stands is not written more often


def now_of(local: datetime, outside: Outside | None) -> Now:
    """Return the time by which disposal decides: the smaller of ours and the one from outside.

    Raises ``CustodyError`` (``no_outside_time``) where nobody outside has said a time.
    """
    if outside is None:
        raise CustodyError("no_outside_time")
    at, source = outside
    return Now(local, "local") if local < at else Now(at, source)


def odd_clock(local: datetime, outside: Outside | None) -> str | None:
    """Return what is odd about our clock: ``BEHIND``, ``AHEAD_OF_ALL``, or None."""
    if outside is None:
        return None
    if local < outside[0]:
        return BEHIND  # set back, or it stands still
    return AHEAD_OF_ALL if local - outside[0] > AHEAD else None


def raise_alarm(ledger: Ledger, alarm: str, local: datetime, facts: Mapping[str, str]) -> None:
    """Write an alarm about the keeping, unless the same one was written within a day."""
    for entry in chain(KEEPING, ledger):
        if abs(local - entry.at) > AGAIN:
            break
        if entry.type == "alarm.raised" and entry.body.get("alarm") == alarm:
            return
    body: JsonObject = {"alarm": alarm, "facts": dict(facts)}
    ledger.append([Draft("alarm.raised", ACTOR, (KEEPING,), body)])

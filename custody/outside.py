"""Time from outside the box: disposal never believes the local clock alone (invariant 9).

Witnesses and timestamp authorities are sources of it when they are configured.  Without any, two
people attest the day, as entries: a day that both have said began is over nowhere before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from custody.clockwatch import BEHIND, raise_alarm
from custody.desk import Desk
from custody.keeping import Keeper, begin_keeping, check_day
from custody.shelf import read_shelf
from evidence.codec import format_time
from evidence.disposal import OutsideTime
from evidence.errors import UsageError
from evidence.json import JsonObject
from evidence.keeping import Attested, Shelf
from evidence.people import Actor
from evidence.ports import Ledger

Moment = tuple[datetime, str]  # a time, and the source that said it

ATTESTED = "attested"


def attest_day(desk: Desk, actor: Actor, day: date) -> tuple[int, bool]:
    """Say which day it is; return the index of the entry, and whether it is the second word.

    The second of two people says the same day as the first.  Raises ``UsageError``
    (``day_ahead``, after an alarm: our own clock stands still or was set back, mend that first),
    ``RefusedError`` where the one who waits for a second is the same person.
    """
    keeper = begin_keeping(desk, actor)
    first = _waiting(keeper.shelf, day)
    keeper.allow_here("attest_time", asker=first is not None and first.by == keeper.person)
    _check_ahead(keeper, day)
    body: JsonObject = {"day": day.isoformat(), "first": first.entry if first else None}
    return keeper.write("time.attested", (), body), first is not None


def _check_ahead(keeper: Keeper, day: date) -> None:
    """Raise for a day that has begun nowhere by our own clock: people know better, so tell others.

    Where people are the only time from outside, nothing else notices a clock that stands still.
    """
    try:
        check_day(keeper, day)
    except UsageError:
        local = keeper.desk.clock.now()
        told = {"local": format_time(local), "outside": day.isoformat()}
        raise_alarm(keeper.desk.ledger, BEHIND, local, told)
        raise


def attested_day(shelf: Shelf) -> Attested | None:
    """Return the newest day that two people have said, or None.

    The newest word, not the latest day: so two people can correct what two people got wrong.
    """
    return next((each for each in reversed(shelf.attested) if each.second), None)


@dataclass(frozen=True, slots=True)
class AttestedTime:
    """What two people have attested (port ``OutsideTime``): the beginning of the day they said."""

    ledger: Ledger
    zone: tzinfo  # of the station

    def newest(self) -> Moment | None:
        """Return when the day began that two people said last, or None."""
        said = attested_day(read_shelf(self.ledger))
        if said is None:
            return None
        return datetime.combine(said.day, time(), self.zone).astimezone(UTC), ATTESTED


@dataclass(frozen=True, slots=True)
class NewestOf:
    """Several sources as one (port ``OutsideTime``): time only goes on, so the latest is right."""

    sources: Sequence[OutsideTime]

    def newest(self) -> Moment | None:
        """Return the latest of what the sources say, or None."""
        said = [each for each in (source.newest() for source in self.sources) if each is not None]
        return max(said, default=None)


def _waiting(shelf: Shelf, day: date) -> Attested | None:
    """Return the first word on ``day``, where it is the last word on any and waits for another."""
    last = shelf.attested[-1] if shelf.attested else None
    return last if last is not None and not last.second and last.day == day else None

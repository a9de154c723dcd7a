"""When and with which recorders somebody recorded: where a search for their footage looks.

It proposes only.  Whose a segment is, ``custody/footage.py`` answers for each one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.fields import integer
from custody.history import chain
from custody.tenure import HOLDING, read_tenure, recorded_at
from evidence.entry import Entry
from evidence.ports import Ledger

RECORDERS_LIMIT = 1000  # that one person ever held; further ones are not looked at
_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Carried:
    """A recorder with somebody; ``until`` is not included, None: still."""

    recorder: str
    since: datetime
    until: datetime | None


def held_by(ledger: Ledger, person: str) -> tuple[Carried, ...]:
    """Return every time in which ``person`` held a recorder, the newest first.

    A sighting that a person has named as theirs counts as the instant of its beginning.
    """
    recorders: dict[str, None] = {}
    found: list[Carried] = []
    for entry in chain(person, ledger):
        if entry.type in HOLDING and len(recorders) < RECORDERS_LIMIT:
            recorders[str(entry.body.get("recorder"))] = None
        elif entry.type == "holder.resolved" and entry.body.get("person") == person:
            found += _instant(ledger.entry(integer(entry.body, "sighting")))
    for recorder in recorders:
        tenure = read_tenure(ledger, recorder)
        stays = (each for each in (*tenure.bound, *tenure.out) if not each.void)
        held = (each for each in stays if each.person == person)
        found += [Carried(recorder, each.since, each.until) for each in held]
    return tuple(sorted(found, key=lambda each: each.since, reverse=True))


def _instant(sighting: Entry) -> list[Carried]:
    at = recorded_at(sighting)
    return [Carried(each, at, at + _INSTANT) for each in sighting.about if each.startswith("r:")]

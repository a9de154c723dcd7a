"""What somebody recorded: from the tenure of their recorders, never from the catalogue.

A recorder that was ever bound or handed to a person is walked back from now; what was recorded
while somebody else held it is not theirs.  What a person resolved to be theirs is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.desk import Desk
from custody.disposals import tombstone_of
from custody.fields import integer
from custody.gaps import Gap, gaps_of
from custody.history import chain
from custody.labels import Labelled, label_of
from custody.tenure import HOLDING, SIGHTINGS, Tenure, owner_of, recorded_at, segment_of
from evidence.entry import Entry
from evidence.ports import Ledger

BACK = timedelta(days=62)  # how far a list goes back unless told otherwise
SIGHTINGS_LIMIT = 20_000  # of one list: some 300 a day

May = Callable[[str], bool]  # whether the actor may list a segment


@dataclass(frozen=True, slots=True)
class Mine:
    """A sighting of something that a person recorded."""

    segment: str
    docking: str
    entry: int
    recorded_at: datetime
    important: bool


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A segment whose label is missing, or does not say all that article 16 asks for."""

    mine: Mine
    label: Labelled | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was found; ``more``: there is more than ``SIGHTINGS_LIMIT``, ask for less time."""

    sightings: tuple[Mine, ...]
    more: bool


def sightings_of(desk: Desk, person: str, since: datetime | None = None) -> Recorded:
    """Return what ``person`` recorded from ``since`` on (62 days back), the newest first.

    Each segment once, with the newest of its sightings that is theirs.
    """
    begin = since or desk.clock.now() - BACK
    tenures: dict[str, Tenure] = {}
    found: dict[str, Mine] = {}
    for number, entry in enumerate(_sightings(desk.ledger, person, begin)):
        if number == SIGHTINGS_LIMIT:
            return Recorded(_newest_first(found), more=True)
        mine = _mine(entry)
        known = found.get(mine.segment)
        newer = known is None or known.entry < mine.entry
        if newer and mine.recorded_at >= begin and _is_of(desk.ledger, entry, person, tenures):
            found[mine.segment] = mine
    return Recorded(_newest_first(found), more=False)


def unlabelled(desk: Desk, listed: Recorded, may: May) -> Iterator[Unlabelled]:
    """Yield what is in custody and has no complete label, of what the actor may list."""
    for mine in in_custody(desk, listed, may):
        label = label_of(desk.ledger, mine.segment)
        if label is None or not label.complete:
            yield Unlabelled(mine, label)


def in_custody(desk: Desk, listed: Recorded, may: May) -> Iterator[Mine]:
    """Yield what is in custody still, of what the actor may list."""
    for mine in listed.sightings:
        if may(mine.segment) and tombstone_of(desk.ledger, mine.segment) is None:
            yield mine


def gaps(desk: Desk, listed: Recorded, may: May) -> Iterator[Gap]:
    """Yield the gaps at these sightings, docking by docking, the newest docking first."""
    theirs = {each.segment for each in listed.sightings}
    for docking in dict.fromkeys(each.docking for each in listed.sightings):
        for gap in gaps_of(desk.ledger, docking):
            if not theirs.isdisjoint(gap.segments) and all(map(may, gap.segments)):
                yield gap


def _sightings(ledger: Ledger, person: str, since: datetime) -> Iterator[Entry]:
    """Yield every sighting that can be theirs, written from ``since`` on; some of them twice.

    What was written before cannot have been recorded after; clocks that run ahead are corrected,
    and an uncorrected claim from the future is a finding of its own.
    """
    recorders: dict[str, None] = {}
    for entry in chain(person, ledger):
        if entry.type in HOLDING:
            recorders[str(entry.body.get("recorder"))] = None
        elif entry.type == "holder.resolved":
            yield ledger.entry(integer(entry.body, "sighting"))
    for recorder in recorders:
        for entry in chain(recorder, ledger):
            if entry.at < since:
                break
            if entry.type in SIGHTINGS:
                yield entry


def _mine(entry: Entry) -> Mine:
    docking = next((each for each in entry.about if each.startswith("d:")), "")
    seen = entry.body.get("sighting")
    important = isinstance(seen, dict) and seen.get("important") is True
    return Mine(segment_of(entry), docking, entry.seq, recorded_at(entry), important)


def _is_of(ledger: Ledger, entry: Entry, person: str, tenures: dict[str, Tenure]) -> bool:
    return owner_of(ledger, entry, tenures).person == person


def _newest_first(found: dict[str, Mine]) -> tuple[Mine, ...]:
    rows = sorted(found.values(), key=lambda each: (each.recorded_at, each.entry), reverse=True)
    return tuple(rows)

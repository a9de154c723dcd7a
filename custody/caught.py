"""Which holds catch a segment: also those placed before it was docked, labelled or attributed.

A hold catches by what the ledger says of a segment, and a correction does not lead out of it: a
label that stood when the hold was placed, or came later, counts even where it was corrected since.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.fields import integer, text
from custody.lineage import Lineage
from custody.past import Past
from evidence.entry import Entry
from evidence.keeping import Hold, Shelf
from evidence.people import ORGANISATION

DOUBT = timedelta(days=1)  # on either side, of a time that no measured clock has corrected


@dataclass(frozen=True, slots=True)
class When:
    """When a sighting was recorded: at ``at``, within ``since`` and ``until`` by all that is known.

    ``known`` False: its clock tells nothing; it was some time before ``sealed``.
    """

    at: datetime  # corrected, else claimed, else sealed
    since: datetime
    until: datetime
    sealed: datetime
    known: bool

    def within(self, hold: Hold) -> bool:
        """Return whether it may lie in the window of ``hold``."""
        scope = hold.scope
        if not self.known:
            return scope.since is None or self.sealed >= scope.since
        begun = scope.until is None or self.since < scope.until
        return begun and (scope.since is None or self.until >= scope.since)


@dataclass(frozen=True, slots=True)
class Place:
    """One sighting: its recorder, when it was recorded, who held the recorder, in which units."""

    entry: int
    recorder: str | None
    when: When
    people: frozenset[str]
    units: frozenset[str]  # and all above them, then and now

    @property
    def names(self) -> frozenset[str]:
        """Return all by which a window may catch it."""
        recorder = {self.recorder} if self.recorder else set[str]()
        return self.people | self.units | recorder


def place_of(past: Past, sighting: Entry, when: When, resolved: Sequence[Entry]) -> Place:
    """Return whose a sighting is, as far as anything in the ledger says so.

    Two who claim it are both named.  ``resolved``: the entries holder.resolved about the segment.
    """
    recorder = next((each for each in sighting.about if each.startswith("r:")), None)
    exact = when.known and when.since == when.at
    moments = {when.at} if exact else {when.at, when.sealed}
    tenure = past.tenure(recorder) if recorder else None
    stays = [stay for moment in moments for stay in (tenure.stays(moment) if tenure else ())]
    named = [each.body for each in resolved if integer(each.body, "sighting") == sighting.seq]
    people = {stay.person for stay in stays} | {text(body, "person") for body in named}
    below = {stay.unit for stay in stays} | {text(body, "unit") for body in named}
    above = _above(past.lineage, below or {ORGANISATION}, when)
    return Place(
        sighting.seq,
        recorder,
        when,
        frozenset(each for each in people if each is not None),
        frozenset(above),
    )


def holds_on(
    shelf: Shelf, segment: str, places: Sequence[Place], labels: Sequence[Entry]
) -> tuple[Hold, ...]:
    """Return every hold that catches a segment, released ones too, oldest first.

    ``labels``: all that it ever had, newest first.
    """
    found = {hold.id: hold for hold in _of(shelf, (segment,))}
    for place in places:
        found |= {hold.id: hold for hold in _of(shelf, place.names) if place.when.within(hold)}
    for label, corrected in _with_correction(labels):
        for hold in _of(shelf, label.about):
            stood = corrected is None or corrected > hold.entry
            if stood and (hold.scope.kind == "case" or _within_any(hold, places)):
                found[hold.id] = hold
    return tuple(sorted(found.values(), key=lambda hold: hold.entry))


def _of(shelf: Shelf, names: Iterable[str]) -> Iterator[Hold]:
    for name in names:
        for hold in shelf.catching.get(name, ()):
            yield shelf.holds[hold]


def _within_any(hold: Hold, places: Sequence[Place]) -> bool:
    return any(place.when.within(hold) for place in places)


def _with_correction(labels: Sequence[Entry]) -> Iterator[tuple[Entry, int | None]]:
    """Yield each label, newest first, with the entry that corrected it, or None."""
    later: int | None = None
    for label in labels:
        yield label, later
        later = label.seq


def _above(lineage: Lineage, units: Iterable[str], when: When) -> Iterator[str]:
    for unit in units:
        for moment in (when.at, None):
            yield from lineage.above(unit, moment)

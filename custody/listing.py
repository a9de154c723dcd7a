"""What somebody may find: a list shows a segment only to who may list it, from the ledger.

The catalogue proposes, this decides: a catalogue that is old, or was tampered with, shows nobody
more than the ledger allows.
"""

from dataclasses import dataclass, field
from typing import Literal

from custody.desk import Desk
from custody.facts import Standing, over_footage, over_unit, standing_of
from custody.footage import footage_of
from custody.permission import Row, refusals
from custody.refused import refuse_on_record
from custody.register import OPEN
from custody.tenure import Tenure
from evidence.errors import UnknownSegmentError
from evidence.people import ORGANISATION, Actor

Lists = Literal["see_listing", "see_label"]

# Who asked, for what, and who looked: not a part of what a recording is.  Some looks are
# confidential until a day, so these are told by custody/looks.py and custody/accesslog.py alone.
ASKING = frozenset({
    "request.made", "request.withdrawn", "request.objected", "request.decided", "grant.withdrawn",
    "copy.opened", "copy.closed", "access.refused",
})  # fmt: skip


@dataclass(slots=True)
class Listing:
    """Answers, for one actor and one list, which segments may stand in it; each asked once."""

    standing: Standing
    everything: bool = False
    known: dict[tuple[str, Lists], bool] = field(default_factory=dict)
    tenures: dict[str, Tenure] = field(default_factory=dict)

    def may(self, segment: str, act: Lists = "see_listing") -> bool:
        """Return whether the actor may list a segment (s:…); a stranger to custody: no."""
        if self.everything:
            return True
        if (segment, act) not in self.known:
            self.known[segment, act] = not self._refusals(segment, act)
        return self.known[segment, act]

    def check(self, segment: str, act: Lists = "see_listing") -> None:
        """Return where ``may``; else write the refusal and raise ``RefusedError``.

        Raises ``UnknownSegmentError`` for a segment that is not in custody.
        """
        if not self.everything:
            found = self._rows(segment, act)
            if found:
                refuse_on_record(self.standing.desk, self.standing.actor, act, found, (segment,))

    def _refusals(self, segment: str, act: Lists) -> bool:
        try:
            return bool(self._rows(segment, act))
        except UnknownSegmentError:
            return True

    def _rows(self, segment: str, act: Lists) -> tuple[Row, ...]:
        footage = footage_of(self.standing.desk.ledger, (segment,), known=self.tenures)
        return refusals(act, over_footage(self.standing, footage))


def listing_for(desk: Desk, actor: Actor) -> Listing:
    """Return what ``actor`` may list.

    In an open home everything.  Who may list what lies in the organisation as a whole may list all
    of it: a role above counts in every unit below, so no segment needs to be looked at.
    """
    standing = standing_of(desk, actor)
    if standing.register.index == OPEN:
        return Listing(standing, everything=True)
    whole = over_unit(standing, ORGANISATION)
    acts: tuple[Lists, ...] = ("see_listing", "see_label")
    return Listing(standing, everything=not any(refusals(act, whole) for act in acts))


def tells(listing: Listing, kind: str) -> bool:
    """Return whether a history shows the actor an entry of this type: questions to auditors."""
    if kind not in ASKING or listing.standing.register.index == OPEN:
        return True
    return not refusals("see_audit", over_unit(listing.standing, ORGANISATION))


def people_led(listing: Listing) -> tuple[str, ...]:
    """Return whose recordings the actor may list besides their own: the people of their units."""
    standing = listing.standing
    led = {
        unit
        for unit in standing.register.units
        if not refusals("see_label", over_unit(standing, unit))
    }
    others = (each for each in standing.register.people.values() if each.id != standing.person)
    return tuple(each.id for each in others if each.unit in led)


def check_person(listing: Listing, person: str) -> None:
    """Return where the actor may list what ``person`` recorded: oneself, or somebody of theirs.

    Raises ``RefusedError``, which is written down.
    """
    standing = listing.standing
    known = standing.register.people.get(person)
    if listing.everything or person == standing.person or known is None:
        return
    found = refusals("see_label", over_unit(standing, known.unit))
    if found:
        refuse_on_record(standing.desk, standing.actor, "see_label", found, (person,))

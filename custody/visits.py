"""The dockings of one recorder, newest first, out of its own chain: what each brought and how."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from custody.fields import moment, text
from custody.history import chain
from custody.past import Past
from custody.tenure import SIGHTINGS
from evidence.entry import Entry
from evidence.keeping import KEEPING, SetBack


@dataclass(slots=True)
class Visit:
    """One docking as far as it was read; ``outcome`` None: it has not ended, or was cut."""

    docking: str
    recorder: str | None
    at: datetime  # when it was opened
    last: datetime  # when something was last written of it
    listed: bool = False  # its inventory is in the ledger
    outcome: str | None = None
    sightings: list[Entry] = field(default_factory=list)  # newest first


@dataclass(frozen=True, slots=True)
class Begun:
    """When the time that is asked about began, and where our own clock was set back."""

    since: datetime
    set_back: tuple[SetBack, ...] = ()

    @property
    def hidden(self) -> bool:
        """Return whether something written since may stand before something written earlier."""
        return any(each.before >= self.since for each in self.set_back)

    def over(self, entry: Entry) -> bool:
        """Return whether nothing before an entry was written since; a time alone does not tell it.

        Before our clock was set back it may have shown a later time than behind it.
        """
        hidden = (each.before for each in self.set_back if each.entry < entry.seq)
        return max((entry.at, *hidden)) < self.since


def set_back_in(past: Past) -> tuple[SetBack, ...]:
    """Return where somebody accepted that our own clock went back."""
    steps = (each for each in past.chain(KEEPING) if each.type == "clock.accepted")
    return tuple(SetBack(each.seq, moment(each.body, "before")) for each in steps)


def visits_of(
    past: Past, recorder: str, begun: Begun, newest: int | None = None
) -> tuple[Visit, ...]:
    """Return the dockings of a recorder of which something was written since a week has begun.

    Newest opened first.  What was written before cannot have been recorded after it.  ``newest``:
    an entry about it behind which nothing is asked for.
    """
    return _gathered(_since(past, recorder, begun, newest))


def visit_of(past: Past, docking: str) -> Visit | None:
    """Return one docking, also of a recorder that has no name; None where nothing names it."""
    return next(iter(_gathered(past.chain(docking))), None)


def _since(past: Past, recorder: str, begun: Begun, newest: int | None) -> Iterator[Entry]:
    """Yield what was written since, and the beginning of the docking that it belongs to."""
    told: set[str] = set()
    for entry in chain(recorder, past.ledger, newest):
        if past.before is not None and entry.seq >= past.before:
            continue
        docking = next((each for each in entry.about if each.startswith("d:")), None)
        if docking not in told and begun.over(entry):
            return
        if docking is not None:  # else it is about the tenure of the recorder, or a hold
            told.add(docking)
            yield entry


def _gathered(entries: Iterable[Entry]) -> tuple[Visit, ...]:
    found: dict[str, Visit] = {}
    for entry in entries:
        docking = next(each for each in entry.about if each.startswith("d:"))
        recorder = next((each for each in entry.about if each.startswith("r:")), None)
        new = Visit(docking, recorder, entry.at, entry.at)
        _note(found.setdefault(docking, new), entry)
    return tuple(sorted(found.values(), key=lambda visit: visit.at, reverse=True))


def _note(visit: Visit, entry: Entry) -> None:
    visit.at = entry.at  # older and older
    if entry.type in SIGHTINGS:
        visit.sightings.append(entry)
    elif entry.type == "inventory.taken":
        visit.listed = True
    elif entry.type == "docking.ended":
        visit.outcome = text(entry.body, "outcome")

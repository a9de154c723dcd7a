"""What a unit owes the bureau that retrieves from it: no recorder keeps back what is asked for.

Footage is named by what is in custody already.  So what can still be owed is another docking, after
the question, of every recorder on which some of it was recorded.
"""

from datetime import datetime

from custody.history import chain
from custody.seen import docked_at
from custody.tenure import SIGHTINGS
from evidence.asking import Request
from evidence.ports import Ledger

_ASKED_STILL = frozenset(("open", "approved"))  # the others ask for nothing any more


def owed(ledger: Ledger, request: Request) -> tuple[str, ...]:
    """Return the recorders of what is asked for that were not docked since; () where none is."""
    if request.provide_by is None or request.state not in _ASKED_STILL:
        return ()
    recorders = {each for span in request.spans for each in _recorders(ledger, span.segment)}
    return tuple(sorted(each for each in recorders if not _docked(ledger, each, request.at)))


def overdue(ledger: Ledger, request: Request, now: datetime) -> bool:
    """Return whether the day has passed by which all of it should have been docked."""
    late = request.provide_by is not None and now > request.provide_by
    return late and bool(owed(ledger, request))


def _recorders(ledger: Ledger, segment: str) -> set[str]:
    sightings = (entry for entry in chain(segment, ledger) if entry.type in SIGHTINGS)
    return {each for entry in sightings for each in entry.about if each.startswith("r:")}


def _docked(ledger: Ledger, recorder: str, since: datetime) -> bool:
    docked = docked_at(ledger, recorder)
    return docked is not None and docked > since

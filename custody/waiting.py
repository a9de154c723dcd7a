"""What waits for a person to hold it or to say that it needs no hold, as one actor may know."""

from collections.abc import Iterable, Iterator

from custody.facts import over_request
from custody.keeping import Keeper
from custody.listing import Listing
from custody.marks import HoldProposal, Mark, marks_of, proposals_of
from custody.requests import people_of


def waiting_marks(keeper: Keeper, listing: Listing, segments: Iterable[str]) -> Iterator[Mark]:
    """Yield the undecided marks of ``segments``: a catalogue proposes, the ledger decides."""
    for segment in segments:
        if listing.may(segment):
            yield from marks_of(keeper.desk.ledger, keeper.shelf, segment)


def waiting_proposals(keeper: Keeper) -> Iterator[HoldProposal]:
    """Yield what questions propose, to who may see the question: newest first, each once."""
    ledger, shelf = keeper.desk.ledger, keeper.shelf
    units = keeper.standing.register.units
    found = {p.request.entry: p for unit in units for p in proposals_of(ledger, shelf, unit)}
    for _, each in sorted(found.items(), reverse=True):
        footage = people_of(ledger, each.request)
        over = over_request(keeper.standing, each.request, footage, "see_request")
        if keeper.may("see_request", over):
            yield each

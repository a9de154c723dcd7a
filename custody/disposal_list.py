"""Disposals as one actor may know of them, and what is in the way of approving or undoing one."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from custody.deciding import Deciding
from custody.disposals import disposals_of, load_disposal
from custody.facts import over_footage
from custody.footage import footage_of
from custody.keeping import Keeper
from custody.listing import Listing
from custody.permission import Row, Situation, refusals
from custody.tombstone import Remains, remains_of
from evidence.disposal import DISPOSAL_LIMIT, PART_SEGMENTS, Disposal
from evidence.errors import CustodyError, RefusedError, UnknownSegmentError

ENDED = frozenset({"undone", "done"})
_MENDABLE = frozenset({"signed", "fresh"})  # on the way to the signature


def may_know(keeper: Keeper, disposal: Disposal) -> bool:
    """Return whether the actor sees figures over what is to go."""
    some = disposal.segments[:PART_SEGMENTS]  # of one unit as a rule; a list says no names
    footage = footage_of(keeper.desk.ledger, some)
    return keeper.may("see_figures", over_footage(keeper.standing, footage))


def disposals_for(keeper: Keeper, *, ended: bool) -> Iterator[Disposal]:
    """Yield the disposals of which the actor may know, newest first; ``ended``: those too."""
    for each in disposals_of(keeper.desk.ledger):
        if (ended or each.state not in ENDED) and may_know(keeper, each):
            yield each


def disposal_for(keeper: Keeper, disposal: str) -> Disposal:
    """Return one; of others it is unknown (``disposal_unknown``), whether it is there or not."""
    found = load_disposal(keeper.desk.ledger, disposal)
    if not may_know(keeper, found):
        raise CustodyError("disposal_unknown", disposal=disposal)
    return found


def in_the_way(
    keeper: Keeper, disposal: Disposal, act: Literal["approve_disposal", "undo_disposal"]
) -> tuple[Row, ...]:
    """Return every row in the way but a signature and a fresh proof; nothing is written down."""
    footage = footage_of(keeper.desk.ledger, disposal.segments)
    over = over_footage(keeper.standing, footage)
    own = {"asker"} if disposal.by == keeper.person else set[str]()
    return refusals(act, Situation(over.roles, over.facts | own | _MENDABLE))


def due_of(deciding: Deciding) -> list[str]:
    """Return what may go, as far as the actor may know of it: at most ``DISPOSAL_LIMIT``."""
    return [each.keeping.segment for each in islice(deciding.due(), DISPOSAL_LIMIT)]


def remains_for(listing: Listing, segment: str) -> Remains:
    """Return what remains of a segment that was disposed of, to who might have listed it.

    Raises ``UnknownSegmentError``, after an entry where the actor is refused, and ``CustodyError``
    (``not_disposed_of``).
    """
    try:
        listing.check(segment)
    except RefusedError as error:
        raise UnknownSegmentError("segment_unknown", segment=segment) from error
    return remains_of(listing.standing.desk.ledger, segment)

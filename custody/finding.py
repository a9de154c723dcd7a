"""A page of a list, with nothing on it that the actor may not list."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from custody.listing import Listing

SCAN_LIMIT = 1000  # rows that are looked at for one page
Item = TypeVar("Item")
Rows = tuple[Sequence[Item], str | None]  # of a catalogue, and where the next begin
Ask = Callable[[int, str | None], Rows[Item]]  # so many rows, from there on


def page_for(
    listing: Listing, ask: Ask[Item], segment: Callable[[Item], str], limit: int, after: str | None
) -> tuple[list[Item], str | None]:
    """Return at most ``limit`` rows that may be listed, and where to go on; None at the end.

    ``segment`` tells which segment (s:…) a row shows.  A page may be shorter although more
    follows: whoever may see little of much does not let the ledger be read from end to end.
    """
    found: list[Item] = []
    scanned = 0
    while True:  # ends: each round looks at a row at least, or at the last page
        wanted = limit - len(found)
        rows, after = ask(wanted, after)
        found += [row for row in rows if listing.may(segment(row))]
        scanned += wanted
        if after is None or len(found) >= limit or scanned >= SCAN_LIMIT:
            return found, after

"""The entries of some kinds, newest first, straight from the bundles of the public tree."""

from collections.abc import Collection, Iterator
from datetime import datetime

from custody.tree import Tree
from evidence.codec import decode_entry
from evidence.entry import Entry
from evidence.tiles import TILE_WIDTH


def scan(
    tree: Tree,
    kinds: frozenset[str],
    texts: Collection[str] = (),
    *,
    before: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Entry]:
    """Yield the entries of ``kinds`` whose bytes hold every text of ``texts``.

    Below index ``before``; from ``since`` on, and before ``until``: times never go back, so it ends
    at the first older one.  Most entries are passed over by a look at their bytes: canonical JSON
    spells a type, and an id, in one way only.
    """
    needed = [each.encode() for each in texts]
    marks = [f'"type":"{kind}"'.encode() for kind in sorted(kinds)]
    end = tree.size if before is None else min(before, tree.size)
    for number in range((end - 1) // TILE_WIDTH, -1, -1) if end > 0 else ():
        leaves = tree.bundle(number)[: end - number * TILE_WIDTH]
        for raw in reversed(leaves):
            if any(mark in raw for mark in marks) and all(each in raw for each in needed):
                entry = decode_entry(raw)
                if since is not None and entry.at < since:
                    return
                if entry.type in kinds and (until is None or entry.at < until):
                    yield entry
        if since is not None and decode_entry(leaves[0]).at < since:
            return

"""What a ledger does at every start before it may sign: look, finish what was cut, or refuse."""

from collections.abc import Collection

from evidence.checkpoint import Checkpoint, parse
from evidence.entry import Entry
from evidence.errors import LedgerForkError, UsageError
from evidence.merkle import Frontier, leaf_hash
from evidence.note import VerifierKey, open_note
from evidence.tiles import TILE_WIDTH, Tile, restore, split_tile
from vault.lock import Head
from vault.reader import LedgerReader
from vault.staging import TreeWriter


def check_head(head: Head, origin: str, keys: Collection[VerifierKey]) -> None:
    """Hold that the lock's row is the checkpoint it carries, of this ledger, signed by its key."""
    text, _, _ = head.note.decode(errors="replace").partition("\n")
    if text != origin:
        raise UsageError("origin_differs", configured=origin, ledger=text)
    checkpoint = parse(open_note(head.note, keys))
    if (checkpoint.size, checkpoint.root) != (head.size, head.root):
        raise LedgerForkError("ledger_lock_damaged", size=head.size)


def recover(
    head: Head, tree: TreeWriter, reader: LedgerReader, keys: Collection[VerifierKey]
) -> Frontier:
    """Bring the public tree to the signed ``head`` and return its frontier.

    Reads one tile for each level, whatever the size of the ledger.  Raises ``LedgerForkError``
    where the tree and the lock tell two histories, or the tree cannot be completed.
    """
    published = reader.checkpoint(keys)
    _refuse_rollback(published, head)
    behind = published is None or published.size < head.size
    # Published and still staged: cut before the names were synced.
    if head.size and (behind or tree.is_staged(head)):
        tree.apply(head)
    frontier = restore(head.size, reader.tile)
    if frontier.root() != head.root:
        raise LedgerForkError("ledger_tiles_differ", size=head.size)
    if behind:
        tree.publish(head)
    tree.sync()
    tree.drop()
    tree.sweep()
    return frontier


def last_entry(reader: LedgerReader, size: int) -> Entry | None:
    """Return the last entry, held against its leaf hash; None for an empty ledger."""
    if not size:
        return None
    number, place = divmod(size - 1, TILE_WIDTH)
    tile = Tile(0, number, place + 1)
    if leaf_hash(reader.leaf(size - 1, size)) != split_tile(reader.tile(tile), tile.width)[place]:
        raise LedgerForkError("ledger_tiles_differ", size=size)
    return reader.entry(size - 1, size)


def _refuse_rollback(published: Checkpoint | None, head: Head) -> None:
    if published is None:
        return
    if published.size > head.size:
        # The lock was put back, or another writer has signed: going on would sign a second branch.
        raise LedgerForkError("ledger_lock_behind", published=published.size, locked=head.size)
    if published.size == head.size and published.root != head.root:
        raise LedgerForkError("ledger_forked", size=head.size)

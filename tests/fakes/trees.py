"""The public tree of a ledger in memory: bundles and an unsigned note, for who only reads them."""

from evidence.checkpoint import Checkpoint
from evidence.checkpoint import encode as encode_checkpoint
from evidence.merkle import leaf_hash, root_hash
from evidence.tiles import TILE_WIDTH, encode_bundle, parse_path

ORIGIN = "test.example/dock/station-1/1"


class LedgerTiles:
    """The port ``Tiles`` over a ``MemoryLedger``; ``published``: how much of it (None: all)."""

    def __init__(self, ledger, published=None):
        self.ledger, self.published = ledger, published
        self.reads = 0  # bundles that were asked for

    def checkpoint(self):
        leaves = self.ledger.leaves[: self.published]
        root = root_hash([leaf_hash(leaf) for leaf in leaves])
        return (encode_checkpoint(Checkpoint(ORIGIN, len(leaves), root)) + "\n— x AA==\n").encode()

    def read(self, path):
        tile = parse_path(path)
        assert tile.level is None, "who looks things up needs no hashes"
        self.reads += 1
        begin = tile.index * TILE_WIDTH
        found = self.ledger.leaves[begin : begin + tile.width]
        return encode_bundle(found) if len(found) == tile.width else None

    def names(self):
        yield from ()

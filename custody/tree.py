"""The public tree as of its newest checkpoint: leaves and proofs, for who looks things up.

Nothing is verified here; what reads a tree to judge it is ``custody/verify.py``, and a proof is
verified by whoever gets it.
"""

from functools import lru_cache

from custody.shelves import beginning
from evidence.checkpoint import Checkpoint, parse
from evidence.errors import MalformedError, UsageError, VaultUnavailableError
from evidence.ports import Tiles
from evidence.proof import Proof, prove
from evidence.tiles import TILE_WIDTH, Tile, decode_bundle, restore

KEPT_TILES = 64  # at most 16 MiB, were all of them bundles of the longest entries


class Tree:
    """One tree, at the size that it had when it was opened."""

    def __init__(self, tiles: Tiles) -> None:
        """Read the checkpoint.  Raises ``VaultUnavailableError`` where none is published."""
        self.note = _note_of(tiles)
        self.size = _parsed(self.note).size
        self._tiles = tiles
        self._read = lru_cache(KEPT_TILES)(self._read_tile)

    def leaf(self, index: int) -> bytes:
        """Return the bytes of one entry.  Raises ``UsageError`` beyond the end."""
        if not 0 <= index < self.size:
            raise UsageError("entry_unknown", index=index, size=self.size)
        return self.bundle(index // TILE_WIDTH)[index % TILE_WIDTH]

    def bundle(self, number: int) -> list[bytes]:
        """Return the entries of bundle ``number``; the last one may have fewer than 256."""
        tile = Tile(None, number, min(TILE_WIDTH, self.size - number * TILE_WIDTH))
        return decode_bundle(self._read(tile), tile.width)

    def prove(self, index: int) -> Proof:
        """Return the proof that entry ``index`` stands under the checkpoint."""
        return prove(index, self.note, self._read)

    def root_of(self, size: int) -> str:
        """Return the root of its first ``size`` entries, hex, as its tiles have it."""
        return restore(size, self._read).root().hex()

    def _read_tile(self, tile: Tile) -> bytes:
        data = self._tiles.read(tile.path)
        if data is None:
            # A ledger that has grown meanwhile may have dropped it: the full one begins with it.
            full = self._tiles.read(Tile(tile.level, tile.index).path)
            if full is None:
                raise VaultUnavailableError("tile_missing", path=tile.path)
            data = beginning(tile, full)
        return data


def checkpoint_of(tiles: Tiles) -> Checkpoint:
    """Return the newest checkpoint as it is published; raises as ``Tree``."""
    return _parsed(_note_of(tiles))


def _note_of(tiles: Tiles) -> bytes:
    note = tiles.checkpoint()
    if note is None:
        raise VaultUnavailableError("checkpoint_missing")
    return note


def _parsed(note: bytes) -> Checkpoint:
    try:
        return parse(note.rpartition(b"\n\n")[0].decode() + "\n")
    except UnicodeDecodeError as error:
        raise MalformedError("checkpoint_malformed") from error

"""Reads the public tree of a ledger: the checkpoint, tiles, and entries bundle by bundle.

Reading proves nothing: bytes are checked for their form only.  Who needs more compares roots.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from evidence.checkpoint import Checkpoint, parse
from evidence.codec import decode_entry, read_entry
from evidence.entry import Entry
from evidence.errors import IntegrityError, UsageError
from evidence.note import NOTE_LIMIT_BYTES, VerifierKey, open_note
from evidence.tiles import ENTRY_FORMAT_LIMIT, TILE_WIDTH, Tile, decode_bundle
from vault.durable import read_limited

CHECKPOINT = "checkpoint"
FILE_LIMIT_BYTES = TILE_WIDTH * (ENTRY_FORMAT_LIMIT + 2)  # the largest bundle there can be


class LedgerReader:
    """Random access and streaming over one tree, with one bundle in memory.

    ``size`` is always the size of the tree that the caller speaks of: a bundle at the right edge
    has another name in every size.  A partial tile that is gone is read from the full one
    (tlog-tiles: it may be removed once the full tile exists).
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._cached: tuple[Tile, list[bytes]] | None = None

    def note(self) -> bytes | None:
        """Return the published checkpoint as it lies there, or None where there is none."""
        return read_limited(self.directory / CHECKPOINT, NOTE_LIMIT_BYTES)

    def checkpoint(self, keys: Collection[VerifierKey]) -> Checkpoint | None:
        """Return the published checkpoint, its signature by one of ``keys`` verified."""
        note = self.note()
        return None if note is None else parse(open_note(note, keys))

    def tile(self, tile: Tile) -> bytes:
        """Return the content of a tile, or raise ``IntegrityError`` where it is missing."""
        data = self._find(tile)
        if data is None:
            raise IntegrityError("ledger_file_missing", path=tile.path)
        return data

    def leaf(self, index: int, size: int) -> bytes:
        """Return the bytes of entry ``index`` in the tree of ``size``."""
        if not 0 <= index < size:
            raise UsageError("entry_unknown", index=index, size=size)
        return self._bundle(index // TILE_WIDTH, size)[index % TILE_WIDTH]

    def leaves(self, start: int, stop: int, size: int) -> Iterator[bytes]:
        """Yield the bytes of the entries from ``start`` up to but without ``stop``."""
        if not 0 <= start <= stop <= size:
            raise UsageError("entry_unknown", index=stop, size=size)
        for number in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)):
            first = number * TILE_WIDTH
            yield from self._bundle(number, size)[max(start - first, 0) : stop - first]

    def entry(self, index: int, size: int) -> Entry:
        """Return entry ``index`` in the tree of ``size``; it must say its own index."""
        return placed(index, decode_entry(self.leaf(index, size)))

    def entries(self, start: int, stop: int, size: int) -> Iterator[Entry]:
        """Yield the entries from ``start`` up to but without ``stop``."""
        for index, leaf in enumerate(self.leaves(start, stop, size), start):
            yield placed(index, decode_entry(leaf))

    def shown(self, start: int, stop: int, size: int) -> Iterator[Entry]:
        """Yield the same entries for showing only: in whatever form, see ``read_entry``."""
        for index, leaf in enumerate(self.leaves(start, stop, size), start):
            yield placed(index, read_entry(leaf))

    def _bundle(self, number: int, size: int) -> list[bytes]:
        tile = Tile(None, number, min(TILE_WIDTH, size - number * TILE_WIDTH))
        cached = self._cached  # one look: another thread may put its own bundle there
        if cached is not None and cached[0] == tile:
            return cached[1]
        data = self._find(tile)
        if data is not None:
            entries = decode_bundle(data, tile.width)
        else:
            entries = decode_bundle(self.tile(Tile(None, number)), TILE_WIDTH)[: tile.width]
        self._cached = (tile, entries)
        return entries

    def _find(self, tile: Tile) -> bytes | None:
        return read_limited(self.directory / tile.path, FILE_LIMIT_BYTES)


def placed(index: int, entry: Entry) -> Entry:
    """Return an entry that says its own index, or raise ``IntegrityError``."""
    if entry.seq != index:
        raise IntegrityError("entry_displaced", index=index, seq=entry.seq)
    return entry

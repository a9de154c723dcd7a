"""The files of the public tree: what must lie there, and what lies there besides."""

from collections.abc import Sequence

from custody.findings import AuditFinding, Findings
from evidence.errors import MalformedError
from evidence.merkle import HASH_BYTES
from evidence.ports import Tiles
from evidence.tiles import TILE_WIDTH, Tile, decode_bundle, parse_path, split_tile

AHEAD_LIMIT = 1000  # files beyond the signed size that are named one by one


class Shelves:
    """Reads the tiles of one tree of ``size``; what is missing or malformed becomes a finding."""

    def __init__(self, tiles: Tiles, size: int, findings: Findings) -> None:
        self._tiles = tiles
        self._size = size
        self._findings = findings
        self._cached: tuple[Tile, bytes | None] | None = None

    def bundle(self, index: int) -> list[bytes] | None:
        """Return the entries of bundle ``index``, or None."""
        tile = self.tile(None, index)
        data = self._read(tile)
        if data is None:
            self._findings.add(AuditFinding.BUNDLE_MISSING, index * TILE_WIDTH, path=tile.path)
            return None
        try:
            return decode_bundle(data, tile.width)
        except MalformedError:
            self._findings.add(AuditFinding.BUNDLE_MALFORMED, index * TILE_WIDTH, path=tile.path)
            return None

    def hashes(self, index: int) -> list[bytes] | None:
        """Return the leaf hashes of tile ``index`` of level 0, as they lie there, or None."""
        tile = self.tile(0, index)
        data = self._read(tile)
        if data is None:
            self._findings.add(AuditFinding.TILE_MISSING, index * TILE_WIDTH, path=tile.path)
            return None
        try:
            return split_tile(data, tile.width)
        except MalformedError:
            self._findings.add(AuditFinding.TILE_DIFFERS, index * TILE_WIDTH, path=tile.path)
            return None

    def compare(self, tile: Tile, content: bytes) -> AuditFinding | None:
        """Return what is wrong with an upper tile that should hold ``content``."""
        data = self._read(tile)
        if data is None:
            return AuditFinding.TILE_MISSING
        return None if data == content else AuditFinding.TILE_DIFFERS

    def check_the_rest(self) -> list[tuple[str, int]]:
        """Check every other file of the tree.

        Kept partial tiles of smaller trees must begin their successor.  Returns path and tree
        size of what lies beyond the signed size: a batch under way, or an old checkpoint.
        """
        ahead: list[tuple[str, int]] = []
        for path in self._tiles.names():
            try:
                tile = parse_path(path)
            except MalformedError:
                self._findings.add(AuditFinding.STRAY_FILE, path=path)
                continue
            end = tile.index * TILE_WIDTH + tile.width
            if end > self._count(tile.level):
                if len(ahead) < AHEAD_LIMIT:
                    ahead.append((path, end << (8 * (tile.level or 0))))
            elif tile != self.tile(tile.level, tile.index):
                self._check_kept(tile)
        return ahead

    def _check_kept(self, tile: Tile) -> None:
        successor = self.tile(tile.level, tile.index)
        if self._cached is None or self._cached[0] != successor:
            self._cached = (successor, self._read(successor))
        whole, data = self._cached[1], self._tiles.read(tile.path)
        if whole is None or data is None:
            return  # the missing one has its own finding; a kept one may go at any time
        expected = beginning(tile, whole)
        if data != expected:
            self._findings.add(
                AuditFinding.TILE_DIFFERS, _first_difference(tile, data, expected), path=tile.path
            )

    def tile(self, level: int | None, index: int) -> Tile:
        """Return the tile at this place in the tree of this size."""
        return Tile(level, index, min(TILE_WIDTH, self._count(level) - index * TILE_WIDTH))

    def _count(self, level: int | None) -> int:
        return self._size >> (8 * (level or 0))

    def _read(self, tile: Tile) -> bytes | None:
        data = self._tiles.read(tile.path)
        if data is None and tile.width < TILE_WIDTH:
            # A ledger that has grown meanwhile may have dropped it: the full tile begins with it.
            full = self._tiles.read(Tile(tile.level, tile.index).path)
            return None if full is None else beginning(tile, full)
        return data


def beginning(tile: Tile, whole: bytes) -> bytes:
    """Return what a partial tile holds when a wider one of its place holds ``whole``."""
    if tile.level is not None:
        return whole[: tile.width * HASH_BYTES]
    end = 0
    for _ in range(tile.width):
        end += 2 + int.from_bytes(whole[end : end + 2], "big")
    return whole[:end]


def _first_difference(tile: Tile, data: bytes, expected: bytes) -> int | None:
    """Return the first entry at which a kept tile of leaf hashes differs; None elsewhere."""
    if tile.level != 0:
        return None
    places: Sequence[int] = range(0, min(len(data), len(expected)), HASH_BYTES)
    for at in places:
        if data[at : at + HASH_BYTES] != expected[at : at + HASH_BYTES]:
            return tile.index * TILE_WIDTH + at // HASH_BYTES
    return None

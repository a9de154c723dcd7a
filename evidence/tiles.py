"""C2SP tlog-tiles: names of tiles and entry bundles, and what they hold.  Tile height is 8.

A tile of level L holds up to 256 hashes, each the root of 256**L leaves.  An empty tile is never
written, and a partial tile is never hashed into the level above.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evidence.errors import MalformedError
from evidence.merkle import HASH_BYTES, Frontier, root_hash

TILE_WIDTH = 256
ENTRY_FORMAT_LIMIT = 65_535  # bytes; the length prefix is a big-endian uint16
LEVEL_LIMIT = 63  # tlog-tiles: "L" is a decimal integer between 0 and 63

_INDEX = r"(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
_WIDTH = r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_TILE_PATH = re.compile(rf"tile/(?P<level>0|[1-9][0-9]?|entries)/{_INDEX}{_WIDTH}")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile, or an entry bundle where ``level`` is None; ``width`` is 1 to 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Return its path below the root of the public tree."""
        if self.level is None:
            return entries_path(self.index, self.width)
        return tile_path(self.level, self.index, self.width)


ReadTile = Callable[[Tile], bytes]  # returns the content of a tile that was written before


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return ``tile/<L>/<N>[.p/<W>]``."""
    return f"tile/{level}/{_grouped(index)}{_partial(width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return ``tile/entries/<N>[.p/<W>]``."""
    return f"tile/entries/{_grouped(index)}{_partial(width)}"


def parse_path(path: str) -> Tile:
    """Return the tile that ``path`` names, or raise ``MalformedError``; each has one path only."""
    match = _TILE_PATH.fullmatch(path)
    if match is None:
        raise MalformedError("tile_path", path=path)
    level = None if match["level"] == "entries" else int(match["level"])
    width = int(match["width"] or TILE_WIDTH)
    tile = Tile(level, int(match["index"].replace("x", "").replace("/", "")), width)
    if (level or 0) > LEVEL_LIMIT or tile.path != path:
        raise MalformedError("tile_path", path=path)
    return tile


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the entries, each behind its length as a big-endian uint16."""
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_FORMAT_LIMIT:
            raise MalformedError("entry_too_long", limit=ENTRY_FORMAT_LIMIT, length=len(entry))
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_bundle(data: bytes, count: int) -> list[bytes]:
    """Return exactly ``count`` entries; ``MalformedError`` for a byte too few or too many."""
    entries: list[bytes] = []
    position, length = 0, len(data)
    for _ in range(count):
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        if start > length or position > length:
            raise MalformedError("bundle_length", expected=count, got=len(entries))
        entries.append(data[start:position])
    if position != length:
        raise MalformedError("bundle_length", expected=count, got=count)
    return entries


def split_tile(data: bytes, width: int) -> list[bytes]:
    """Return the ``width`` hashes of a tile."""
    if len(data) != width * HASH_BYTES:
        raise MalformedError("tile_length", expected=width * HASH_BYTES, got=len(data))
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def all_tiles(size: int) -> Iterator[Tile]:
    """Yield every tile that a tree of ``size`` leaves consists of: bundles first, then levels."""
    return new_tiles(0, size)


def new_tiles(old_size: int, new_size: int) -> Iterator[Tile]:
    """Yield the tiles, bundles first, that a tree has at ``new_size`` and not at ``old_size``."""
    if not 0 <= old_size <= new_size:
        raise MalformedError("tile_sizes", old=old_size, size=new_size)
    yield from _new_of_level(None, old_size, new_size)
    level = 0
    while new_size:
        yield from _new_of_level(level, old_size, new_size)
        level, old_size, new_size = level + 1, old_size // TILE_WIDTH, new_size // TILE_WIDTH


def _new_of_level(level: int | None, old: int, new: int) -> Iterator[Tile]:
    if old == new:
        return
    for index in range(old // TILE_WIDTH, new // TILE_WIDTH):
        yield Tile(level, index)
    if new % TILE_WIDTH:
        yield Tile(level, new // TILE_WIDTH, new % TILE_WIDTH)


def grow(
    old_size: int, entries: Sequence[bytes], leaves: Sequence[bytes], read: ReadTile
) -> Iterator[tuple[Tile, bytes]]:
    """Yield every new tile with its content when ``entries`` are appended to ``old_size``.

    ``leaves`` are their leaf hashes.  ``read`` is asked for the partial tiles at the right edge
    of the old tree only.  Bundles come first: without them nothing can be proven again.
    """
    new_size = old_size + len(entries)
    yield from _grown_bundles(old_size, new_size, entries, read)
    level, hashes = 0, list(leaves)
    while hashes:
        edge = Tile(level, old_size // TILE_WIDTH, old_size % TILE_WIDTH)
        if edge.width:
            hashes = split_tile(read(edge), edge.width) + hashes
        parents = []
        for tile, part in _grown(level, old_size, new_size, hashes):
            yield tile, b"".join(part)
            if tile.width == TILE_WIDTH:
                parents.append(root_hash(part))
        level, hashes = level + 1, parents
        old_size, new_size = old_size // TILE_WIDTH, new_size // TILE_WIDTH


def _grown_bundles(
    old_size: int, new_size: int, entries: Sequence[bytes], read: ReadTile
) -> Iterator[tuple[Tile, bytes]]:
    edge = Tile(None, old_size // TILE_WIDTH, old_size % TILE_WIDTH)
    whole = list(entries)
    if edge.width and whole:
        whole = decode_bundle(read(edge), edge.width) + whole
    for tile, part in _grown(None, old_size, new_size, whole):
        yield tile, encode_bundle(part)


def _grown(
    level: int | None, old_size: int, new_size: int, items: list[bytes]
) -> Iterator[tuple[Tile, list[bytes]]]:
    """Deal ``items``, which begin at the last tile's first place, to the new tiles."""
    for number, tile in enumerate(_new_of_level(level, old_size, new_size)):
        start = number * TILE_WIDTH
        yield tile, items[start : start + tile.width]


def restore(size: int, read: ReadTile) -> Frontier:
    """Return the frontier of a tree of ``size``, from the partial tiles at its right edge.

    Reads one tile for each level, whatever the size.  Nothing is verified: compare the root.
    """
    hashes: list[bytes] = []
    level = 0
    while size >> (8 * level):
        count = size >> (8 * level)
        width = count % TILE_WIDTH
        if width:
            tile = split_tile(read(Tile(level, count // TILE_WIDTH, width)), width)
            hashes = _perfect_roots(tile) + hashes
        level += 1
    return Frontier(size, hashes)


def _perfect_roots(hashes: list[bytes]) -> list[bytes]:
    """Return the roots of the perfect subtrees that ``hashes`` split into, largest first."""
    width = len(hashes)
    edges = [width >> bit << bit for bit in range(8, -1, -1)]
    return [root_hash(hashes[low:high]) for low, high in pairwise(edges) if high > low]


def _grouped(index: int) -> str:
    """Return N as 3-digit groups, all but the last behind an ``x``: 1234067 -> x001/x234/067."""
    if index < 0:
        raise MalformedError("tile_index", index=index)
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:  # noqa: PLR2004 - three decimal digits
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def _partial(width: int) -> str:
    if not 0 < width <= TILE_WIDTH:
        raise MalformedError("tile_width", width=width)
    return "" if width == TILE_WIDTH else f".p/{width}"

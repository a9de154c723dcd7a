"""The tiles above the entries, computed level by level while the leaf hashes go by."""

from collections.abc import Callable, Sequence

from evidence.merkle import Frontier, root_hash
from evidence.tiles import TILE_WIDTH, Tile, restore

Check = Callable[[Tile, bytes], None]  # hears of every tile of level 1 and above, as computed


class Tower:
    """One open tile on each level.  A full one becomes a hash of the level above, as it must."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._open: list[list[bytes]] = []  # hashes of the tile that is being filled, by level
        self._full: list[int] = []  # full tiles so far, by level

    def copy(self, check: Check) -> "Tower":
        """Return a tower that goes on from here on its own."""
        other = Tower(check)
        other._open = [list(hashes) for hashes in self._open]
        other._full = list(self._full)
        return other

    @property
    def size(self) -> int:
        """Return the number of leaves so far."""
        return self._full[0] * TILE_WIDTH + len(self._open[0]) if self._open else 0

    def add(self, hashes: Sequence[bytes]) -> None:
        """Take the leaf hashes of the next tile of level 0: 256, or fewer at the very end."""
        self._push(0, hashes)

    def finish(self) -> None:
        """Tell ``check`` of the partial tiles at the right edge."""
        for level, hashes in enumerate(self._open):
            if level and hashes:
                self._check(Tile(level, self._full[level], len(hashes)), b"".join(hashes))

    def root(self) -> bytes:
        """Return the root of everything added."""
        return self.frontier().root()

    def frontier(self) -> Frontier:
        """Return the frontier of everything added."""
        return restore(self.size, lambda tile: b"".join(self._open[tile.level or 0]))

    def _push(self, level: int, hashes: Sequence[bytes]) -> None:
        if level == len(self._open):
            self._open.append([])
            self._full.append(0)
        self._open[level] += hashes
        if len(self._open[level]) == TILE_WIDTH:
            full, self._open[level] = self._open[level], []
            if level:
                self._check(Tile(level, self._full[level]), b"".join(full))
            self._full[level] += 1
            self._push(level + 1, [root_hash(full)])


def root_at(size: int, tower: Tower, following: Sequence[bytes]) -> bytes:
    """Return the root of the first ``size`` leaves; the tower holds a little less than those."""
    frontier = tower.frontier()
    for leaf in following[: size - tower.size]:
        frontier.append(leaf)
    return frontier.root()

"""Entries against tiles against the signed root: tells which of them was changed."""

from collections.abc import Iterable

from custody.findings import AuditFinding, Findings
from custody.shelves import Shelves
from custody.tower import Tower, root_at
from evidence.checkpoint import Checkpoint
from evidence.merkle import leaf_hash
from evidence.tiles import TILE_WIDTH, Tile


class _Wrong:
    """What is wrong with the upper tiles, if the hashes of one tower are the true ones."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self.wrong: list[tuple[AuditFinding, Tile]] = []

    def __call__(self, tile: Tile, content: bytes) -> None:
        code = self._shelves.compare(tile, content)
        if code:
            self.wrong.append((code, tile))


class Towers:
    """The tree as the entries give it and, once they differ, as the tiles of level 0 give it.

    Which of the two is the signed one tells at the end whether entries or tiles were changed.
    """

    def __init__(
        self,
        shelves: Shelves,
        checkpoint: Checkpoint,
        known: Iterable[Checkpoint],
        findings: Findings,
    ) -> None:
        self._shelves = shelves
        self._checkpoint = checkpoint
        self._known = frozenset(known)  # those that have not been compared yet
        self._findings = findings
        self._given_wrong = _Wrong(shelves)
        self._given = Tower(self._given_wrong)  # from entries
        self._tiled_wrong: _Wrong | None = None
        self._tiled: Tower | None = None  # from tiles of level 0
        self._changed: list[int] = []  # entries whose hash is not the one in the tile
        self._complete = True

    def add(self, first: int, entries: list[bytes] | None, hashes: list[bytes] | None) -> None:
        """Take bundle and tile of the same place; at least one of them is needed to go on."""
        given = [leaf_hash(entry) for entry in entries] if entries is not None else hashes
        if given is None:
            self._complete = False
        if given is None or not self._complete:
            return
        tiled = hashes or given
        if tiled != given:
            self._fork()
            pairs = enumerate(zip(given, tiled, strict=True), first)
            self._changed += [index for index, (ours, theirs) in pairs if ours != theirs]
        self._compare_known(first, given, tiled)
        self._given.add(given)
        if self._tiled:
            self._tiled.add(tiled)

    def judge(self) -> None:
        """Compare the root, and say where the tree is not what was signed."""
        self._check_known_sizes()
        if not self._complete:
            self._findings.add(
                AuditFinding.ROOT_DIFFERS, expected=self._checkpoint.root.hex(), found=None
            )
            return
        self._given.finish()
        if self._tiled:
            self._tiled.finish()
        root = self._given.root()
        if root == self._checkpoint.root:
            self._tell_tiles(self._given_wrong)
        elif self._tiled and self._tiled.root() == self._checkpoint.root:
            for index in self._changed:
                self._findings.add(AuditFinding.ENTRY_DIFFERS, index)
            self._tell_upper(self._tiled_wrong)
        else:
            self._findings.add(
                AuditFinding.ROOT_DIFFERS, expected=self._checkpoint.root.hex(), found=root.hex()
            )
            self._tell_tiles(self._given_wrong)

    def _fork(self) -> None:
        if self._tiled is None:
            self._tiled_wrong = _Wrong(self._shelves)
            self._tiled_wrong.wrong += self._given_wrong.wrong
            self._tiled = self._given.copy(self._tiled_wrong)

    def _tell_tiles(self, upper: _Wrong) -> None:
        for number in sorted({index // TILE_WIDTH for index in self._changed}):
            first = next(index for index in self._changed if index // TILE_WIDTH == number)
            self._findings.add(
                AuditFinding.TILE_DIFFERS, first, path=self._shelves.tile(0, number).path
            )
        self._tell_upper(upper)

    def _tell_upper(self, upper: _Wrong | None) -> None:
        for code, tile in upper.wrong if upper else ():
            self._findings.add(code, path=tile.path)

    def _compare_known(self, first: int, given: list[bytes], tiled: list[bytes]) -> None:
        """Hold that each was a prefix of what is signed now, by the entries or by the tiles.

        Where only one of the two is, the other is damaged, and is told as that.
        """
        for known in self._known:
            if first < known.size <= first + len(given):
                self._known -= {known}
                roots = {root_at(known.size, self._given, given)}
                if self._tiled:
                    roots.add(root_at(known.size, self._tiled, tiled))
                if known.root not in roots:
                    self._findings.add(AuditFinding.HISTORY_REWRITTEN, size=known.size)

    def _check_known_sizes(self) -> None:
        size = self._checkpoint.size
        largest = max((known.size for known in self._known), default=0)
        if largest > size:
            self._findings.add(AuditFinding.ROLLED_BACK, known=largest, size=size)

"""The public tree as the ledger writes it: staged, applied, published; then synced, and dropped.

A batch is staged file by file, whole before its checkpoint is signed into the lock: what is applied
gets its name in the tree and is not written again.  A start after a cut runs the same code.
"""

import contextlib
from collections.abc import Collection, Sequence
from pathlib import Path

from evidence.errors import LedgerForkError
from evidence.tiles import TILE_WIDTH, Tile, parse_path
from vault.durable import Steps, mapped, name_new, sync_directory, write_fresh
from vault.lock import Head
from vault.reader import CHECKPOINT

Content = tuple[Tile, bytes]


class TreeWriter:
    """Brings batches into the public tree.  One at a time; the writer's lock is held."""

    def __init__(self, directory: Path, staging: Path, steps: Steps) -> None:
        self._directory, self._staging, self._steps = directory, staging, steps
        self._durable: set[Path] = set()  # directories whose names this process has synced
        self._made: set[Path] = set()  # those whose names it has not
        self._changed: set[Path] = set()  # directories with names that are not synced
        self._applied: list[tuple[Tile, Path]] = []  # with their files in the staging

    def stage(self, head: Head, contents: Sequence[Content]) -> None:
        """Write all new bundles and tiles of ``head``, and its checkpoint, durably."""
        prefix = f"{_prefix(head)}{len(contents)}."
        files = [
            (self._staging / f"{prefix}{tile.path.replace('/', ',')}", data)
            for tile, data in contents
        ]
        with self._steps("ledger.stage"):
            write_fresh([*files, (self._staged_checkpoint(head), head.note)])

    def is_staged(self, head: Head) -> bool:
        """Return whether everything that belongs to ``head`` is staged."""
        return bool(self._staged(head))

    def apply(self, head: Head) -> None:
        """Give what is staged for ``head`` its names in the tree; those already there are equal.

        Raises ``ObjectConflictError`` where other bytes lie under a name, ``LedgerForkError``
        where not all is staged: the tree cannot follow its checkpoint.
        """
        staged = self._staged(head)
        if not staged:
            raise LedgerForkError("ledger_staging_missing", size=head.size)
        named = [(path, self._directory / tile.path) for tile, path in staged]
        folders = {target.parent for _, target in named}
        self._make_directories(folders)
        for path, target in named:
            with self._steps("ledger.apply"):
                name_new(path, target)
        self._applied = staged
        self._changed |= {self._directory, *folders, *(each.parent for each in self._made)}

    def publish(self, head: Head) -> None:
        """Show the checkpoint to the world; every tile that it needs is in the tree."""
        staged = self._staged_checkpoint(head)
        with self._steps("ledger.publish"):
            if not staged.exists():  # of an empty ledger, or shown before a cut
                write_fresh([(staged, head.note)])
            with mapped(staged):
                staged.rename(self._directory / CHECKPOINT)
            self._changed.add(self._directory)

    def sync(self) -> None:
        """Make durable all names that were given: from here on nothing needs the staging."""
        # Only now: a batch has several in each directory, and is in the staging until then.
        with self._steps("ledger.apply_names"):
            for directory in sorted(self._changed):
                sync_directory(directory)
        self._durable |= self._made
        self._made, self._changed = set(), set()

    def drop(self) -> None:
        """Drop what was applied from the staging, and partial tiles whose full tile exists.

        The standard (tlog-tiles) allows that.  Nothing is synced: what comes back after a power
        cut is dropped at the next start.
        """
        with self._steps("ledger.drop"):
            for tile, _ in self._applied:
                if tile.width == TILE_WIDTH:
                    self._remove_partials(tile)
            for _, path in self._applied:
                with mapped(path):
                    path.unlink(missing_ok=True)
        self._applied = []

    def sweep(self) -> None:
        """Remove what was staged for a checkpoint that was never signed."""
        with mapped(self._staging):
            for path in self._staging.iterdir():
                path.unlink()

    def _staged_checkpoint(self, head: Head) -> Path:
        return self._staging / f"{_prefix(head)}{CHECKPOINT}"

    def _staged(self, head: Head) -> list[tuple[Tile, Path]]:
        """Return what is staged for ``head``, bundles first; nothing where a part is missing.

        Each name tells how many there are.  Raises ``MalformedError`` for one that is no tile's:
        never a path outside the tree.
        """
        prefix = _prefix(head)
        with mapped(self._staging):
            paths = [each for each in self._staging.iterdir() if each.name.startswith(prefix)]
        counts, found = set(), []
        for path in sorted(paths, reverse=True):  # "entries" is behind every number
            count, _, name = path.name.removeprefix(prefix).partition(".")
            if count != CHECKPOINT:
                counts.add(count)
                found.append((parse_path(name.replace(",", "/")), path))
        return found if counts == {str(len(found))} else []

    def _make_directories(self, folders: Collection[Path]) -> None:
        with self._steps("ledger.directories"):
            if self._durable.issuperset(folders):  # and so is all that is above them
                return
            above = {each for folder in folders for each in (folder, *folder.parents)}
            ours = {each for each in above if self._directory in each.parents}
            for directory in sorted(ours - self._durable):
                with mapped(directory):
                    directory.mkdir(mode=0o755, exist_ok=True)
                self._made.add(directory)

    def _remove_partials(self, tile: Tile) -> None:
        directory = self._directory / f"{tile.path}.p"
        with mapped(directory), contextlib.suppress(FileNotFoundError):
            for path in directory.iterdir():
                path.unlink(missing_ok=True)
            directory.rmdir()
        self._durable.discard(directory)


def _prefix(head: Head) -> str:
    return f"{head.size}-{head.root.hex()}."

"""The public tree as the ledger writes it: staged, applied, published, staging dropped.

A batch is staged as one file, whole before its checkpoint is signed into the lock.  What is
applied is read from that file, also in the same breath, so that a start after a cut runs no other
code than every day.  Partial files lie in the staging too: the tree holds nothing but the tree.
"""

import contextlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from evidence.canonical import decode, encode
from evidence.errors import LedgerForkError, MalformedError
from evidence.json import Json
from evidence.tiles import TILE_WIDTH, Tile, parse_path
from vault.durable import (
    Steps,
    make_directory,
    mapped,
    place_new,
    read_limited,
    sweep_partials,
    sync_directory,
    write_whole,
)
from vault.lock import Head
from vault.reader import CHECKPOINT, FILE_LIMIT_BYTES

STAGED_LIMIT_BYTES = 4 * FILE_LIMIT_BYTES  # two bundles and a few tiles never come near

Content = tuple[Tile, bytes]


class TreeWriter:
    """Brings batches into the public tree.  One at a time; the writer's lock is held."""

    def __init__(self, directory: Path, staging: Path, steps: Steps) -> None:
        self._directory, self._staging, self._steps = directory, staging, steps
        self._durable: set[Path] = set()  # directories synced in their parents by this process

    def stage(self, head: Head, contents: Sequence[Content]) -> None:
        """Write all new bundles and tiles of ``head`` into one file, durably."""
        with self._steps("ledger.stage"):
            write_whole(self._staged_path(head), _encode(contents), mode=0o600)

    def staged(self, head: Head) -> list[Content] | None:
        """Return what was staged for ``head``, or None where nothing is."""
        data = read_limited(self._staged_path(head), STAGED_LIMIT_BYTES)
        return None if data is None else _decode(data)

    def apply(self, head: Head) -> None:
        """Put the staged tiles of ``head`` into the tree; those already there must be equal.

        Raises ``ObjectConflictError`` where other bytes lie under a name, ``LedgerForkError``
        where nothing is staged: the tree cannot follow its checkpoint.
        """
        contents = self.staged(head)
        if contents is None:
            raise LedgerForkError("ledger_staging_missing", size=head.size)
        for tile, data in contents:
            with self._steps("ledger.apply"):
                self._place(tile, data)
        # All names of one directory for one sync: a batch has several tiles in each.
        with self._steps("ledger.apply_names"):
            for directory in {(self._directory / tile.path).parent for tile, _ in contents}:
                sync_directory(directory)

    def publish(self, head: Head) -> None:
        """Show the checkpoint to the world; every tile that it needs is durable."""
        with self._steps("ledger.publish"):
            write_whole(self._directory / CHECKPOINT, head.note, scratch=self._staging)

    def drop(self, head: Head) -> None:
        """Drop the staging, and the partial tiles whose full tile exists (tlog-tiles allows it).

        Nothing is synced: what comes back after a power cut is dropped at the next start.
        """
        with self._steps("ledger.drop"):
            for tile, _ in self.staged(head) or ():
                if tile.width == TILE_WIDTH:
                    self._remove_partials(tile)
            with mapped(self._staging):
                self._staged_path(head).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what was staged for a checkpoint that was never signed."""
        sweep_partials(self._staging)
        with mapped(self._staging):
            for path in self._staging.iterdir():
                path.unlink()

    def _staged_path(self, head: Head) -> Path:
        return self._staging / f"{head.size}-{head.root.hex()}"

    def _place(self, tile: Tile, data: bytes) -> None:
        path = self._directory / tile.path
        self._make_durable(path.parent)
        place_new(path, data, scratch=self._staging)

    def _make_durable(self, directory: Path) -> None:
        """Make a directory of the tree, top down, each synced once by every process."""
        if directory == self._directory or directory in self._durable:
            return
        self._make_durable(directory.parent)
        make_directory(directory)
        self._durable.add(directory)

    def _remove_partials(self, tile: Tile) -> None:
        directory = self._directory / f"{tile.path}.p"
        with mapped(directory), contextlib.suppress(FileNotFoundError):
            for path in directory.iterdir():
                path.unlink(missing_ok=True)
            directory.rmdir()
        self._durable.discard(directory)


def _encode(contents: Sequence[Content]) -> bytes:
    """Return a canonical line that names the tiles with their lengths, then all their bytes."""
    header: Json = {"v": 1, "tiles": [[tile.path, len(data)] for tile, data in contents]}
    return b"".join((encode(header), b"\n", *(data for _, data in contents)))


def _decode(data: bytes) -> list[Content]:
    line, _, blob = data.partition(b"\n")
    header = decode(line)
    if not isinstance(header, dict) or header.get("v") != 1:
        raise MalformedError("staging_malformed")
    named = list(_named(header.get("tiles")))
    ends = [0]
    for _, length in named:
        ends.append(ends[-1] + length)
    if ends[-1] != len(blob):
        raise MalformedError("staging_malformed")
    parts = [blob[low:high] for low, high in pairwise(ends)]
    return [(tile, part) for (tile, _), part in zip(named, parts, strict=True)]


def _named(rows: Json) -> Iterator[tuple[Tile, int]]:
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [str(path), int(length)] if length > 0:
                yield parse_path(path), length  # never a path outside the tree
            case _:
                raise MalformedError("staging_malformed")

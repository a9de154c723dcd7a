"""The public tree as the ledger writes it: staged, applied, published, staging dropped.

A batch is staged as one file, whole before its checkpoint is signed into the lock.  What is
applied is read from that file, also in the same breath, so that a start after a cut runs no other
code than every day.  Partial files lie in the staging too: the tree holds nothing but the tree.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from evidence.canonical import decode, encode
from evidence.errors import LedgerForkError, MalformedError
from evidence.json import Json
from evidence.tiles import TILE_WIDTH, Tile, parse_path
from vault.durable import (
    File,
    Steps,
    mapped,
    name_new,
    partial_files,
    read_limited,
    sweep_partials,
    sync_directory,
    write_fresh,
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
        self._durable: set[Path] = set()  # directories whose names this process has synced

    def stage(self, head: Head, contents: Sequence[Content]) -> None:
        """Write all new bundles and tiles of ``head`` into one file, durably."""
        with self._steps("ledger.stage"):
            write_fresh(self._staged_path(head), _encode(contents), mode=0o600)

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
        files = [(self._directory / tile.path, data) for tile, data in contents]
        folders = {path.parent for path, _ in files}
        made = self._make_directories(folders)
        self._place(files)
        # When all names are there: a batch has several in each directory, and mostly new ones.
        with self._steps("ledger.apply_names"):
            for directory in folders | {each.parent for each in made}:
                sync_directory(directory)
        self._durable |= made

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

    def _make_directories(self, folders: Iterable[Path]) -> set[Path]:
        """Make directories of the tree; return those whose names this process has not synced."""
        with self._steps("ledger.directories"):
            above = {each for folder in folders for each in (folder, *folder.parents)}
            ours = {each for each in above if self._directory in each.parents}
            for directory in sorted(ours - self._durable):
                with mapped(directory):
                    directory.mkdir(mode=0o755, exist_ok=True)
        return ours - self._durable

    def _place(self, files: Sequence[File]) -> None:
        """Give every file its name; those already there must be equal."""
        with ExitStack() as written:
            with self._steps("ledger.tiles"):
                partials = written.enter_context(partial_files(files, self._staging))
            for partial, (path, data) in zip(partials, files, strict=True):
                with self._steps("ledger.apply"):
                    name_new(partial, path, data)

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

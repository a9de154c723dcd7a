"""The public tree in a folder, as a verifier reads it; knows no key and writes nothing."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from evidence.note import NOTE_LIMIT_BYTES
from evidence.tiles import ENTRY_FORMAT_LIMIT, TILE_WIDTH
from vault.durable import mapped, open_regular

CHECKPOINT = "checkpoint"
TILE_LIMIT_BYTES = TILE_WIDTH * (ENTRY_FORMAT_LIMIT + 2)  # the largest bundle there can be

# Where somebody has put a link, a pipe or a folder, there is no tile.
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})


class TreeFolder:
    """Implements the port ``Tiles`` over ``<home>/ledger``, or a copy of it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def checkpoint(self) -> bytes | None:
        """See ``evidence.ports.Tiles``."""
        return self._read(CHECKPOINT, NOTE_LIMIT_BYTES)

    def read(self, path: str) -> bytes | None:
        """See ``evidence.ports.Tiles``."""
        return self._read(path, TILE_LIMIT_BYTES)

    def names(self) -> Iterator[str]:
        """See ``evidence.ports.Tiles``; sorted within each directory."""
        with mapped(self._directory):
            for folder, directories, files in os.walk(self._directory, onerror=_raise):
                directories.sort()
                for name in sorted(files):
                    path = (Path(folder) / name).relative_to(self._directory).as_posix()
                    if path != CHECKPOINT:
                        yield path

    def _read(self, path: str, limit_bytes: int) -> bytes | None:
        with mapped(self._directory / path):
            try:
                descriptor = open_regular(self._directory / path, os.O_NOFOLLOW)
            except OSError as error:
                if error.errno in _ABSENT:
                    return None
                raise
            if descriptor is None:
                return None
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                # One byte more than there may be: what is too long must look too long.
                return file.read(limit_bytes + 1)


def _raise(error: OSError) -> None:
    """Not to be passed over, as ``os.walk`` would: what was not listed was not checked."""
    raise error

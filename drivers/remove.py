"""Unlink one file below a directory, by its raw name, without ever following a link."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.errors import EraseError
from evidence.recorders import FileEntry

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_below(root: Path | int, file: FileEntry, *, exact: bool = False) -> None:
    """Unlink ``file``, if it is still the one that was listed.

    Compared are kind and size, and with ``exact`` inode (where it lasts) and time of modification
    too.  The directories that become empty are left.  Raises
    ``EraseError``: ``erase_changed`` if it is another file now, ``erase_failed`` otherwise.
    """
    *folders, name = file.raw.split(b"/")
    try:
        with open_below(root, folders) as folder:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not _same(found, file, exact=exact):
                raise EraseError("erase_changed", where=str(root), files=1)
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
    except OSError as error:
        raise EraseError("erase_failed", where=str(root), errno=error.errno) from error


@contextmanager
def open_below(root: Path | int, folders: list[bytes]) -> Iterator[int]:
    """Give a descriptor of a directory below ``root``, reached name by name."""
    fd = os.open(root, FOLDER) if isinstance(root, Path) else os.dup(root)
    try:
        for folder in folders:
            inner = os.open(folder, FOLDER, dir_fd=fd)
            os.close(fd)
            fd = inner
        yield fd
    finally:
        os.close(fd)


def _same(found: os.stat_result, file: FileEntry, *, exact: bool) -> bool:
    if not stat.S_ISREG(found.st_mode) or found.st_size != file.size:
        return False
    return not exact or (file.inode in {None, found.st_ino} and modified_ns(found) == ns_of(file))


def modified_ns(found: os.stat_result) -> int:
    """Return the time of modification, cut to the microseconds that a ``FileEntry`` keeps."""
    return found.st_mtime_ns // 1000 * 1000


def ns_of(file: FileEntry) -> int:
    """Return the listed time of modification in nanoseconds since 1970."""
    if file.modified is None:
        return -1
    whole = int(file.modified.timestamp())
    return whole * 1_000_000_000 + file.modified.microsecond * 1000

"""The one place through which bytes reach the disk: first the file, then its directory.

The system calls of the happy path: open a partial file, write, fsync, link or rename it to its
name, fsync the directory that holds the name.  Only then does a caller hear that it is done.

After an fsync error nothing is retried, here or above: the kernel marks the pages clean, a second
fsync answers "fine" over bytes that never reached the medium (Rebello et al., USENIX ATC 2020;
PostgreSQL panics since 2018).  ``FsyncFailedError`` ends the process; the next one starts from
what the medium really holds.  What stays open: the page cache may still show the lost bytes to
that next process until it drops them.
"""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path

from evidence.errors import (
    FsyncFailedError,
    NoSpaceError,
    ObjectConflictError,
    VaultError,
    VaultUnavailableError,
)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
File = tuple[Path, bytes]  # where it is to lie, and what is in it
_PARTIAL = ".partial"  # how a name ends that was never finished


# Stands around every durable step, so that a fault table can break it in both ways: raising on
# entry is "failed", raising on exit is "done, but reports failure".
Steps = Callable[[str], AbstractContextManager[None]]


def unbroken(_step: str) -> AbstractContextManager[None]:
    """Stand around a step and do nothing: the ``Steps`` of every day."""
    return nullcontext()


@contextmanager
def mapped(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` about ``path`` into ``NoSpaceError`` or ``VaultUnavailableError``."""
    try:
        yield
    except OSError as error:
        raise vault_error(error, path) from error


def vault_error(error: OSError, path: Path) -> VaultError:
    """Return our error for an ``OSError``; the caller raises it from the old one."""
    if error.errno in _FULL:
        return NoSpaceError("no_space", path=str(path))
    return VaultUnavailableError("vault_io", path=str(path), because=error.strerror or "?")


def write_whole(path: Path, data: bytes, *, scratch: Path | None = None, mode: int = 0o644) -> None:
    """Replace ``path`` by ``data`` so that it is seen whole or not at all, durably.

    ``scratch`` is a directory of the same file system for the partial file; without it that lies
    beside ``path``.  Raises ``NoSpaceError``, ``VaultUnavailableError``, ``FsyncFailedError``.
    """
    with partial_files([(path, data)], scratch, mode) as (partial,), mapped(path):
        partial.rename(path)
    sync_directory(path.parent)


def write_fresh(files: Sequence[File], *, mode: int = 0o644) -> None:
    """Write files under new names that nobody reads before this has returned, durably.

    All of one directory.  One round to the medium, where ``write_whole`` takes two for each.
    """
    _write_synced(files, mode)
    sync_directory(files[0][0].parent)


def write_new(path: Path, data: bytes, *, scratch: Path | None = None, mode: int = 0o644) -> bool:
    """Write ``data`` under a new name, durably; return whether the name is new.

    The same bytes under the name are fine, and their name is synced again: whoever put them there
    may have been cut before that.  Raises ``ObjectConflictError`` for other bytes.
    """
    is_new = place_new(path, data, scratch=scratch, mode=mode)
    sync_directory(path.parent)
    return is_new


def place_new(path: Path, data: bytes, *, scratch: Path | None = None, mode: int = 0o644) -> bool:
    """Do as ``write_new`` but leave the directory to the caller, who syncs it once for many."""
    with partial_files([(path, data)], scratch, mode) as (partial,):
        return name_new(partial, path)


def name_new(partial: Path, path: Path) -> bool:
    """Give a synced file its name, as ``place_new`` does."""
    try:
        with mapped(path):
            os.link(partial, path)
    except VaultUnavailableError as error:
        if not isinstance(error.__cause__, FileExistsError):
            raise
        _check_same(path, partial)
        return False
    return True


def sync_file(descriptor: int, path: Path) -> None:
    """Return only when the bytes of an open file are on the medium; never call it twice."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise FsyncFailedError("fsync_failed", path=str(path)) from error


def sync_directory(directory: Path) -> None:
    """Return only when the names in ``directory`` are on the medium."""
    with mapped(directory):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync_file(descriptor, directory)
    finally:
        os.close(descriptor)


class Syncs:
    """The syncs of one process, for its threads: after one that failed there is no other."""

    def __init__(self) -> None:
        self._failed: FsyncFailedError | None = None

    def file(self, descriptor: int, path: Path) -> None:
        """Do as ``sync_file``, or raise ``FsyncFailedError`` where a sync has failed before."""
        self._make(lambda: sync_file(descriptor, path), path)

    def directory(self, directory: Path) -> None:
        """Do as ``sync_directory``, or raise ``FsyncFailedError`` as ``file`` does."""
        self._make(lambda: sync_directory(directory), directory)

    def _make(self, sync: Callable[[], None], path: Path) -> None:
        if self._failed is not None:
            raise FsyncFailedError("fsync_failed", path=str(path)) from self._failed
        try:
            sync()
        except FsyncFailedError as error:
            self._failed = error
            raise


def make_directory(
    directory: Path, mode: int = 0o755, sync: Callable[[Path], None] = sync_directory
) -> None:
    """Make a directory and its missing parents, each durable in the one above it.

    A directory that is there is synced in its parent again, for the reason of ``write_new``.
    """
    missing = [each for each in (directory, *directory.parents) if not each.is_dir()]
    for each in reversed(missing or [directory]):
        with mapped(each):
            each.mkdir(mode=mode, exist_ok=True)
        sync(each.parent)


def read_limited(path: Path, limit_bytes: int) -> bytes | None:
    """Return the bytes of a file, or None when there is none; refuse more than the limit."""
    with mapped(path):
        try:
            descriptor = open_regular(path)
        except FileNotFoundError:
            return None
        if descriptor is None:
            raise VaultUnavailableError("not_a_file", path=str(path))
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise VaultUnavailableError("file_too_large", path=str(path), limit=limit_bytes)
    return data


def open_regular(path: Path, flags: int = 0) -> int | None:
    """Open a file for reading and return its descriptor; None where it is no regular file.

    Whoever laid a folder out may have put a pipe in it, whose end would never come.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | flags)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


@contextmanager
def partial_files(
    files: Sequence[File], scratch: Path | None, mode: int = 0o644
) -> Iterator[list[Path]]:
    """Yield synced files with these bytes under names of nobody's; they are gone afterwards."""
    partials = [_partial(path, scratch or path.parent) for path, _ in files]
    try:
        _write_synced([(each, data) for each, (_, data) in zip(partials, files, strict=True)], mode)
        yield partials
    finally:
        # Best effort, never instead of the error on its way up: nobody reads what stays.
        for partial in partials:
            with suppress(OSError):
                partial.unlink(missing_ok=True)


def _partial(path: Path, scratch: Path) -> Path:
    # A name of its own for each writer: two that put the same object never share a partial file.
    return scratch / f".{path.name}.{secrets.token_hex(8)}{_PARTIAL}"


def _write_synced(files: Sequence[File], mode: int) -> None:
    """Write new files, and wait when all are on their way: one round to the medium, not many."""
    with ExitStack() as opened:
        descriptors = [_write(opened, path, data, mode) for path, data in files]
        for descriptor, (path, _) in zip(descriptors, files, strict=True):
            sync_file(descriptor, path)


def _write(opened: ExitStack, path: Path, data: bytes, mode: int) -> int:
    with mapped(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        opened.callback(os.close, descriptor)
        left = memoryview(data)
        while left:  # at most len(data) rounds: a write returns at least one byte or raises
            left = left[os.write(descriptor, left) :]
        # Linux begins to write at this advice; whether it does is of no consequence.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    return descriptor


def _check_same(path: Path, ours: Path) -> None:
    with mapped(path), path.open("rb") as file, ours.open("rb") as wanted:
        data = wanted.read()
        there = file.read(len(data) + 1)
    if there != data:
        raise ObjectConflictError("object_conflict", path=str(path))

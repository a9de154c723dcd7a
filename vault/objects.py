"""The vault as a local directory: bytes under the SHA-256 of their plain form, written once.

    objects/ab/<sha256>   in custody, read-only
    staging/<key>         on its way in; a flock on the file tells who is at work on it

Life of an object: staged, synced, read back by the caller, made read-only, linked to its name,
directory synced, staged name removed.  A cut between link and removal leaves one file with two
names; the staged one is dropped before anybody could write through it.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from evidence.digest import digest_of
from evidence.errors import DigestMismatchError, NoSpaceError, VaultUnavailableError
from evidence.staging import Staged
from vault.durable import Steps, Syncs, make_directory, mapped, unbroken
from vault.staged import StagedFile, read_past_cache

STEPS = ("objects.stage", "objects.chmod", "objects.link", "objects.sync", "objects.unstage")
DEFAULT_RESERVE_BYTES = 1024**3  # stays free for ledger and statements
SAME_KEY_LIMIT = 64  # slots that may stage the same file at once (a copied card)
FOLDER_MODE = 0o750
CHUNK_BYTES = 4 * 1024 * 1024
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class LocalObjects:
    """Implements ``evidence.ports.Objects`` over one directory of one file system."""

    def __init__(
        self, root: Path, *, reserve_bytes: int = DEFAULT_RESERVE_BYTES, steps: Steps = unbroken
    ) -> None:
        self._objects = root / "objects"
        self._staging = root / "staging"
        self._reserve_bytes = reserve_bytes
        self._steps = steps
        self._syncs = Syncs()
        self._durable: set[Path] = set()  # folders synced in their parents by this process
        self._make_durable(self._objects)
        self._make_durable(self._staging)

    def stage(self, key: str, *, expected_size: int) -> Staged:
        """See ``evidence.ports.Objects``."""
        self._check_space(expected_size)
        with self._steps("objects.stage"):
            paths = [self._staging / key]
            paths += [self._staging / f"{key}-{number}" for number in range(1, SAME_KEY_LIMIT)]
            for tried, path in enumerate(paths, 1):
                staged = _open_staged(path, self._syncs, self._check_space)
                if staged:
                    # What another slot was cut over under this key would lie there for ever.
                    _drop_cut(paths[tried:])
                    return staged
        raise VaultUnavailableError("staging_busy", key=key)

    def place(self, staged: Staged, sha256: str) -> bool:
        """See ``evidence.ports.Objects``."""
        source, target = self._staging / staged.name, self._path(sha256)
        self._make_durable(target.parent)
        with self._steps("objects.chmod"):
            self._protect(source)
        with self._steps("objects.link"):
            is_new = _link(source, target)
        # Also when the name was there: whoever put it there may have been cut before this.
        with self._steps("objects.sync"):
            self._syncs.directory(target.parent)
        with self._steps("objects.unstage"):
            staged.discard()
        return is_new

    def put(self, content: bytes) -> str:
        """See ``evidence.ports.Objects``."""
        sha256 = digest_of([memoryview(content)])
        if self.size(sha256) is None:
            staged = self.stage(sha256, expected_size=len(content))
            try:
                staged.truncate(0)
                staged.append(content)
                staged.sync()
                self.place(staged, sha256)
            finally:
                staged.close()
        else:
            _drop_staged(self._staging / sha256)  # an earlier put may have been cut before that
        found = digest_of(self.read_back(sha256))
        if found != sha256:
            raise DigestMismatchError("object_rotten", expected=sha256, found=found)
        return sha256

    def size(self, sha256: str) -> int | None:
        """See ``evidence.ports.Objects``."""
        path = self._path(sha256)
        with mapped(path):
            try:
                return path.stat().st_size
            except FileNotFoundError:
                return None

    def read(self, sha256: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``evidence.ports.Objects``."""
        path = self._path(sha256)
        left = length
        with mapped(path), path.open("rb", buffering=0) as file:
            file.seek(offset)
            while left is None or left > 0:  # ends with the file
                chunk = file.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
                if not chunk:
                    return
                yield chunk
                left = None if left is None else left - len(chunk)

    def read_back(self, sha256: str) -> Iterator[memoryview]:
        """See ``evidence.ports.Objects``."""
        yield from read_past_cache(self._path(sha256))

    def names(self) -> Iterator[str]:
        """See ``evidence.ports.Objects``; what lies in the wrong folder is told with its folder."""
        with mapped(self._objects):
            for folder in sorted(self._objects.iterdir()):
                for name in _listed(folder):
                    yield name if name[:2] == folder.name else f"{folder.name}/{name}"

    def unguarded(self, sha256: str) -> str | None:
        """See ``evidence.ports.Objects``."""
        path = self._path(sha256)
        with mapped(path):
            try:
                there = path.lstat()
            except FileNotFoundError:
                return None
            if stat.S_ISLNK(there.st_mode) or path.parent.is_symlink():
                return "elsewhere"
            if not stat.S_ISREG(there.st_mode):
                return "no_file"
            if there.st_mode & _WRITABLE:
                return "writable"
            # A cut after the link leaves its staged name beside: that one is ours.
            names = there.st_nlink - 1
            return "shared" if names and names > self._staged_names(there) else None

    def _staged_names(self, there: os.stat_result) -> int:
        """Return how many names in the staging are this very file."""
        staged = (path.lstat() for path in self._staging.iterdir())
        return sum(os.path.samestat(each, there) for each in staged)

    def _protect(self, source: Path) -> None:
        """Make a file read-only, durably: no name in the vault may lead to one that is not."""
        with mapped(source), ExitStack() as opened:
            descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            opened.callback(os.close, descriptor)
            os.fchmod(descriptor, 0o444)
            self._syncs.file(descriptor, source)

    def _make_durable(self, folder: Path) -> None:
        """Make a folder, or sync the name of one that is there: its maker may have been killed."""
        if folder not in self._durable:
            make_directory(folder, FOLDER_MODE, self._syncs.directory)
            self._durable.add(folder)

    def _path(self, sha256: str) -> Path:
        return self._objects / sha256[:2] / sha256

    def _check_space(self, expected_size: int) -> None:
        with mapped(self._staging):
            room = os.statvfs(self._staging)
        free = room.f_bavail * room.f_frsize
        if free - expected_size < self._reserve_bytes:
            raise NoSpaceError("no_space_left", needed=expected_size, free=free)


def _open_staged(path: Path, syncs: Syncs, check_room: Callable[[int], None]) -> StagedFile | None:
    """Open and lock a staged file, kept or new; None when another process is at work on it."""
    with mapped(path), ExitStack() as until_taken:
        descriptor = _open_for_writing(path)
        until_taken.callback(os.close, descriptor)  # whatever fails here must not keep the lock
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        if os.fstat(descriptor).st_nlink == 1:
            staged = StagedFile(path, descriptor, syncs, check_room)
            until_taken.pop_all()
            return staged
        # It has its name in the vault already, or none any more: never write through this one.
        path.unlink(missing_ok=True)
    return _open_staged(path, syncs, check_room)


def _drop_cut(paths: Sequence[Path]) -> None:
    """Remove the staged names that nobody works on; whoever opens one meanwhile begins anew."""
    for path in paths:
        if path.exists():
            _drop_staged(path)


def _drop_staged(path: Path) -> None:
    """Remove a staged name of which the vault has the bytes, unless somebody is at work on it."""
    with mapped(path), ExitStack() as opened:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        opened.callback(os.close, descriptor)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)


def _open_for_writing(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except PermissionError:
        # Made read-only, then cut before it was linked: it is whole, but ours to begin again.
        path.unlink()
        return os.open(path, flags, 0o600)


def _link(source: Path, target: Path) -> bool:
    with mapped(source):
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
            return False
    return True


def _listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else [""]

"""A recorder that something else has mounted: a directory.

Names are bytes from end to end and every directory is entered by descriptor, so no name is ever
resolved twice and no link is followed.  Only plain files are opened; what else lies there is
counted and noted, because opening a FIFO hangs and opening a device may do anything.
"""

import errno
import os
import stat
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from drivers.allowance import Allowance
from drivers.buffers import buffers
from drivers.device import GONE, name_of, open_error
from drivers.erase import Plan, plan_for, prove
from drivers.inodes import numbers_last
from drivers.limits import ListingLimits
from drivers.names import JOIN, text_of
from drivers.remove import modified_ns, ns_of, open_below, remove_below
from evidence.errors import DeviceError, EraseError, UnpluggedError, UnreadableError
from evidence.findings import Finding, Noted
from evidence.recorders import ClockReading, FileEntry, Identity, Listing
from evidence.states import Certificate

# O_NONBLOCK: should a FIFO take the place of a file after it was listed, opening it must not hang.
PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
KINDS = {
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "device",
    stat.S_IFCHR: "device",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FolderRecorder:
    """Implements ``evidence.ports.Recorder`` over a directory."""

    driver = "folder"

    def __init__(self, path: Path, *, limits: ListingLimits) -> None:
        self.where = str(path)
        self._limits = limits
        try:
            self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise open_error(error, self.where) from error
        self._allowance = self._new_allowance(0)

    def identity(self) -> Identity:
        """Return nothing: a directory does not say whose it is."""
        return Identity()

    def clock(self, now: datetime) -> ClockReading:
        """Return unknown: a directory has no clock."""
        del now
        return ClockReading("unknown")

    def battery_percent(self) -> int | None:
        """Return None: a directory has no battery."""
        return None

    def listing(self) -> Listing:
        """Return every plain file below the directory, in the order of their raw names."""
        found = _Found(self._limits)
        try:
            _look(found, self._root)
            room = os.fstatvfs(self._root)
        except OSError as error:
            raise self._error(error) from error
        files = sorted(found.files, key=lambda file: file.raw)
        self._allowance = self._new_allowance(room.f_blocks * room.f_frsize)
        return Listing(
            files=tuple(replace(file, handle=number) for number, file in enumerate(files)),
            file_system=self.driver,
            total_bytes=room.f_blocks * room.f_frsize,
            free_bytes=room.f_bfree * room.f_frsize,
            noted=tuple(found.notes()),
        )

    def read(self, file: FileEntry) -> Iterator[memoryview]:
        """Yield a listed file; one that is not as listed, or changes meanwhile, is unreadable."""
        self._allowance.take(file.handle, file.size)
        *folders, name = file.raw.split(JOIN)
        try:
            with open_below(self._root, folders) as folder:
                fd = os.open(name, PLAIN, dir_fd=folder)
            try:
                yield from self._chunks(fd, file)
            finally:
                os.close(fd)
        except OSError as error:
            raise self._error(error) from error

    def sample(self, file: FileEntry, offset: int, length: int) -> bytes:
        """See ``evidence.ports.Recorder``; one that is not as listed is unreadable."""
        *folders, name = file.raw.split(JOIN)
        try:
            with open_below(self._root, folders) as folder:
                fd = os.open(name, PLAIN, dir_fd=folder)
            try:
                self._check(fd, file)
                return os.pread(fd, length, offset)
            finally:
                os.close(fd)
        except OSError as error:
            raise self._error(error) from error

    def erase(self, certificate: Certificate) -> None:
        """Unlink what the certificate names; directories that become empty are left."""
        chosen = plan_for(certificate, self.listing(), self.where)
        because = self.remove(chosen)
        prove(chosen, self.listing(), because)

    def remove(self, chosen: Plan) -> str:
        """Unlink the named files; what kept one from going is the answer."""
        because = "nothing"
        for file in chosen.named:
            try:
                remove_below(self._root, file, exact=True)
            except EraseError as error:
                because = error.word  # the others go on; the listing tells what is left
        return because

    def close(self) -> None:
        """Let go of the directory.  Never raises."""
        fd, self._root = self._root, -1
        if fd >= 0:
            try:
                os.close(fd)
            except OSError:  # it is gone
                return

    def _new_allowance(self, capacity_bytes: int) -> Allowance:
        return Allowance(self.where, capacity_bytes, self._limits.max_given_percent)

    def _chunks(self, fd: int, file: FileEntry) -> Iterator[memoryview]:
        self._check(fd, file)
        left = file.size
        for buffer in buffers():
            count = os.readv(fd, [buffer[:left]]) if left else 0
            if not count:
                break
            left -= count
            yield buffer[:count]
        # Again at the end: bytes of a file that was written meanwhile are of no single moment.
        self._check(fd, file)

    def _check(self, fd: int, file: FileEntry) -> None:
        found = os.fstat(fd)
        same = stat.S_ISREG(found.st_mode) and file.inode in {None, found.st_ino}
        if not same or found.st_size != file.size or modified_ns(found) != ns_of(file):
            raise UnreadableError("file_changed", where=self.where, size=found.st_size)

    def _error(self, error: OSError) -> DeviceError:
        """Return what an error means: one bad file, or a directory that is gone."""
        try:
            gone = os.fstat(self._root).st_nlink == 0
            os.fstatvfs(self._root)
        except OSError:
            gone = True
        if gone or error.errno in GONE - {errno.ENOENT}:
            return UnpluggedError("unplugged", where=self.where)
        return UnreadableError("unreadable", where=self.where, at=0, error=name_of(error))


@dataclass(slots=True)
class _Found:
    """What one listing has gathered."""

    limits: ListingLimits
    files: list[FileEntry] = field(default_factory=list)
    seen: int = 0
    numbered: bool = True  # inode numbers last
    waiting: deque[bytes] = field(default_factory=lambda: deque([b""]))  # directories, raw
    left: Counter[str] = field(default_factory=Counter)  # left behind: because, how many
    damage: Counter[str] = field(default_factory=Counter)

    @property
    def full(self) -> bool:
        """Return whether no further entry may be taken."""
        return self.seen >= self.limits.max_entries

    def notes(self) -> Iterator[Noted]:
        for because, count in sorted(self.left.items()):
            yield Noted(Finding.LEFT_BEHIND, {"because": because, "count": count})
        for because, count in sorted(self.damage.items()):
            yield Noted(Finding.VOLUME_DAMAGED, {"because": because, "count": count})


def _look(found: _Found, root: int) -> None:
    """Take everything below ``root``, one directory after the other: no depth costs us a stack."""
    found.numbered = numbers_last(os.fstat(root).st_dev)
    while found.waiting and not found.full:
        raw = found.waiting.popleft()
        try:
            with open_below(root, raw.split(JOIN) if raw else []) as folder:
                _look_into(found, folder, raw)
        except PermissionError:
            found.left["directory_forbidden"] += 1
        except (FileNotFoundError, NotADirectoryError):
            if not raw:
                raise
            found.left["directory_changed"] += 1  # it went, or is a link now, since it was seen
    if found.waiting:
        found.damage["limit_entries"] += 1


def _look_into(found: _Found, folder: int, above: bytes) -> None:
    with os.scandir(folder) as entries:
        most = found.limits.max_entries
        names = sorted(os.fsencode(entry.name) for entry in islice(entries, most + 1))
    for name in names:
        if found.full:
            found.damage["limit_entries"] += 1
            return
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:  # it went between the two looks
            continue
        found.seen += 1
        raw = above + JOIN + name if above else name
        if stat.S_ISDIR(status.st_mode):
            _wait(found, raw)
        else:
            _take(found, raw, status)


def _wait(found: _Found, raw: bytes) -> None:
    limits = found.limits
    if raw.count(JOIN) >= limits.max_depth or len(raw) > limits.max_name_bytes:
        found.damage["limit_depth"] += 1
    else:
        found.waiting.append(raw)


def _take(found: _Found, raw: bytes, status: os.stat_result) -> None:
    kind = KINDS.get(stat.S_IFMT(status.st_mode))
    if kind:
        found.left[kind] += 1
        return
    found.files.append(
        FileEntry(
            handle=0,  # numbered when all are known
            path="/".join(map(text_of, raw.split(JOIN))),
            raw=raw,
            size=status.st_size,
            modified=EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000),
            inode=status.st_ino if found.numbered else None,
        )
    )

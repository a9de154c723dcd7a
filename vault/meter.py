"""What leaves, counted on disk while it leaves: one small file for each use of a grant.

    <grant>-<entry>-<random>    for each part 16 bytes, big-endian: slices, bytes

A lock on the file tells that somebody is counting; the kernel lets go of it when they are killed.
A cell lies in one sector and is written by one call, so it is never half of two counts.
"""

import fcntl
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from struct import Struct

from evidence.asking import SPAN_LIMIT
from evidence.errors import VaultUnavailableError
from evidence.ports import Count, Use
from vault.durable import Steps, Syncs, make_directory, mapped, unbroken

STEPS = ("meter.begin", "meter.sync", "meter.end")
FOLDER_MODE = 0o700
SYNC_EVERY_S = 1.0
BEGIN_LIMIT = 8  # attempts: each lost to somebody who looked for left-overs just then

_FILE_MODE = 0o600
_CELL = Struct(">QQ")
_NAME = re.compile(r"(?P<grant>[0-9a-f]{32})-(?P<after>0|[1-9][0-9]{0,18})-[0-9a-f]{16}")


class FileMeter:
    """Implements ``evidence.ports.Meter`` over one directory; any number of processes."""

    def __init__(
        self,
        directory: Path,
        *,
        steps: Steps = unbroken,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._steps = steps
        self._monotonic = monotonic
        self._syncs = Syncs()

    def begin(self, grant: str, after: int) -> Count:
        """See ``evidence.ports.Meter``."""
        make_directory(self._directory, FOLDER_MODE, self._syncs.directory)
        with self._steps("meter.begin"):
            for _ in range(BEGIN_LIMIT):
                name = f"{grant.removeprefix('g:')}-{after}-{secrets.token_hex(8)}"
                descriptor = _locked(self._directory / name, os.O_CREAT | os.O_EXCL)
                if descriptor is not None:
                    return self._begun(descriptor, self._directory / name)
        raise VaultUnavailableError("meter_busy", path=str(self._directory))

    def left_over(self) -> Iterator[Count]:
        """See ``evidence.ports.Meter``.  What is not ended is let go of when the next is asked."""
        for _, group in groupby(self._names(), key=_use):
            with ExitStack() as opened:
                counts = self._taken(list(group), opened)
                if counts:
                    yield _Several(counts)

    def counting(self) -> Collection[Use]:
        """See ``evidence.ports.Meter``."""
        return {_use(name) for name in self._names() if _is_locked(self._directory / name)}

    def _names(self) -> list[str]:
        with mapped(self._directory):
            there = self._directory.iterdir() if self._directory.is_dir() else ()
            return sorted(path.name for path in there if _NAME.fullmatch(path.name))

    def _begun(self, descriptor: int, path: Path) -> "_FileCount":
        try:
            self._syncs.file(descriptor, path)
            self._syncs.directory(self._directory)
        except BaseException:
            os.close(descriptor)
            raise
        return self._count(descriptor, path)

    def _taken(self, names: list[str], opened: ExitStack) -> list["_FileCount"]:
        """Return the counts of one use, all locked by us; none where somebody still counts."""
        counts = []
        for name in names:
            path = self._directory / name
            descriptor = _locked(path, 0)
            if descriptor is None:
                return []
            counts.append(self._count(descriptor, path))
            opened.callback(counts[-1].drop)
        return counts

    def _count(self, descriptor: int, path: Path) -> "_FileCount":
        return _FileCount(descriptor, path, self._syncs, self._steps, self._monotonic)


class _FileCount:
    """Implements ``evidence.ports.Count`` over one open, locked file."""

    def __init__(
        self,
        descriptor: int,
        path: Path,
        syncs: Syncs,
        steps: Steps,
        monotonic: Callable[[], float],
    ) -> None:
        self._descriptor: int | None = descriptor
        self.grant, self.after = _use(path.name)
        self._path = path
        self._syncs = syncs
        self._steps = steps
        self._monotonic = monotonic
        self._synced = monotonic()

    def parts(self) -> Mapping[int, tuple[int, int]]:
        """See ``evidence.ports.Count``."""
        with mapped(self._path):
            data = os.pread(self._open(), SPAN_LIMIT * _CELL.size, 0)
        whole = data[: len(data) // _CELL.size * _CELL.size]  # a cut cell was never acknowledged
        return {part: cell for part, cell in enumerate(_CELL.iter_unpack(whole)) if cell[0]}

    def leaving(self, part: int, slices: int, size: int) -> None:
        """See ``evidence.ports.Count``."""
        if not 0 <= part < SPAN_LIMIT:
            raise VaultUnavailableError("meter_part", part=part, limit=SPAN_LIMIT)
        with mapped(self._path):
            os.pwrite(self._open(), _CELL.pack(slices, size), part * _CELL.size)
        now = self._monotonic()
        if now - self._synced >= SYNC_EVERY_S:
            with self._steps("meter.sync"):
                self._syncs.file(self._open(), self._path)
            self._synced = now

    def end(self) -> None:
        """See ``evidence.ports.Count``.

        Not made durable: a count that comes back after a power cut finds its use closed.
        """
        with self._steps("meter.end"), mapped(self._path):
            self._path.unlink(missing_ok=True)
        self.drop()

    def drop(self) -> None:
        """See ``evidence.ports.Count``."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self) -> None:
        """Let go of a count that its owner has lost: else nobody could close what it counts."""
        self.drop()

    def _open(self) -> int:
        if self._descriptor is None:
            raise VaultUnavailableError("meter_ended", path=str(self._path))
        return self._descriptor


class _Several:
    """Counts that began after the same entry, of which at most one was opened, as one."""

    def __init__(self, counts: list[_FileCount]) -> None:
        self.grant, self.after = counts[0].grant, counts[0].after
        self._counts = counts

    def parts(self) -> Mapping[int, tuple[int, int]]:
        """See ``evidence.ports.Count``: the larger counts."""
        largest: dict[int, tuple[int, int]] = {}
        for count in self._counts:
            for part, cell in count.parts().items():
                largest[part] = max(cell, largest.get(part, cell))
        return largest

    def leaving(self, part: int, slices: int, size: int) -> None:
        """See ``evidence.ports.Count``."""
        self._counts[0].leaving(part, slices, size)

    def end(self) -> None:
        """See ``evidence.ports.Count``."""
        for count in self._counts:
            count.end()

    def drop(self) -> None:
        """See ``evidence.ports.Count``."""
        for count in self._counts:
            count.drop()


def _use(name: str) -> Use:
    """Return the use that a file counts; raise for a name that is none of ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise VaultUnavailableError("not_a_file", path=name)
    return f"g:{match['grant']}", int(match["after"])


def _is_locked(path: Path) -> bool:
    """Return whether somebody has locked a file.  A lock that others share is let go of at once."""
    with mapped(path), ExitStack() as opened:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        opened.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _locked(path: Path, flags: int) -> int | None:
    """Open a file and lock it; None where somebody else has it, or it is gone."""
    with mapped(path), ExitStack() as until_locked:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | flags, _FILE_MODE)
        except FileNotFoundError:
            return None
        until_locked.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        if os.fstat(descriptor).st_nlink == 0:  # ended between the two calls
            return None
        until_locked.pop_all()
        return descriptor

"""A file on its way into the vault: written past the page cache where the file system allows it.

Direct writes keep the bytes of a whole shift out of the page cache (and were measured 14-35 %
faster than buffered ones, notes/performance.md A2); where ``O_DIRECT`` is refused (tmpfs, some
FUSE), everything goes buffered, and the read-back drops the cache first.
"""

import errno
import fcntl
import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path

from evidence.digest import BUFFERS, Chunk
from evidence.errors import VaultError
from vault.durable import Syncs, mapped

BLOCK_BYTES = 2 * 1024 * 1024  # of one write or read, and of each buffer
ALIGN_BYTES = 4096  # what direct I/O wants of offsets, lengths and addresses
ASK_BYTES = 16 * 1024 * 1024  # of one file between two looks whether the reserve is whole
STRAIGHT_BYTES = 256 * 1024  # a chunk this long is written from where it lies


class StagedFile:
    """Implements ``evidence.staging.Staged`` over one locked file of the staging."""

    def __init__(
        self, path: Path, descriptor: int, syncs: Syncs, check_room: Callable[[int], None]
    ) -> None:
        """Take over a locked descriptor; ``check_room`` raises where the reserve is touched."""
        self.name = path.name
        self._check_room = check_room
        self._unasked = 0  # bytes written since it was asked
        self._path = path
        self._syncs = syncs
        self._descriptor = descriptor
        self._buffer: mmap.mmap | None = None  # while something is in it; page-aligned
        self._filled = 0
        with mapped(path):
            kept = os.fstat(descriptor).st_size
            # Direct writes go on at an aligned offset; the rest is read from the recorder anyway.
            self._written = kept - kept % ALIGN_BYTES
            os.ftruncate(descriptor, self._written)
        self._direct = _set_direct(descriptor, on=True)

    @property
    def length(self) -> int:
        """See ``evidence.staging.Staged``."""
        return self._written + self._filled

    def append(self, chunk: Chunk) -> None:
        """See ``evidence.staging.Staged``."""
        rest = memoryview(chunk)
        if not self._filled and len(rest) >= STRAIGHT_BYTES and self._direct:
            whole = len(rest) - len(rest) % ALIGN_BYTES
            self._write(rest[:whole])
            rest = rest[whole:]
        while rest:  # each round takes at least one byte of the chunk
            rest = rest[self._fill(rest) :]

    def truncate(self, length: int) -> None:
        """See ``evidence.staging.Staged``."""
        self._flush()
        kept = length - length % ALIGN_BYTES
        tail = self.read(kept, length - kept)
        with mapped(self._path):
            os.ftruncate(self._descriptor, kept)
        self._written = kept
        self._direct = _set_direct(self._descriptor, on=True)
        self.append(tail)

    def sync(self) -> None:
        """See ``evidence.staging.Staged``."""
        self._flush()
        self._buffer = None  # many staged files may wait for their seal
        self._syncs.file(self._descriptor, self._path)
        self._syncs.directory(self._path.parent)

    def read(self, offset: int, length: int) -> bytes:
        """See ``evidence.staging.Staged``; what is still in the buffer is written first."""
        if offset + length > self._written and self._filled:
            self._flush()
        with mapped(self._path), self._path.open("rb", buffering=0) as file:
            return os.pread(file.fileno(), length, offset)

    def read_back(self) -> Iterator[memoryview]:
        """See ``evidence.staging.Staged``."""
        yield from read_past_cache(self._path)

    def discard(self) -> None:
        """See ``evidence.staging.Staged``."""
        with mapped(self._path):
            self._path.unlink(missing_ok=True)
        self._syncs.directory(self._path.parent)

    def close(self) -> None:
        """See ``evidence.staging.Staged``; unlocks it."""
        if self._descriptor < 0:
            return
        descriptor = self._descriptor
        try:
            with suppress(VaultError):
                # Best effort: what is not written is read from the recorder again.
                self._flush()
        finally:
            self._descriptor = -1
            os.close(descriptor)

    def _fill(self, view: memoryview) -> int:
        """Take into the buffer what fits, and write it when it is full; return how many bytes."""
        if self._buffer is None:
            self._buffer = mmap.mmap(-1, BLOCK_BYTES)
        taken = min(len(view), BLOCK_BYTES - self._filled)
        self._buffer[self._filled : self._filled + taken] = view[:taken]
        self._filled += taken
        if self._filled == BLOCK_BYTES:
            self._flush()
        return taken

    def _flush(self) -> None:
        """Write the buffer.  Its tail, if no multiple of a block, goes through the page cache."""
        if self._buffer is None:
            return
        aligned = self._filled - self._filled % ALIGN_BYTES
        view = memoryview(self._buffer)[: self._filled]
        if self._direct:
            self._write(view[:aligned])
            view = view[aligned:]
        if view:
            self._go_buffered()
            self._write(view)
        self._filled = 0

    def _write(self, view: memoryview) -> None:
        """Write all of ``view``; a short direct write is completed through the page cache."""
        self._unasked += len(view)
        if self._unasked >= ASK_BYTES:  # other slots write too: each has found room for its own
            self._unasked = 0
            self._check_room(0)
        while view:  # each round writes at least one byte or raises
            count = self._write_once(view)
            self._written += count
            view = view[count:]
            if count % ALIGN_BYTES:
                self._go_buffered()

    def _write_once(self, view: memoryview) -> int:
        with mapped(self._path):
            try:
                return os.pwrite(self._descriptor, view, self._written)
            except OSError as error:
                if not self._direct or error.errno != errno.EINVAL:
                    raise
                # Not directly, from this address or at all on this device: through the page cache.
                self._go_buffered()
                return os.pwrite(self._descriptor, view, self._written)

    def _go_buffered(self) -> None:
        if self._direct:
            self._direct = _set_direct(self._descriptor, on=False)


def read_past_cache(path: Path) -> Iterator[memoryview]:
    """Yield the bytes of a file as its medium has them, in views valid as ``read_back`` says.

    Direct reads where they are allowed; else the cached pages, which must be clean, are dropped.
    """
    with mapped(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        direct = _set_direct(descriptor, on=True)
        size = _size_dropping_cache(descriptor, path)
        offset = 0
        for buffer in cycle(_buffers()):
            count = _read_into(descriptor, buffer, offset, path) if offset < size else 0
            if not count:
                break  # or it was cut while we read; the digest will say so
            yield buffer[:count]
            offset += count
            if direct and offset % ALIGN_BYTES:
                direct = _set_direct(descriptor, on=False)
    finally:
        os.close(descriptor)


def _buffers() -> list[memoryview]:
    """Return page-aligned memory for one reading."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    memory = mmap.mmap(-1, BUFFERS * BLOCK_BYTES, flags=flags)
    with suppress(OSError):  # a kernel without huge pages: two thousand faults instead of four
        memory.madvise(mmap.MADV_HUGEPAGE)
    view = memoryview(memory)
    return [view[start : start + BLOCK_BYTES] for start in range(0, len(view), BLOCK_BYTES)]


def _size_dropping_cache(descriptor: int, path: Path) -> int:
    with mapped(path):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        return os.fstat(descriptor).st_size


def _read_into(descriptor: int, buffer: memoryview, offset: int, path: Path) -> int:
    with mapped(path):
        return os.preadv(descriptor, [buffer], offset)


def _set_direct(descriptor: int, *, on: bool) -> bool:
    """Switch direct I/O; return whether it is on now."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    wanted = flags | os.O_DIRECT if on else flags & ~os.O_DIRECT
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, wanted)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return False
    return on

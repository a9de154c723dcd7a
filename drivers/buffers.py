"""Where the bytes of a recorder lie while they are digested and written."""

import itertools
import mmap
from collections.abc import Iterator
from contextlib import suppress

from evidence.digest import BUFFERS

CHUNK_BYTES = 2 << 20


def buffers() -> Iterator[memoryview]:
    """Yield ``BUFFERS`` buffers of ``CHUNK_BYTES`` in turns, for ever: one is filled beside others.

    Page-aligned, so that the vault writes from them directly; each reading has its own, and no
    page is used before it is filled.
    """
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    memory = mmap.mmap(-1, BUFFERS * CHUNK_BYTES, flags=flags)
    with suppress(OSError):  # a kernel without huge pages: two thousand faults instead of four
        memory.madvise(mmap.MADV_HUGEPAGE)
    view = memoryview(memory)
    starts = range(0, len(view), CHUNK_BYTES)
    yield from itertools.cycle([view[start : start + CHUNK_BYTES] for start in starts])

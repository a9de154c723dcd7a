"""Where the bytes of a recorder lie while they are digested and written."""

import itertools
import mmap
from collections.abc import Iterator

CHUNK_BYTES = 2 << 20


def two_buffers() -> Iterator[memoryview]:
    """Yield two buffers of ``CHUNK_BYTES`` in turns, for ever: the next is filled beside the last.

    Page-aligned, so that the vault writes from them directly; each reading has its own, and no
    page is used before it is filled.
    """
    yield from itertools.cycle([memoryview(mmap.mmap(-1, CHUNK_BYTES)) for _ in range(2)])

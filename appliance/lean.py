"""Gives back the memory that only the start of a process needed."""

import ctypes
import re
from pathlib import Path
from typing import Final

MADV_DONTNEED: Final = 4
M_ARENA_MAX: Final = -8
# A mapping that is not written to: where it lies, its rights, and the file behind it.
MAPPING: Final = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \S+ +/")
CHANGED: Final = re.compile(r"^Anonymous: +(\d+) kB$")


def let_go_of_start() -> None:
    """Unmap code and constants that have been used; what is needed again comes from the page cache.

    Only mappings of which no page was ever changed: those that the loader has written into, such
    as tables of addresses, would come back unwritten.  Source: ``madvise(2)``, ``proc(5)``.
    """
    library = ctypes.CDLL(None)
    trim = getattr(library, "malloc_trim", None)  # of the GNU C library only
    if trim is not None:
        trim(0)
    where: tuple[int, int] | None = None
    for line in Path("/proc/self/smaps").read_text("utf-8", errors="replace").split("\n"):
        mapping = MAPPING.match(line)
        changed = CHANGED.match(line)
        if mapping:
            where = int(mapping[1], 16), int(mapping[2], 16)
        elif changed and where:
            if changed[1] == "0":
                start, end = where
                library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_DONTNEED)
            where = None


def keep_one_heap() -> None:
    """Let all threads share one heap, for a process that reads in one thread and sends in another.

    With heaps of their own, each would keep room for the most that it ever held.  To be called
    before there are threads.  Source: ``mallopt(3)``.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # of the GNU C library only
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)

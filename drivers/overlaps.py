"""Which files of a volume claim the same bytes.  Pure."""

from collections.abc import Iterable

from evidence.recorders import FileEntry

SHARED = "overlap"  # the code of the finding


def overlapping(files: Iterable[FileEntry]) -> frozenset[int]:
    """Return the handles of all files that share a byte of the device with another, or with itself.

    One pass over the extents in the order of the device: the one that reaches furthest so far is
    all that a later one can collide with first.
    """
    runs = sorted(
        (extent.offset, extent.offset + extent.length, file.handle)
        for file in files
        for extent in file.extents
    )
    shared: set[int] = set()
    reach, owner = -1, -1
    for start, end, handle in runs:
        if start < reach:
            shared |= {owner, handle}
        if end > reach:
            reach, owner = end, handle
    return frozenset(shared)

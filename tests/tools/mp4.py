"""Surgery on MP4 files: take boxes out, move them, lie in them.

Source: ISO/IEC 14496-12, 4.2 (a box is a 32 bit size, a type, and for size 1 a 64 bit size).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex")


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies: offset, length of its header and whole size, in bytes."""

    kind: bytes
    offset: int
    header: int
    size: int

    @property
    def end(self) -> int:
        """Offset of the first byte behind it."""
        return self.offset + self.size


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes of one level."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        box = Box(kind, start, header, size or end - start)
        yield box
        start = box.end


def everywhere(data: bytes, kind: bytes, within: Box | None = None) -> Iterator[Box]:
    """Yield all boxes of a kind, at every depth."""
    inside = (within.offset + within.header, within.end) if within else (0, len(data))
    for box in boxes(data, *inside):
        if box.kind == kind:
            yield box
        if box.kind in CONTAINERS:
            yield from everywhere(data, kind, box)


def find(data: bytes, kind: bytes) -> Box:
    """Return the first box of a kind; LookupError if there is none."""
    for box in everywhere(data, kind):
        return box
    raise LookupError(kind)


def make(kind: bytes, body: bytes) -> bytes:
    """Return a box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def without(data: bytes, kind: bytes) -> bytes:
    """Take the first top box of a kind out; what lies behind it moves up."""
    box = find(data, kind)
    return data[: box.offset] + data[box.end :]


def faststart(data: bytes) -> bytes:
    """Move the index to the front, as a recorder that reserves room for it does."""
    moov, mdat = find(data, b"moov"), find(data, b"mdat")
    if moov.offset < mdat.offset:
        return data
    index = shifted(data[moov.offset : moov.end], moov.size)
    return data[: mdat.offset] + index + data[mdat.offset : moov.offset] + data[moov.end :]


def shifted(data: bytes, by: int) -> bytes:
    """Add ``by`` bytes to every chunk offset (stco)."""
    out = bytearray(data)
    for box in everywhere(data, b"stco"):
        count = struct.unpack_from(">I", data, box.offset + 12)[0]
        table = struct.Struct(f">{count}I")
        offsets = table.unpack_from(data, box.offset + 16)
        table.pack_into(out, box.offset + 16, *(offset + by for offset in offsets))
    return bytes(out)


def large_mdat(data: bytes) -> bytes:
    """Write the size of mdat in 64 bits, though it is small; the index comes after it."""
    mdat, moov = find(data, b"mdat"), find(data, b"moov")
    media = data[mdat.offset + mdat.header : mdat.end]
    extra = 16 - mdat.header
    head = struct.pack(">I4sQ", 1, b"mdat", 16 + len(media))
    between = data[mdat.end : moov.offset]
    return data[: mdat.offset] + head + media + between + shifted(data[moov.offset :], extra)


def patched(data: bytes, offset: int, new: bytes) -> bytes:
    """Overwrite some bytes."""
    return data[:offset] + new + data[offset + len(new) :]

"""Boxes of the ISO base media file format, found without believing them.

A box is a 32 bit size, a type of four characters, and for size 1 a 64 bit size; size 0 reaches to
the end (ISO/IEC 14496-12, 4.2).  Nothing here recurses: a caller names the path that it walks, so
boxes nested without end cost nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from
from typing import Final

from evidence.errors import ParserError
from evidence.ports import Source

BLOCK_BYTES: Final = 16 * 1024  # one question to the parent; a fragment's index fits into it
TOP_LIMIT: Final = 200_000  # boxes of the outermost level: 27 hours of fragments of one second
CHILD_LIMIT: Final = 4_096  # boxes within one box
SHORT_HEADER: Final = 8
LONG_HEADER: Final = 16


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the outermost level: where it begins, its header and what it claims, in bytes."""

    kind: bytes
    offset: int
    header: int
    size: int

    @property
    def end(self) -> int:
        """Return the offset behind its last byte, as it claims."""
        return self.offset + self.size

    @property
    def body(self) -> int:
        """Return the offset of its first byte behind the header."""
        return self.offset + self.header


class Window:
    """Small reads of a source, answered from the block last asked for."""

    def __init__(self, source: Source) -> None:
        self.size = source.size
        self._source = source
        self._at = 0
        self._block = b""

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes; fewer only at the end."""
        start = offset - self._at
        if not 0 <= start <= start + length <= len(self._block):
            if length >= BLOCK_BYTES:
                return self._source.read(offset, length)
            self._at, start = offset, 0
            self._block = self._source.read(offset, BLOCK_BYTES)
        return self._block[start : start + length]


def top_boxes(window: Window) -> Iterator[Box]:
    """Yield the boxes of the outermost level until one is none, or claims to pass the end.

    The last one yielded tells how it ended: ``end`` is the size of the file when all is well.
    """
    offset = 0
    for _ in range(TOP_LIMIT):
        box = _box_at(window, offset)
        if box is None:
            return
        yield box
        offset = box.end
        if offset >= window.size:
            return
    raise ParserError("parser_refused", because="too_many_boxes")


def _box_at(window: Window, offset: int) -> Box | None:
    head = window.read(offset, LONG_HEADER)
    if len(head) < SHORT_HEADER:
        return None
    size, kind = unpack_from(">I4s", head)
    header = SHORT_HEADER
    if size == 1 and len(head) == LONG_HEADER:
        (size,) = unpack_from(">Q", head, SHORT_HEADER)
        header = LONG_HEADER
    elif size == 0:
        size = window.size - offset
    if size < header or not is_type(kind):
        return None
    return Box(kind, offset, header, size)


def is_type(kind: bytes) -> bool:
    """Whether four bytes can be the type of a box: printable, or Apple's copyright sign first."""
    return all(0x20 <= one < 0x7F or one == 0xA9 for one in kind)  # noqa: PLR2004 - ASCII


def children(view: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield type and body of each box within a body.

    Raises ``ParserError`` ``parser_refused`` (``box_size``, ``too_many_boxes``) when one claims
    less than its header or more than its parent has.
    """
    offset = 0
    for _ in range(CHILD_LIMIT):
        if len(view) - offset < SHORT_HEADER:
            return  # QuickTime ends lists with four zero bytes; less than a header is padding
        size, kind = unpack_from(">I4s", view, offset)
        header = SHORT_HEADER
        if size == 1 and len(view) - offset >= LONG_HEADER:
            (size,) = unpack_from(">Q", view, offset + SHORT_HEADER)
            header = LONG_HEADER
        if not header <= size <= len(view) - offset:
            raise ParserError("parser_refused", because="box_size")
        yield bytes(kind), view[offset + header : offset + size]
        offset += size
    raise ParserError("parser_refused", because="too_many_boxes")


def first_children(view: memoryview) -> dict[bytes, memoryview]:
    """Return the first child of each type."""
    found: dict[bytes, memoryview] = {}
    for kind, body in children(view):
        found.setdefault(kind, body)
    return found


def version(body: memoryview) -> int:
    """Return the version of a full box; one without a body counts as the first."""
    return body[0] if len(body) else 0

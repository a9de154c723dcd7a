"""Files that need no library: empty ones, text, photos by their header, and all that is unknown.

A picture is never decoded here: its header tells what it is, and its digest proves it.
Source: ITU-T T.81 (JPEG markers), PNG 3rd edition 11.2, EXIF 2.32 (tags 0x9003 and 0x9011).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from struct import error as StructError  # noqa: N812 - the one exception of a module of functions
from struct import unpack_from
from typing import Final

from evidence.findings import Finding
from evidence.json import JsonObject
from evidence.ports import Source
from ingest.answer import answer, note, track

PARSER: Final = "plain/1"
HEAD_BYTES: Final = 256 * 1024  # EXIF with a thumbnail is at most 64 KiB; profiles may follow it
TAIL_BYTES: Final = 64 * 1024
MARKER_LIMIT: Final = 256
TAG_LIMIT: Final = 256  # of one EXIF directory

START_OF_SCAN: Final = 0xDA
APP1: Final = 0xE1
# Start of frame: all of C0-CF but the tables DHT, JPG and DAC.
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
EXIF_IFD, TAKEN_AT, TAKEN_ZONE = 0x8769, 0x9003, 0x9011
PNG_END: Final = b"IEND\xaeB`\x82"
CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_plain(source: Source) -> JsonObject:
    """Return the answer for a file that is neither film nor sound."""
    if not source.size:
        return answer("empty", None, PARSER, noted=[note(Finding.EMPTY)])
    head = source.read(0, HEAD_BYTES)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(source, head)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(source, head)
    return answer("log" if is_text(head) else "unknown", None, PARSER)


def is_text(head: bytes) -> bool:
    """Whether these first bytes are lines that a person can read: UTF-8 or GBK, no controls."""
    if CONTROLS.search(head):
        return False
    return any(_decodes(head, encoding) for encoding in ("utf-8", "gbk"))


def _decodes(head: bytes, encoding: str) -> bool:
    """Whether all but a character cut at the very end decodes."""
    for cut in range(4):
        try:
            head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _jpeg(source: Source, head: bytes) -> JsonObject:
    width = height = created = None
    noted = []
    try:
        for marker, body in _segments(head):
            if marker in FRAMES and width is None:
                height, width = unpack_from(">HH", body, 1)
            elif marker == APP1 and body.startswith(b"Exif\0\0"):
                created = _taken(body[6:])
    except StructError:
        noted.append(note(Finding.DAMAGED, because="marker"))
    if not _ends_with(source, b"\xff\xd9"):
        noted.append(note(Finding.TRUNCATED))
    picture = track("video", "mjpeg", 1, width=width or None, height=height or None)
    return answer("photo", "jpeg", PARSER, created_ms=created, tracks=[picture], noted=noted)


def _segments(head: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and body of each segment before the compressed picture begins."""
    offset = 2
    for _ in range(MARKER_LIMIT):
        sign, marker, length = unpack_from(">BBH", head, offset)
        if sign != 0xFF or length < 2:  # noqa: PLR2004 - every marker, and its own length
            raise StructError
        if marker == START_OF_SCAN:
            return
        yield marker, head[offset + 4 : offset + 2 + length]
        offset += 2 + length


def _taken(tiff: bytes) -> int | None:
    """Return DateTimeOriginal in ms since 1970, where OffsetTimeOriginal says in which zone.

    Without a zone it is some local time, and this side knows none: then nothing is claimed.
    """
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        (first,) = unpack_from(order + "I", tiff, 4)
        below = dict(_tags(tiff, order, first)).get(EXIF_IFD)
        found = dict(_tags(tiff, order, below)) if below else {}
        taken, zone = (_text(tiff, found.get(tag)) for tag in (TAKEN_AT, TAKEN_ZONE))
        if not taken or not zone:
            return None
        when = datetime.fromisoformat(taken[:10].replace(":", "-") + taken[10:19] + zone[:6])
        return int(when.astimezone(UTC).timestamp()) * 1000
    except (KeyError, StructError, ValueError, OverflowError):
        return None  # a claim that cannot be read is none


def _tags(tiff: bytes, order: str, offset: int) -> Iterator[tuple[int, int]]:
    """Yield tag and value (or offset of the value) of each entry of a directory."""
    (count,) = unpack_from(order + "H", tiff, offset)
    for number in range(min(count, TAG_LIMIT)):
        tag, _, _, value = unpack_from(order + "HHII", tiff, offset + 2 + 12 * number)
        yield tag, value


def _text(tiff: bytes, offset: int | None) -> str:
    if offset is None:
        return ""
    return tiff[offset : offset + 20].split(b"\0")[0].decode("ascii")


def _png(source: Source, head: bytes) -> JsonObject:
    width = height = None
    if head[12:16] == b"IHDR" and len(head) >= 24:  # noqa: PLR2004 - signature, header, two sizes
        width, height = unpack_from(">II", head, 16)
    noted = [] if _ends_with(source, PNG_END) else [note(Finding.TRUNCATED)]
    picture = track("video", "png", 1, width=width or None, height=height or None)
    return answer("photo", "png", PARSER, tracks=[picture], noted=noted)


def _ends_with(source: Source, end: bytes) -> bool:
    """Whether the file ends with ``end``; recorders leave zeros behind it."""
    tail = source.read(max(0, source.size - TAIL_BYTES), TAIL_BYTES)
    return tail.rstrip(b"\0").endswith(end.rstrip(b"\0"))

"""Directory entries of FAT and exFAT, byte by byte.  Pure; runs in the fenced child.

TSK replaces what it cannot show in a name, converts times with the zone of its process and skips
entries that it finds implausible (a claim of 4 GiB in a volume of 1 MB).  Evidence needs the raw
name, the unconverted time and every entry, so they are decoded here.  Sources: Microsoft "FAT:
General Overview of On-Disk Format" 1.03; "exFAT file system specification" sections 6 and 7.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SIZE = 32  # bytes of one entry
DELETED = 0xE5
LONG_NAME = 0x0F
VOLUME_LABEL = 0x08
DIRECTORY = 0x10
MAX_LONG_PARTS = 20  # 255 characters, 13 in each part
IN_USE = 0x80  # exFAT
EXFAT_FILE, EXFAT_STREAM, EXFAT_NAME = 0x85, 0xC0, 0xC1
EXFAT_BITMAP, EXFAT_UPCASE, EXFAT_LABEL = 0x81, 0x82, 0x83
SPECIAL = {EXFAT_BITMAP: "bitmap", EXFAT_UPCASE: "upcase", EXFAT_LABEL: "label"}
NO_CHAIN = 0x02
DOTS = (b".", b"..")


@dataclass(slots=True)
class Slot:
    """One directory entry.  ``position`` counts entries of 32 bytes from the directory's begin."""

    position: int
    raw: bytes  # UTF-8 where the medium has UTF-16 (lone surrogates pass), else its own bytes
    short: bool  # the name is an 8.3 name of no declared encoding
    kind: str  # "file", "directory", "label", "bitmap", "upcase"
    deleted: bool
    first: int  # cluster
    size: int
    valid: int  # bytes ever written (exFAT); the rest reads as zeros
    contiguous: bool = False
    modified: str | None = None  # as ``_time`` writes it
    created: str | None = None
    alias: bytes | None = None  # the 8.3 name beside a long one
    problems: list[str] = field(default_factory=list)


def decode_fat(data: bytes, *, wide: bool) -> Iterator[Slot]:
    """Yield the entries of a FAT directory; ``wide``: FAT32, whose clusters have 28 bits."""
    parts: list[bytes] = []
    for position in range(len(data) // SIZE):
        entry = data[position * SIZE : (position + 1) * SIZE]
        if entry[0] == 0:  # nothing in use lies beyond
            return
        if entry[11] & 0x3F == LONG_NAME:
            parts = [*parts[-MAX_LONG_PARTS + 1 :], entry]
            continue
        yield _fat_slot(position, entry, parts, wide=wide)
        parts = []


def _fat_slot(position: int, entry: bytes, parts: list[bytes], *, wide: bool) -> Slot:
    deleted = entry[0] == DELETED
    tenths, ctime, cdate, _, high, mtime, mdate, low, size = struct.unpack_from(
        "<BHHHHHHHI", entry, 13
    )
    alias = _short_name(entry)
    long = _long_name(entry, parts, deleted=deleted)
    slot = Slot(
        position=position,
        raw=long or alias,
        short=not long,
        kind=_fat_kind(entry[11]),
        deleted=deleted,
        first=low | (high << 16 if wide else 0),
        size=size,
        valid=size,
        modified=_time(mdate, mtime, 0, ""),
        created=_time(cdate, ctime, tenths, ""),
        alias=alias if long else None,
    )
    if parts and not long and not deleted:
        slot.problems.append("long_name_lost")
    return slot


def _fat_kind(attributes: int) -> str:
    if attributes & VOLUME_LABEL:
        return "label"
    return "directory" if attributes & DIRECTORY else "file"


def _short_name(entry: bytes) -> bytes:
    first = {0x05: b"\xe5", DELETED: b"?"}.get(entry[0], entry[:1])
    base, extension = (first + entry[1:8]).rstrip(b" "), entry[8:11].rstrip(b" ")
    # Windows NT keeps the case of an all-lower-case 8.3 name in two bits instead of a long name.
    base = base.lower() if entry[12] & 0x08 else base
    extension = extension.lower() if entry[12] & 0x10 else extension
    return base + b"." + extension if extension else base


def _long_name(entry: bytes, parts: list[bytes], *, deleted: bool) -> bytes | None:
    run = _deleted_run(parts) if deleted else _live_run(parts, _checksum(entry[:11]))
    units = b"".join(part[1:11] + part[14:26] + part[28:32] for part in reversed(run))
    return utf8(units, ended=True) or None


def _live_run(parts: list[bytes], checksum: int) -> list[bytes]:
    """Return the parts n | 0x40 … 1 right before the entry, or nothing if one does not fit."""
    count = next((back for back, part in enumerate(reversed(parts), 1) if part[0] & 0x40), 0)
    run = parts[-count:] if count else []
    numbers = [part[0] & 0x3F for part in run]
    fits = numbers == list(range(count, 0, -1)) and all(part[13] == checksum for part in run)
    return run if fits and not any(part[0] == DELETED for part in run) else []


def _deleted_run(parts: list[bytes]) -> list[bytes]:
    """Return the deleted parts right before the entry: numbers are gone, one checksum is left."""
    run: list[bytes] = []
    for part in reversed(parts):
        if part[0] != DELETED or (run and part[13] != run[-1][13]):
            break
        run.append(part)
    return run[::-1]


def _checksum(short: bytes) -> int:
    total = 0
    for byte in short:
        total = ((total >> 1 | total << 7) + byte) & 0xFF
    return total


def utf8(units: bytes, *, ended: bool) -> bytes:
    """Return UTF-16LE as UTF-8; lone surrogates pass as three bytes.

    ``ended``: a FAT name ends at its first NUL; an exFAT name has a length, so a NUL in it stays.
    """
    text = units[: len(units) // 2 * 2].decode("utf-16-le", "surrogatepass")
    return (text.split("\0")[0] if ended else text).encode("utf-8", "surrogatepass")


def decode_exfat(data: bytes) -> Iterator[Slot]:
    """Yield the entries of an exFAT directory; a deleted one has bit 7 of its types cleared."""
    position, count = 0, len(data) // SIZE
    while position < count:
        kind = data[position * SIZE]
        if kind == 0:
            return
        if kind | IN_USE == EXFAT_FILE:
            slot, used = _exfat_file(data, position, kind & IN_USE)
            if slot:
                yield slot
            position += used
            continue
        if kind in SPECIAL:
            yield _exfat_special(data[position * SIZE : (position + 1) * SIZE], position)
        position += 1


def _exfat_special(entry: bytes, position: int) -> Slot:
    label = entry[0] == EXFAT_LABEL
    raw = utf8(entry[2 : 2 + min(entry[1], 11) * 2], ended=False) if label else b""
    first, size = struct.unpack_from("<IQ", entry, 20)
    return Slot(position, raw, False, SPECIAL[entry[0]], False, first, size, size)  # noqa: FBT003 - short, deleted


def _exfat_file(data: bytes, position: int, in_use: int) -> tuple[Slot | None, int]:
    """Return one entry set as a slot (None if it has no stream) and how many entries it takes."""
    entry = data[position * SIZE : (position + 1) * SIZE]
    secondaries = _secondaries(data, position + 1, entry[1], in_use)
    stream = next((one for one in secondaries if one[0] & 0x7F == EXFAT_STREAM & 0x7F), None)
    if stream is None:
        return None, 1
    names = [one for one in secondaries if one[0] & 0x7F == EXFAT_NAME & 0x7F]
    valid, _, first, size = struct.unpack_from("<QIIQ", stream, 8)
    attributes, _, created, modified = struct.unpack_from("<HHII", entry, 4)
    raw = utf8(b"".join(name[2:32] for name in names)[: stream[3] * 2], ended=False)
    slot = Slot(
        position=position,
        raw=raw,
        short=False,
        kind="directory" if attributes & DIRECTORY else "file",
        deleted=not in_use,
        first=first,
        size=size,
        valid=min(valid, size),
        contiguous=bool(stream[1] & NO_CHAIN),
        modified=_time(modified >> 16, modified & 0xFFFF, entry[21], _zone(entry[23])),
        created=_time(created >> 16, created & 0xFFFF, entry[20], _zone(entry[22])),
    )
    whole = data[position * SIZE : (position + 1 + len(secondaries)) * SIZE]
    if in_use and (len(secondaries) != entry[1] or _set_checksum(whole) != _u16(entry, 2)):
        slot.problems.append("entry_checksum")
    return slot, 1 + len(secondaries)


def _secondaries(data: bytes, start: int, count: int, in_use: int) -> list[bytes]:
    found: list[bytes] = []
    for position in range(start, start + count):
        entry = data[position * SIZE : (position + 1) * SIZE]
        if len(entry) < SIZE or entry[0] & 0x40 == 0 or entry[0] & IN_USE != in_use:
            break
        found.append(entry)
    return found


def _set_checksum(whole: bytes) -> int:
    total = 0
    for index, byte in enumerate(whole):
        if index not in {2, 3}:
            total = ((total >> 1 | total << 15) + byte) & 0xFFFF
    return total


def _u16(entry: bytes, at: int) -> int:
    return int.from_bytes(entry[at : at + 2], "little")


def _zone(offset: int) -> str:
    """Return ``±HH:MM`` east of UTC (section 7.4.10: 7 bits, signed, quarters of an hour)."""
    if not offset & IN_USE:
        return ""  # FAT never says, exFAT may
    quarters = offset & 0x7F
    minutes = (quarters - 128 if quarters & 0x40 else quarters) * 15
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _time(date: int, time: int, tenths: int, zone: str) -> str | None:
    """Return the fields as they stand, ``YYYY-MM-DDTHH:MM:SS.mmm``, even if no such day exists."""
    if not date:
        return None
    day = f"{1980 + (date >> 9)}-{date >> 5 & 0xF:02}-{date & 0x1F:02}"
    seconds = (time & 0x1F) * 2 + tenths // 100
    return f"{day}T{time >> 11:02}:{time >> 5 & 0x3F:02}:{seconds:02}.{tenths % 100 * 10:03}{zone}"

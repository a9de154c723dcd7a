"""A small FAT32 writer: images for tests and the demo, made without root and without tools.

Lawful input gives a volume that ``fsck.vfat -n`` finds clean.  Unlawful names are written as asked.
Source: Microsoft, FAT32 File System Specification, 1.03.
"""

import struct
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from tests.tools.volumes import (
    FIRST_CLUSTER,
    SECTOR,
    Clusters,
    Layout,
    Node,
    RawName,
    VolumeFile,
    dos_time,
    modified,
    place_files,
    plant,
    spans,
    utf16,
    walk,
    write_content,
    write_mbr,
)

RESERVED = 32  # sectors before the first FAT
MIN_CLUSTERS = 65_525  # fewer would be FAT16
PARTITION = 2048  # sectors before the partition, where there is an MBR
END_OF_CHAIN = 0x0FFFFFFF
ENTRY = 32  # bytes of a directory entry
ATTR_LABEL, ATTR_DIRECTORY, ATTR_ARCHIVE, ATTR_LONG = 0x08, 0x10, 0x20, 0x0F
PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-~!#$%&'()@^`{}")
MAX_FILE = (1 << 32) - 1  # bytes


@dataclass(frozen=True, slots=True)
class _Geometry:
    start: int  # sectors before the file system
    cluster_sectors: int
    fat_sectors: int
    clusters: int

    @property
    def total_sectors(self) -> int:
        return RESERVED + 2 * self.fat_sectors + self.clusters * self.cluster_sectors

    @property
    def fat_offset(self) -> int:
        return (self.start + RESERVED) * SECTOR

    @property
    def heap_offset(self) -> int:
        return self.fat_offset + 2 * self.fat_sectors * SECTOR


def write_image(
    path: Path,
    files: Iterable[VolumeFile],
    *,
    volume_serial: int = 0x1A2B3C4D,
    label: str = "RECORDER",
    size_bytes: int | None = None,
    deleted: Iterable[VolumeFile] = (),
    cluster_bytes: int = 4096,
    free_clusters: int | None = None,
    partitioned: bool = False,
) -> Layout:
    """Write a FAT32 volume, sparse on disk, and say where everything lies.

    Without ``size_bytes`` and ``free_clusters`` it is the smallest lawful volume that holds the
    files.  ``partitioned`` puts an MBR before it.  ValueError if something does not fit.
    """
    root = plant([*files, *(replace(file, deleted=True) for file in deleted)])
    end = _place(root, cluster_bytes)
    fat = _chains(root, end)
    used = sum(1 for value in fat[FIRST_CLUSTER:] if value)
    least = max(MIN_CLUSTERS, end - FIRST_CLUSTER)
    wanted = least if free_clusters is None else used + free_clusters
    shape = _geometry(wanted, cluster_bytes, size_bytes, PARTITION if partitioned else 0)
    if shape.clusters < least:
        raise ValueError(shape.clusters)
    free = shape.clusters - used
    with path.open("wb") as out:
        out.truncate(size_bytes or (shape.start + shape.total_sectors) * SECTOR)
        if partitioned:
            write_mbr(out, 0x0C, PARTITION, shape.total_sectors)
        _write_boot(out, shape, volume_serial, label, (free, end))
        _write_fats(out, shape, fat)
        for node in walk(root):
            _write_node(out, node, shape, label)
    return Layout(
        path, root, shape.start * SECTOR, shape.fat_offset, shape.heap_offset,
        cluster_bytes, shape.clusters, free,
    )  # fmt: skip


# --- where things lie -----------------------------------------------------------------------


def _place(root: Node, cluster_bytes: int) -> int:
    """Place directories, then files; return the number of the first cluster never given."""
    clusters = Clusters()
    for node in walk(root):
        if node.file is None:
            _place_directory(node, clusters, cluster_bytes)
        elif node.size > MAX_FILE:
            raise ValueError(node.name)
    place_files(root, clusters, cluster_bytes)
    return clusters.next


def _place_directory(node: Node, clusters: Clusters, cluster_bytes: int) -> None:
    entries = 2 + sum(1 + long_entries(child) for child in node.children)
    node.runs = clusters.take_bytes(entries * ENTRY, cluster_bytes)
    node.size = node.runs[0].count * cluster_bytes


def long_entries(node: Node) -> int:
    """Return how many long name entries stand before the short one."""
    return -(-len(_units(node)) // 13)


def _chains(root: Node, end: int) -> "array[int]":
    """Return the FAT up to the last cluster ever given; freed chains are zero."""
    fat = array("I", bytes(4 * end))
    fat[0], fat[1] = 0x0FFFFFF8, END_OF_CHAIN
    for node in walk(root):
        if node.freed or not node.runs:
            continue
        chain = [run.first + i for run in node.runs for i in range(run.count)]
        for here, there in zip(chain, [*chain[1:], END_OF_CHAIN], strict=True):
            fat[here] = there
    return fat


def _geometry(clusters: int, cluster_bytes: int, size: int | None, start: int) -> _Geometry:
    per_cluster = cluster_bytes // SECTOR
    if size is not None:
        sectors = size // SECTOR - start - RESERVED
        # Each cluster costs its sectors and eight bytes in the two FATs.
        clusters = (sectors * SECTOR - 4 * SECTOR) // (cluster_bytes + 8)
    fat_sectors = -(-(clusters + FIRST_CLUSTER) * 4 // SECTOR)
    return _Geometry(start, per_cluster, fat_sectors, clusters)


# --- the sectors before the heap ------------------------------------------------------------


def _write_boot(
    out: BinaryIO, shape: _Geometry, serial: int, label: str, counts: tuple[int, int]
) -> None:
    boot = struct.pack(
        "<3s8sHBHBHHBHHHIIIHHIHH12sBBBI11s8s",
        b"\xeb\x58\x90", b"DOCKSEAL", SECTOR, shape.cluster_sectors, RESERVED, 2, 0, 0, 0xF8, 0,
        63, 255, shape.start, shape.total_sectors, shape.fat_sectors, 0, 0, FIRST_CLUSTER, 1, 6,
        bytes(12), 0x80, 0, 0x29, serial, _label(label), b"FAT32   ",
    )  # fmt: skip
    boot = boot.ljust(510, b"\0") + b"\x55\xaa"
    info = b"RRaA".ljust(484, b"\0") + b"rrAa" + struct.pack("<II", *counts)
    info = info.ljust(508, b"\0") + b"\0\0\x55\xaa"
    third = bytes(510) + b"\x55\xaa"
    for copy in (0, 6):
        out.seek((shape.start + copy) * SECTOR)
        out.write(boot + info + third)


def _label(label: str) -> bytes:
    return (label.upper() or "NO NAME").encode("ascii").ljust(11)[:11]


def _write_fats(out: BinaryIO, shape: _Geometry, fat: "array[int]") -> None:
    table = struct.pack(f"<{len(fat)}I", *fat)
    for copy in range(2):
        out.seek(shape.fat_offset + copy * shape.fat_sectors * SECTOR)
        out.write(table)


# --- directories and files ------------------------------------------------------------------


def _write_node(out: BinaryIO, node: Node, shape: _Geometry, label: str) -> None:
    cluster_bytes = shape.cluster_sectors * SECTOR
    heap = shape.heap_offset
    if node.file is None:
        offset = heap + (node.first_cluster - FIRST_CLUSTER) * cluster_bytes
        out.seek(offset)
        out.write(b"".join(_directory(node, offset, label)))
    elif not node.file.overwritten:
        write_content(out, node.file.content, spans(node.runs, node.size, heap, cluster_bytes))


def _directory(node: Node, offset: int, label: str) -> Iterator[bytes]:
    """Yield the entries of a directory; each child learns where its own entry begins."""
    taken: set[bytes] = set()
    if node.parent is None:
        first = _entry(_label(label), ATTR_LABEL, node, cluster=0, size=0) if label else b""
    else:
        above = node.parent.first_cluster if node.parent.parent else 0
        first = _entry(b".".ljust(11), ATTR_DIRECTORY, node, node.first_cluster, 0)
        first += _entry(b"..".ljust(11), ATTR_DIRECTORY, node, above, 0)
    yield first
    offset += len(first)
    for child in node.children:
        short = _short_name(child, taken)
        taken.add(short)
        entries = _long_name(_units(child), short) + _child_entry(child, short)
        if child.freed:
            entries = _deleted(entries)
        child.entry_offset = offset
        yield entries
        offset += len(entries)


def _child_entry(child: Node, short: bytes) -> bytes:
    if child.file is None:
        return _entry(short, ATTR_DIRECTORY, child, child.first_cluster, 0)
    return _entry(short, ATTR_ARCHIVE, child, child.first_cluster, child.size)


def _entry(short: bytes, attributes: int, node: Node, cluster: int, size: int) -> bytes:
    changed, time, _ = dos_time(modified(node))
    born = node.file.created if node.file and node.file.created else modified(node)
    born_date, born_time, born_hundredths = dos_time(born)
    return struct.pack(
        "<11sBBBHHHHHHHI",
        short, attributes, 0, born_hundredths, born_time, born_date, changed,
        cluster >> 16, time, changed, cluster & 0xFFFF, size,
    )  # fmt: skip


def _deleted(entries: bytes) -> bytes:
    dead = bytearray(entries)
    for offset in range(0, len(dead), ENTRY):
        dead[offset] = 0xE5
    return bytes(dead)


# --- names ----------------------------------------------------------------------------------


def _units(node: Node) -> tuple[int, ...]:
    """UTF-16 code units of the long name; none where the short name says it all."""
    raw = node.file.raw_name if node.file else None
    if raw:
        return raw.units
    if _as_short(node.name):
        return ()
    return utf16(node.name)


def _as_short(name: str) -> bytes | None:
    """Return the 11 bytes of a name that is a lawful short name as it stands."""
    stem, dot, ext = name.rpartition(".") if "." in name else (name, "", "")
    data, tail = stem.encode("utf-8"), ext.encode("utf-8")
    if not 1 <= len(data) <= 8 or len(tail) > 3 or (dot and not tail):
        return None
    return data.ljust(8) + tail.ljust(3) if PLAIN.issuperset(data + tail) else None


def _short_name(node: Node, taken: set[bytes]) -> bytes:
    raw = (node.file.raw_name if node.file else None) or RawName()
    given = raw.short or (None if raw.units else _as_short(node.name))
    if given:
        return b"\x05" + given[1:] if given[0] == 0xE5 else given
    stem, _, ext = node.name.upper().rpartition(".") if "." in node.name else (node.name, "", "")
    base, tail = _plain(stem.upper()), _plain(ext)[:3]
    for number in range(1, 1_000_000):
        mark = b"~%d" % number
        short = (base[: 8 - len(mark)] + mark).ljust(8) + tail.ljust(3)
        if short not in taken:
            return short
    raise ValueError(node.name)


def _plain(text: str) -> bytes:
    data = text.replace(" ", "").replace(".", "").encode("ascii", "replace")
    return bytes(byte if byte in PLAIN else 0x5F for byte in data)


def _long_name(units: tuple[int, ...], short: bytes) -> bytes:
    """Return the long name entries, the last part of the name first."""
    if not units:
        return b""
    checksum = 0
    for byte in short:
        checksum = ((checksum >> 1 | checksum << 7) + byte) & 0xFF
    count = -(-len(units) // 13)
    padded = (*units, 0)[: 13 * count]
    padded += (0xFFFF,) * (13 * count - len(padded))
    parts = []
    for number in range(count, 0, -1):
        part = padded[13 * (number - 1) : 13 * number]
        order = number | (0x40 if number == count else 0)
        head = struct.pack("<B5HBBB", order, *part[:5], ATTR_LONG, 0, checksum)
        parts.append(head + struct.pack("<6HH2H", *part[5:11], 0, *part[11:]))
    return b"".join(parts)

"""A small exFAT writer with the same interface as ``fat32``.

Lawful input gives a volume that ``fsck.exfat -n`` finds clean.  Whole files are written contiguous
(NoFatChain); fragmented ones, directories and the system files with a chain in the FAT.
Source: Microsoft, exFAT File System Specification (section numbers below).
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from tests.tools import upcase
from tests.tools.volumes import (
    FIRST_CLUSTER,
    SECTOR,
    Clusters,
    Layout,
    Node,
    Run,
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

PARTITION = 2048  # sectors before the partition, where there is an MBR
FAT_SECTOR = 128  # of the volume
END_OF_CHAIN = 0xFFFFFFFF
ENTRY = 32  # bytes of a directory entry
MIN_CLUSTERS = 1024
ATTR_DIRECTORY, ATTR_ARCHIVE = 0x10, 0x20
ALLOCATED, NO_FAT_CHAIN = 0x01, 0x02
IN_USE = 0x80


@dataclass(frozen=True, slots=True)
class _Volume:
    """What the writing functions need to know."""

    start: int  # sectors before the volume
    cluster_bytes: int
    clusters: int
    serial: int
    label: str
    zone: int  # byte of UTC offset
    bitmap: Run
    table: Run

    @property
    def fat_sectors(self) -> int:
        return -(-(self.clusters + FIRST_CLUSTER) * 4 // SECTOR)

    @property
    def heap_sector(self) -> int:
        per_cluster = self.cluster_bytes // SECTOR
        return -(-(FAT_SECTOR + self.fat_sectors) // per_cluster) * per_cluster

    @property
    def sectors(self) -> int:
        return self.heap_sector + self.clusters * self.cluster_bytes // SECTOR

    def offset(self, cluster: int) -> int:
        """Offset of a cluster in the image, in bytes."""
        heap = (self.start + self.heap_sector) * SECTOR
        return heap + (cluster - FIRST_CLUSTER) * self.cluster_bytes


def write_image(
    path: Path,
    files: Iterable[VolumeFile],
    *,
    volume_serial: int = 0x5E6F7A8B,
    label: str = "RECORDER",
    size_bytes: int | None = None,
    deleted: Iterable[VolumeFile] = (),
    cluster_bytes: int = 4096,
    free_clusters: int | None = None,
    partitioned: bool = False,
    utc_offset_minutes: int | None = None,
) -> Layout:
    """Write an exFAT volume, sparse on disk, and say where everything lies.

    Without ``size_bytes`` and ``free_clusters`` it is as large as the files, and 1024 clusters
    more.  ``utc_offset_minutes`` (a multiple of 15) goes into every time field; None leaves it
    unsaid, as many recorders do.  ValueError if something does not fit.
    """
    root = plant([*files, *(replace(file, deleted=True) for file in deleted)])
    start = PARTITION if partitioned else 0
    room = None if size_bytes is None else size_bytes - start * SECTOR
    count = _cluster_count(root, cluster_bytes, room, free_clusters)
    clusters, bitmap, table = _place(root, cluster_bytes, -(-count // 8))
    if clusters.next - FIRST_CLUSTER > count:
        raise ValueError(count)
    zone = 0 if utc_offset_minutes is None else 0x80 | (utc_offset_minutes // 15 & 0x7F)
    volume = _Volume(start, cluster_bytes, count, volume_serial, label, zone, bitmap, table)
    with path.open("wb") as out:
        out.truncate(size_bytes or (start + volume.sectors) * SECTOR)
        if partitioned:
            write_mbr(out, 0x07, PARTITION, volume.sectors)
        used = _write(out, volume, root)
    return Layout(
        path, root, start * SECTOR, (start + FAT_SECTOR) * SECTOR, volume.offset(FIRST_CLUSTER),
        cluster_bytes, count, count - used,
    )  # fmt: skip


def _write(out: BinaryIO, volume: _Volume, root: Node) -> int:
    """Write the whole volume; return how many clusters are in use."""
    chains = [*_chains(root), *_clusters_of([volume.bitmap]), *_clusters_of([volume.table])]
    used = [cluster for chain in chains for cluster in chain]
    _write_boot_regions(out, volume, root.first_cluster, len(used))
    _write_fat(out, volume, root)
    _write_system(out, volume, used)
    for node in walk(root):
        _write_node(out, node, volume)
    return len(used)


# --- where things lie -------------------------------------------------------------------------


def _place(root: Node, cluster_bytes: int, bitmap_bytes: int) -> tuple[Clusters, Run, Run]:
    """Place bitmap, up-case table, directories and files; return the two system files too."""
    clusters = Clusters()
    bitmap = clusters.take(-(-bitmap_bytes // cluster_bytes))
    table = clusters.take(-(-len(upcase.table()) // cluster_bytes))
    for node in walk(root):
        if node.file is None:
            entries = 3 + sum(_entry_count(child) for child in node.children)
            node.runs = clusters.take_bytes(entries * ENTRY, cluster_bytes)
            node.size = node.runs[0].count * cluster_bytes
    place_files(root, clusters, cluster_bytes)
    return clusters, bitmap, table


def _entry_count(node: Node) -> int:
    return 2 + -(-len(_units(node)) // 15)


def _cluster_count(root: Node, cluster_bytes: int, size: int | None, free: int | None) -> int:
    if size is not None:
        # Each cluster costs its bytes and four in the FAT; one cluster is lost to alignment.
        return (size - FAT_SECTOR * SECTOR - cluster_bytes - SECTOR) // (cluster_bytes + 4)
    # The bitmap is part of what it counts: place, measure, and place again until it fits.
    count = 0
    for _ in range(4):
        placed, *_system = _place(root, cluster_bytes, -(-count // 8))
        holes = placed.next - FIRST_CLUSTER
        if free is not None:
            lasting = _chains(root)
            count = sum(map(len, lasting)) + sum(run.count for run in _system) + free
        else:
            count = holes + MIN_CLUSTERS
    return count


def _clusters_of(runs: Iterable[Run]) -> list[list[int]]:
    chain = [run.first + i for run in runs for i in range(run.count)]
    return [chain] if chain else []


def _chains(root: Node) -> list[list[int]]:
    """Return the clusters of every living node, in order."""
    return [chain for node in walk(root) if not node.freed for chain in _clusters_of(node.runs)]


# --- the regions before the heap --------------------------------------------------------------


def _write_boot_regions(out: BinaryIO, volume: _Volume, root: int, used: int) -> None:
    """Write main and backup boot regions (3.1 - 3.4)."""
    shift = (volume.cluster_bytes // SECTOR).bit_length() - 1
    boot = struct.pack(
        "<3s8s53sQQIIIIIIHHBBBBB",
        b"\xeb\x76\x90", b"EXFAT   ", bytes(53), volume.start, volume.sectors, FAT_SECTOR,
        volume.fat_sectors, volume.heap_sector, volume.clusters, root, volume.serial,
        0x0100, 0, 9, shift, 1, 0x80, used * 100 // volume.clusters,
    ).ljust(510, b"\0") + b"\x55\xaa"  # fmt: skip
    extended = (bytes(508) + b"\0\0\x55\xaa") * 8
    region = boot + extended + bytes(2 * SECTOR)
    region += struct.pack("<I", boot_checksum(region)) * (SECTOR // 4)
    out.seek(volume.start * SECTOR)
    out.write(region + region)


def boot_checksum(region: bytes) -> int:
    """Return the checksum over eleven sectors, without flags and percentage (3.4)."""
    checksum = 0
    for place, byte in enumerate(region):
        if place not in {106, 107, 112}:
            checksum = ((checksum >> 1 | checksum << 31) + byte) & 0xFFFFFFFF
    return checksum


def _write_fat(out: BinaryIO, volume: _Volume, root: Node) -> None:
    links = {0: 0xFFFFFFF8, 1: END_OF_CHAIN}
    chains = _clusters_of([volume.bitmap]) + _clusters_of([volume.table])
    for node in walk(root):
        if not node.freed and not _contiguous(node):
            chains += _clusters_of(node.runs)
    for chain in chains:
        links.update(zip(chain, [*chain[1:], END_OF_CHAIN], strict=True))
    table = [links.get(cluster, 0) for cluster in range(max(links) + 1)]
    out.seek((volume.start + FAT_SECTOR) * SECTOR)
    out.write(struct.pack(f"<{len(table)}I", *table))


def _write_system(out: BinaryIO, volume: _Volume, used: Iterable[int]) -> None:
    bitmap = bytearray(-(-volume.clusters // 8))
    for cluster in used:
        place = cluster - FIRST_CLUSTER
        bitmap[place >> 3] |= 1 << (place & 7)
    out.seek(volume.offset(volume.bitmap.first))
    out.write(bitmap)
    out.seek(volume.offset(volume.table.first))
    out.write(upcase.table())


# --- directories and files --------------------------------------------------------------------


def _contiguous(node: Node) -> bool:
    return node.file is not None and len(node.runs) == 1


def _write_node(out: BinaryIO, node: Node, volume: _Volume) -> None:
    if node.file is None:
        out.seek(volume.offset(node.first_cluster))
        out.write(b"".join(_directory(node, volume)))
    elif not node.file.overwritten:
        heap = volume.offset(FIRST_CLUSTER)
        where = spans(node.runs, node.size, heap, volume.cluster_bytes)
        write_content(out, node.file.content, where)


def _directory(node: Node, volume: _Volume) -> Iterator[bytes]:
    """Yield the entries of a directory; each child learns where its own set begins."""
    offset = volume.offset(node.first_cluster)
    if node.parent is None:
        system = _system_entries(volume)
        yield system
        offset += len(system)
    for child in node.children:
        child.entry_offset = offset
        entries = _entry_set(child, volume)
        yield entries
        offset += len(entries)


def _system_entries(volume: _Volume) -> bytes:
    """Label, allocation bitmap and up-case table (7.1 - 7.3)."""
    label = utf16(volume.label)[:11]
    table = upcase.table()
    return (
        struct.pack("<BB22s8x", 0x83, len(label), struct.pack(f"<{len(label)}H", *label))
        + struct.pack("<BB18xIQ", 0x81, 0, volume.bitmap.first, -(-volume.clusters // 8))
        + struct.pack("<B3xI12xIQ", 0x82, upcase.checksum(table), volume.table.first, len(table))
    )


def _entry_set(node: Node, volume: _Volume) -> bytes:
    """File, stream extension and name entries with their checksum (7.4, 7.6, 7.7, 6.3.3)."""
    units = _units(node)
    entries = _file_entry(node, volume, _entry_count(node) - 1) + _stream_entry(node, units)
    for start in range(0, len(units), 15):
        part = units[start : start + 15]
        entries += struct.pack("<BB30s", 0xC1, 0, struct.pack(f"<{len(part)}H", *part))
    entries = sealed_set(entries)
    if node.freed:
        dead = bytearray(entries)
        dead[::ENTRY] = bytes(kind & ~IN_USE for kind in dead[::ENTRY])
        return bytes(dead)
    return entries


def sealed_set(entries: bytes) -> bytes:
    """Return an entry set with the right checksum in it."""
    checksum = 0
    for place, byte in enumerate(entries):
        if place not in {2, 3}:
            checksum = ((checksum >> 1 | checksum << 15) + byte) & 0xFFFF
    return entries[:2] + struct.pack("<H", checksum) + entries[4:]


def _file_entry(node: Node, volume: _Volume, secondary: int) -> bytes:
    changed = modified(node)
    born = node.file.created if node.file and node.file.created else changed
    (day, time, fine), (born_day, born_time, born_fine) = dos_time(changed), dos_time(born)
    stamp, born_stamp = day << 16 | time, born_day << 16 | born_time
    return struct.pack(
        "<BBHHHIIIBBBBB7x",
        0x85, secondary, 0, ATTR_ARCHIVE if node.file else ATTR_DIRECTORY, 0,
        born_stamp, stamp, stamp, born_fine, fine, volume.zone, volume.zone, volume.zone,
    )  # fmt: skip


def _stream_entry(node: Node, units: tuple[int, ...]) -> bytes:
    flags = ALLOCATED | (NO_FAT_CHAIN if _contiguous(node) else 0)
    return struct.pack(
        "<BBBBHHQIIQ",
        0xC0, flags, 0, len(units), upcase.name_hash(units), 0, node.size, 0,
        node.first_cluster, node.size,
    )  # fmt: skip


def _units(node: Node) -> tuple[int, ...]:
    raw = node.file.raw_name if node.file else None
    return raw.units if raw and raw.units else utf16(node.name)

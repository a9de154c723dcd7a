"""Where things lie on a FAT or exFAT volume: boot sector, allocation table, chains, free space.

Runs in the fenced child.  Sources: Microsoft "FAT: General Overview of On-Disk Format" 1.03 and
"exFAT file system specification" (sections named in the code).  TSK (``drivers/disk.py``) opens
the volume first and follows the chains; this module reads what TSK does not give (serial, free
space, state of one cluster) and follows the chains that TSK refuses because they are damaged.
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from evidence.errors import ParserError
from evidence.ports import Source

Kind = Literal["FAT12", "FAT16", "FAT32", "exFAT"]
READ_BYTES = 1 << 20  # one request to the source at most
PAGE_BYTES = 1 << 16  # of the allocation table
PAGES_KEPT = 64  # 4 MiB of the allocation table in memory
MAX_CLUSTERS_COUNTED = 1 << 24  # free space of a larger volume is "unknown" rather than slow
SECTOR_SIZES = (512, 1024, 2048, 4096)
MAX_CLUSTER_BYTES = 32 << 20  # exFAT's own limit, section 3.1.15
FAT12_CLUSTERS = 4085
FAT16_CLUSTERS = 65525
FREE = 0
FIRST_CLUSTER = 2


@dataclass(frozen=True, slots=True)
class Geometry:
    """Offsets are bytes on the device, sizes are bytes; clusters are numbered from 2."""

    kind: Kind
    start: int
    size: int  # that the volume claims
    sector: int
    cluster: int
    table: int
    table_bytes: int
    entries: int  # where TSK begins to number directory entries
    heap: int  # where cluster 2 lies
    clusters: int
    root: int  # first cluster of the root directory; 0: a fixed area (FAT12, FAT16)
    root_bytes: int  # of that fixed area
    serial: str

    def offset(self, cluster: int) -> int:
        """Return where ``cluster`` begins."""
        return self.heap + (cluster - FIRST_CLUSTER) * self.cluster

    def holds(self, cluster: int) -> bool:
        """Return whether there is such a cluster."""
        return FIRST_CLUSTER <= cluster < self.clusters + FIRST_CLUSTER

    def inode(self, offset: int) -> int:
        """Return TSK's number of the directory entry at ``offset``."""
        return (offset - self.entries) // 32 + 3


def read_all(source: Source, offset: int, length: int) -> bytes:
    """Return ``length`` bytes, fewer only at the end of the device, in bounded requests."""
    parts: list[bytes] = []
    end = min(offset + length, source.size)
    while offset < end:
        part = source.read(offset, min(READ_BYTES, end - offset))
        if not part:
            break
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


def read_geometry(source: Source, start: int) -> Geometry:
    """Return the geometry of the volume that begins at byte ``start``.

    Raises ``ParserError("parser_refused", because="boot_sector")`` where it makes no sense.
    """
    boot = read_all(source, start, 512)
    if len(boot) < 512 or boot[510:512] != b"\x55\xaa":  # noqa: PLR2004 - a boot sector
        raise _refused()
    return _exfat(boot, start) if boot[3:11] == b"EXFAT   " else _fat(boot, start)


def _exfat(boot: bytes, start: int) -> Geometry:
    _, length, fat, fat_length, heap, clusters, root, serial = struct.unpack_from(
        "<QQIIIIII", boot, 64
    )
    sector_shift, cluster_shift = boot[108], boot[109]
    sector = 1 << min(sector_shift, 16)
    if sector not in SECTOR_SIZES or sector << min(cluster_shift, 32) > MAX_CLUSTER_BYTES:
        raise _refused()
    return Geometry(
        kind="exFAT",
        start=start,
        size=length * sector,
        sector=sector,
        cluster=sector << cluster_shift,
        table=start + fat * sector,
        table_bytes=fat_length * sector,
        entries=start + heap * sector,
        heap=start + heap * sector,
        clusters=clusters,
        root=root,
        root_bytes=0,
        serial=_serial("exFAT", serial),
    )


def _fat(boot: bytes, start: int) -> Geometry:
    sector, per_cluster, reserved, tables, root_entries, total16 = struct.unpack_from(
        "<HBHBHH", boot, 11
    )
    length16 = struct.unpack_from("<H", boot, 22)[0]
    total32, length32, _, _, root = struct.unpack_from("<IIHHI", boot, 32)
    if sector not in SECTOR_SIZES or per_cluster not in {1 << n for n in range(8)}:
        raise _refused()
    total, length = total16 or total32, length16 or length32
    root_bytes = -(-root_entries * 32 // sector) * sector
    entries = (reserved + tables * length) * sector
    clusters = (total * sector - entries - root_bytes) // (per_cluster * sector)
    if clusters < 1 or not tables or not length:
        raise _refused()
    kind: Kind = "FAT32"
    if length16 or root_entries:  # FAT32 has neither: how Linux and TSK decide, too
        kind = "FAT12" if clusters < FAT12_CLUSTERS else "FAT16"
    serial = struct.unpack_from("<I", boot, 67 if kind == "FAT32" else 39)[0]
    return Geometry(
        kind=kind,
        start=start,
        size=total * sector,
        sector=sector,
        cluster=per_cluster * sector,
        table=start + reserved * sector,
        table_bytes=length * sector,
        entries=start + entries,
        heap=start + entries + root_bytes,
        clusters=clusters,
        root=root if kind == "FAT32" else 0,
        root_bytes=root_bytes,
        serial=_serial(kind, serial),
    )


def _serial(kind: Kind, number: int) -> str:
    return f"{kind}:{number >> 16:04X}-{number & 0xFFFF:04X}"


def _refused() -> ParserError:
    return ParserError("parser_refused", because="boot_sector")


@dataclass(slots=True)
class Table:
    """The file allocation table, read in pages as it is asked for."""

    source: Source
    geometry: Geometry
    _pages: dict[int, bytes] = field(default_factory=dict)

    def next(self, cluster: int) -> int:
        """Return what the table says of ``cluster``: 0 free, else the next, else an end mark."""
        kind = self.geometry.kind
        if kind == "FAT12":
            low, high = self._byte(cluster * 3 // 2), self._byte(cluster * 3 // 2 + 1)
            pair = low | high << 8
            return pair >> 4 if cluster & 1 else pair & 0xFFF
        width = 2 if kind == "FAT16" else 4
        at = cluster * width
        page = self._page(at // PAGE_BYTES)
        entry = int.from_bytes(page[at % PAGE_BYTES : at % PAGE_BYTES + width], "little")
        return entry & 0x0FFFFFFF if kind == "FAT32" else entry

    def chain(self, first: int, most: int) -> tuple[list[tuple[int, int]], str | None]:
        """Follow a chain for at most ``most`` bytes.

        Returns the runs (offset, bytes) up to where it ends or goes wrong, and the code of what
        is wrong: ``chain_cyclic``, ``chain_leaves_volume``, ``chain_free``.
        """
        runs: list[tuple[int, int]] = []
        seen: set[int] = set()
        cluster, left = first, most
        while left > 0:
            problem = self._wrong(cluster, seen)
            if problem or self._ends(cluster):
                return runs, problem
            seen.add(cluster)
            take = min(left, self.geometry.cluster)
            add_run(runs, self.geometry.offset(cluster), take)
            left -= take
            cluster = self.next(cluster)
        return runs, None

    def _wrong(self, cluster: int, seen: set[int]) -> str | None:
        if cluster in seen:
            return "chain_cyclic"
        if cluster in {FREE, 1}:
            return "chain_free"
        if not self.geometry.holds(cluster) and not self._ends(cluster):
            return "chain_leaves_volume"
        return None

    def _ends(self, cluster: int) -> bool:
        marks = {"FAT12": 0xFF8, "FAT16": 0xFFF8, "FAT32": 0x0FFFFFF8, "exFAT": 0xFFFFFFF8}
        return cluster >= marks[self.geometry.kind]

    def _byte(self, at: int) -> int:
        page = self._page(at // PAGE_BYTES)
        at %= PAGE_BYTES
        return page[at] if at < len(page) else 0

    def _page(self, number: int) -> bytes:
        page = self._pages.get(number)
        if page is None:
            if len(self._pages) >= PAGES_KEPT:
                self._pages.clear()
            at = number * PAGE_BYTES
            length = max(0, min(PAGE_BYTES, self.geometry.table_bytes - at))
            page = read_all(self.source, self.geometry.table + at, length)
            self._pages[number] = page
        return page


def add_run(runs: list[tuple[int, int]], offset: int, length: int) -> None:
    """Append a run, joined to the last one where they touch."""
    if runs and sum(runs[-1]) == offset:
        runs[-1] = (runs[-1][0], runs[-1][1] + length)
    else:
        runs.append((offset, length))


def free_clusters(table: Table, bitmap: list[tuple[int, int]]) -> int | None:
    """Count the free clusters; None where that would take too long or cannot be told.

    The table itself is counted: the free count that a volume carries beside it is a claim.
    ``bitmap`` are the runs of exFAT's allocation bitmap (section 7.1).
    """
    geometry = table.geometry
    if not 0 < geometry.clusters <= MAX_CLUSTERS_COUNTED:
        return None
    if geometry.kind == "exFAT":
        used = sum(int.from_bytes(part, "little").bit_count() for part in _parts(table, bitmap))
        return max(0, geometry.clusters - used) if bitmap else None
    if geometry.kind == "FAT12":
        return sum(not table.next(cluster) for cluster in range(2, geometry.clusters + 2))
    code, width = ("H", 2) if geometry.kind == "FAT16" else ("I", 4)
    wanted = [(geometry.table + 2 * width, geometry.clusters * width)]
    whole = (part[: len(part) // width * width] for part in _parts(table, wanted))
    return sum(array(code, part).count(FREE) for part in whole)


def _parts(table: Table, runs: list[tuple[int, int]]) -> Iterator[bytes]:
    for offset, length in runs:
        for at in range(offset, offset + length, READ_BYTES):
            yield read_all(table.source, at, min(READ_BYTES, offset + length - at))

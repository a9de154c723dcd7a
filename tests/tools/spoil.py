"""Bytes of a written volume overwritten on purpose: links, entries, boot sectors."""

import os
import struct
from pathlib import Path
from random import Random

from tests.tools import exfat, fat32
from tests.tools.volumes import SECTOR, Layout, Node

BLOCK = 65_536  # bytes copied at a time; a block of zeros stays a hole


def poke(path: Path, offset: int, data: bytes) -> None:
    """Overwrite some bytes."""
    with path.open("r+b") as out:
        out.seek(offset)
        out.write(data)


def peek(path: Path, offset: int, length: int) -> bytes:
    """Return some bytes."""
    with path.open("rb") as source:
        source.seek(offset)
        return source.read(length)


# --- FAT32 ------------------------------------------------------------------------------------


def link_fat32(layout: Layout, cluster: int, target: int) -> None:
    """Make ``target`` follow ``cluster`` in both FATs."""
    copy = (layout.heap_offset - layout.fat_offset) // 2
    for table in (0, copy):
        poke(layout.path, layout.fat_offset + table + 4 * cluster, struct.pack("<I", target))


def short_entry(node: Node) -> int:
    """Offset of the short directory entry of a node, behind its long name."""
    return node.entry_offset + fat32.ENTRY * fat32.long_entries(node)


def aim_fat32(layout: Layout, path: str, cluster: int) -> None:
    """Let a directory entry begin at another cluster."""
    at = short_entry(layout.node(path))
    poke(layout.path, at + 20, struct.pack("<H", cluster >> 16))
    poke(layout.path, at + 26, struct.pack("<H", cluster & 0xFFFF))


def resize_fat32(layout: Layout, path: str, size: int) -> None:
    """Let a directory entry claim another size (bytes)."""
    poke(layout.path, short_entry(layout.node(path)) + 28, struct.pack("<I", size))


def boot_fat32(layout: Layout, offset: int, data: bytes) -> None:
    """Overwrite bytes of the boot sector and of its backup."""
    for sector in (0, 6):
        poke(layout.path, layout.start + sector * SECTOR + offset, data)


# --- exFAT ------------------------------------------------------------------------------------


def link_exfat(layout: Layout, cluster: int, target: int) -> None:
    """Make ``target`` follow ``cluster`` in the FAT."""
    poke(layout.path, layout.fat_offset + 4 * cluster, struct.pack("<I", target))


def edit_set(layout: Layout, path: str, offset: int, data: bytes) -> None:
    """Overwrite bytes of an entry set and put its checksum right again."""
    at = layout.node(path).entry_offset
    length = 32 * (1 + peek(layout.path, at + 1, 1)[0])
    entries = bytearray(peek(layout.path, at, length))
    entries[offset : offset + len(data)] = data
    poke(layout.path, at, exfat.sealed_set(bytes(entries)))


def resize_exfat(layout: Layout, path: str, size: int) -> None:
    """Let a stream entry claim another length, valid to its end (bytes)."""
    edit_set(layout, path, 32 + 8, struct.pack("<Q", size))
    edit_set(layout, path, 32 + 24, struct.pack("<Q", size))


def aim_exfat(layout: Layout, path: str, cluster: int) -> None:
    """Let a stream entry begin at another cluster."""
    edit_set(layout, path, 32 + 20, struct.pack("<I", cluster))


def boot_exfat(layout: Layout, offset: int, data: bytes) -> None:
    """Overwrite bytes of both boot regions and put their checksums right again."""
    region = bytearray(peek(layout.path, layout.start, 11 * SECTOR))
    region[offset : offset + len(data)] = data
    total = struct.pack("<I", exfat.boot_checksum(bytes(region))) * (SECTOR // 4)
    poke(layout.path, layout.start, (bytes(region) + total) * 2)


# --- at random --------------------------------------------------------------------------------


def copy_sparse(source: Path, target: Path) -> None:
    """Copy a file; its holes stay holes."""
    with source.open("rb") as read, target.open("wb") as write:
        size = source.stat().st_size
        write.truncate(size)
        for begin, end in data_ranges(read.fileno(), size):
            read.seek(begin)
            write.seek(begin)
            for _ in range(begin, end, BLOCK):
                write.write(read.read(min(BLOCK, end - read.tell())))


def data_ranges(descriptor: int, size: int) -> list[tuple[int, int]]:
    """Return begin and end of everything in a file that is no hole, in bytes."""
    ranges, at = [], 0
    while at < size:
        try:
            begin = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError:  # ENXIO: nothing but a hole from here on
            break
        at = os.lseek(descriptor, begin, os.SEEK_HOLE)
        ranges.append((begin, at))
    return ranges


def mutated(source: Path, seed: int, target: Path) -> Path:
    """Copy a file and spoil 1 to 16 places that are no holes; the same seed, the same damage.

    A place is a byte, a bit, a number of 32 bits, or a block that is copied from elsewhere.
    """
    random = Random(seed)
    copy_sparse(source, target)
    with target.open("r+b") as out:
        ranges = data_ranges(out.fileno(), target.stat().st_size)
        for _ in range(random.randint(1, 16)):
            begin, end = random.choice(ranges)
            # Directories and tables stand at the beginning of a range more often than not.
            span = random.choice((512, 4096, end - begin))
            at = random.randrange(begin, min(end, begin + span))
            out.seek(at)
            old = out.read(32)
            out.seek(at)
            out.write(_damage(random, old))
    return target


def _damage(random: Random, old: bytes) -> bytes:
    match random.randrange(4):
        case 0:
            return random.randbytes(1)
        case 1:
            return bytes([old[0] ^ 1 << random.randrange(8)])
        case 2:
            edge = random.choice((0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x0FFFFFF7))
            return struct.pack("<I", edge)[: len(old)]
        case _:
            return random.randbytes(len(old))

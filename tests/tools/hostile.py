"""Damaged and malicious volumes by name: ``hostile("cyclic_chain", folder)`` returns an image.

What a reader owes: an answer within its limits.  It may refuse the volume, or one file of it, with
a word; it must not hang, crash its parent, or hand out bytes beyond the end of the device.
"""

import struct
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.tools import exfat, fat32, spoil
from tests.tools.spoil import mutated
from tests.tools.volumes import Layout, RawName, VolumeFile, utf16

__all__ = ["ALL", "LAWFUL", "RAW_NAMES", "hostile", "lawful", "mutated"]

FAR = 0x0ABCDEF0  # a cluster number behind the end of every volume here
SMALL = 512  # bytes of a cluster: the smallest sparse image


def lawful(kind: str, path: Path, extra: tuple[VolumeFile, ...] = ()) -> Layout:
    """Write a small lawful volume ("fat32" or "exfat") on which to do damage."""
    random = Random(1)
    files = (
        VolumeFile("DEVICE.LOG", b"2026-11-21 09:58:00 POWER_ON serial=K7F3A2C\r\n" * 20),
        VolumeFile("DCIM/DCAM_CAM001_000001_20261121_100000.mp4", random.randbytes(30_000)),
        VolumeFile("DCIM/DCAM_CAM001_000001_20261121_100030.mp4", random.randbytes(30_000)),
        VolumeFile("DCIM/broken.mp4", random.randbytes(9_000), fragments=4),
        VolumeFile("DCIM/sub/deeper/photo.jpg", random.randbytes(3_000)),
        VolumeFile("DCIM/gone.mp4", random.randbytes(5_000), deleted=True),
        VolumeFile("空.txt", b""),
        *extra,
    )
    write = fat32.write_image if kind == "fat32" else exfat.write_image
    return write(path, files, cluster_bytes=SMALL)


FILM = "DCIM/DCAM_CAM001_000001_20261121_100000.mp4"
NEXT = "DCIM/DCAM_CAM001_000001_20261121_100030.mp4"
BROKEN = "DCIM/broken.mp4"


def hostile(name: str, folder: Path) -> Path:
    """Write the volume of this name into ``folder``; KeyError if there is none."""
    path = folder / f"{name}.img"
    ALL[name](path)
    return path


# --- names ------------------------------------------------------------------------------------

RAW_NAMES: dict[str, RawName] = {
    "dot_dot": RawName(utf16("..")),
    "up_and_away": RawName(utf16("../../../../etc/passwd")),
    "absolute": RawName(utf16("/etc/passwd")),
    "backslashes": RawName(utf16("..\\..\\x.mp4")),
    "slash_inside": RawName(utf16("a/b.mp4")),
    "control": RawName(utf16("a\n\r\x1b[31m\x07.mp4")),
    "nul_inside": RawName((0x61, 0, 0x62)),
    "lone_high": RawName((0xD83D, 0x2E, 0x6D, 0x70, 0x34)),
    "lone_low": RawName((0xDE00, 0xD83D, 0x61)),
    "not_a_character": RawName((0xFFFE, 0xFFFF, 0x61)),
    "turned_round": RawName(utf16("\u202e4pm.exe")),
    "units_255": RawName(utf16("长" * 251 + ".mp4")),
    "blank": RawName(utf16(" ")),
}
SHORT_NAMES: dict[str, RawName] = {
    "gbk": RawName(short="执法仪".encode("gbk").ljust(8) + b"MP4"),
    "half_gbk": RawName(short=b"\xd6\xb4\xb7A\xff\xfe\x81 MP4"),
    "lower_case": RawName(short=b"lower   mp4"),
    "control_short": RawName(short=b"\x01\x02\x03\x1f    MP4"),
    "slash_short": RawName(short=b"../..   MP4"),
    "first_is_e5": RawName(short=b"\xe5\xae\xaa     MP4"),
}


def _named(names: dict[str, RawName]) -> tuple[VolumeFile, ...]:
    return tuple(
        VolumeFile(f"NAMES/{fault}", fault.encode(), raw_name=raw) for fault, raw in names.items()
    )


def _names_fat32(path: Path) -> None:
    twice = (VolumeFile("NAMES/twice.mp4", b"one"), VolumeFile("NAMES/twice.mp4", b"two"))
    lawful("fat32", path, (*_named(RAW_NAMES), *_named(SHORT_NAMES), *twice))


def _names_exfat(path: Path) -> None:
    twice = (VolumeFile("NAMES/twice.mp4", b"one"), VolumeFile("NAMES/twice.mp4", b"two"))
    lawful("exfat", path, (*_named(RAW_NAMES), *twice))


# --- FAT32 ------------------------------------------------------------------------------------


def _cyclic_chain(path: Path) -> None:
    layout = lawful("fat32", path)
    run = layout.node(FILM).runs[0]
    spoil.link_fat32(layout, run.first + run.count - 1, run.first)
    spoil.resize_fat32(layout, FILM, 0xFFFFFFFF)


def _directory_in_itself(path: Path) -> None:
    layout = lawful("fat32", path)
    spoil.aim_fat32(layout, "DCIM/sub", layout.node("DCIM").first_cluster)


def _directory_is_cyclic(path: Path) -> None:
    layout = lawful("fat32", path)
    run = layout.node("DCIM").runs[-1]
    spoil.link_fat32(layout, run.first + run.count - 1, run.first)


def _overlapping_files(path: Path) -> None:
    layout = lawful("fat32", path)
    spoil.aim_fat32(layout, NEXT, layout.node(FILM).first_cluster)


def _chain_out_of_range(path: Path) -> None:
    layout = lawful("fat32", path)
    spoil.link_fat32(layout, layout.node(FILM).first_cluster + 3, FAR)
    spoil.aim_fat32(layout, NEXT, FAR)


def _chain_too_short(path: Path) -> None:
    layout = lawful("fat32", path)
    spoil.link_fat32(layout, layout.node(FILM).first_cluster + 3, fat32.END_OF_CHAIN)


def _chain_into_free(path: Path) -> None:
    layout = lawful("fat32", path)
    spoil.link_fat32(layout, layout.node(FILM).first_cluster + 3, 0)


def _claim_4gib_in_1mb(path: Path) -> None:
    layout = lawful("fat32", path)
    spoil.resize_fat32(layout, FILM, 0xFFFFFFFF)
    with path.open("r+b") as out:
        out.truncate(1 << 20)


def _boot(offset: int, data: bytes) -> Callable[[Path], None]:
    return lambda path: spoil.boot_fat32(lawful("fat32", path), offset, data)


def _root_out_of_range(path: Path) -> None:
    spoil.boot_fat32(lawful("fat32", path), 44, struct.pack("<I", FAR))


def _impossible_dates(path: Path) -> None:
    layout = lawful("fat32", path)
    at = spoil.short_entry(layout.node(FILM))
    for offset in (14, 16, 22, 24):
        spoil.poke(path, at + offset, b"\xff\xff")
    spoil.poke(path, spoil.short_entry(layout.node(NEXT)) + 14, bytes(12))


def _orphaned_long_names(path: Path) -> None:
    layout = lawful("fat32", path)
    spoil.poke(path, layout.node(FILM).entry_offset + 13, b"\x00")
    spoil.poke(path, layout.node(NEXT).entry_offset, b"\x7f")


# --- exFAT ------------------------------------------------------------------------------------


def _size_2_63(path: Path) -> None:
    layout = lawful("exfat", path)
    spoil.resize_exfat(layout, FILM, 1 << 63)
    spoil.resize_exfat(layout, NEXT, (1 << 63) - 1)


def _valid_beyond_length(path: Path) -> None:
    spoil.edit_set(lawful("exfat", path), FILM, 32 + 8, struct.pack("<Q", 1 << 40))


def _cyclic_chain_exfat(path: Path) -> None:
    layout = lawful("exfat", path)
    node = layout.node(BROKEN)
    last = node.runs[-1]
    spoil.link_exfat(layout, last.first + last.count - 1, node.first_cluster)
    spoil.resize_exfat(layout, BROKEN, 1 << 40)


def _directory_in_itself_exfat(path: Path) -> None:
    layout = lawful("exfat", path)
    spoil.aim_exfat(layout, "DCIM/sub", layout.node("DCIM").first_cluster)


def _overlapping_exfat(path: Path) -> None:
    layout = lawful("exfat", path)
    spoil.aim_exfat(layout, NEXT, layout.node(FILM).first_cluster)


def _out_of_range_exfat(path: Path) -> None:
    layout = lawful("exfat", path)
    spoil.aim_exfat(layout, FILM, FAR)
    spoil.link_exfat(layout, layout.node(BROKEN).first_cluster, FAR)


def _bad_boot_checksum(path: Path) -> None:
    layout = lawful("exfat", path)
    for region in (0, 12):
        spoil.poke(path, layout.start + (region + 11) * 512, b"\xde\xad\xbe\xef")


def _boot_exfat(offset: int, data: bytes) -> Callable[[Path], None]:
    return lambda path: spoil.boot_exfat(lawful("exfat", path), offset, data)


def _hundred(path: Path) -> tuple[Layout, tuple[str, ...]]:
    files = tuple(VolumeFile(f"MANY/{number:03d}.bin", b"x") for number in range(100))
    return lawful("exfat", path, files), tuple(file.path for file in files)


def _overlapping_hundred(path: Path) -> None:
    """Let a hundred files claim everything behind the first one's bytes."""
    layout, names = _hundred(path)
    for name in names:
        spoil.resize_exfat(layout, name, path.stat().st_size)


def _never_written_hundred(path: Path) -> None:
    """Let a hundred files be as long as the device, one byte of each written."""
    layout, names = _hundred(path)
    for name in names:
        spoil.edit_set(layout, name, 32 + 24, struct.pack("<Q", path.stat().st_size))


def _set_checksum_wrong(path: Path) -> None:
    layout = lawful("exfat", path)
    spoil.poke(path, layout.node(FILM).entry_offset + 2, b"\x00\x00")


def _set_without_end(path: Path) -> None:
    layout = lawful("exfat", path)
    spoil.poke(path, layout.node(FILM).entry_offset + 1, b"\xff")


# --- large ones -------------------------------------------------------------------------------


def _ten_thousand(kind: str) -> Callable[[Path], None]:
    files = tuple(VolumeFile(f"DCIM/{number:05d}.jpg", b"") for number in range(10_000))
    return lambda path: _wrote(lawful(kind, path, files))


def _deep_tree(kind: str) -> Callable[[Path], None]:
    deep = VolumeFile("/".join(["deep"] * 300) + "/bottom.txt", b"here")
    return lambda path: _wrote(lawful(kind, path, (deep,)))


def _wrote(_: Layout) -> None:
    """Nothing more to do: the writer was asked for it."""


def _truncated_device(kind: str) -> Callable[[Path], None]:
    def build(path: Path) -> None:
        layout = lawful(kind, path)
        with path.open("r+b") as out:
            out.truncate(layout.extents(NEXT)[0][0] + 700)

    return build


def _not_a_volume(path: Path) -> None:
    path.write_bytes(Random(2).randbytes(1 << 20))


def _nothing(path: Path) -> None:
    path.write_bytes(b"")


LAWFUL: dict[str, Callable[[Path], None]] = {
    "lawful_fat32": lambda path: _wrote(lawful("fat32", path)),
    "lawful_exfat": lambda path: _wrote(lawful("exfat", path)),
    "ten_thousand_entries": _ten_thousand("fat32"),
    "ten_thousand_entries_exfat": _ten_thousand("exfat"),
    "deep_tree": _deep_tree("fat32"),
    "deep_tree_exfat": _deep_tree("exfat"),
}

ALL: dict[str, Callable[[Path], None]] = {
    **LAWFUL,
    "names": _names_fat32,
    "names_exfat": _names_exfat,
    "cyclic_chain": _cyclic_chain,
    "directory_in_itself": _directory_in_itself,
    "directory_is_cyclic": _directory_is_cyclic,
    "overlapping_files": _overlapping_files,
    "chain_out_of_range": _chain_out_of_range,
    "chain_too_short": _chain_too_short,
    "chain_into_free": _chain_into_free,
    "claim_4gib_in_1mb": _claim_4gib_in_1mb,
    "zero_cluster_size": _boot(13, b"\x00"),
    "odd_cluster_size": _boot(13, b"\x03"),
    "zero_sector_size": _boot(11, b"\x00\x00"),
    "no_fats": _boot(16, b"\x00"),
    "root_out_of_range": _root_out_of_range,
    "huge_sector_count": _boot(32, b"\xff\xff\xff\xff"),
    "impossible_dates": _impossible_dates,
    "orphaned_long_names": _orphaned_long_names,
    "truncated_device": _truncated_device("fat32"),
    "size_2_63": _size_2_63,
    "valid_beyond_length": _valid_beyond_length,
    "cyclic_chain_exfat": _cyclic_chain_exfat,
    "directory_in_itself_exfat": _directory_in_itself_exfat,
    "overlapping_files_exfat": _overlapping_exfat,
    "chain_out_of_range_exfat": _out_of_range_exfat,
    "bad_boot_checksum": _bad_boot_checksum,
    "huge_cluster_shift": _boot_exfat(109, b"\xff"),
    "zero_clusters_exfat": _boot_exfat(92, bytes(4)),
    "root_out_of_range_exfat": _boot_exfat(96, struct.pack("<I", FAR)),
    "set_checksum_wrong": _set_checksum_wrong,
    "set_without_end": _set_without_end,
    "overlapping_hundred": _overlapping_hundred,
    "never_written_hundred": _never_written_hundred,
    "truncated_device_exfat": _truncated_device("exfat"),
    "not_a_volume": _not_a_volume,
    "nothing_at_all": _nothing,
}

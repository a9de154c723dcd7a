"""MP4 files that lie: huge counts, bottomless boxes, boxes that point at themselves.

Each takes the clean scene and the fragmented one, and spoils one of them.
"""

import struct
from collections.abc import Callable
from dataclasses import replace

from evidence.findings import Finding
from tests.tools import mp4
from tests.tools.scene import Scene

WRONG = frozenset(
    {
        Finding.DAMAGED,
        Finding.TRUNCATED,
        Finding.NO_INDEX,
        Finding.UNDECODABLE,
        Finding.PROBE_FAILED,
    }
)
DEEP = 4_000  # boxes within boxes
MANY = 0xFFFFFFFF

Spoil = Callable[[Scene, Scene], Scene]


def _spoilt(made: Scene, data: bytes, fault: str) -> Scene:
    also = frozenset(
        {Finding.NO_AUDIO, Finding.NO_VIDEO, Finding.GAP_INSIDE, Finding.VARIABLE_RATE}
    )
    return replace(made, data=data, fault=fault, any_of=WRONG, may=also)


def _huge_box_counts(clean: Scene, _: Scene) -> Scene:
    data = clean.data
    for kind, at in ((b"stts", 12), (b"stsc", 12), (b"stsz", 16), (b"stco", 12), (b"stss", 12)):
        for box in mp4.everywhere(clean.data, kind):
            data = mp4.patched(data, box.offset + at, struct.pack(">I", MANY))
    return _spoilt(clean, data, "every table of its index claims 2^32-1 entries")


def _huge_sample_delta(clean: Scene, _: Scene) -> Scene:
    box = mp4.find(clean.data, b"stts")
    data = mp4.patched(clean.data, box.offset + 16, struct.pack(">II", MANY, MANY))
    return _spoilt(clean, data, "its time table tells of 2^32-1 samples of 2^32-1 ticks")


def _zero_timescale(clean: Scene, _: Scene) -> Scene:
    data = clean.data
    for kind in (b"mvhd", b"mdhd"):
        for box in mp4.everywhere(clean.data, kind):
            data = mp4.patched(data, box.offset + 20, bytes(4))
    return _spoilt(clean, data, "a second of it has zero ticks")


def _deep_boxes(clean: Scene, _: Scene) -> Scene:
    inner = b""
    for depth in range(DEEP):
        inner = mp4.make(b"moov" if depth == DEEP - 1 else b"trak", inner)
    head = mp4.find(clean.data, b"mdat").offset
    return _spoilt(clean, clean.data[:head] + inner, f"{DEEP} boxes lie in each other")


def _box_of_size_7(clean: Scene, _: Scene) -> Scene:
    moov = mp4.find(clean.data, b"moov")
    data = mp4.patched(clean.data, moov.offset, struct.pack(">I", 7))
    return _spoilt(clean, data, "its index claims to be smaller than its own header")


def _box_of_2_63(clean: Scene, _: Scene) -> Scene:
    mdat = mp4.find(clean.data, b"mdat")
    head = struct.pack(">I4sQ", 1, b"mdat", 1 << 63)
    data = clean.data[: mdat.offset] + head + clean.data[mdat.offset + mdat.header :]
    return _spoilt(clean, data, "its media data claims to be 2^63 bytes long")


def _moov_larger_than_file(clean: Scene, _: Scene) -> Scene:
    moov = mp4.find(clean.data, b"moov")
    data = mp4.patched(clean.data, moov.offset, struct.pack(">I", 0x7FFFFFF0))
    return _spoilt(clean, data, "its index claims to reach far beyond the end of the file")


def _chunks_beyond_end(clean: Scene, _: Scene) -> Scene:
    data = mp4.shifted(clean.data, 0x40000000)
    return _spoilt(clean, data, "its index points a gigabyte behind the end of the file")


def _chunks_in_index(clean: Scene, _: Scene) -> Scene:
    moov, mdat = mp4.find(clean.data, b"moov"), mp4.find(clean.data, b"mdat")
    data = mp4.shifted(clean.data, moov.offset - mdat.offset)
    return _spoilt(clean, data, "its index points at itself and behind the end")


def _moof_cycle(_: Scene, fragmented: Scene) -> Scene:
    data = fragmented.data
    for box in list(mp4.everywhere(data, b"tfhd"))[1:]:
        # Rewritten to carry an explicit base offset that is the first fragment's, every time.
        flags = struct.unpack_from(">I", data, box.offset + 8)[0] & ~0x020000
        data = mp4.patched(data, box.offset + 8, struct.pack(">I", flags | 0x000001))
    return _spoilt(fragmented, data, "its fragments point back at earlier bytes")


def _huge_trun(_: Scene, fragmented: Scene) -> Scene:
    data = fragmented.data
    for box in mp4.everywhere(fragmented.data, b"trun"):
        data = mp4.patched(data, box.offset + 12, struct.pack(">I", MANY))
    return _spoilt(fragmented, data, "each fragment claims 2^32-1 samples")


def _huge_dimensions(clean: Scene, _: Scene) -> Scene:
    tkhd, avc1 = mp4.find(clean.data, b"tkhd"), clean.data.index(b"avc1", 64) + 28
    data = mp4.patched(clean.data, tkhd.end - 8, struct.pack(">II", MANY, MANY))
    data = mp4.patched(data, avc1, struct.pack(">HH", 0xFFFF, 0xFFFF))
    spoilt = _spoilt(clean, data, "claims pictures of 65535 x 65535 points")
    return replace(spoilt, any_of=frozenset(), may=spoilt.any_of | spoilt.may)


ALL: dict[str, Spoil] = {
    "huge_box_counts": _huge_box_counts,
    "huge_sample_delta": _huge_sample_delta,
    "zero_timescale": _zero_timescale,
    "deep_boxes": _deep_boxes,
    "box_of_size_7": _box_of_size_7,
    "box_of_2_63": _box_of_2_63,
    "moov_larger_than_file": _moov_larger_than_file,
    "chunks_beyond_end": _chunks_beyond_end,
    "chunks_in_index": _chunks_in_index,
    "moof_cycle": _moof_cycle,
    "huge_trun": _huge_trun,
    "huge_dimensions": _huge_dimensions,
}

"""Files of a few kilobytes that ask for gigabytes, for hours, or for a deep stack; by name.

Each is as lawful as its lie allows, so that a parser gets as far as the lie.
"""

import struct
import zlib
from collections.abc import Callable
from functools import cache

from tests.tools import mp4
from tests.tools.scenes import Scale, scene

MANY = 0xFFFFFFFF
SHORT = Scale(duration_ms=2_000)


@cache
def bomb(name: str) -> bytes:
    """Return the bytes of this bomb; KeyError if there is none."""
    return BOMBS[name]()


# --- pictures ---------------------------------------------------------------------------------


def _marker(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body


def _jpeg(*segments: bytes) -> bytes:
    scan = _marker(0xDA, b"\1\1\0\0\x3f\0") + bytes(64)
    return b"\xff\xd8" + b"".join(segments) + scan + b"\xff\xd9"


def jpeg_65535() -> bytes:
    """Claim a picture of 65535 x 65535 points, 12 GiB when decoded."""
    return _jpeg(_marker(0xC0, b"\x08\xff\xff\xff\xff\3\1\x11\0\2\x11\1\3\x11\1"))


def jpeg_of_markers() -> bytes:
    """Put a hundred thousand empty segments before the picture."""
    return _jpeg(_marker(0xFE, b"") * 100_000)


def jpeg_exif_circle() -> bytes:
    """Let each directory of its EXIF name itself as the next, with 65535 entries."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0xFFFF) + entry * 4_000
    return _jpeg(_marker(0xE1, b"Exif\0\0" + tiff))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


def png_2_31() -> bytes:
    """Claim 2^31-1 points each way."""
    return _png(0x7FFFFFFF, 0x7FFFFFFF, _chunk(b"IDAT", zlib.compress(bytes(1_000))))


def png_65535_deflated() -> bytes:
    """Deflate sixteen megabytes of nothing three times: as picture, text and colours."""
    zeros = zlib.compress(bytes(1 << 24), 9)
    text, colours = _chunk(b"zTXt", b"c\0\0" + zeros), _chunk(b"iCCP", b"c\0\0" + zeros)
    return _png(0xFFFF, 0xFFFF, text, colours, _chunk(b"IDAT", zeros))


# --- MP4 --------------------------------------------------------------------------------------


def _full(*words: int) -> bytes:
    return struct.pack(f">{1 + len(words)}I", 0, *words)


def _replaced(data: bytes, tables: dict[bytes, bytes]) -> bytes:
    """Return an MP4 whose first track has these bodies for its sample tables; the index is last."""
    moov = mp4.find(data, b"moov")
    return data[: moov.offset] + _rebuilt(data, moov, dict(tables))


def _rebuilt(data: bytes, box: mp4.Box, tables: dict[bytes, bytes]) -> bytes:
    if box.kind in tables:
        return mp4.make(box.kind, tables.pop(box.kind))
    if box.kind not in mp4.CONTAINERS:
        return data[box.offset : box.end]
    inside = mp4.boxes(data, box.offset + box.header, box.end)
    return mp4.make(box.kind, b"".join(_rebuilt(data, one, tables) for one in inside))


def _samples(count: int) -> bytes:
    """Return a film whose tables agree, in a hundred bytes, on ``count`` samples of one byte."""
    return _replaced(
        scene("clean", SHORT).data,
        {
            b"stsz": _full(1, count),
            b"stts": _full(1, count, 1),
            b"stsc": _full(1, 1, count, 1),
            b"stco": _full(1, 48),
            b"stss": _full(1, 1),
            b"ctts": _full(1, count, 1),
        },
    )


def mp4_four_billion_samples() -> bytes:
    """Agree on 2^32-1 samples: a table of 32 GiB if it were made."""
    return _samples(MANY)


def mp4_samples_at_the_limit() -> bytes:
    """Agree on as many samples as we look at: the largest tables that we ever make."""
    return _samples(2_000_000)


def mp4_samples_all_keys() -> bytes:
    """Let each of two million samples be a key frame a day after the one before."""
    data = _samples(2_000_000)
    box = mp4.find(data, b"stss")
    return mp4.patched(data, box.offset + 4, b"free")


def mp4_of_empty_boxes() -> bytes:
    """Put a quarter of a million boxes without a body behind each other."""
    return scene("clean", SHORT).data + mp4.make(b"free", b"") * 250_000


def mp4_of_tracks() -> bytes:
    """Repeat the track four thousand times."""
    data = scene("clean", SHORT).data
    moov, trak = mp4.find(data, b"moov"), mp4.find(data, b"trak")
    body = data[moov.offset + moov.header : moov.end] + data[trak.offset : trak.end] * 4_000
    return data[: moov.offset] + mp4.make(b"moov", body)


def mp4_moov_of_1_gib() -> bytes:
    """Claim an index of a gibibyte."""
    data = scene("clean", SHORT).data
    return mp4.patched(data, mp4.find(data, b"moov").offset, struct.pack(">I", 1 << 30))


def _runs(tracks: int, count: int) -> bytes:
    """Return fragments that claim ``count`` samples of each track without telling one of them."""
    data = scene("fragmented_mp4", SHORT).data
    moov = mp4.find(data, b"moov")
    ids = [struct.unpack_from(">I", data, one.offset + 20)[0] for one in _heads(data)]
    traf = b"".join(
        mp4.make(
            b"traf",
            mp4.make(b"tfhd", struct.pack(">IIII", 0x20018, ids[n % len(ids)], 1, 1))
            + mp4.make(b"trun", struct.pack(">II", 0, count)),
        )
        for n in range(tracks)
    )
    return data[: moov.end] + mp4.make(b"moof", mp4.make(b"mfhd", bytes(8)) + traf)


def _heads(data: bytes) -> list[mp4.Box]:
    return list(mp4.everywhere(data, b"tkhd"))


def mp4_fragment_of_millions() -> bytes:
    """Claim two million samples for each track in one fragment of two hundred bytes."""
    return _runs(2, 1_999_999)


def mp4_fragment_of_many_runs() -> bytes:
    """Claim a hundred samples in each of nine thousand runs."""
    return _runs(4_000, 100)


# --- Matroska ---------------------------------------------------------------------------------


def _element(kind: bytes, body: bytes, size: int | None = None) -> bytes:
    length = len(body) if size is None else size
    return kind + struct.pack(">Q", 1 << 56 | length) + body


EBML = _element(b"\x1a\x45\xdf\xa3", _element(b"\x42\x82", b"matroska"))
SEGMENT, TRACKS, TRACK, CLUSTER = (
    b"\x18\x53\x80\x67",
    b"\x16\x54\xae\x6b",
    b"\xae",
    b"\x1f\x43\xb6\x75",
)
INFO, SEEK_HEAD, SEEK = b"\x15\x49\xa9\x66", b"\x11\x4d\x9b\x74", b"\x4d\xbb"


def _mkv_track(number: int, more: bytes = b"") -> bytes:
    facts = _element(b"\xd7", bytes([number])) + _element(b"\x73\xc5", bytes([number]))
    return _element(
        TRACK, facts + _element(b"\x83", b"\x11") + _element(b"\x86", b"S_TEXT/UTF8") + more
    )


def mkv_nested() -> bytes:
    """Put ten thousand masters into each other (chapters may hold chapters)."""
    inner = b""
    for _ in range(10_000):
        inner = _element(b"\xb6", inner)
    return EBML + _element(SEGMENT, _element(b"\x10\x43\xa7\x70", _element(b"\x45\xb9", inner)))


def mkv_sizes() -> bytes:
    """Claim 2^55 bytes for every element."""
    return EBML + _element(SEGMENT, _element(TRACKS, _mkv_track(1), (1 << 55) - 1), (1 << 55) - 1)


def mkv_seek_circle() -> bytes:
    """Let the table of contents name itself, a thousand times."""
    one = _element(b"\x53\xab", SEEK_HEAD) + _element(b"\x53\xac", b"\0")
    return EBML + _element(SEGMENT, _element(SEEK_HEAD, _element(SEEK, one) * 1_000))


def mkv_deflated() -> bytes:
    """Say that packets are deflated, and send nine megabytes of nothing in each of twenty."""
    algorithm = _element(b"\x50\x34", _element(b"\x42\x54", b"\0"))
    coded = _element(b"\x6d\x80", _element(b"\x62\x40", _element(b"\x50\x33", b"\0") + algorithm))
    block = _element(b"\xa3", b"\x81\0\0\x80" + zlib.compress(bytes(9_000_000), 9))
    cluster = _element(CLUSTER, _element(b"\xe7", b"\0") + block * 20)
    info = _element(INFO, _element(b"\x2a\xd7\xb1", struct.pack(">I", 1_000_000)))
    return EBML + _element(SEGMENT, info + _element(TRACKS, _mkv_track(1, coded)) + cluster)


# --- transport streams, AVI and others --------------------------------------------------------


def _section(pid: int, table: int, number: int, version: int, body: bytes) -> bytes:
    head = struct.pack(">BHHBBB", table, 0xB000 | len(body) + 9, number, 0xC1 | version << 1, 0, 0)
    section = head + body
    packet = (
        struct.pack(">BHB", 0x47, 0x4000 | pid, 0x10)
        + b"\0"
        + section
        + struct.pack(">I", _crc(section))
    )
    return packet.ljust(188, b"\xff")


@cache
def _crc_of(byte: int) -> int:
    value = byte << 24
    for _ in range(8):
        value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & MANY
    return value


def _crc(data: bytes, value: int = MANY) -> int:
    """Return the CRC-32 of MPEG (ISO/IEC 13818-1, annex A); of Ogg, where it begins with 0."""
    for byte in data:
        value = (value << 8 & MANY) ^ _crc_of(value >> 24 ^ byte)
    return value


def ts_endless_tables() -> bytes:
    """Change the programmes with each packet: two thousand times new streams."""
    out = []
    for turn in range(1_000):
        pid = 0x100 + turn % 0x1000
        out.append(_section(0, 0, 1, turn % 32, struct.pack(">HH", 1 + turn, 0xE000 | pid)))
        streams = b"".join(
            struct.pack(">BHH", 0x1B, 0xE000 | (pid + each) % 0x1FFF, 0xF000) for each in range(30)
        )
        out.append(
            _section(pid, 2, 1 + turn, turn % 32, struct.pack(">HH", 0xE100, 0xF000) + streams)
        )
    return b"".join(out) + scene("ts", SHORT).data


def ts_of_one_packet() -> bytes:
    """Begin a packet of video of no length and never end it."""
    pes = struct.pack(">BHB", 0x47, 0x4100, 0x10) + b"\0\0\1\xe0\0\0\x80\0\0"
    more = struct.pack(">BHB", 0x47, 0x0100, 0x10)
    table = _section(0, 0, 1, 0, struct.pack(">HH", 1, 0xE020))
    streams = struct.pack(">HHBHH", 0xE100, 0xF000, 0x1B, 0xE100, 0xF000)
    first = table + _section(0x20, 2, 1, 0, streams) + pes.ljust(188, b"\0")
    return first + more.ljust(188, b"\0") * 20_000


def _riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _avi(index: Callable[[int], bytes]) -> bytes:
    """Return an AVI whose super index, whose place ``index`` is told, is a lie."""
    stream = b"vidsMJPG" + struct.pack("<IHHIIIIIIII", 0, 0, 0, 0, 1, 25, 0, 25, 1 << 20, MANY, 0)
    form = struct.pack("<IiiHHIIiiII", 40, 64, 48, 1, 24, 0, 0, 0, 0, 0, 0)
    lead = _riff(b"strh", stream + bytes(8)) + _riff(b"strf", form)
    main = _riff(b"avih", struct.pack("<14I", 40_000, 0, 0, 0x910, 25, 0, 1, 0, 64, 48, 0, 0, 0, 0))
    at = 12 + 12 + len(main) + 12 + len(lead)
    inside = main + _riff(b"LIST", b"strl" + lead + index(at))
    body = b"AVI " + _riff(b"LIST", b"hdrl" + inside)
    return _riff(b"RIFF", body + _riff(b"LIST", b"movi" + _riff(b"00dc", bytes(64))))


def avi_index_in_itself() -> bytes:
    """Let two entries of the super index name the super index: 2^1000 visits if it is believed."""
    return _avi(
        lambda at: _riff(
            b"indx",
            struct.pack("<HBBI4s3I", 4, 0, 0, 2, b"00dc", 0, 0, 0)
            + struct.pack("<QII", at, 4_096, 1) * 2,
        )
    )


def avi_index_of_millions() -> bytes:
    """Claim four thousand million entries in the index."""
    head = struct.pack("<HBBI4s3I", 2, 0, 1, MANY, b"00dc", 0, 0, 0)
    return _avi(lambda _: _riff(b"indx", head + bytes(8_000)))


def wav_of_4_gib() -> bytes:
    """Claim four gibibytes of sound in 65535 channels."""
    form = struct.pack("<HHIIHH", 1, 0xFFFF, 0x3FFFFFFF, MANY, 0xFFFF, 32)
    data = b"data" + struct.pack("<I", MANY) + bytes(4_096)
    return b"RIFF" + struct.pack("<I", MANY) + b"WAVE" + _riff(b"fmt ", form) + data


def mp3_tag_of_256_mib() -> bytes:
    """Claim an ID3 tag with a picture as large as a tag can be."""
    return b"ID3\4\0\0\x7f\x7f\x7f\x7fAPIC\x7f\x7f\x7f\x7f\0\0\0image/png\0\3\0" + bytes(4_096)


def flac_picture_of_4_gib() -> bytes:
    """Claim a cover of four gibibytes."""
    stream = b"\0\0\0\x22" + bytes(10) + b"\x0a\xc4\x42\xf0" + bytes(20)
    return b"fLaC" + stream + b"\x06\xff\xff\xff" + struct.pack(">II", 3, MANY) + bytes(4_096)


def flv_nested() -> bytes:
    """Nest objects of the metadata two thousand deep, with arrays of 2^32-1 in them."""
    deep = b"\x08\xff\xff\xff\xff\0\1a\x03\0\1a" * 2_000
    body = b"\x02\0\x0aonMetaData" + deep
    tag = b"\x12" + struct.pack(">I", len(body))[1:] + bytes(7) + body
    return b"FLV\1\5\0\0\0\x09\0\0\0\0" + tag + struct.pack(">I", len(tag))


def asf_sizes() -> bytes:
    """Claim 2^63 bytes for the first object."""
    guid = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
    return guid + struct.pack("<QIH", 1 << 63, MANY, 0x0201) + (guid + struct.pack("<Q", 0)) * 50


def ogg_of_pages() -> bytes:
    """Begin a new stream with every page, ten thousand times."""
    return b"".join(map(_ogg_page, range(10_000)))


def _ogg_page(serial: int) -> bytes:
    head = b"OggS\0\2" + struct.pack("<QII", 0, serial, 0)
    body = b"\1\x0e\x7fFLAC\1\0\0\1fLaC\0"
    return head + struct.pack("<I", _crc(head + bytes(4) + body, 0)) + body


def log_of_one_line() -> bytes:
    """Write a megabyte without an end of line, all of it almost a field."""
    return b"serial: " * 131_072


def log_of_fields() -> bytes:
    """Tell a hundred thousand serials."""
    return b"".join(b"sn=%d\n" % number for number in range(100_000))


BOMBS: dict[str, Callable[[], bytes]] = {
    make.__name__: make
    for make in (
        jpeg_65535, jpeg_of_markers, jpeg_exif_circle, png_2_31, png_65535_deflated,
        mp4_four_billion_samples, mp4_samples_at_the_limit, mp4_samples_all_keys,
        mp4_of_empty_boxes, mp4_of_tracks, mp4_moov_of_1_gib, mp4_fragment_of_millions,
        mp4_fragment_of_many_runs, mkv_nested, mkv_sizes, mkv_seek_circle, mkv_deflated,
        ts_endless_tables, ts_of_one_packet, avi_index_in_itself, avi_index_of_millions,
        wav_of_4_gib, mp3_tag_of_256_mib, flac_picture_of_4_gib, flv_nested, asf_sizes,
        ogg_of_pages, log_of_one_line, log_of_fields,
    )
}  # fmt: skip

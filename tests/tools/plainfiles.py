"""Scenes that are no film: photos, logs, empty and unknown files."""

import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import av

from evidence.findings import Finding
from tests.tools.pattern import picture
from tests.tools.scene import Scene, dcam_name, utc

SERIAL, OFFICER, UNIT = "K7F3A2C", "000001", "330100000001"  # fictional


def device_log(
    begin: datetime,
    names: tuple[str, ...] = (),
    *,
    serial: str = SERIAL,
    device: str = "CAM001",
    officer: str = OFFICER,
    unit: str = UNIT,
) -> str:
    """Return what a recorder writes into its log during a shift, in its own local time.

    One line each: ``yyyy-MM-dd HH:mm:ss WORD key=value …``.  ``names``: the files it recorded.
    """
    lines = [
        (0, f"POWER_ON serial={serial} device={device} firmware=2.4.1"),
        (1, f"LOGIN officer={officer} unit={unit}"),
        (2, "CLOCK source=rtc battery=97"),
    ]
    for number, name in enumerate(names):
        lines += [(60 + 60 * number, f"REC_START file={name}"), (119 + 60 * number, "REC_STOP")]
    end = 120 + 60 * len(names)
    lines += [
        (end, "BATTERY_LOW percent=10"),
        (end + 30, "USB_CONNECT"),
        (end + 31, f"POWER_OFF serial={serial}"),
    ]
    return "".join(
        f"{begin + timedelta(seconds=at):%Y-%m-%d %H:%M:%S} {text}\r\n" for at, text in lines
    )


def photo(begin: datetime, width: int = 320, height: int = 240, seed: int = 0) -> bytes:
    """Return a JPEG with EXIF ``DateTimeOriginal`` (local time, as cameras write it)."""
    plain = _jpeg(width, height, seed)
    exif = _exif(f"{begin:%Y:%m:%d %H:%M:%S}".encode() + b"\0")
    return plain[:2] + exif + plain[2:]


@lru_cache(maxsize=16)
def _jpeg(width: int, height: int, seed: int) -> bytes:
    codec: Any = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuvj420p"
    codec.time_base = Fraction(1, 25)
    codec.options = {"flags": "+bitexact", "threads": "1"}
    frame = av.VideoFrame.from_ndarray(picture(seed, width, height, seed=seed), format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])


def _exif(when: bytes) -> bytes:
    """Return an APP1 segment: IFD0 with one pointer, the Exif IFD with tag 0x9003 (EXIF 2.3)."""
    ifd0 = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 26, 0)
    below = struct.pack("<HHHIII", 1, 0x9003, 2, len(when), 44, 0)
    body = b"Exif\0\0II*\0" + struct.pack("<I", 8) + ifd0 + below + when
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# --- the scenes -----------------------------------------------------------------------------


def _photo_jpeg(begin: datetime) -> Scene:
    return Scene(
        name="", file_name=dcam_name(begin, "jpg"), data=photo(begin), kind="photo",
        container="jpeg", created=utc(begin),
        may=frozenset({Finding.NO_AUDIO}),
    )  # fmt: skip


def _photo_broken(begin: datetime) -> Scene:
    made = _photo_jpeg(begin)
    return replace(
        made,
        data=made.data[: len(made.data) // 2],
        fault="the second half of the picture is missing",
        any_of=frozenset({Finding.TRUNCATED, Finding.UNDECODABLE, Finding.DAMAGED}),
    )


def _zero_bytes(begin: datetime) -> Scene:
    name = dcam_name(begin)
    must = frozenset({Finding.EMPTY})
    return Scene(name="", file_name=name, data=b"", kind="empty", fault="is empty", must=must)


def _device_log(begin: datetime) -> Scene:
    text = device_log(begin, (dcam_name(begin),))
    return Scene(name="", file_name="DEVICE.LOG", data=text.encode(), kind="log", may=_NAMELESS)


def _gbk_log(begin: datetime) -> Scene:
    text = device_log(begin).replace("POWER_ON", "开机 POWER_ON") + "注意:存储卡已满\r\n"
    return Scene(name="", file_name="日志.txt", data=text.encode("gbk"), kind="log", may=_NAMELESS)


def _unknown_binary(begin: datetime) -> Scene:
    data = b"\x00\x9c\xfe" + Random(f"{begin:%Y}").randbytes(40_000)
    return Scene(name="", file_name="FW.BIN", data=data, kind="unknown", may=_NAMELESS)


def _text_named_mp4(begin: datetime) -> Scene:
    return Scene(
        name="",
        file_name=dcam_name(begin),
        data=b"this is not a film\r\n" * 50,
        kind="log",
        fault="its name says film, its bytes are text",
        must=frozenset({Finding.UNDECODABLE}),
    )


def _noise_named_mp4(begin: datetime) -> Scene:
    return Scene(
        name="",
        file_name=dcam_name(begin),
        data=b"\x01\xf3" + Random(7).randbytes(60_000),
        kind="unknown",
        fault="its name says film, its bytes are noise",
        must=frozenset({Finding.UNDECODABLE}),
    )


_NAMELESS = frozenset({Finding.NAME_UNKNOWN, Finding.UNDECODABLE})

ALL: dict[str, Callable[[datetime], Scene]] = {
    "photo_jpeg": _photo_jpeg,
    "photo_broken": _photo_broken,
    "zero_bytes": _zero_bytes,
    "device_log": _device_log,
    "gbk_log": _gbk_log,
    "unknown_binary": _unknown_binary,
    "text_named_mp4": _text_named_mp4,
    "noise_named_mp4": _noise_named_mp4,
}

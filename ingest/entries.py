"""The first entry of ``stsd``: what a track is made of (ISO/IEC 14496-12, 8.5.2 and 12.1-12.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from struct import unpack_from
from typing import Final

VIDEO_BYTES: Final = 36  # of a visual sample entry up to its height
AUDIO_BYTES: Final = 36  # of an audio sample entry up to its rate

# Names as libavcodec gives them, so that boxes and packets tell the same of the same track.
CODECS: Final[Mapping[bytes, str]] = {
    b"avc1": "h264",
    b"avc3": "h264",
    b"hev1": "hevc",
    b"hvc1": "hevc",
    b"mp4v": "mpeg4",
    b"av01": "av1",
    b"vp09": "vp9",
    b"jpeg": "mjpeg",
    b"mjpa": "mjpeg",
    b"s263": "h263",
    b"mp4a": "aac",
    b".mp3": "mp3",
    b"alac": "alac",
    b"Opus": "opus",
    b"ac-3": "ac3",
    b"samr": "amr_nb",
    b"sawb": "amr_wb",
    b"alaw": "pcm_alaw",
    b"ulaw": "pcm_mulaw",
    b"sowt": "pcm_s16le",
    b"twos": "pcm_s16be",
    b"tx3g": "mov_text",
}


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """Codec, and what the entry tells of its pictures (pixels) or sound (samples a second)."""

    codec: str
    width: int | None = None
    height: int | None = None
    rate: int | None = None
    channels: int | None = None


def sample_entry(stsd: memoryview, kind: str) -> SampleEntry:
    """Return the first entry; further ones describe rare changes within a track."""
    entry = stsd[8:]
    if len(entry) < 8:  # noqa: PLR2004 - the header of a box
        return SampleEntry("unknown")
    fourcc = bytes(entry[4:8])
    codec = CODECS.get(fourcc) or _printable(fourcc)
    if kind == "video" and len(entry) >= VIDEO_BYTES:
        width, height = unpack_from(">HH", entry, 32)
        return SampleEntry(codec, width=width or None, height=height or None)
    if kind == "audio" and len(entry) >= AUDIO_BYTES:
        channels, _, _, rate = unpack_from(">HHII", entry, 24)
        return SampleEntry(codec, rate=(rate >> 16) or None, channels=channels or None)
    return SampleEntry(codec)


def _printable(fourcc: bytes) -> str:
    text = "".join(chr(one) if 0x20 < one < 0x7F else "?" for one in fourcc)  # noqa: PLR2004 - ASCII
    return text.lower()

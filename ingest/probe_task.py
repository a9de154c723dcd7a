"""Child side of the probe: which reader a file needs, by its first bytes and never by its name."""

import re
from typing import Final

from evidence.json import Json, JsonObject
from evidence.ports import Source
from ingest.answer import ProbeLimits, answer
from ingest.boxes import read_boxes
from ingest.plain import PARSER, is_text, read_plain

HEAD_BYTES: Final = 4096
TOP_KINDS: Final = frozenset(
    (b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot", b"sidx")
)
PICTURE_BRANDS: Final = frozenset((b"heic", b"heix", b"mif1", b"avif"))

# What libavformat calls the demuxers that may be asked for; each is one door more, so few.
SIGNS: Final = (
    ("avi", re.compile(rb"RIFF....AVI ", re.DOTALL)),
    ("wav", re.compile(rb"RIFF....WAVE", re.DOTALL)),
    ("matroska", re.compile(rb"\x1a\x45\xdf\xa3", re.DOTALL)),
    ("mpegts", re.compile(rb"\x47.{187}\x47.{187}\x47", re.DOTALL)),
    ("mpegts", re.compile(rb".{4}\x47.{191}\x47.{191}\x47", re.DOTALL)),  # M2TS: a time before each
    ("mpeg", re.compile(rb"\x00\x00\x01\xba", re.DOTALL)),
    ("h264", re.compile(rb"\x00?\x00\x00\x01[\x07\x09\x27\x67]", re.DOTALL)),  # SPS, delimiter
    ("hevc", re.compile(rb"\x00?\x00\x00\x01[\x40\x42\x46]", re.DOTALL)),  # VPS, SPS, delimiter
    ("asf", re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", re.DOTALL)),
    ("flv", re.compile(rb"FLV\x01", re.DOTALL)),
    ("ogg", re.compile(rb"OggS", re.DOTALL)),
    ("flac", re.compile(rb"fLaC", re.DOTALL)),
    ("amr", re.compile(rb"#!AMR", re.DOTALL)),
    ("aac", re.compile(rb"\xff[\xf0\xf1\xf8\xf9]", re.DOTALL)),
    ("mp3", re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", re.DOTALL)),
)
SOUND_ONLY: Final = frozenset(("wav", "ogg", "flac", "amr", "aac", "mp3"))
FORMATS: Final = frozenset(name for name, _ in SIGNS)
TS_BYTES: Final = 188


def probe(source: Source, request: JsonObject) -> Json:
    """Return the answer of ``ingest/answer.py``, or ``{"packets": format}``.

    ``request``: ``ProbeLimits.request()``.  The second answer means that the file has no sample
    table: its packets are for another child, which is the only one to carry the demuxers.
    """
    head = source.read(0, HEAD_BYTES)
    if head[4:8] in TOP_KINDS:
        if head[8:12] in PICTURE_BRANDS:
            return answer("photo", "heif", PARSER)
        return read_boxes(source, ProbeLimits.of(request))
    form = next((name for name, sign in SIGNS if sign.match(head)), None)
    if form and not (form in {"mp3", "aac"} and is_text(head)):
        return {"packets": form}
    return read_plain(source)


def warm() -> None:
    """Load what is loaded late: codecs for text that only a broken file brings up."""
    is_text("中文".encode("gbk"))
    b"\xff".decode("utf-8", errors="replace")

"""The box ``moov``, as far as no sample is touched: tracks, their tables as raw bytes, times.

Source: ISO/IEC 14496-12 (mvhd 8.2.2, mdhd 8.4.2, hdlr 8.4.3, elst 8.6.6, stsd 8.5.2, trex 8.8.3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from struct import calcsize, unpack_from
from struct import error as StructError  # noqa: N812 - the one exception of a module of functions
from typing import Final, Literal

from evidence.errors import ParserError
from ingest.atoms import children, first_children, version
from ingest.entries import SampleEntry, sample_entry

TRACK_LIMIT: Final = 32
SECONDS_1904_TO_1970: Final = 2_082_844_800
EDIT_LIMIT: Final = 64  # of an edit list; only where the media begins is of interest
TICKS_LIMIT: Final = 1 << 50  # of any time stamp: products with 1000 stay within 63 bits
SECONDS_LIMIT: Final = 1 << 34  # a creation time beyond the year 2400 is none

KINDS: Final[Mapping[bytes, Literal["video", "audio"]]] = {b"vide": "video", b"soun": "audio"}
TABLES: Final = (b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss")
NOTHING: Final = memoryview(b"")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What ``trex`` gives to samples of fragments that say nothing themselves."""

    duration: int = 0
    size: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class MovieTrack:
    """One track: ``tables`` are the bodies of its sample tables, unread.

    ``shift``: ticks to add to the media's times so that they are those of the presentation.
    """

    number: int
    kind: Literal["video", "audio", "data"]
    entry: SampleEntry
    timescale: int  # ticks per second, never 0
    shift: int
    tables: Mapping[bytes, memoryview]


@dataclass(slots=True)
class Movie:
    """What ``moov`` tells; ``damage`` names the places that contradict the standard."""

    created_ms: int | None = None
    timescale: int = 0
    fragmented: bool = False
    tracks: list[MovieTrack] = field(default_factory=list)
    defaults: dict[int, Defaults] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)


def read_movie(body: memoryview) -> Movie:
    """Read the body of ``moov``; what is broken goes into ``damage``, the rest is still told."""
    movie = Movie()
    found = []
    try:
        for child in children(body):
            found.append(child)  # noqa: PERF402 - what lies before the broken box is kept
    except ParserError as error:
        movie.damage.append(str(error.facts["because"]))
    for kind, inner in found:
        reader = {b"mvhd": _read_header, b"mvex": _read_extends}.get(kind)
        if reader:
            _guarded(movie, reader, inner)
    for inner in (inner for kind, inner in found if kind == b"trak"):
        if len(movie.tracks) >= TRACK_LIMIT:
            movie.damage.append("too_many_tracks")
            break
        _guarded(movie, _read_track, inner)
    return movie


def _guarded(movie: Movie, reader: Callable[[Movie, memoryview], None], body: memoryview) -> None:
    try:
        reader(movie, body)
    except ParserError as error:
        movie.damage.append(str(error.facts["because"]))
    except StructError:
        movie.damage.append("box_too_short")


def _read_header(movie: Movie, body: memoryview) -> None:
    """Read ``mvhd``: version 1 has times of 64 bits, version 0 of 32."""
    created, _, movie.timescale = unpack_from(">QQI" if version(body) else ">III", body, 4)
    seconds = created - SECONDS_1904_TO_1970
    if 0 < seconds < SECONDS_LIMIT:  # zero is "not set"; before 1970 nobody recorded anything
        movie.created_ms = seconds * 1000


def _read_extends(movie: Movie, body: memoryview) -> None:
    movie.fragmented = True
    for kind, inner in children(body):
        if kind == b"trex":
            number, _, duration, size, flags = unpack_from(">IIIII", inner, 4)
            movie.defaults[number] = Defaults(duration, size, flags)


def _read_track(movie: Movie, body: memoryview) -> None:
    track = first_children(body)
    media = first_children(_needed(track, b"mdia"))
    info = first_children(_needed(media, b"minf"))
    tables = first_children(_needed(info, b"stbl"))
    (handler,) = unpack_from(">4s", _needed(media, b"hdlr"), 8)
    timescale = _timescale(_needed(media, b"mdhd"))
    kind: Literal["video", "audio", "data"] = KINDS.get(handler, "data")
    movie.tracks.append(
        MovieTrack(
            number=_number(_needed(track, b"tkhd")),
            kind=kind,
            entry=sample_entry(tables.get(b"stsd", NOTHING), kind),
            timescale=timescale,
            shift=_shift(track.get(b"edts", NOTHING), timescale, movie.timescale),
            tables={name: tables[name] for name in TABLES if name in tables},
        )
    )


def _needed(boxes: Mapping[bytes, memoryview], kind: bytes) -> memoryview:
    if kind not in boxes:
        raise ParserError("parser_refused", because=f"no_{kind.decode()}")
    return boxes[kind]


def _number(body: memoryview) -> int:
    (number,) = unpack_from(">I", body, 20 if version(body) else 12)
    return int(number)


def _timescale(body: memoryview) -> int:
    (timescale,) = unpack_from(">I", body, 20 if version(body) else 12)
    if not timescale:
        raise ParserError("parser_refused", because="zero_timescale")
    return int(timescale)


def _shift(edts: memoryview, timescale: int, movie_timescale: int) -> int:
    """Return where the presentation begins in the media: leading pauses, then the first edit."""
    body = first_children(edts).get(b"elst", NOTHING)
    if not body:
        return 0
    (count,) = unpack_from(">I", body, 4)
    form = ">QqI" if version(body) else ">IiI"
    pause = 0
    for at in range(min(count, EDIT_LIMIT)):
        length, begin, _ = unpack_from(form, body, 8 + at * calcsize(form))
        if begin >= 0:
            return _sane(pause * timescale // movie_timescale if movie_timescale else 0) - _sane(
                begin
            )
        pause += length
    return 0


def _sane(ticks: int) -> int:
    if ticks > TICKS_LIMIT:
        raise ParserError("parser_refused", because="edit_list")
    return ticks

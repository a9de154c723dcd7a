"""ISO BMFF (MP4, MOV, fragmented MP4) read from its index instead of its bytes.

The index tells everything that a demuxer would find by walking through the file, for a few reads
and a few milliseconds an hour.  It describes and does not prove: bytes are proven by digests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from evidence.errors import ParserError
from evidence.findings import Finding
from evidence.json import JsonObject
from evidence.ports import Source
from ingest.answer import answer, note, track
from ingest.atoms import LONG_HEADER, SHORT_HEADER, Box, Window, top_boxes
from ingest.fragments import MOOF_LIMIT_BYTES, Collected, empty, read_fragment
from ingest.movie import Movie, MovieTrack, read_movie
from ingest.tables import (
    EMPTY,
    Table,
    end_of,
    expand,
    joined,
    range_damage,
    read_table,
)
from ingest.timeline import Integers, Samples, cut_columns, milliseconds, pace, times

PARSER: Final = "boxes/1"
MOOV_LIMIT_BYTES: Final = 64 * 1024 * 1024  # a day of pictures and sound needs about 50
OUR_LIMITS: Final = frozenset(
    ("too_many_samples", "too_many_tracks", "too_many_boxes", "index_too_large")
)
QUICKTIME: Final = b"qt  "


@dataclass(slots=True)
class File:
    """What lies on the outermost level; ``end`` is where the last box claims to end."""

    size: int
    brand: bytes = b""
    end: int = 0
    media: list[tuple[int, int]] = field(default_factory=list)  # bodies of mdat: from, until
    movie: Movie | None = None
    collected: dict[int, Collected] = field(default_factory=dict)
    fragments: int = 0
    damage: dict[str, None] = field(default_factory=dict)  # in order, each word once


@dataclass(frozen=True, slots=True)
class TrackRead:
    """A track with its tables; ``samples`` only where each one is looked at."""

    track: MovieTrack
    table: Table
    samples: Samples | None
    starts: Integers
    ends: Integers

    @property
    def count(self) -> int:
        """Return how many samples the track has."""
        return len(self.samples.dts) if self.samples else self.table.count


def read_boxes(source: Source) -> JsonObject:
    """Return the answer for a file of boxes.  Raises ``ParserError`` where a limit is passed."""
    file = _walk(Window(source))
    if file.movie is None:
        noted = [note(Finding.NO_INDEX), *_truncated(file, 0)]
        return answer("video", _container(file), PARSER, noted=noted)
    tracks = [_read_track(one, file) for one in file.movie.tracks]
    main = _main(tracks)
    samples = main.samples if main else None
    rate, timing = pace(samples) if samples else (None, [])
    told = times(samples) if samples else {}
    last = end_of(one.ends for one in tracks)
    for because in range_damage(
        [one.starts for one in tracks], [one.ends for one in tracks], file.media
    ):
        file.damage.setdefault(because)
    return answer(
        "video" if _has(tracks, "video") or not _has(tracks, "audio") else "audio",
        _container(file),
        PARSER,
        duration_ms=_length(told),
        created_ms=file.movie.created_ms,
        tracks=[_told(one, rate if one is main else None) for one in tracks],
        cuts=cut_columns(file.size, samples, min(last, file.size)) if samples else None,
        noted=[*_index(tracks, file), *_truncated(file, last), *_damaged(file), *timing],
    )


# --- the outermost level ----------------------------------------------------------------------


def _walk(window: Window) -> File:
    file = File(window.size)
    for box in top_boxes(window):
        file.end = box.end
        if box.kind == b"ftyp":
            file.brand = window.read(box.body, 4)
        elif box.kind == b"mdat":
            file.media.append((box.body, box.end))
        elif box.end > file.size:
            continue  # cut: what is missing of an index cannot be guessed
        elif box.kind == b"moov" and file.movie is None:
            file.movie = read_movie(_body(window, box, MOOV_LIMIT_BYTES))
            file.damage.update(dict.fromkeys(file.movie.damage))
            file.collected = empty(one.number for one in file.movie.tracks)
        elif box.kind == b"moof" and file.movie:
            _fragment(window, box, file, file.movie)
    _look_behind(window, file)
    return file


def _look_behind(window: Window, file: File) -> None:
    """Judge what lies behind the last box."""
    rest = window.read(file.end, LONG_HEADER)
    if 0 < len(rest) < SHORT_HEADER:
        file.end += SHORT_HEADER  # a box was begun: at least its header is missing
    elif any(rest):  # zeros are room that was not needed
        file.damage["not_a_box"] = None


def _body(window: Window, box: Box, limit_bytes: int) -> memoryview:
    if box.size > limit_bytes:
        raise ParserError("parser_refused", because="index_too_large")
    return memoryview(window.read(box.body, box.size - box.header))


def _fragment(window: Window, box: Box, file: File, movie: Movie) -> None:
    file.fragments += 1
    try:
        body = _body(window, box, MOOF_LIMIT_BYTES)
        read_fragment(body, box.offset, movie.defaults, file.collected)
    except ParserError as error:
        file.damage.setdefault(str(error.facts["because"]))


# --- tracks -----------------------------------------------------------------------------------


def _read_track(track: MovieTrack, file: File) -> TrackRead:
    """Read one track; where its tables contradict each other, it is told without samples."""
    collected = file.collected[track.number]
    table, samples = EMPTY, None
    try:
        table = read_table(track.tables)
        if track.kind == "video" or collected.key or not _shows(file):
            samples = expand(track.tables, table, track.timescale, track.shift)
    except ParserError as error:
        file.damage.setdefault(str(error.facts["because"]))
    starts, ends = table.chunks, table.ends
    if collected.key:
        samples = joined(samples, collected, track.shift, track.timescale)
        starts, ends = samples.offset, samples.offset + samples.size
    return TrackRead(track, table, samples, starts, ends)


def _shows(file: File) -> bool:
    """Whether some track shows pictures: then samples of sound need not be looked at."""
    tracks = file.movie.tracks if file.movie else []
    return any(one.kind == "video" for one in tracks)


def _main(tracks: Sequence[TrackRead]) -> TrackRead | None:
    """Return the track that tells time and cuts: pictures before sound."""
    for kind in ("video", "audio"):
        for one in tracks:
            if one.track.kind == kind and one.samples and one.count:
                return one
    return None


def _told(one: TrackRead, rate: int | None) -> JsonObject:
    entry, kind = one.track.entry, one.track.kind
    spoken = (entry.rate or one.track.timescale) * 1000 if kind == "audio" else None
    return track(
        kind,
        entry.codec,
        one.count,
        timescale=one.track.timescale,
        width=entry.width,
        height=entry.height,
        channels=entry.channels,
        rate_milli=spoken or rate,
        **(times(one.samples) if one.samples else _span(one)),
    )


def _span(one: TrackRead) -> JsonObject:
    """Return the times of a track whose samples follow each other without reordering."""
    if not one.count:
        return {}
    first, scale = one.track.shift, one.track.timescale
    end = first + one.table.duration
    return {
        "first_ms": milliseconds(first, scale),
        "last_ms": milliseconds(end, scale),
        "first_pts": first,
        "last_pts": end - one.table.last_duration,
    }


def _has(tracks: Sequence[TrackRead], kind: str) -> bool:
    return any(one.track.kind == kind for one in tracks)


def _length(told: JsonObject) -> int | None:
    first, last = told.get("first_ms"), told.get("last_ms")
    return last - first if isinstance(first, int) and isinstance(last, int) else None


# --- findings ---------------------------------------------------------------------------------


def _index(tracks: Sequence[TrackRead], file: File) -> Iterator[JsonObject]:
    """Tell of an index that is there and empty, and of sound that is not there."""
    if not any(one.count for one in tracks) and not file.damage:
        yield note(Finding.NO_INDEX)
    if _has(tracks, "video") and not _has(tracks, "audio"):
        yield note(Finding.NO_AUDIO)


def _truncated(file: File, last: int) -> Iterator[JsonObject]:
    missing = max(file.end, last) - file.size
    if missing > 0:
        yield note(Finding.TRUNCATED, missing_bytes=missing)


def _damaged(file: File) -> Iterator[JsonObject]:
    """Tell what is wrong; a limit of ours that was reached is not a fault of the film."""
    for because in file.damage:
        finding = Finding.PROBE_FAILED if because in OUR_LIMITS else Finding.DAMAGED
        yield note(finding, because=because)


def _container(file: File) -> str:
    if file.fragments:
        return "fragmented mp4"
    return "mov" if file.brand in {QUICKTIME, b""} else "mp4"

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
from ingest.answer import ProbeLimits, answer, note, track
from ingest.atoms import LONG_HEADER, SHORT_HEADER, Box, Window, top_boxes
from ingest.fragments import MOOF_LIMIT_BYTES, Fragments, empty, read_fragment
from ingest.movie import Movie, MovieTrack, read_movie
from ingest.tables import (
    EMPTY,
    Table,
    end_of,
    expand,
    expand_fragments,
    range_damage,
    read_table,
    run_ranges,
)
from ingest.timeline import BLOCK, Blocks, Integers, Survey, cut_columns, milliseconds, pace, survey

PARSER: Final = "boxes/1"
OUR_LIMITS: Final = frozenset(
    ("too_many_samples", "too_many_tracks", "too_many_boxes", "index_too_large")
)
KEPT_SAMPLES: Final = 2 * BLOCK  # five megabytes
QUICKTIME: Final = b"qt  "


@dataclass(slots=True)
class File:
    """What lies on the outermost level; ``end`` is where the last box claims to end."""

    size: int
    limits: ProbeLimits
    brand: bytes = b""
    end: int = 0
    media: list[tuple[int, int]] = field(default_factory=list)  # bodies of mdat: from, until
    movie: Movie | None = None
    collected: Fragments = field(default_factory=lambda: empty((), 0))
    fragments: int = 0
    samples: int = 0  # that were looked at one by one
    damage: dict[str, None] = field(default_factory=dict)  # in order, each word once


@dataclass(frozen=True, slots=True)
class TrackRead:
    """A track with its tables; ``blocks`` and ``seen`` only where each sample is looked at."""

    track: MovieTrack
    table: Table
    count: int
    starts: Integers
    ends: Integers
    blocks: Blocks | None
    seen: Survey | None


@dataclass(frozen=True, slots=True)
class Main:
    """The samples of the track that tells time and cuts."""

    seen: Survey
    blocks: Blocks


def read_boxes(source: Source, limits: ProbeLimits) -> JsonObject:
    """Return the answer for a file of boxes."""
    file = _walk(Window(source), limits)
    if file.movie is None:
        missing = [*_our_limits(file)] or [note(Finding.NO_INDEX)]
        return answer("video", _container(file), PARSER, noted=[*missing, *_truncated(file, 0)])
    tracks = [_read_track(one, file) for one in file.movie.tracks]
    main = _main(tracks)
    rate, timing = pace(main.seen, main.blocks) if main else (None, [])
    last = end_of(one.ends for one in tracks)
    for because in range_damage(
        [one.starts for one in tracks], [one.ends for one in tracks], file.media
    ):
        file.damage.setdefault(because)
    return answer(
        "video" if _has(tracks, "video") or not _has(tracks, "audio") else "audio",
        _container(file),
        PARSER,
        duration_ms=_length(main.seen.times) if main else None,
        created_ms=file.movie.created_ms,
        tracks=[_told(one, rate if main and one.seen is main.seen else None) for one in tracks],
        cuts=cut_columns(file.size, main.seen, main.blocks, min(last, file.size)) if main else None,
        noted=[*_index(tracks, file), *_truncated(file, last), *_damaged(file), *timing],
    )


# --- the outermost level ----------------------------------------------------------------------


def _walk(window: Window, limits: ProbeLimits) -> File:
    """Read the outermost level; where a limit is passed, what was read before it is kept."""
    file = File(window.size, limits)
    try:
        _read_boxes(window, file)
    except ParserError as error:
        file.damage.setdefault(str(error.facts["because"]))
    else:
        _look_behind(window, file)
    return file


def _read_boxes(window: Window, file: File) -> None:
    for box in top_boxes(window):
        file.end = box.end
        if box.kind == b"ftyp":
            file.brand = window.read(box.body, 4)
        elif box.kind == b"mdat":
            file.media.append((box.body, box.end))
        elif box.end > file.size:
            continue  # cut: what is missing of an index cannot be guessed
        elif box.kind == b"moov" and file.movie is None:
            file.movie = read_movie(_body(window, box, file.limits.index_bytes))
            file.damage.update(dict.fromkeys(file.movie.damage))
            file.collected = empty((one.number for one in file.movie.tracks), file.limits.samples)
        elif box.kind == b"moof" and file.movie:
            _fragment(window, box, file, file.movie)


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
    collected = file.collected.tracks[track.number]
    table, blocks = EMPTY, []
    try:
        table = read_table(track.tables)
        if track.kind == "video" or collected.size or not _shows(file):
            _spend(file, table.count + len(collected.size))
            blocks.append(expand(track.tables, table, track.timescale, track.shift))
    except ParserError as error:
        file.damage.setdefault(str(error.facts["because"]))
    if collected.size:
        blocks.append(expand_fragments(collected, track.timescale, track.shift))
    starts, ends = run_ranges(table, collected)
    count = table.count + len(collected.size)
    looked = _one_after_another(blocks, count) if blocks else None
    return TrackRead(
        track,
        table,
        count,
        starts,
        ends,
        looked,
        survey(looked, file.size) if looked else None,
    )


def _spend(file: File, samples: int) -> None:
    """Hold that all tracks together stay within the limit of a file."""
    if file.samples + samples > file.limits.samples:
        raise ParserError("parser_refused", because="too_many_samples")
    file.samples += samples


def _one_after_another(parts: Sequence[Blocks], count: int) -> Blocks:
    """Return all samples of a track; those of an hour are kept, those of a day made anew."""
    if count > KEPT_SAMPLES:
        return lambda: (block for blocks in parts for block in blocks())
    kept = [block for blocks in parts for block in blocks()]
    return lambda: kept


def _shows(file: File) -> bool:
    """Whether some track shows pictures: then samples of sound need not be looked at."""
    tracks = file.movie.tracks if file.movie else []
    return any(one.kind == "video" for one in tracks)


def _main(tracks: Sequence[TrackRead]) -> "Main | None":
    """Return the track that tells time and cuts: pictures before sound."""
    for kind in ("video", "audio"):
        for one in tracks:
            if one.track.kind == kind and one.blocks and one.seen and one.count:
                return Main(one.seen, one.blocks)
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
        **(one.seen.times if one.seen else _span(one)),
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


def _our_limits(file: File) -> Iterator[JsonObject]:
    for because in file.damage:
        if because in OUR_LIMITS:
            yield note(Finding.PROBE_FAILED, because=because)


def _container(file: File) -> str:
    if file.fragments:
        return "fragmented mp4"
    return "mov" if file.brand in {QUICKTIME, b""} else "mp4"

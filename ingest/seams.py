"""Continuity between the neighbouring files of one docking (the shallow part; article 12).

Pure: from what is known of each file to what is said of each join.  A seam that cannot be judged
says why; it is never guessed.  The objective ground: with automatic segmentation a recorder leaves
no time between two adjacent segments, so a missing stretch after a full-length segment means that a
running recording broke off, while one after a shorter segment means that somebody stopped it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from evidence.codec import parse_time
from evidence.findings import Finding
from evidence.json import Json, JsonObject
from evidence.states import Listed, Recognised, Sealed
from ingest.claims import claim_of

SeamKind = Literal[
    "contiguous", "overlap", "pause", "gap", "hole", "clock_jump", "truncated", "unknown"
]

BROKEN = frozenset({Finding.TRUNCATED, Finding.NO_INDEX, Finding.SHORTER_THAN_LISTED})
JUMP_MS = 24 * 3600 * 1000  # further than a day apart backwards: not an overlap but another clock
OVERLAP_MS = 10 * 60 * 1000  # pre-recording is seconds to minutes


@dataclass(frozen=True, slots=True)
class Piece:
    """What the rule needs of one file: when it claims to begin, how long it is, how it ended."""

    segment: str  # s:…
    line: int
    stream: str  # files of one stream follow each other: directory, device and kind
    begin: datetime | None
    duration_ms: int | None
    number: int | None
    broken: bool  # it has no proper end


@dataclass(frozen=True, slots=True)
class Seam:
    """The join between a piece and the next one, as it stands in ``seams.judged``.

    ``ms`` is the length of a gap, pause or overlap by the recorder's own clock, or the count of
    missing numbers of a hole.
    """

    before: Piece
    after: Piece | None
    kind: SeamKind
    ms: int | None = None
    because: str | None = None


def piece_of(sealed: Sealed) -> Piece | None:
    """Return the piece of a sealed sighting, or None for what is no recording (photo, log)."""
    stored = sealed.stored
    media, listed = stored.media, stored.received.listed
    broken = any(note.finding in BROKEN for note in sealed.noted)
    named_media = media.kind in {"video", "audio"} or (broken and listed.name.pattern is not None)
    if not named_media:
        return None
    claim = claim_of(listed, media)
    return Piece(
        sealed.segment,
        listed.line,
        _stream(listed),
        claim.time,
        media.duration_ms,
        listed.name.number,
        broken,
    )


def piece_of_known(recognised: Recognised) -> Piece | None:
    """Return the piece of a file that was recognised, from the entry that sealed it."""
    body, listed = recognised.sealed.body, recognised.listed
    if body.get("kind") not in {"video", "audio"}:
        return None
    codes = {note.get("finding") for note in _objects(body.get("noted"))}
    duration = body.get("duration_ms")
    return Piece(
        f"s:{recognised.sha256}",
        listed.line,
        _stream(listed),
        claim_of(listed, None).time if listed.name.time else _sealed_claim(body),
        duration if isinstance(duration, int) else None,
        listed.name.number,
        bool(codes & {str(code) for code in BROKEN}),
    )


def judge_seams(pieces: Iterable[Piece], tolerance_ms: int) -> tuple[Seam, ...]:
    """Return one seam for each pair of neighbours in a stream, and one for a broken last piece."""
    streams: dict[str, list[Piece]] = {}
    for piece in pieces:
        streams.setdefault(piece.stream, []).append(piece)
    return tuple(
        seam
        for stream in sorted(streams)
        for seam in _judge_stream(_ordered(streams[stream]), tolerance_ms)
    )


def _ordered(pieces: Sequence[Piece]) -> list[Piece]:
    """Order by number where every piece has its own, else by claimed time, else as listed."""
    numbers = [piece.number for piece in pieces]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return sorted(pieces, key=lambda piece: (piece.number or 0, piece.line))
    return sorted(
        pieces, key=lambda piece: (piece.begin is None, piece.begin and piece.begin.timestamp())
    )


def _judge_stream(pieces: Sequence[Piece], tolerance_ms: int) -> Iterator[Seam]:
    full_ms = split_length(pieces, tolerance_ms)
    for before, after in pairwise(pieces):
        yield _judge_pair(before, after, full_ms, tolerance_ms)
    if pieces[-1].broken:
        yield Seam(pieces[-1], None, "truncated")


def split_length(pieces: Sequence[Piece], tolerance_ms: int) -> int | None:
    """Return the length at which the recorder cuts a running recording, or None.

    Seen, not configured: the longest duration that at least two pieces share.
    """
    durations = [piece.duration_ms for piece in pieces if piece.duration_ms and not piece.broken]
    shared = Counter(duration // max(tolerance_ms, 1) for duration in durations)
    repeated = [bucket for bucket, count in shared.items() if count > 1]
    if not repeated:
        return None
    longest = max(durations)
    full = (max(repeated) + 1) * tolerance_ms
    # A single longer piece means that the shared length is no limit of the recorder.
    return max(repeated) * tolerance_ms if longest <= full + tolerance_ms else None


def _judge_pair(before: Piece, after: Piece, full_ms: int | None, tolerance_ms: int) -> Seam:
    missing = _missing_numbers(before, after)
    if missing:
        return Seam(before, after, "hole", missing)
    return _judge_timed(before, after, full_ms, tolerance_ms)


def _judge_timed(before: Piece, after: Piece, full_ms: int | None, tolerance_ms: int) -> Seam:
    if before.begin is None or after.begin is None:
        return Seam(before, after, "unknown", because="no_time")
    ahead_ms = int((after.begin - before.begin).total_seconds() * 1000)
    if ahead_ms < -JUMP_MS or (ahead_ms < 0 and before.number is not None):
        return Seam(before, after, "clock_jump", ahead_ms)
    if before.broken:
        return Seam(before, after, "truncated", ahead_ms)
    if before.duration_ms is None:
        return Seam(before, after, "unknown", because="no_duration")
    return _by_distance(before, after, ahead_ms - before.duration_ms, full_ms, tolerance_ms)


def _by_distance(
    before: Piece, after: Piece, distance_ms: int, full_ms: int | None, tolerance_ms: int
) -> Seam:
    if abs(distance_ms) <= tolerance_ms:
        return Seam(before, after, "contiguous", distance_ms)
    if distance_ms < 0:
        kind: SeamKind = "overlap" if -distance_ms <= OVERLAP_MS else "clock_jump"
        return Seam(before, after, kind, distance_ms)
    if full_ms is None or before.duration_ms is None:
        return Seam(before, after, "unknown", distance_ms, because="no_split_length")
    # Cut at full length by the recorder, so it was still running: what follows is missing.
    ran_on = before.duration_ms >= full_ms - tolerance_ms
    return Seam(before, after, "gap" if ran_on else "pause", distance_ms)


def _missing_numbers(before: Piece, after: Piece) -> int:
    if before.number is None or after.number is None:
        return 0
    return max(0, after.number - before.number - 1)


def _stream(listed: Listed) -> str:
    path = listed.file.path
    directory, suffix = path.rpartition("/")[0], path.rpartition(".")[2].lower()
    return f"{directory}\0{listed.name.device or ''}\0{suffix}"


def _sealed_claim(body: JsonObject) -> datetime | None:
    match body.get("sighting"):
        case {"claimed_at": str(claimed)}:
            return parse_time(claimed)
        case _:
            return None


def _objects(value: Json) -> list[JsonObject]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

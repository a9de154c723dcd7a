"""Fragments: the samples that ``moof`` boxes describe (ISO/IEC 14496-12, 8.8).

Their runs are short, one second or so, so the standard library's arrays carry them, sixteen bytes
a sample; all work on single samples is left to its C loops and, later, to ``ingest/tables.py``.
"""

import sys
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from struct import error as StructError  # noqa: N812 - the one exception of a module of functions
from struct import unpack_from
from typing import Final

from evidence.errors import ParserError
from ingest.atoms import children, version
from ingest.movie import TICKS_LIMIT, Defaults

MOOF_LIMIT_BYTES: Final = 1024 * 1024
NOT_SYNC: Final = 0x00010000  # sample_is_non_sync_sample

BASE_OFFSET, DESCRIPTION, DURATION, SIZE, FLAGS, BASE_IS_MOOF = 0x1, 0x2, 0x8, 0x10, 0x20, 0x20000
RUN_OFFSET, RUN_FIRST_FLAGS = 0x1, 0x4
RUN_DURATION, RUN_SIZE, RUN_FLAGS, RUN_SHIFT = 0x100, 0x200, 0x400, 0x800


@dataclass(slots=True)
class Collected:
    """The samples of one track from all fragments, and the runs in which they lie."""

    size: "array[int]" = field(default_factory=lambda: array("I"))  # bytes
    duration: "array[int]" = field(default_factory=lambda: array("I"))  # ticks
    shift: "array[int]" = field(default_factory=lambda: array("i"))  # PTS minus DTS, ticks
    flags: "array[int]" = field(default_factory=lambda: array("I"))
    run_count: "array[int]" = field(default_factory=lambda: array("q"))  # samples
    run_begin: "array[int]" = field(default_factory=lambda: array("q"))  # offset in the file
    run_end: "array[int]" = field(default_factory=lambda: array("q"))
    run_dts: "array[int]" = field(default_factory=lambda: array("q"))  # of the first sample
    next_dts: int = 0


@dataclass(slots=True)
class Fragments:
    """What all fragments of a file told: samples by the number of their track."""

    tracks: dict[int, Collected]
    most: int  # samples of all tracks
    samples: int = 0


@dataclass(slots=True)
class _Head:
    """What ``tfhd`` and ``tfdt`` say for the runs behind them; ``at`` is where data lies next."""

    number: int
    base: int
    at: int
    defaults: Defaults


def read_fragment(
    body: memoryview,
    offset: int,
    defaults: Mapping[int, Defaults],
    fragments: Fragments,
) -> None:
    """Add the samples of one ``moof``, whose header begins at ``offset``, to ``fragments``.

    Raises ``ParserError`` ``parser_refused``; what was collected before stays valid.
    """
    at = offset
    try:
        for kind, inner in children(body):
            if kind == b"traf":
                at = _read_track_fragment(inner, offset, at, defaults, fragments)
    except (StructError, OverflowError) as error:
        raise ParserError("parser_refused", because="fragment") from error


def _read_track_fragment(
    body: memoryview,
    moof: int,
    at: int,
    defaults: Mapping[int, Defaults],
    fragments: Fragments,
) -> int:
    """Read one ``traf`` and return where the data behind its last run begins."""
    head: _Head | None = None
    for kind, inner in children(body):
        if kind == b"tfhd":
            head = _read_head(inner, moof, at, defaults)
        elif head is None or head.number not in fragments.tracks:
            continue  # of a track that moov does not know
        elif kind == b"tfdt":
            (dts,) = unpack_from(">Q" if version(inner) else ">I", inner, 4)
            fragments.tracks[head.number].next_dts = _sane(dts)
        elif kind == b"trun":
            _read_run(inner, head, fragments)
    return head.at if head else at


def _read_head(body: memoryview, moof: int, at: int, defaults: Mapping[int, Defaults]) -> _Head:
    flags, number = unpack_from(">II", body)
    known = defaults.get(number, Defaults())
    base = moof if flags & BASE_IS_MOOF else at
    place = 8
    if flags & BASE_OFFSET:
        (base,) = unpack_from(">Q", body, place)
        place += 8
    place += 4 if flags & DESCRIPTION else 0
    values = [known.duration, known.size, known.flags]
    for index, flag in enumerate((DURATION, SIZE, FLAGS)):
        if flags & flag:
            (values[index],) = unpack_from(">I", body, place)
            place += 4
    return _Head(number, _sane(base), _sane(base), Defaults(*values))


def _read_run(body: memoryview, head: _Head, fragments: Fragments) -> None:
    flags, count = unpack_from(">II", body)
    place, first_flags = 8, None
    if flags & RUN_OFFSET:
        (distance,) = unpack_from(">i", body, place)
        head.at = max(0, head.base + distance)
        place += 4
    if flags & RUN_FIRST_FLAGS:
        (first_flags,) = unpack_from(">I", body, place)
        place += 4
    present = [bool(flags & one) for one in (RUN_DURATION, RUN_SIZE, RUN_FLAGS, RUN_SHIFT)]
    _check_count(count, sum(present), len(body) - place, fragments.most - fragments.samples)
    if count:
        track = fragments.tracks[head.number]
        _extend(track, head, _columns(body[place:], count, present), count)
        if first_flags is not None:
            track.flags[-count] = first_flags
        fragments.samples += count


def _check_count(count: int, width: int, room_bytes: int, left: int) -> None:
    """Hold that the samples claimed are there before anything is made for them."""
    if count * width * 4 > room_bytes:
        raise ParserError("parser_refused", because="trun")
    if count > left:
        raise ParserError("parser_refused", because="too_many_samples")


def _columns(body: memoryview, count: int, present: list[bool]) -> "list[array[int] | None]":
    """Return duration, size, flags and shift of the samples; None where the run has no such."""
    width = sum(present)
    words = array("I", bytes(body[: count * width * 4]))
    if sys.byteorder == "little":
        words.byteswap()
    places = iter(range(width))
    return [words[next(places) :: width] if one else None for one in present]


def _extend(track: Collected, head: _Head, columns: "list[array[int] | None]", count: int) -> None:
    duration, size, flags, shift = columns
    usual = head.defaults
    ticks = usual.duration * count if duration is None else sum(duration)
    end = head.at + (usual.size * count if size is None else sum(size))
    # Nothing is added before all is known to be sane.
    begin, dts = head.at, track.next_dts
    head.at, track.next_dts = _sane(end), _sane(dts + ticks)
    track.run_count.append(count)
    track.run_begin.append(begin)
    track.run_end.append(end)
    track.run_dts.append(dts)
    track.duration += _all(usual.duration, count) if duration is None else duration
    track.size += _all(usual.size, count) if size is None else size
    track.flags += _all(usual.flags, count) if flags is None else flags
    # Version 0 calls the shift unsigned, and writers store negative ones all the same.
    track.shift.frombytes(bytes(4 * count) if shift is None else shift.tobytes())


def _all(value: int, count: int) -> "array[int]":
    return array("I", (value,)) * count


def _sane(value: int) -> int:
    if value > TICKS_LIMIT:
        raise ParserError("parser_refused", because="too_large")
    return value


def empty(numbers: Iterable[int], most: int) -> Fragments:
    """Return a place for the samples of each track, ``most`` of all together."""
    return Fragments({number: Collected() for number in numbers}, most)

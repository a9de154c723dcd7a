"""Fragments: the samples that ``moof`` boxes describe (ISO/IEC 14496-12, 8.8).

Their runs are short, one second or so, so the standard library's arrays carry them; all work
on single samples is left to its C loops.
"""

import sys
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat
from struct import error as StructError  # noqa: N812 - the one exception of a module of functions
from struct import unpack_from
from typing import Final

from evidence.errors import ParserError
from ingest.atoms import children, version
from ingest.movie import TICKS_LIMIT, Defaults

SAMPLE_LIMIT: Final = 2_000_000  # of one track: 18 hours at 30 pictures a second
MOOF_LIMIT_BYTES: Final = 1024 * 1024
NOT_SYNC: Final = 0x00010000  # sample_is_non_sync_sample

BASE_OFFSET, DESCRIPTION, DURATION, SIZE, FLAGS, BASE_IS_MOOF = 0x1, 0x2, 0x8, 0x10, 0x20, 0x20000
RUN_OFFSET, RUN_FIRST_FLAGS = 0x1, 0x4
RUN_DURATION, RUN_SIZE, RUN_FLAGS, RUN_SHIFT = 0x100, 0x200, 0x400, 0x800


@dataclass(slots=True)
class Collected:
    """The samples of one track from all fragments, in their order; ``next_dts`` follows them."""

    offset: "array[int]" = field(default_factory=lambda: array("q"))
    size: "array[int]" = field(default_factory=lambda: array("q"))
    dts: "array[int]" = field(default_factory=lambda: array("q"))
    shift: "array[int]" = field(default_factory=lambda: array("q"))  # PTS minus DTS
    key: bytearray = field(default_factory=bytearray)
    next_dts: int = 0
    last_duration: int = 0


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
    collected: Mapping[int, Collected],
) -> None:
    """Add the samples of one ``moof``, whose header begins at ``offset``, to ``collected``.

    Raises ``ParserError`` ``parser_refused``; what was collected before stays valid.
    """
    at = offset
    try:
        for kind, inner in children(body):
            if kind == b"traf":
                at = _read_track_fragment(inner, offset, at, defaults, collected)
    except (StructError, OverflowError) as error:
        raise ParserError("parser_refused", because="fragment") from error


def _read_track_fragment(
    body: memoryview,
    moof: int,
    at: int,
    defaults: Mapping[int, Defaults],
    collected: Mapping[int, Collected],
) -> int:
    """Read one ``traf`` and return where the data behind its last run begins."""
    head: _Head | None = None
    for kind, inner in children(body):
        if kind == b"tfhd":
            head = _read_head(inner, moof, at, defaults)
        elif head is None or head.number not in collected:
            continue  # of a track that moov does not know
        elif kind == b"tfdt":
            (dts,) = unpack_from(">Q" if version(inner) else ">I", inner, 4)
            collected[head.number].next_dts = _sane(dts)
        elif kind == b"trun":
            _read_run(inner, head, collected[head.number])
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


def _read_run(body: memoryview, head: _Head, track: Collected) -> None:
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
    _check_count(count, sum(present), len(body) - place, len(track.key))
    columns = _columns(body[place:], count, present)
    _extend(track, head, columns, first_flags, count)


def _check_count(count: int, width: int, room_bytes: int, known: int) -> None:
    """Hold that the samples claimed are there before anything is made for them."""
    if count * width * 4 > room_bytes:
        raise ParserError("parser_refused", because="trun")
    if known + count > SAMPLE_LIMIT:
        raise ParserError("parser_refused", because="too_many_samples")


def _columns(body: memoryview, count: int, present: list[bool]) -> "list[array[int] | None]":
    """Return duration, size, flags and shift of the samples; None where the run has no such."""
    width = sum(present)
    words = array("I", bytes(body[: count * width * 4]))
    if sys.byteorder == "little":
        words.byteswap()
    places = iter(range(width))
    return [words[next(places) :: width] if one else None for one in present]


def _extend(
    track: Collected,
    head: _Head,
    columns: "list[array[int] | None]",
    first_flags: int | None,
    count: int,
) -> None:
    duration, size, flags, shift = columns
    durations = _values(duration, head.defaults.duration, count)
    sizes = _values(size, head.defaults.size, count)
    dts = array("q", accumulate(chain((track.next_dts,), durations)))
    offset = array("q", accumulate(chain((head.at,), sizes)))
    track.next_dts, head.at = _sane(dts.pop()), _sane(offset.pop())
    track.dts += dts  # nothing is added before all is known to be sane
    track.offset += offset
    track.size.extend(iter(sizes))  # an array of another width is refused, its values are not
    # Version 0 calls the shift unsigned, and writers store negative ones all the same.
    track.shift.extend(iter(array("i", shift.tobytes())) if shift else repeat(0, count))
    keys = bytearray(not one & NOT_SYNC for one in _values(flags, head.defaults.flags, count))
    if first_flags is not None and keys:
        keys[0] = not first_flags & NOT_SYNC
    track.key += keys
    track.last_duration = durations[-1] if durations else track.last_duration


def _values(column: "array[int] | None", default: int, count: int) -> "array[int] | list[int]":
    return column if column is not None else list(repeat(default, count))


def _sane(value: int) -> int:
    if value > TICKS_LIMIT:
        raise ParserError("parser_refused", because="too_large")
    return value


def empty(numbers: Iterable[int]) -> dict[int, Collected]:
    """Return a place for the samples of each track."""
    return {number: Collected() for number in numbers}

"""Sample tables of one track, each count checked before anything is made for it.

What would be as long as the film is made block by block (``Column``, ``Blocks``).

Source: ISO/IEC 14496-12 (stts 8.6.1.2, ctts 8.6.1.3, stss 8.6.2, stsz 8.7.3, stsc 8.7.4, stco
8.7.5).  Every function raises ``ParserError`` ``parser_refused`` with the table's name where the
tables contradict themselves or each other.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from struct import unpack_from
from typing import Any, Final, NoReturn, TypeAlias

import numpy as np

from evidence.errors import ParserError
from ingest.fragments import NOT_SYNC, Collected
from ingest.movie import TICKS_LIMIT
from ingest.timeline import BLOCK, Blocks, Integers, Samples

OFFSET_LIMIT: Final = 1 << 61  # bytes; whatever claims to lie beyond is behind the end all the same
NONE: Final = np.zeros(0, np.int64)
ZERO: Final = np.zeros(1, np.int64)
FULL_BOX: Final = 8  # version, flags and the first count
STSZ_HEAD: Final = 12  # version, flags, size of all, count
NIBBLE_BITS: Final = 4

Tables: TypeAlias = Mapping[bytes, memoryview]
Column: TypeAlias = Callable[[int, int], Integers]  # values of the samples from … until …


@dataclass(frozen=True, slots=True)
class Table:
    """What the tables agree on; nothing in it is longer than the tables are.

    ``bounds``: number of the first sample of each chunk, then the count of all; ``before``: bytes
    of all samples before each of these.
    """

    count: int
    duration: int  # ticks of all samples
    last_duration: int  # ticks of the last one
    chunks: Integers  # offset of each chunk, bytes
    bounds: Integers
    before: Integers
    sizes: Column
    steps: Column  # ticks from each sample to the next

    @property
    def ends(self) -> Integers:
        """Return the offset behind each chunk."""
        return self.chunks + np.diff(self.before)


def _nothing(_start: int, _end: int) -> Integers:
    return NONE


EMPTY: Final = Table(0, 0, 0, NONE, ZERO, ZERO, _nothing, _nothing)


def read_table(tables: Tables) -> Table:
    """Read and compare the tables, without an array that is longer than the tables are."""
    count, sizes, each = _sizes(tables)
    if not count:
        return EMPTY
    chunks = _chunks(tables)
    bounds = _before(_samples_per_chunk(tables, len(chunks)))
    if bounds[-1] != count:
        _refuse("stsc")
    counts, deltas = _steps(tables, count)
    return Table(
        count=count,
        duration=int((counts * deltas).sum()),
        last_duration=int(deltas[-1]),
        chunks=chunks,
        bounds=bounds,
        before=_sums(sizes, bounds) if each is None else bounds * each,
        sizes=sizes,
        steps=_spread(deltas, _before(counts)),
    )


def expand(tables: Tables, table: Table, timescale: int, shift: int) -> Blocks:
    """Return every sample of the track; ``shift`` ticks are added to presentation times."""
    shifts, keys = _shifts(tables, table.count), _keys(tables, table.count)
    places = _Restarted(table.sizes, table.chunks, table.bounds, table.before)
    times = _Restarted(table.steps, ZERO, np.array((0, table.count), np.int64), ZERO)

    def blocks() -> Iterator[Samples]:
        for start in range(0, table.count, BLOCK):
            end = min(start + BLOCK, table.count)
            dts = times.block(start, end)
            yield Samples(
                timescale=timescale,
                offset=places.block(start, end),
                size=table.sizes(start, end),
                dts=dts,
                pts=dts + (shifts(start, end) + shift),
                key=keys(start, end),
                last_duration=table.last_duration,
            )

    return blocks


def expand_fragments(collected: Collected, timescale: int, shift: int) -> Blocks:
    """Return the samples that fragments told of a track."""
    durations, flags = _words(collected.duration), _words(collected.flags)
    sizes, shifts = _words(collected.size), _words(collected.shift)
    begins, firsts, counts = (
        np.frombuffer(one, np.int64)
        for one in (collected.run_begin, collected.run_dts, collected.run_count)
    )
    bounds = _before(counts)
    count, last = int(bounds[-1]), collected.duration[-1] if collected.duration else 0
    places = _Restarted(sizes, begins, bounds, _sums(sizes, bounds))
    times = _Restarted(durations, firsts, bounds, _sums(durations, bounds))

    def blocks() -> Iterator[Samples]:
        for start in range(0, count, BLOCK):
            end = min(start + BLOCK, count)
            dts = times.block(start, end)
            yield Samples(
                timescale=timescale,
                offset=places.block(start, end),
                size=sizes(start, end),
                dts=dts,
                pts=dts + (shifts(start, end) + shift),
                key=(flags(start, end) & NOT_SYNC) == 0,
                last_duration=last,
            )

    return blocks


def run_ranges(table: Table, collected: Collected) -> tuple[Integers, Integers]:
    """Return where the chunks and the runs of a track begin and end in the file."""
    begins, ends = (
        np.frombuffer(one, np.int64) if one else NONE
        for one in (collected.run_begin, collected.run_end)
    )
    return np.concatenate((table.chunks, begins)), np.concatenate((table.ends, ends))


def range_damage(
    starts: Sequence[Integers], ends: Sequence[Integers], media: Sequence[tuple[int, int]]
) -> list[str]:
    """Name what is wrong with the byte ranges of all tracks: ``overlap``, ``outside_mdat``.

    ``media`` are the bodies of the mdat boxes in the order of the file, as they claim.
    """
    first, behind = np.concatenate((NONE, *starts)), np.concatenate((NONE, *ends))
    if not len(first):
        return []
    order = np.argsort(first, kind="stable")  # sorted runs, one a track: merged in one pass
    first, behind = first[order], behind[order]
    damage = []
    if (first[1:] < behind[:-1]).any():
        damage.append("overlap")
    froms, untils = (
        np.asarray([min(pair[side], OFFSET_LIMIT) for pair in media], np.int64) for side in (0, 1)
    )
    home = np.searchsorted(froms, first, side="right") - 1
    if not len(media) or (home < 0).any() or (behind > untils[home]).any():
        damage.append("outside_mdat")
    return damage


def end_of(ends: Iterable[Integers]) -> int:
    """Return the offset behind the last byte that any sample claims."""
    return max((int(one.max()) for one in ends if len(one)), default=0)


def _before(values: Integers) -> Integers:
    """Return the sum of all values before each, and of all: one longer than ``values``."""
    sums = np.empty(len(values) + 1, np.int64)
    sums[0] = 0
    np.cumsum(values, out=sums[1:])
    return sums


def _column(tables: Tables, name: bytes, width: int, words: str = ">u4") -> Integers:
    """Return the entries of a counted table as rows of ``width`` words."""
    body = tables.get(name)
    if body is None or len(body) < FULL_BOX:
        _refuse(name.decode())
    (count,) = unpack_from(">I", body, 4)
    form = np.dtype(words)
    if count * width * form.itemsize > len(body) - FULL_BOX:
        _refuse(name.decode())
    values = np.frombuffer(body, form, count * width, FULL_BOX)
    if form.itemsize == 8:  # noqa: PLR2004 - 64 bits without a sign do not fit into 63
        values = np.minimum(values, OFFSET_LIMIT)
    column: Integers = values.astype(np.int64).reshape(count, width)
    return column


def _sizes(tables: Tables) -> tuple[int, Column, int | None]:
    """Return count and sizes of the samples, and the size of each where all are equal."""
    body = tables.get(b"stsz", tables.get(b"stz2"))
    if body is None:
        return 0, _nothing, 0  # as a fragmented file may have it
    if len(body) < STSZ_HEAD:
        _refuse("stsz")
    size, count = unpack_from(">II", body, 4)
    bits = 32 if b"stsz" in tables else size & 0xFF
    if bits == 32 and size:  # noqa: PLR2004 - the width that stsz has
        if size * count > OFFSET_LIMIT:
            _refuse("stsz")
        return int(count), lambda start, end: np.full(end - start, size, np.int64), int(size)
    if bits not in {4, 8, 16, 32} or count * bits > (len(body) - STSZ_HEAD) * 8:
        _refuse("stsz")
    if bits == NIBBLE_BITS:
        pairs = np.frombuffer(body, np.uint8, (count + 1) // 2, STSZ_HEAD)
        return int(count), _taken(np.stack((pairs >> 4, pairs & 15), 1).ravel()), None
    return int(count), _taken(np.frombuffer(body, f">u{bits // 8}", count, STSZ_HEAD)), None


def _chunks(tables: Tables) -> Integers:
    if b"co64" in tables:
        return _column(tables, b"co64", 1, ">u8")[:, 0]
    return _column(tables, b"stco", 1)[:, 0]


def _samples_per_chunk(tables: Tables, chunks: int) -> Integers:
    """Spread the runs of ``stsc`` (first chunk, samples in each) over the chunks."""
    runs = _column(tables, b"stsc", 3)
    first = runs[:, 0]
    if not len(runs) or first[0] != 1 or (np.diff(first) <= 0).any() or first[-1] > chunks:
        _refuse("stsc")
    return np.repeat(runs[:, 1], np.diff(first, append=chunks + 1))


def _steps(tables: Tables, count: int) -> tuple[Integers, Integers]:
    """Return the runs of ``stts``: samples, ticks of each."""
    runs = _column(tables, b"stts", 2)
    counts, deltas = runs[:, 0], runs[:, 1]
    # A float is enough to refuse what would pass 63 bits.
    if not len(runs) or counts.sum() != count or np.dot(counts, deltas * 1.0) > TICKS_LIMIT:
        _refuse("stts")
    return counts, deltas


def _shifts(tables: Tables, count: int) -> Column:
    """Return PTS minus DTS of each sample; missing ones at the end are zero."""
    if b"ctts" not in tables:
        return _spread(ZERO, np.array((0, count), np.int64))
    runs = _column(tables, b"ctts", 2)
    missing = count - int(runs[:, 0].sum())
    if missing < 0:
        _refuse("ctts")
    # Version 0 calls them unsigned, and writers store negative ones all the same.
    signed = runs[:, 1].astype(np.uint32).astype(np.int32).astype(np.int64)
    return _spread(np.append(signed, 0), _before(np.append(runs[:, 0], missing)))


def _keys(tables: Tables, count: int) -> "Callable[[int, int], np.typing.NDArray[np.bool_]]":
    """Return which samples are key frames: those of ``stss``; without one, all."""
    if b"stss" not in tables:
        return lambda start, end: np.ones(end - start, np.bool_)
    numbers = np.sort(_column(tables, b"stss", 1)[:, 0])
    if len(numbers) and (numbers[0] < 1 or numbers[-1] > count):
        _refuse("stss")

    def keys(start: int, end: int) -> "np.typing.NDArray[np.bool_]":
        shown = np.zeros(end - start, np.bool_)
        first, behind = np.searchsorted(numbers, (start + 1, end + 1))
        shown[numbers[first:behind] - 1 - start] = True
        return shown

    return keys


# --- columns that are made block by block -----------------------------------------------------


def _taken(values: "np.typing.NDArray[Any]") -> Column:
    """Return the column of values that lie in memory, in whatever width and order of bytes."""
    return lambda start, end: values[start:end].astype(np.int64)


def _words(values: "array[int]") -> Column:
    return _taken(np.frombuffer(values, np.dtype(values.typecode)))


def _spread(values: Integers, bounds: Integers) -> Column:
    """Return the column in which each value stands for the samples between its two bounds."""

    def column(start: int, end: int) -> Integers:
        first = int(np.searchsorted(bounds, start, side="right")) - 1
        behind = int(np.searchsorted(bounds, end, side="left"))
        edges = np.clip(bounds[first : behind + 1], start, end)
        return np.repeat(values[first:behind], np.diff(edges))

    return column


def _sums(column: Column, bounds: Integers) -> Integers:
    """Return the sum of all values before each bound."""
    sums = np.empty(len(bounds), np.int64)
    total = 0
    for start in range(0, int(bounds[-1]) + 1, BLOCK):
        first, behind = np.searchsorted(bounds, (start, start + BLOCK))
        values = _before(column(start, min(start + BLOCK, int(bounds[-1]))))
        sums[first:behind] = total + values[bounds[first:behind] - start]
        total += int(values[-1])
    return sums


@dataclass(slots=True)
class _Restarted:
    """The running sum of a column that begins anew, from ``begins``, at each of ``bounds``."""

    column: Column
    begins: Integers
    bounds: Integers
    before: Integers  # sums of the column before the bounds
    _total: int = 0

    def block(self, start: int, end: int) -> Integers:
        """Return the sums of the next block; one that begins at 0 begins all over."""
        if start == 0:
            self._total = 0
        sums = _before(self.column(start, end))
        begins = _spread(self.begins - self.before[: len(self.begins)], self.bounds)(start, end)
        begins += sums[:-1] + self._total
        self._total += int(sums[-1])
        return begins


def _refuse(table: str) -> NoReturn:
    raise ParserError("parser_refused", because=table)

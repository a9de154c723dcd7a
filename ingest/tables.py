"""Sample tables of one track, as arrays, each count checked before anything is made for it.

Source: ISO/IEC 14496-12 (stts 8.6.1.2, ctts 8.6.1.3, stss 8.6.2, stsz 8.7.3, stsc 8.7.4, stco
8.7.5).  Every function raises ``ParserError`` ``parser_refused`` with the table's name where the
tables contradict themselves or each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import unpack_from
from typing import Final, NoReturn

import numpy as np

from evidence.errors import ParserError
from ingest.fragments import SAMPLE_LIMIT, Collected
from ingest.movie import TICKS_LIMIT
from ingest.timeline import Integers, Samples

OFFSET_LIMIT: Final = 1 << 61  # bytes; whatever claims to lie beyond is behind the end all the same
NONE: Final = np.zeros(0, np.int64)
FULL_BOX: Final = 8  # version, flags and the first count
STSZ_HEAD: Final = 12  # version, flags, size of all, count
NIBBLE_BITS: Final = 4

Tables = Mapping[bytes, memoryview]


@dataclass(frozen=True, slots=True)
class Table:
    """What the tables agree on.

    ``bounds``: number of the first sample of each chunk, then the count of all; ``before``: bytes
    of all samples before each of these.
    """

    count: int
    duration: int  # ticks of all samples
    last_duration: int  # ticks of the last one
    chunks: Integers  # offset of each chunk, bytes
    bounds: Integers
    before: Integers
    sizes: Integers | int  # bytes; one number where all samples are equal

    @property
    def ends(self) -> Integers:
        """Return the offset behind each chunk."""
        return self.chunks + np.diff(self.before)


EMPTY: Final = Table(0, 0, 0, NONE, np.zeros(1, np.int64), np.zeros(1, np.int64), 0)


def read_table(tables: Tables) -> Table:
    """Read and compare the tables, without an array that is longer than the tables are."""
    count, sizes = _sizes(tables)
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
        before=bounds * sizes if isinstance(sizes, int) else _before(sizes)[bounds],
        sizes=sizes,
    )


def expand(tables: Tables, table: Table, timescale: int, shift: int) -> Samples:
    """Return every sample of the track; ``shift`` ticks are added to presentation times."""
    if table.count > SAMPLE_LIMIT:
        raise ParserError("parser_refused", because="too_many_samples")
    sizes = table.sizes
    if isinstance(sizes, int):
        sizes = np.full(table.count, sizes, np.int64)
    counts, deltas = _steps(tables, table.count) if table.count else (NONE, NONE)
    dts = _before(np.repeat(deltas, counts))[:-1]
    first = np.repeat(table.chunks - table.before[:-1], np.diff(table.bounds))
    return Samples(
        timescale=timescale,
        offset=first + _before(sizes)[:-1],
        size=sizes,
        dts=dts,
        pts=dts + (_shifts(tables, table.count) + shift),
        key=_keys(tables, table.count),
        last_duration=table.last_duration,
    )


def joined(samples: Samples | None, collected: Collected, shift: int, timescale: int) -> Samples:
    """Return the samples of ``moov``, if it has any, and those of its fragments behind them."""
    offset, size, dts, moved = (
        np.frombuffer(part, np.int64) if part else NONE
        for part in (collected.offset, collected.size, collected.dts, collected.shift)
    )
    key = np.frombuffer(collected.key, np.bool_) if collected.key else NONE.astype(np.bool_)
    ours = Samples(timescale, offset, size, dts, dts + moved + shift, key, collected.last_duration)
    if samples is None or not len(samples.dts):
        return ours
    if not len(dts):
        return samples
    return Samples(
        timescale,
        np.concatenate((samples.offset, ours.offset)),
        np.concatenate((samples.size, ours.size)),
        np.concatenate((samples.dts, ours.dts)),
        np.concatenate((samples.pts, ours.pts)),
        np.concatenate((samples.key, ours.key)),
        ours.last_duration,
    )


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


def _sizes(tables: Tables) -> tuple[int, Integers | int]:
    """Return the number of samples and their sizes, from ``stsz`` or ``stz2``."""
    body = tables.get(b"stsz", tables.get(b"stz2"))
    if body is None:
        return 0, 0  # as a fragmented file may have it
    if len(body) < STSZ_HEAD:
        _refuse("stsz")
    size, count = unpack_from(">II", body, 4)
    bits = 32 if b"stsz" in tables else size & 0xFF
    if bits == 32 and size:  # noqa: PLR2004 - the width that stsz has
        if size * count > OFFSET_LIMIT:
            _refuse("stsz")
        return int(count), int(size)
    if bits not in {4, 8, 16, 32} or count * bits > (len(body) - STSZ_HEAD) * 8:
        _refuse("stsz")
    if bits == NIBBLE_BITS:
        pairs = np.frombuffer(body, np.uint8, (count + 1) // 2, STSZ_HEAD)
        return int(count), np.stack((pairs >> 4, pairs & 15), 1).ravel()[:count].astype(np.int64)
    values = np.frombuffer(body, f">u{bits // 8}", count, STSZ_HEAD)
    return int(count), values.astype(np.int64)


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


def _shifts(tables: Tables, count: int) -> Integers:
    """Return PTS minus DTS of each sample; missing ones at the end are zero."""
    if b"ctts" not in tables:
        return np.zeros(count, np.int64)
    runs = _column(tables, b"ctts", 2)
    if runs[:, 0].sum() > count:
        _refuse("ctts")
    # Version 0 calls them unsigned, and writers store negative ones all the same.
    signed = runs[:, 1].astype(np.uint32).astype(np.int32).astype(np.int64)
    shifts = np.zeros(count, np.int64)
    given = np.repeat(signed, runs[:, 0])
    shifts[: len(given)] = given
    return shifts


def _keys(tables: Tables, count: int) -> "np.typing.NDArray[np.bool_]":
    """Return which samples are key frames: those of ``stss``; without one, all."""
    if b"stss" not in tables:
        return np.ones(count, np.bool_)
    numbers = _column(tables, b"stss", 1)[:, 0]
    if len(numbers) and (numbers.min() < 1 or numbers.max() > count):
        _refuse("stss")
    keys = np.zeros(count, np.bool_)
    keys[numbers - 1] = True
    return keys


def _refuse(table: str) -> NoReturn:
    raise ParserError("parser_refused", because=table)

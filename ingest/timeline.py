"""What the samples of a track tell when all are seen together: times, gaps, rate, cuts.

Samples pass in blocks, twice, so that memory does not grow with the length of a film; within a
block all work is on whole arrays.  Ticks are bounded by ``ingest.movie.TICKS_LIMIT`` before they
come here, so products with 1000 stay within 63 bits.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.findings import Finding
from evidence.json import Json, JsonObject
from evidence.slices import MAX_BYTES, MIN_MS, TARGET_MS

Integers: TypeAlias = NDArray[np.int64]

BLOCK: Final = 65_536  # samples looked at together; three megabytes with all that is made of them
GAP_MS: Final = 500  # a jump must be longer than this …
GAP_FRAMES: Final = 3  # … and than so many frame times
GAP_LIMIT: Final = 100  # gaps told of one file; the first ones
RATE_LIMIT: Final = 1 << 40  # frames per 1000 s; beyond, the times are noise
CUT_LIMIT: Final = 60_000  # cuts told of one file: 33 hours; beyond, fixed cuts
UNDECIDED_LIMIT: Final = 100_000  # key frames whose times are such that none of them is chosen
VARIABLE_PER_MILLE: Final = 10  # of frames that come at another distance than most
VARIABLE_FRAMES: Final = 3  # fewer are dropped pictures
VARIABLE_PERCENT: Final = 25  # how far another distance is from the usual one
HIGHEST: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of one track in the order in which they are decoded; arrays of equal length.

    ``offset`` and ``size`` in bytes of the file, ``dts`` and ``pts`` in ticks.
    """

    timescale: int
    offset: Integers
    size: Integers
    dts: Integers
    pts: Integers
    key: NDArray[np.bool_]
    last_duration: int  # ticks


Blocks: TypeAlias = Callable[[], Iterable[Samples]]  # all samples of a track, anew at each call


def samples_of(
    timescale: int,
    columns: "tuple[array[int], array[int], array[int], array[int]]",
    key: bytearray,
    last_duration: int,
) -> Samples:
    """Return samples over arrays of 64 bit integers: offset, size, DTS and PTS; none is copied."""
    offset, size, dts, pts = (np.frombuffer(one, np.int64) for one in columns)
    return Samples(timescale, offset, size, dts, pts, np.frombuffer(key, np.bool_), last_duration)


def in_blocks(samples: Samples) -> Blocks:
    """Return samples that are in memory already, block by block."""

    def blocks() -> Iterator[Samples]:
        for start in range(0, len(samples.dts), BLOCK):
            part = slice(start, start + BLOCK)
            yield replace(
                samples,
                offset=samples.offset[part],
                size=samples.size[part],
                dts=samples.dts[part],
                pts=samples.pts[part],
                key=samples.key[part],
            )

    return blocks


def milliseconds(ticks: int, timescale: int) -> int:
    """Return ``ticks`` in whole milliseconds, rounded down."""
    return ticks * 1000 // timescale


# --- the first pass: what there is ------------------------------------------------------------


class Chooser:
    """Chooses the key frames that begin a slice, from offsets and times in the order of the file.

    Rules 2 and 3 of ``evidence.slices``; what is not decided yet waits until more is known.
    """

    def __init__(self) -> None:
        self.offsets: list[int] = []  # of the chosen ones
        self.gave_up = False
        self._since = 0  # ms, time of the one chosen last
        self._nearest = -1  # ms from the wanted time to that of the best so far; -1: none yet
        self._waiting: tuple[list[int], list[int]] = ([], [])  # the best so far, and what follows

    def feed(self, offsets: list[int], shown: list[int]) -> None:
        """Take the next key frames: offsets in bytes, times in ms."""
        self.gave_up |= max(len(self.offsets), len(self._waiting[0])) > UNDECIDED_LIMIT
        if self.gave_up or not offsets:
            return
        first = 0
        if not self.offsets:
            self.offsets.append(offsets[0])  # 2
            self._since, first = shown[0], 1
        at = len(self._waiting[0])
        self._decide(
            [*self._waiting[0], *offsets[first:]],
            [*self._waiting[1], *shown[first:]],
            at,
            ended=False,
        )

    def finish(self) -> None:
        """Choose what is still waiting: no better one will come."""
        if not self.gave_up and self.offsets:
            self._decide(*self._waiting, len(self._waiting[0]), ended=True)

    def _decide(self, offsets: list[int], shown: list[int], at: int, *, ended: bool) -> None:
        """Choose from what waits; ``at`` is the first that was not looked at yet, the best is 0."""
        last, since, nearest = self.offsets[-1], self._since, self._nearest
        best, count = 0, len(offsets)
        while True:
            decided = False
            while at < count and not decided:  # 3
                later = shown[at] - since
                if later >= MIN_MS and offsets[at] > last:
                    distance = abs(later - TARGET_MS)
                    if nearest < 0 or distance < nearest:
                        best, nearest = at, distance
                    decided = later >= TARGET_MS
                at += 1
            if nearest < 0 or not (decided or ended):
                break
            last, since, nearest = offsets[best], shown[best], -1
            self.offsets.append(last)
            at = best + 1
        self._since, self._nearest = since, nearest
        self._waiting = (offsets[best:], shown[best:]) if nearest >= 0 else ([], [])


@dataclass(slots=True)
class Survey:
    """What one pass over the samples of a track tells."""

    timescale: int = 1
    first_pts: int | None = None
    last_pts: int | None = None
    last_duration: int = 0
    shift: int = 0  # PTS minus DTS of the first sample
    steps: Integers = field(default_factory=lambda: np.zeros(0, np.int64))  # from DTS to DTS …
    steps_count: Integers = field(default_factory=lambda: np.zeros(0, np.int64))  # … how often
    chosen: Chooser = field(default_factory=Chooser)

    @property
    def times(self) -> dict[str, Json]:
        """Return the fields of ``Track`` that tell of time; None where there is no sample."""
        if self.first_pts is None or self.last_pts is None:
            return {"first_ms": None, "last_ms": None, "first_pts": None, "last_pts": None}
        return {
            "first_ms": milliseconds(self.first_pts, self.timescale),
            "last_ms": milliseconds(self.last_pts + self.last_duration, self.timescale),
            "first_pts": self.first_pts,
            "last_pts": self.last_pts,
        }


def survey(blocks: Blocks, size: int) -> Survey:
    """Look at all samples once; ``size``: of the file, in bytes."""
    seen, steps = Survey(), []
    before: int | None = None
    for block in blocks():
        if not len(block.dts):
            continue
        lowest, highest = int(block.pts.min()), int(block.pts.max())
        if before is None or seen.first_pts is None or seen.last_pts is None:
            seen.timescale, seen.first_pts, seen.last_pts = block.timescale, lowest, highest
            before, seen.shift = int(block.dts[0]), int(block.pts[0] - block.dts[0])
            steps.append(_counted(np.diff(block.dts)))
        else:
            seen.first_pts, seen.last_pts = min(seen.first_pts, lowest), max(seen.last_pts, highest)
            steps.append(_counted(np.diff(block.dts, prepend=before)))
        before, seen.last_duration = int(block.dts[-1]), block.last_duration
        keyed = block.key & (block.offset >= 0) & (block.offset < size)
        shown = block.pts[keyed] * 1000 // block.timescale
        seen.chosen.feed(block.offset[keyed].tolist(), shown.tolist())
    seen.chosen.finish()
    if steps:
        seen.steps, seen.steps_count = _merged(steps)
    return seen


def _counted(steps: Integers) -> tuple[Integers, Integers]:
    """Return each value once, in order, and how often it came."""
    if len(steps) and (steps == steps[0]).all():  # nearly always
        return steps[:1].copy(), np.array([len(steps)], np.int64)
    values, counts = np.unique(steps, return_counts=True)
    return values, counts.astype(np.int64)


def _merged(parts: Sequence[tuple[Integers, Integers]]) -> tuple[Integers, Integers]:
    values = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    unique, place = np.unique(values, return_inverse=True)
    total = np.zeros(len(unique), np.int64)
    np.add.at(total, place, counts)
    return unique, total


# --- rate and gaps ----------------------------------------------------------------------------


def pace(seen: Survey, blocks: Blocks) -> tuple[int | None, list[JsonObject]]:
    """Return the rate in frames per 1000 s, gaps left out, and the findings about time."""
    steps, counts = seen.steps, seen.steps_count
    total = int(counts.sum())
    if not total:
        return None, []
    found: list[JsonObject] = []
    if steps[0] < 0:
        found.append({"finding": Finding.DAMAGED, "because": "time_goes_back"})
    usual = int(steps[np.searchsorted(np.cumsum(counts), total // 2, side="right")])
    longest = max(seen.timescale * GAP_MS // 1000, GAP_FRAMES * usual)
    even = int(np.searchsorted(steps, longest, side="right"))
    if even < len(steps):
        found += _gaps(seen, blocks, longest, usual)
    steps, counts = steps[:even], counts[:even]
    span, frames = _product(steps, counts), int(counts.sum())
    odd = int(counts[np.abs(steps - usual) * 100 > usual * VARIABLE_PERCENT].sum())
    if odd >= VARIABLE_FRAMES and odd * 1000 > frames * VARIABLE_PER_MILLE:
        found.append({"finding": Finding.VARIABLE_RATE})
    rate = seen.timescale * 1000 * frames // span if span > 0 else None
    return (rate if rate and rate < RATE_LIMIT else None), found


def _product(steps: Integers, counts: Integers) -> int:
    """Return the sum of steps times counts, 0 where insane times would pass 63 bits."""
    if np.dot(np.abs(steps) * 1.0, counts) > HIGHEST / 2:
        return 0
    return int(np.dot(steps, counts))


def _gaps(seen: Survey, blocks: Blocks, longest: int, usual: int) -> list[JsonObject]:
    """Tell where the pictures stop (the end of the last one before) and for how long."""
    found: list[JsonObject] = []
    last: int | None = None
    for block in blocks():
        dts = block.dts if last is None else np.concatenate(([last], block.dts))
        for at in np.flatnonzero(np.diff(dts) > longest)[: GAP_LIMIT - len(found)].tolist():
            before, after = int(dts[at]), int(dts[at + 1])
            found.append(
                {
                    "finding": Finding.GAP_INSIDE,
                    "at_ms": milliseconds(before + seen.shift + usual, seen.timescale),
                    "length_ms": milliseconds(after - before - usual, seen.timescale),
                }
            )
        if len(found) >= GAP_LIMIT:
            break
        last = int(dts[-1]) if len(dts) else last
    return found


# --- the second pass: cuts --------------------------------------------------------------------


def cut_columns(
    size: int, seen: Survey, blocks: Blocks, media_end: int | None
) -> JsonObject | None:
    """Return the cuts of DESIGN 3.2 as columns, or None where fixed cuts must do.

    The rule, and its numbers here, are those of ``evidence.slices.key_frame_cuts``; that one is
    the reference (a test compares), this one makes no object for a packet.
    """
    chosen = seen.chosen.offsets
    starts = {0, *chosen}  # 1
    if media_end is not None and max(chosen, default=0) < media_end < size:
        starts.add(media_end)  # 4
    if seen.chosen.gave_up or len(starts) + size // MAX_BYTES > CUT_LIMIT:
        return None
    begins = [
        offset
        for start, end in pairwise([*sorted(starts), size])
        for offset in range(start, end, MAX_BYTES)  # 5
    ]
    counts, lowest, highest = _per_cut(np.asarray(begins, np.int64), size, blocks)
    keys = set(chosen)
    return {
        "lengths": [end - start for start, end in pairwise([*begins, size])],
        "keys": [int(start in keys) for start in begins],
        "pts0": _shown(lowest, counts, seen.timescale),
        "pts1": _shown(highest, counts, seen.timescale),
        "packets": counts.tolist(),
    }


def _per_cut(begins: Integers, size: int, blocks: Blocks) -> tuple[Integers, Integers, Integers]:
    """Return count, lowest and highest PTS of the packets that begin in each cut."""
    counts = np.zeros(len(begins), np.int64)
    lowest, highest = np.full(len(begins), HIGHEST), np.full(len(begins), -HIGHEST)
    for block in blocks():
        inside = (block.offset >= 0) & (block.offset < size)
        offsets, pts = block.offset[inside], block.pts[inside]
        if not len(offsets):
            continue
        if (offsets[1:] < offsets[:-1]).any():
            order = np.argsort(offsets, kind="stable")
            offsets, pts = offsets[order], pts[order]
        bounds = np.append(np.searchsorted(offsets, begins), len(offsets))
        held = np.diff(bounds)
        full = np.flatnonzero(held)
        counts += held
        lowest[full] = np.minimum(lowest[full], np.minimum.reduceat(pts, bounds[full]))
        highest[full] = np.maximum(highest[full], np.maximum.reduceat(pts, bounds[full]))
    return counts, lowest, highest


def _shown(pts: Integers, counts: Integers, timescale: int) -> list[int | None]:
    """Return times in ms, None where a cut has no packet."""
    filled = np.where(counts > 0, pts, 0) * 1000 // timescale
    return [
        time if count else None
        for time, count in zip(filled.tolist(), counts.tolist(), strict=True)
    ]

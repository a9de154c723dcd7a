"""What the samples of a track tell when all are seen together: times, gaps, rate, cuts.

All work is on whole arrays; there is no loop over samples.  Ticks are bounded by
``ingest.movie.TICKS_LIMIT`` before they come here, so products with 1000 stay within 63 bits.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.findings import Finding
from evidence.json import Json, JsonObject
from evidence.slices import MAX_BYTES, MIN_MS, TARGET_MS

Integers: TypeAlias = NDArray[np.int64]

GAP_MS: Final = 500  # a jump must be longer than this …
GAP_FRAMES: Final = 3  # … and than so many frame times
GAP_LIMIT: Final = 100  # gaps told of one file; the first ones
RATE_LIMIT: Final = 1 << 40  # frames per 1000 s; beyond, the times are noise
CUT_LIMIT: Final = 60_000  # cuts told of one file: 33 hours; beyond, fixed cuts
VARIABLE_PER_MILLE: Final = 10  # of frames that come at another distance than most
VARIABLE_FRAMES: Final = 3  # fewer are dropped pictures
VARIABLE_PERCENT: Final = 25  # how far another distance is from the usual one


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one track in the order in which they are decoded; arrays of equal length.

    ``offset`` and ``size`` in bytes of the file, ``dts`` and ``pts`` in ticks.
    """

    timescale: int
    offset: Integers
    size: Integers
    dts: Integers
    pts: Integers
    key: NDArray[np.bool_]
    last_duration: int  # ticks


def samples_of(
    timescale: int,
    columns: "tuple[array[int], array[int], array[int], array[int]]",
    key: bytearray,
    last_duration: int,
) -> Samples:
    """Return samples over arrays of 64 bit integers: offset, size, DTS and PTS; none is copied."""
    offset, size, dts, pts = (np.frombuffer(one, np.int64) for one in columns)
    return Samples(timescale, offset, size, dts, pts, np.frombuffer(key, np.bool_), last_duration)


def milliseconds(ticks: int, timescale: int) -> int:
    """Return ``ticks`` in whole milliseconds, rounded down."""
    return ticks * 1000 // timescale


def times(samples: Samples) -> dict[str, Json]:
    """Return the fields of ``Track`` that tell of time; None where there is no sample."""
    if not len(samples.pts):
        return {"first_ms": None, "last_ms": None, "first_pts": None, "last_pts": None}
    first, last = int(samples.pts.min()), int(samples.pts.max())
    return {
        "first_ms": milliseconds(first, samples.timescale),
        "last_ms": milliseconds(last + samples.last_duration, samples.timescale),
        "first_pts": first,
        "last_pts": last,
    }


def pace(samples: Samples) -> tuple[int | None, list[JsonObject]]:
    """Return the rate in frames per 1000 s, gaps left out, and the findings about time."""
    steps = np.diff(samples.dts)
    if not len(steps):
        return None, []
    found: list[JsonObject] = []
    if (steps < 0).any():
        found.append({"finding": Finding.DAMAGED, "because": "time_goes_back"})
    usual = int(np.partition(steps, len(steps) // 2)[len(steps) // 2])
    longest = max(samples.timescale * GAP_MS // 1000, GAP_FRAMES * usual)
    gap = steps > longest
    found += _gaps(samples, np.flatnonzero(gap)[:GAP_LIMIT], usual)
    even = steps[~gap]
    span = int(even.sum())
    odd = int((np.abs(even - usual) * 100 > usual * VARIABLE_PERCENT).sum())
    if odd >= VARIABLE_FRAMES and odd * 1000 > len(even) * VARIABLE_PER_MILLE:
        found.append({"finding": Finding.VARIABLE_RATE})
    rate = samples.timescale * 1000 * len(even) // span if span > 0 else None
    return (rate if rate and rate < RATE_LIMIT else None), found


def _gaps(samples: Samples, places: Integers, usual: int) -> list[JsonObject]:
    """Tell where the pictures stop (the end of the last one before) and for how long."""
    shift = int(samples.pts[0] - samples.dts[0])
    return [
        {
            "finding": Finding.GAP_INSIDE,
            "at_ms": milliseconds(before + shift + usual, samples.timescale),
            "length_ms": milliseconds(after - before - usual, samples.timescale),
        }
        for before, after in (
            (int(samples.dts[at]), int(samples.dts[at + 1])) for at in places.tolist()
        )
    ]


def cut_columns(size: int, samples: Samples, media_end: int | None) -> JsonObject | None:
    """Return the cuts of DESIGN 3.2 as columns, or None where fixed cuts must do.

    The rule, and its numbers here, are those of ``evidence.slices.key_frame_cuts``; that one is
    the reference (a test compares), this one makes no object for a packet.
    """
    inside = (samples.offset >= 0) & (samples.offset < size)
    shown = samples.pts * 1000 // samples.timescale
    keyed = inside & samples.key
    chosen = _chosen(samples.offset[keyed].tolist(), shown[keyed].tolist())
    starts = {0, *chosen}  # 1
    if media_end is not None and max(chosen, default=0) < media_end < size:
        starts.add(media_end)  # 4
    if len(starts) + size // MAX_BYTES > CUT_LIMIT:
        return None
    begins = [
        offset
        for start, end in pairwise([*sorted(starts), size])
        for offset in range(start, end, MAX_BYTES)  # 5
    ]
    offsets, shown = samples.offset[inside], shown[inside]
    if (offsets[1:] < offsets[:-1]).any():
        order = np.argsort(offsets, kind="stable")
        offsets, shown = offsets[order], shown[order]
    counts, lowest, highest = _per_cut(begins, offsets, shown)
    keys = set(chosen)
    return {
        "lengths": [end - start for start, end in pairwise([*begins, size])],
        "keys": [int(start in keys) for start in begins],
        "pts0": lowest,
        "pts1": highest,
        "packets": counts,
    }


def _chosen(offsets: Sequence[int], shown: Sequence[int]) -> list[int]:
    """Return the offsets of the key frames that begin a slice, in the order of the file."""
    if not offsets:
        return []
    chosen = [offsets[0]]  # 2
    last, since = offsets[0], shown[0]
    best, nearest = -1, 0
    at, count = 1, len(offsets)
    while True:
        while at < count:  # 3
            later = shown[at] - since
            if later >= MIN_MS and offsets[at] > last:
                distance = abs(later - TARGET_MS)
                if best < 0 or distance < nearest:
                    best, nearest = at, distance
                if later >= TARGET_MS:
                    break
            at += 1
        if best < 0:
            return chosen
        last, since = offsets[best], shown[best]
        chosen.append(last)
        at, best = best + 1, -1


def _per_cut(
    starts: Sequence[int], offsets: Integers, shown: Integers
) -> tuple[list[int], list[int | None], list[int | None]]:
    """Return count, lowest and highest time of the packets that begin in each slice."""
    bounds = [*np.searchsorted(offsets, np.asarray(starts)).tolist(), len(offsets)]
    counts = [after - before for before, after in pairwise(bounds)]
    full = [before for before, after in pairwise(bounds) if after > before]
    if not full:
        return counts, [None] * len(counts), [None] * len(counts)
    lowest = iter(np.minimum.reduceat(shown, full).tolist())
    highest = iter(np.maximum.reduceat(shown, full).tolist())
    return (
        counts,
        [next(lowest) if count else None for count in counts],
        [next(highest) if count else None for count in counts],
    )

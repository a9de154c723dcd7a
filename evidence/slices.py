"""Slices: a segment cut at key frames, so that ten seconds of it can be proven (DESIGN 3.2).

The rule, numbered; ``key_frame_cuts`` carries the numbers.

1. Offset 0 begins the first slice.  What lies before the first key frame is not keyed.
2. The first key frame (in file order) begins a slice.
3. From a key frame at time t the next slice begins at a later key frame at least 1 s after t:
   the one nearest to t + 2 s; of two equally near, the earlier.  Offsets and times must both
   have grown; a key frame whose offset or time goes back is not a cut.
4. What lies after the last packet (from ``media_end``) begins a slice that is not keyed.
5. A run of more than 4 MiB is cut every 4 MiB from its own beginning; the further pieces are
   not keyed.

A file that cannot be parsed is cut every 1 MiB.  An empty file has no slices.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from evidence.canonical import decode, encode
from evidence.digest import Chunk
from evidence.errors import DigestMismatchError, MalformedError
from evidence.ids import check_digest
from evidence.json import Json
from evidence.media import Cut
from evidence.merkle import leaf_hash, root_hash
from evidence.states import SliceRoll

MIN_MS = 1_000
TARGET_MS = 2_000
MAX_BYTES = 4 << 20
FIXED_BYTES = 1 << 20
ROLL_LIMIT_BYTES = 256 << 20  # a segment of 1 TiB in fixed cuts

_RECORD_KEYS = frozenset(("i", "off", "len", "sha256", "key", "pts0", "pts1", "n"))


class Packet(NamedTuple):
    """A video packet: byte offset in the file, presentation time in ms, whether a key frame."""

    offset: int
    pts_ms: int
    key: bool


def fixed_cuts(size: int) -> tuple[Cut, ...]:
    """Return the cuts of a file that cannot be parsed: every 1 MiB, no times."""
    starts = range(0, size, FIXED_BYTES)
    return tuple(Cut(at, min(FIXED_BYTES, size - at), False, None, None, 0) for at in starts)  # noqa: FBT003 - positional for speed


def key_frame_cuts(
    size: int, packets: Sequence[Packet], media_end: int | None = None
) -> tuple[Cut, ...]:
    """Return the cuts of a parsed file by the rule above: the reference in plain Python.

    ``packets`` are those of the main video track in file order; ``media_end`` is the offset
    behind the last packet of any track.  A cut's ``packets``, ``pts0_ms`` and ``pts1_ms`` count
    and bound the packets that begin inside it.
    """
    inside = sorted(each for each in packets if 0 <= each.offset < size)
    keyed = set(_chosen([each for each in packets if each.key and 0 <= each.offset < size]))
    starts = {0, *keyed} if size else set()  # 1
    if media_end is not None and max(keyed, default=0) < media_end < size:
        starts.add(media_end)  # 4
    cuts, position = [], 0
    for start, end in pairwise([*sorted(starts), size]):
        for offset in range(start, end, MAX_BYTES):  # 5
            length, first = min(MAX_BYTES, end - offset), position
            while position < len(inside) and inside[position].offset < offset + length:
                position += 1
            times = [each.pts_ms for each in inside[first:position]]
            cuts.append(
                Cut(
                    offset,
                    length,
                    offset in keyed,
                    min(times, default=None),
                    max(times, default=None),
                    position - first,
                )
            )
    return tuple(cuts)


def _chosen(keys: Sequence[Packet]) -> Iterator[int]:
    """Yield the offsets of the key frames that begin a slice."""
    position = 0
    while position < len(keys):
        last = keys[position]  # 2
        yield last.offset
        following = _next_key(keys, position, last)
        if following is None:
            return
        position = following


def _next_key(keys: Sequence[Packet], position: int, last: Packet) -> int | None:
    """Return the position of the key frame nearest to 2 s after ``last`` (3)."""
    best: int | None = None
    nearest = 0
    for at in range(position + 1, len(keys)):
        later = keys[at].pts_ms - last.pts_ms
        if later < MIN_MS or keys[at].offset <= last.offset:
            continue
        distance = abs(later - TARGET_MS)
        if best is None or distance < nearest:
            best, nearest = at, distance
        if later >= TARGET_MS:
            break
    return best


def check_cuts(cuts: Sequence[Cut], size: int) -> None:
    """Hold that ``cuts`` tile 0 … ``size`` in pieces of 1 byte to 4 MiB, or raise."""
    offset = 0
    for cut in cuts:
        if cut.offset != offset or not 0 < cut.length <= MAX_BYTES:
            raise MalformedError("slices_do_not_tile", offset=offset)
        offset += cut.length
    if offset != size:
        raise MalformedError("slices_do_not_tile", offset=offset)


def slice_record(i: int, cut: Cut, sha256: str) -> bytes:
    """Return the canonical line, without newline, of slice number ``i``."""
    return encode(
        {
            "i": i,
            "off": cut.offset,
            "len": cut.length,
            "sha256": sha256,
            "key": cut.key,
            "pts0": cut.pts0_ms,
            "pts1": cut.pts1_ms,
            "n": cut.packets,
        }
    )


class Slicer:
    """Digests the slices of a segment: feed it every byte, in order.  Copies none of them."""

    def __init__(self, cuts: Sequence[Cut]) -> None:
        self._cuts = cuts
        self._records: list[bytes] = []
        self._slice = hashlib.sha256()
        self._missing = cuts[0].length if cuts else 0  # bytes still to come of this slice

    def update(self, piece: Chunk) -> None:
        """Take the next bytes, as many as there are.

        Raises ``DigestMismatchError`` when there are more than the cuts cover.
        """
        view = memoryview(piece)
        while view:  # each round takes at least one byte
            part = view[: self._missing]
            if not part:
                raise DigestMismatchError("longer_than_sliced", slices=len(self._cuts))
            self._slice.update(part)
            self._missing -= len(part)
            view = view[len(part) :]
            if not self._missing:
                self._close_slice()

    def finish(self) -> tuple[bytes, ...]:
        """Return the slice records.  Raises ``DigestMismatchError`` when bytes are missing."""
        if len(self._records) != len(self._cuts):
            raise DigestMismatchError("shorter_than_sliced", slices=len(self._cuts))
        return tuple(self._records)

    def _close_slice(self) -> None:
        number = len(self._records)
        self._records.append(slice_record(number, self._cuts[number], self._slice.hexdigest()))
        self._slice = hashlib.sha256()
        following = len(self._records)
        self._missing = self._cuts[following].length if following < len(self._cuts) else 0


class SliceHasher:
    """Digests a segment and all its slices in one reading: two passes over each byte."""

    def __init__(self, cuts: Sequence[Cut]) -> None:
        self._slices = Slicer(cuts)
        self._whole = hashlib.sha256()

    def update(self, view: memoryview) -> None:
        """Take the next bytes; see ``Slicer.update``."""
        self._slices.update(view)
        self._whole.update(view)

    def finish(self) -> tuple[str, tuple[bytes, ...]]:
        """Return the SHA-256 (hex) of the whole and the slice records; see ``Slicer.finish``."""
        records = self._slices.finish()
        return self._whole.hexdigest(), records


def roll(records: Sequence[bytes]) -> tuple[SliceRoll, bytes]:
    """Return the roll of these records and its bytes, the object that goes into the vault."""
    data = b"".join(record + b"\n" for record in records)
    root = root_hash(leaf_hash(record) for record in records)
    return SliceRoll(len(records), root.hex(), hashlib.sha256(data).hexdigest()), data


def parse_roll(data: bytes) -> list[dict[str, Json]]:
    """Return the records of a roll, checked: canonical, numbered, tiling from 0 without a hole."""
    if len(data) > ROLL_LIMIT_BYTES:
        raise MalformedError("roll_too_long", limit=ROLL_LIMIT_BYTES, length=len(data))
    if data and not data.endswith(b"\n"):
        raise MalformedError("roll_malformed", line=data.count(b"\n"))
    records, offset = [], 0
    for number, line in enumerate(data[:-1].split(b"\n") if data else ()):
        record, length = _parse_record(line, number, offset)
        records.append(record)
        offset += length
    return records


def _parse_record(line: bytes, number: int, offset: int) -> tuple[dict[str, Json], int]:
    """Return record ``number``, which begins at ``offset``, and its length in bytes."""
    record = decode(line)
    if not isinstance(record, dict) or record.keys() != _RECORD_KEYS:
        raise MalformedError("roll_malformed", line=number)
    length, digest = record["len"], record["sha256"]
    integers = (record["i"], record["off"], length, record["n"])
    if any(type(each) is not int for each in integers) or type(record["key"]) is not bool:
        raise MalformedError("roll_malformed", line=number)
    if any(type(record[each]) not in {int, type(None)} for each in ("pts0", "pts1")):
        raise MalformedError("roll_malformed", line=number)
    tiles = record["i"] == number and record["off"] == offset and 0 < length <= MAX_BYTES
    if not tiles or record["n"] < 0 or not isinstance(digest, str):
        raise MalformedError("roll_malformed", line=number)
    check_digest(digest)
    return record, length

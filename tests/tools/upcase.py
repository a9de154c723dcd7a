"""The up-case table of exFAT: made by code, compressed, with its checksums.

Only Latin, Greek and Cyrillic letters are mapped: that part of Unicode does not change any more, so
the table is the same under every version of Python.
Source: exFAT File System Specification, 7.2 (table), 7.6.4 (name hash).
"""

import struct
from collections.abc import Sequence
from functools import cache

LETTERS = 0x0530  # code units from here on stand for themselves
PLAIN = 128  # the first entries are written without compression (7.2.5.1)
SAME = 0xFFFF  # marks a run of units that stand for themselves


def upper(unit: int) -> int:
    """Return the upper case of a UTF-16 code unit, itself where it has none."""
    if unit >= LETTERS:
        return unit
    large = chr(unit).upper()
    return ord(large) if len(large) == 1 and ord(large) < LETTERS else unit


@cache
def table() -> bytes:
    """Return the compressed table."""
    units = [upper(unit) for unit in range(PLAIN)]
    unit = PLAIN
    while unit <= SAME:
        end = unit
        while end <= SAME and upper(end) == end:
            end += 1
        if end - unit > 2:
            units += [SAME, end - unit]
            unit = end
        else:
            units.append(upper(unit))
            unit += 1
    return struct.pack(f"<{len(units)}H", *units)


@cache
def checksum(data: bytes) -> int:
    """Return the 32 bit checksum of a table (7.2.2)."""
    total = 0
    for byte in data:
        total = ((total >> 1 | total << 31) + byte) & 0xFFFFFFFF
    return total


def name_hash(units: Sequence[int]) -> int:
    """Return the 16 bit hash of the upper case of a name (7.6.4)."""
    total = 0
    for byte in struct.pack(f"<{len(units)}H", *map(upper, units)):
        total = ((total >> 1 | total << 15) + byte) & 0xFFFF
    return total

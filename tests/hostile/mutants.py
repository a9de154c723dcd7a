"""Files spoilt at random: ``mutant(seed)`` is the same file for ever.

Damage is aimed: most of it strikes where headers, indexes and tables lie, because a changed byte of
a picture tests nothing but the digest.
"""

import re
from collections.abc import Callable
from functools import cache
from random import Random

from tests.hostile.bombs import BOMBS, bomb
from tests.tools.scenes import NAMES, Scale, scene

SHORT = Scale(duration_ms=2_000)
ALL: tuple[str, ...] = (*NAMES, *BOMBS)
EDGES = (
    b"\0",
    b"\xff",
    b"\x80",
    b"\0\0",
    b"\xff\xff",
    b"\x7f\xff",
    b"\0\0\0\0",
    b"\0\0\0\1",
    b"\0\0\0\7",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\x40\0\0\0",
    b"\xff\xff\xff\xfe",
    b"\x7f" + b"\xff" * 7,
    b"\x80" + b"\0" * 7,
    b"\xff" * 8,
)
# Where a parser looks: names of boxes, elements, lists and packets.
SIGNS = re.compile(
    rb"moov|trak|mdhd|elst|stts|ctts|stsc|stsz|stco|stss|stsd|moof|traf|tfhd|tfdt|trun|trex|mvhd"
    rb"|RIFF|LIST|hdrl|strh|strf|idx1|indx|movi|\x1a\x45\xdf\xa3|\x16\x54\xae\x6b|\x1c\x53\xbb\x6b"
    rb"|\x1f\x43\xb6\x75|\x47[\x40-\x5f]|\xff[\xc0-\xfe]|Exif|IHDR|serial"
)
SIGNS_LIMIT = 400  # of one file
BOMB_EVERY = 25  # mutants; a bomb takes a hundred times as long as a film

Damage = Callable[[Random, bytearray, int], None]


def mutant(seed: int) -> tuple[str, bytes]:
    """Return the name of a scene or bomb and its bytes, damaged by ``seed``."""
    random = Random(seed)
    name = random.choice(NAMES if random.randrange(BOMB_EVERY) else tuple(BOMBS))
    data = bytearray(original(name))
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        if data:
            random.choice(DAMAGES)(random, data, _place(random, name, len(data)))
    return name, bytes(data)


@cache
def original(name: str) -> bytes:
    """Return the undamaged bytes of a scene or bomb."""
    return bomb(name) if name in BOMBS else scene(name, SHORT).data


@cache
def _signs(name: str) -> tuple[int, ...]:
    found = SIGNS.finditer(original(name))
    return tuple(sign.start() for sign, _ in zip(found, range(SIGNS_LIMIT), strict=False))


def _place(random: Random, name: str, size: int) -> int:
    """Return an offset: near a sign of structure, in the head, or anywhere."""
    way, signs = random.randrange(8), _signs(name)
    if way < 5 and signs:
        return min(size - 1, max(0, random.choice(signs) + random.randrange(-8, 48)))
    return random.randrange(min(size, 512) if way == 5 else size)


def _flip(random: Random, data: bytearray, at: int) -> None:
    data[at] ^= 1 << random.randrange(8)


def _byte(random: Random, data: bytearray, at: int) -> None:
    data[at] = random.randrange(256)


def _edge(random: Random, data: bytearray, at: int) -> None:
    edge = random.choice(EDGES)
    if random.randrange(2):
        edge = edge[::-1]
    data[at : at + len(edge)] = edge


def _noise(random: Random, data: bytearray, at: int) -> None:
    length = random.randrange(1, 64)
    data[at : at + length] = random.randbytes(length)


def _take_out(random: Random, data: bytearray, at: int) -> None:
    del data[at : at + random.randrange(1, 256)]


def _put_in(random: Random, data: bytearray, at: int) -> None:
    data[at:at] = random.randbytes(random.randrange(1, 64))


def _repeat(random: Random, data: bytearray, at: int) -> None:
    piece = data[at : at + random.randrange(1, 512)]
    data[at:at] = piece * random.randrange(1, 5)


def _swap(random: Random, data: bytearray, at: int) -> None:
    """Copy a block over another place, as a lost cluster does."""
    length, target = random.choice((4, 64, 512)), random.randrange(len(data))
    data[target : target + length] = data[at : at + length]


def _graft(random: Random, data: bytearray, at: int) -> None:
    """Put the beginning of another file here."""
    other = original(random.choice(ALL))
    data[at:at] = other[: random.randrange(1, 4_096)]


def _cut(random: Random, data: bytearray, at: int) -> None:
    if random.randrange(4) == 0:  # else most mutants would be nothing but short
        del data[at:]


def _hole(random: Random, data: bytearray, at: int) -> None:
    length = random.choice((4, 512, 4_096))
    data[at : at + length] = bytes(min(length, len(data) - at))


DAMAGES: tuple[Damage, ...] = (
    _flip,
    _byte,
    _edge,
    _edge,
    _edge,
    _noise,
    _take_out,
    _put_in,
    _repeat,
    _swap,
    _graft,
    _cut,
    _hole,
)

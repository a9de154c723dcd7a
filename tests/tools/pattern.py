"""A moving test pattern with a burned-in frame counter, and a tone: raw pictures and sound.

Deterministic: the same arguments give the same bytes on every machine.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_ROWS = {  # three by five points for each digit, a row as three bits
    "0": (7, 5, 5, 5, 7), "1": (2, 6, 2, 2, 7), "2": (7, 1, 7, 4, 7), "3": (7, 1, 7, 1, 7),
    "4": (5, 5, 7, 1, 1), "5": (7, 4, 7, 1, 7), "6": (7, 4, 7, 5, 7), "7": (7, 1, 1, 2, 2),
    "8": (7, 5, 7, 5, 7), "9": (7, 5, 7, 1, 7),
}  # fmt: skip

Picture = NDArray[np.uint8]


def picture(number: int, width: int, height: int, *, noise: int = 0, seed: int = 0) -> Picture:
    """Return frame ``number`` as planar YUV 4:2:0, shape (height * 3 / 2, width).

    ``noise`` is the amplitude of grain (0..127): it makes a stream heavy without making it large.
    """
    luma: Picture = _slope(width, height) + np.uint8(number * 4 & 0xFF)
    if noise:
        grain = np.random.default_rng(seed * 1_000_003 + number)
        luma = np.add(
            luma >> 1, 32 + grain.integers(0, noise, luma.shape, np.uint8), dtype=np.uint8
        )
    _burn(luma, f"{number:06d}", max(1, width // 80))
    chroma = np.full((height // 2, width), 128, np.uint8)
    chroma[:, : (number * 2) % width] = 96 + seed % 64
    return np.concatenate([luma, chroma])


@cache
def _slope(width: int, height: int) -> Picture:
    across = np.arange(width, dtype=np.uint16)[None, :]
    down = np.arange(height, dtype=np.uint16)[:, None]
    return ((across + down) & 0xFF).astype(np.uint8)


def _burn(luma: Picture, text: str, scale: int) -> None:
    for place, digit in enumerate(text):
        points = np.array([[row >> 2 & 1, row >> 1 & 1, row & 1] for row in _ROWS[digit]], np.uint8)
        block = np.kron(points, np.full((scale, scale), 235, np.uint8))
        left = scale * (2 + 4 * place)
        luma[2 * scale : 7 * scale, left : left + 3 * scale] = np.maximum(block, 16)


def tone(first: int, count: int, rate: int) -> NDArray[np.int16]:
    """Return samples ``first`` … of a 440 Hz tone, shape (1, count): planar mono."""
    at = np.arange(first, first + count) * (2 * np.pi * 440 / rate)
    return np.asarray(np.sin(at) * 8000, dtype=np.int16)[None, :]

"""What is measured: films that nothing can make smaller, and the places for them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from tests.tools.encode import Picturing, Recipe, write
from tests.tools.mp4 import boxes

SCRATCH = Path(__file__).resolve().parent.parent / "build" / "bench"
PIECE_BYTES = 4 << 20
NOISY = Picturing(width=640, height=480, rate=25, gop=25, noise=100, crf=12, frames=25)


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """Yield an empty folder on the disk of the checkout; it is gone afterwards."""
    folder = SCRATCH / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_films(folder: Path, count: int, size: int) -> list[Path]:
    """Write ``count`` MP4 files of about ``size`` bytes: true sample tables over random samples."""
    pattern = _pattern(folder / "pattern.mp4", size)
    films = []
    for number in range(count):
        film = folder / f"DCAM_CAM001_000001_202611{number // 24 + 1:02d}_{number % 24:02d}0000.mp4"
        _fill(pattern, film, number)
        films.append(film)
    pattern.unlink()
    # On the medium and in the cache: what is measured is not the writing of the source.
    os.sync()
    return films


def make_noise(folder: Path, count: int, size: int) -> list[Path]:
    """Write ``count`` files of ``size`` random bytes."""
    files = [folder / f"{number:05d}.bin" for number in range(count)]
    for number, path in enumerate(files):
        with path.open("wb") as file:
            _noise(file.fileno(), size, number)
    os.sync()
    return files


def _pattern(path: Path, size: int) -> Path:
    """Return a film of the wanted size, of pictures that repeat."""
    short = Recipe(video=NOISY, duration_ms=10_000)
    a_second = write(short, path).stat().st_size // 10
    return write(Recipe(video=NOISY, duration_ms=1000 * max(2, size // a_second)), path)


def _fill(pattern: Path, film: Path, number: int) -> None:
    data = pattern.read_bytes()
    media = next(box for box in boxes(data) if box.kind == b"mdat")
    begin = media.offset + media.header
    with film.open("wb") as file:
        file.write(data[:begin])
        file.flush()
        _noise(file.fileno(), media.end - begin, number)
        file.write(data[media.end :])


def _noise(descriptor: int, size: int, number: int) -> None:
    """Write the key stream of AES: random enough for every disk, and faster than any of them."""
    stream = Cipher(AES(number.to_bytes(32, "big")), CTR(bytes(16))).encryptor()
    zeros = bytes(PIECE_BYTES)
    while size:
        piece = stream.update(zeros[:size])
        os.write(descriptor, piece)
        size -= len(piece)

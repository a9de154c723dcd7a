"""The limits of this machine for a job: its processors hashing, and its disk under ``dd``."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

HASH_BYTES = 1 << 20
CORES = os.cpu_count() or 1
DD = ("dd", "bs=4M", "status=none")


def hash_all(files: Sequence[Path], at_once: int = CORES) -> None:
    """Pass SHA-256 over every file once, so many at once; hashing lets go of Python's lock."""
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(_hash, files))


def dd_write(files: Sequence[Path], target: Path, at_once: int) -> None:
    """Copy by ``dd`` past the page cache, each file synced."""
    run = partial(_dd, options=("oflag=direct", "conv=fsync"))
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run, files, [target / path.name for path in files]))


def dd_read(files: Sequence[Path], at_once: int) -> None:
    """Read by ``dd`` past the page cache."""
    run = partial(_dd, options=("iflag=direct",))
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run, files, [Path(os.devnull)] * len(files)))


def _hash(path: Path) -> None:
    buffer, digest = memoryview(bytearray(HASH_BYTES)), hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])


def _dd(source: Path, target: Path, *, options: Sequence[str]) -> None:
    subprocess.run([*DD, f"if={source}", f"of={target}", *options], check=True)

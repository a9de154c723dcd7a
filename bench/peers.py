"""What others do with the same files: coreutils, and bagit.py from PyPI in a venv of its own."""

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from bench.made import SCRATCH

BAGIT = SCRATCH.parent.parent / "requirements" / "bench.in"
BAGIT_VENV = SCRATCH.parent / "bench-venv"
_BAGIT_PYTHON = BAGIT_VENV / "bin" / "python"


def cp_sum_sync(files: Sequence[Path], target: Path) -> Path:
    """Copy, write the digests of the copies, sync; return the list of digests."""
    _run("cp", "--", *files, target)
    sums = target.parent / "SHA256SUMS"
    with sums.open("wb") as out:
        _run("sha256sum", *_copies(files, target), stdout=out)
    _run("sync", *_copies(files, target))
    return sums


def cp_sum_sync_check(files: Sequence[Path], target: Path) -> None:
    """Do as above, then drop the copies from the page cache and check them."""
    sums = cp_sum_sync(files, target)
    forget(target)
    _run("sha256sum", "--quiet", "-c", sums)


def cp_bagit(files: Sequence[Path], target: Path) -> None:
    """Copy, make a bag of the copies with two processes, sync."""
    _run("cp", "--", *files, target)
    _run(_BAGIT_PYTHON, "-m", "bagit", "--quiet", "--sha256", "--processes", "2", target)
    _run("sync", *_copies(files, target / "data"))


def has_bagit(*, install: bool) -> bool:
    """Tell whether bagit.py is there; install it from the package index if asked to."""
    made = BAGIT_VENV / "made"
    if install and not made.exists():
        try:
            venv.create(BAGIT_VENV, clear=True, with_pip=True)
            _run(_BAGIT_PYTHON, "-m", "pip", "install", "--quiet", "--requirement", BAGIT)
            made.touch()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"bagit.py cannot be had: {error}", file=sys.stderr)
    return made.exists()


def forget(folder: Path) -> None:
    """Drop the pages of these files alone: the sources stay warm, and other people's work too."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _copies(files: Sequence[Path], target: Path) -> list[Path]:
    return [target / path.name for path in files]


def _run(*command: object, stdout: IO[bytes] | int = subprocess.DEVNULL) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=stdout)

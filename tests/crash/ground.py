"""Where the crash tests work: in memory where they can, with one small shift on a recorder."""

import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from drivers.registry import open_recorder
from evidence.ports import Recorder
from tests.fakes.house import SHANGHAI, NoParsers

MEMORY = Path("/dev/shm")  # noqa: S108 - every test makes a folder of its own in there
STAMP_NS = 1_795_312_800_000_000_000  # 2026-11-22T02:00:00Z: before any clock of a test

# One of several blocks with a tail, one that fits a block, a short one, an empty one.
SHIFT: Mapping[str, bytes] = {
    "DCIM/DCAM_CAM001_000001_20261122_090000.mp4": random.Random(1).randbytes(70_001),
    "DCIM/DCAM_CAM001_000001_20261122_091000.mp4": random.Random(2).randbytes(4096),
    "DCIM/DCAM_CAM001_000001_20261122_092000.mp4": random.Random(3).randbytes(777),
    "empty.mp4": b"",
}


@pytest.fixture
def ram() -> Iterator[Path]:
    """Give a folder whose syncs cost nothing: thousands of crashes must not wait for a disk.

    What is lost in a crash is decided by the tests, not by this folder.
    """
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="dockseal-crash-", dir=where))
    yield folder
    shutil.rmtree(folder)


def lay(folder: Path, shift: Mapping[str, bytes] = SHIFT) -> Path:
    """Write a shift as the recorder's folder, with times that stay the same at every docking."""
    for path, content in shift.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    stamp(folder)
    told = {"image": folder.name, "identity": {"serial": "K7F3A2C"}, "clock_offset_ms": 0}
    described(folder).write_text(json.dumps(told))
    return folder


def stamp(folder: Path) -> None:
    """Give every file of a card its time: the same file has the same one at the next docking."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, ns=(STAMP_NS, STAMP_NS))


def described(folder: Path) -> Path:
    """Return where the description of the played recorder lies."""
    return folder.with_name(f"{folder.name}.recorder.json")


def played(folder: Path) -> Recorder:
    """Return the recorder over its folder as a slot opens it."""
    return open_recorder(described(folder), parsers=NoParsers(), zone=SHANGHAI)


def cleared(folder: Path, shift: Mapping[str, bytes] = SHIFT) -> frozenset[str]:
    """Return what the recorder has forgotten."""
    return frozenset(path for path in shift if not (folder / path).exists())

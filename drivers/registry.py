"""Which driver speaks to what was docked.  Order matters: the first claim wins."""

import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from drivers import simulated
from drivers.folder import FolderRecorder
from drivers.limits import ListingLimits
from drivers.mounts import release
from drivers.volume import DiskRecorder
from evidence.errors import UnknownRecorderError
from evidence.ports import Parsers, Recorder

SECTOR = 512
SIGNATURE = b"\x55\xaa"  # ends the first sector of FAT, exFAT and MBR, and the one before GPT's


@dataclass(frozen=True, slots=True)
class Needs:
    """What drivers are made from."""

    parsers: Parsers
    zone: tzinfo  # in which a recorder's local times are read
    limits: ListingLimits
    mounts: Path  # folder of the mount points of an erase


@dataclass(frozen=True, slots=True)
class Driver:
    """One row: a name, whether it takes a path, and how it opens it."""

    name: str
    claims: Callable[[Path], bool]
    open: Callable[[Path, Needs], Recorder]


def open_recorder(
    path: Path,
    *,
    parsers: Parsers,
    zone: tzinfo,
    limits: ListingLimits | None = None,
    mounts: Path | None = None,
) -> Recorder:
    """Return the recorder at ``path``.

    An erase mounts in ``mounts`` (None: the system's folder for what is temporary); what a killed
    one has left mounted there of this device is unmounted first (``drivers/mounts.py``).
    Raises ``UnknownRecorderError`` (``path_missing``, ``path_forbidden``, ``path_unknown``) where
    no driver takes it, and what the driver's opening raises (``DeviceError``).
    """
    folder = mounts or Path(tempfile.gettempdir())
    needs = Needs(parsers, zone, limits or ListingLimits(), folder)
    try:
        driver = next((driver for driver in DRIVERS if driver.claims(path)), None)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnknownRecorderError("path_missing", where=str(path)) from error
    except OSError as error:
        raise UnknownRecorderError("path_forbidden", where=str(path)) from error
    if driver is None:
        raise UnknownRecorderError("path_unknown", where=str(path))
    return driver.open(path, needs)


def is_disk(path: Path) -> bool:
    """Return whether it is a block device, or a file that begins like a disk."""
    mode = path.stat().st_mode
    if stat.S_ISBLK(mode):
        return True
    return stat.S_ISREG(mode) and first_sector(path)[-2:] == SIGNATURE


def first_sector(path: Path) -> bytes:
    """Return the first 512 bytes of a plain file."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return os.pread(fd, SECTOR, 0)
    finally:
        os.close(fd)


def _open_simulated(path: Path, needs: Needs) -> Recorder:
    return simulated.open_simulated(path, lambda image: _open_image(image, needs))


def _open_image(path: Path, needs: Needs) -> simulated.Inner:
    """Open what a simulated recorder serves: a disk or a folder."""
    return _open_folder(path, needs) if path.is_dir() else _open_disk(path, needs)


def _open_disk(path: Path, needs: Needs) -> DiskRecorder:
    release(path, needs.mounts)
    return DiskRecorder(
        path, parsers=needs.parsers, zone=needs.zone, limits=needs.limits, mounts=needs.mounts
    )


def _open_folder(path: Path, needs: Needs) -> FolderRecorder:
    return FolderRecorder(path, limits=needs.limits)


DRIVERS = (
    Driver("simulated", simulated.claims, _open_simulated),
    Driver("disk", is_disk, _open_disk),
    Driver("folder", Path.is_dir, _open_folder),
)

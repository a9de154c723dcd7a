"""Where a volume is mounted to be erased, and the mount that a killed erase has left there.

``kill -9`` in the middle of an erase takes nothing away: the volume stays mounted, and its device
would be busy for every docking to come.  So the next one unmounts it, under narrow conditions: the
mount point bears our name, lies in the folder of our own mount points, belongs to a process that
is gone, and shows this very device.  What the kernel then still writes is what a certificate
covered; nothing else was ever removed there.
"""

import logging
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drivers.run import run
from evidence.errors import DeviceError, EraseError

MOUNTS = Path("/proc/self/mountinfo")
PROCESSES = Path("/proc")
BLOCKS = Path("/sys/block")
OUR_NAME = re.compile(r"dockseal-([0-9]{1,9})\.([0-9]{1,18})-[a-z0-9_]+")
ESCAPED = re.compile(r"\\([0-7]{3})")  # proc_pid_mountinfo(5): blanks and the like, in octal
STARTED = 20  # word after the name in brackets of proc_pid_stat(5): field 22, starttime

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the table of mounts."""

    point: Path
    source: str


def make_mount_point(folder: Path) -> Path:
    """Return a new folder in ``folder`` whose name tells which process it is of."""
    pid = os.getpid()
    return Path(tempfile.mkdtemp(prefix=f"dockseal-{pid}.{_started(pid)}-", dir=folder))


def release(path: Path, folder: Path) -> None:
    """Unmount what a process that is gone has left mounted of ``path``, and nothing else.

    Raises ``DeviceError`` (``device_busy``) where it cannot: reading beside a mount would read what
    its driver may change a moment later.
    """
    for mount in _mounts():
        if _is_left(mount.point, folder) and _shows(mount.source, path):
            logger.warning("%s was left mounted by an erase that was killed", path)
            try:
                _unmount(mount, path)
            except EraseError as error:
                raise DeviceError("device_busy", where=str(path)) from error


def _unmount(mount: Mount, path: Path) -> None:
    run(["umount", str(mount.point)])
    if _backing(mount.source) is not None and not _is_same(mount.source, path):
        run(["losetup", "--detach", mount.source])
    with suppress(OSError):  # see drivers/ways.py: never a whole tree
        mount.point.rmdir()


def _mounts() -> Iterator[Mount]:
    """Yield every mount, the newest first: one may lie over another."""
    try:
        table = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:  # a sandbox without it; a device that is mounted is refused when it is opened
        return
    for line in reversed(table.split("\n")[:-1]):
        before, _, after = line.partition(" - ")
        yield Mount(Path(_plain(before.split(" ")[4])), _plain(after.split(" ")[1]))


def _plain(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)


def _is_left(point: Path, folder: Path) -> bool:
    """Tell whether it is a mount point of ours whose process is gone; a number may be used anew."""
    name = OUR_NAME.fullmatch(point.name)
    if name is None or point.parent != folder.resolve():
        return False
    return not _lives(int(name[1]), int(name[2]))


def _lives(pid: int, started: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's: only its start can tell whether it is the same
        pass
    return _started(pid) in {None, started}  # None: hidden from us (ProtectProc=), so it may be


def _started(pid: int) -> int | None:
    """Return when a process began, in clock ticks since the start of the machine."""
    try:
        text = (PROCESSES / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    return int(text.rpartition(")")[2].split()[STARTED - 1])


def _shows(source: str, path: Path) -> bool:
    """Tell whether a mount's source is this device, or a loop device over it or this image."""
    backing = _backing(source)
    return _is_same(source, path) or (backing is not None and _is_same(backing, path))


def _backing(source: str) -> str | None:
    try:
        return (BLOCKS / Path(source).name / "loop" / "backing_file").read_text().rstrip("\n")
    except OSError:
        return None


def _is_same(one: str, other: Path) -> bool:
    try:
        left, right = Path(one).stat(), other.stat()
    except OSError:
        return False
    if stat.S_ISBLK(left.st_mode) and stat.S_ISBLK(right.st_mode):
        return left.st_rdev == right.st_rdev  # by whatever name
    return os.path.samestat(left, right)

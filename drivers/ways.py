"""The ways in which this machine may write to a FAT or exFAT medium, in the order of trust.

| way | file systems | needs |
|---|---|---|
| ``kernel`` | FAT, exFAT | root, the file system in the kernel; loop devices for an image |
| ``mtools`` | FAT | mtools; leave to write to the device or image |
| ``fuse`` | exFAT | root, exfat-fuse, /dev/fuse; loop devices for an image |

Each removes exactly the files it is given and answers nothing: the listing afterwards tells.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from drivers.answer import Facts
from drivers.mounts import make_mount_point
from drivers.remove import remove_below
from drivers.run import run
from evidence.errors import EraseError
from evidence.recorders import FileEntry

BATCH = 100  # names in one call of mdel
KERNEL_NAMES = {"FAT12": "vfat", "FAT16": "vfat", "FAT32": "vfat", "exFAT": "exfat"}
# utf8: names as bytes that we know.  No codepage is given: an 8.3 name in GBK is not reachable
# this way, so such a file stays and is reported.
MOUNT_OPTIONS = {
    "vfat": "rw,nosuid,nodev,noexec,noatime,utf8",
    "exfat": "rw,nosuid,nodev,noexec,noatime",
}
PATTERN = "*?["  # what mdel would expand
FILE_SYSTEMS = Path("/proc/filesystems")
ROOT = 0


@dataclass(frozen=True, slots=True)
class Medium:
    """A device or image that shall forget something."""

    path: Path
    is_block: bool
    facts: Facts
    mounts: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))  # of our mount points


class Way(Protocol):
    """One way to remove files from a medium."""

    name: str

    def lacks(self, medium: Medium) -> str | None:
        """Return a code of what is missing here for this medium, or None."""
        ...

    def remove(self, medium: Medium, files: Sequence[FileEntry]) -> None:
        """Remove the files, as many as it can.  Raises ``EraseError``."""
        ...


class KernelMount:
    """A mount by the kernel's own driver: only once there is leave to erase (DESIGN 4)."""

    name = "kernel"

    def lacks(self, medium: Medium) -> str | None:
        """See ``Way``."""
        kind = KERNEL_NAMES[medium.facts.file_system]
        known = {line.split()[-1] for line in FILE_SYSTEMS.read_text().splitlines() if line}
        if kind not in known:
            return "file_system"
        return _lacks_root("mount", "umount", "losetup")

    def remove(self, medium: Medium, files: Sequence[FileEntry]) -> None:
        """See ``Way``."""
        kind = KERNEL_NAMES[medium.facts.file_system]
        command = ["mount", "-t", kind, "-o", MOUNT_OPTIONS[kind]]
        _remove_mounted(medium, files, command)


class ExfatFuse:
    """The exFAT driver in user space; its process sees the volume, ours sees files."""

    name = "fuse"

    def lacks(self, medium: Medium) -> str | None:
        """See ``Way``."""
        if medium.facts.file_system != "exFAT":
            return "file_system"
        if not Path("/dev/fuse").exists():
            return "dev_fuse"
        return _lacks_root("mount.exfat-fuse", "umount", "losetup")

    def remove(self, medium: Medium, files: Sequence[FileEntry]) -> None:
        """See ``Way``."""
        _remove_mounted(medium, files, ["mount.exfat-fuse", "-o", "nosuid,nodev,noexec,noatime"])


class Mtools:
    """``mdel`` on the device itself, without mounting."""

    name = "mtools"

    def lacks(self, medium: Medium) -> str | None:
        """See ``Way``."""
        if medium.facts.file_system == "exFAT":
            return "file_system"
        if not shutil.which("mdel"):
            return "mdel"
        return None if os.access(medium.path, os.W_OK) else "write_access"

    def remove(self, medium: Medium, files: Sequence[FileEntry]) -> None:
        """See ``Way``.  One name that fails does not keep the others from going."""
        image = f"{medium.path}@@{medium.facts.offset}"
        failed: EraseError | None = None
        for start in range(0, len(files), BATCH):
            names = [f"::/{_literal(file.path)}" for file in files[start : start + BATCH]]
            try:
                # MTOOLSRC in place of the user's own configuration, which could redirect drives.
                run(["mdel", "-i", image, *names], MTOOLSRC="/dev/null")
            except EraseError as error:
                failed = error
        sync(medium.path)
        if failed:
            raise failed


DISK_WAYS: tuple[Way, ...] = (KernelMount(), Mtools(), ExfatFuse())


def sync(path: Path) -> None:
    """Return only when what a way wrote is on the medium."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise EraseError("erase_sync", where=str(path)) from error


def _literal(path: str) -> str:
    """Return the path so that mdel takes every character for itself."""
    return "".join(f"[{character}]" if character in PATTERN else character for character in path)


def _lacks_root(*tools: str) -> str | None:
    if os.geteuid() != ROOT:
        return "root"
    return next((tool for tool in tools if not shutil.which(tool)), None)


def _remove_mounted(medium: Medium, files: Sequence[FileEntry], command: list[str]) -> None:
    with ExitStack() as stack:
        device = stack.enter_context(_block_device(medium))
        folder = stack.enter_context(_mounted(device, command, medium.mounts))
        for file in files:
            remove_below(folder, file)
    sync(medium.path)


@contextmanager
def _block_device(medium: Medium) -> Iterator[str]:
    """Give a block device that begins where the volume does; an image gets a loop device."""
    if medium.is_block and not medium.facts.offset:
        yield str(medium.path)
        return
    bounds = ["--offset", str(medium.facts.offset), "--sizelimit", str(medium.facts.size)]
    device = run(["losetup", "--find", "--show", *bounds, str(medium.path)]).strip()
    try:
        yield device
    finally:
        run(["losetup", "--detach", device])


@contextmanager
def _mounted(device: str, command: list[str], folder: Path) -> Iterator[Path]:
    try:
        point = make_mount_point(folder)
    except OSError as error:
        raise EraseError("erase_failed", where=device, errno=error.errno) from error
    try:
        run([*command, device, str(point)])
        try:
            yield point
        finally:
            # Not "lazy": while anything still writes, the listing that follows would prove nothing.
            run(["umount", str(point)])
    finally:
        # Never a whole tree: what may still be mounted here is the recorder, and no certificate
        # covers that.  A folder that stays is empty, or somebody has to look.
        with suppress(OSError):
            point.rmdir()

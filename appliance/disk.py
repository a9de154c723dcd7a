"""The disks on which ledger and vault lie, measured: nothing in them is opened."""

import os
from collections.abc import Iterator
from pathlib import Path

from appliance.home import Home
from custody.space import Disk
from evidence.errors import VaultUnavailableError
from vault.durable import mapped

MOUNTS = Path("/proc/self/mountinfo")
MOUNTS_LIMIT = 4 * 1024 * 1024  # bytes


def disk_of(home: Home, reserve_bytes: int) -> Disk:
    """Return size and free bytes of the vault's disk; raises ``VaultError``.

    Free is what an ordinary user may still take: what the file system keeps for root is not.
    """
    folder = home.vault if home.vault.exists() else home.path
    with mapped(folder):
        room = os.statvfs(folder)
    block = room.f_frsize
    return Disk(room.f_blocks * block, room.f_bavail * block, reserve_bytes)


def check_mounted(home: Home, mounts: Path = MOUNTS) -> None:
    """Raise ``VaultUnavailableError`` (``read_only``) where a disk of the home takes no write.

    The kernel is asked, for whoever watches need not be able to write into the vault.
    """
    for folder in (home.path, home.vault, home.ledger):
        if folder.exists() and _device(folder) in set(_read_only(mounts)):
            raise VaultUnavailableError("read_only", path=str(folder))


def _device(folder: Path) -> str:
    number = folder.stat().st_dev
    return f"{os.major(number)}:{os.minor(number)}"


def _read_only(mounts: Path) -> Iterator[str]:
    """Yield the devices whose file system takes no write, whoever asks (``proc(5)``).

    Not those that are only shown to us so: the last field speaks of the file system itself.
    """
    with mounts.open("rb") as file:
        text = file.read(MOUNTS_LIMIT).decode("utf-8", "replace")
    for line in text.split("\n"):
        fields = line.split(" ")
        if len(fields) > len("ab") and "ro" in fields[-1].split(","):
            yield fields[2]

"""Whether the inode numbers of a mounted file system last."""

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
# FAT has no inodes: the kernel makes numbers up and may give others after it dropped its cache.
MADE_UP = ("vfat", "msdos", "exfat", "fuse", "9p")


def numbers_last(device: int) -> bool:
    """Return whether a file of the mounted ``device`` (st_dev) keeps its inode number."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in MOUNTS.read_text(errors="replace").splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [wanted]:
            return not after.startswith(MADE_UP)
    return True

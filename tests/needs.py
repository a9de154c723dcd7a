"""The system tools that some tests need; the product itself needs none of them to dock.

A test module that runs one of these tools says so in ``NEEDS = ("mcopy", …)``; where a tool is
missing, its tests are left out and named (``tests/conftest.py``), and with ``CI=true`` the run
fails.  ``python3 tests/needs.py`` reports; ``--packages`` prints what apt-get should install.
Standard library only: ``.ci/run`` calls it before anything is set up.
"""

import os
import shutil
import sys

# tool: (Debian package, what is not tested without it)
TOOLS = {
    "mcopy": ("mtools", "FAT images written by others are read"),
    "mdel": ("mtools", "files of a FAT image are erased under a certificate"),
    "mkfs.vfat": ("dosfstools", "FAT32 volumes made by others are read"),
    "fsck.vfat": ("dosfstools", "FAT32 images of the simulator are clean"),
    "mkfs.exfat": ("exfatprogs", "exFAT volumes made by others are read"),
    "fsck.exfat": ("exfatprogs", "exFAT images of the simulator are clean"),
    "mount.exfat-fuse": ("exfat-fuse", "files of an exFAT volume are erased under a certificate"),
    "strace": ("strace", "every durable step fails once at its system call"),
    "chromium": ("chromium", "people enrol, sign in, decide and fetch in a real browser"),
    "promtool": ("prometheus", "alert rules fire when they must, and metrics have good names"),
    "systemd-analyze": ("systemd", "the units that make install writes are valid"),
}
# An ordinary user's PATH often leaves out where mkfs and fsck live.
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"))


def missing() -> dict[str, str]:
    """Return the tools that are not here, each with a sentence for people."""
    return {
        tool: f"{tool} is missing (apt-get install {package}), so it is not tested that {promise}"
        for tool, (package, promise) in TOOLS.items()
        if shutil.which(tool, path=PLACES) is None
    }


def main(arguments: list[str]) -> int:
    """Report what is missing; with CI=true that is a failure."""
    absent = missing()
    if arguments == ["--packages"]:
        sys.stdout.write(" ".join(sorted({TOOLS[tool][0] for tool in absent})) + "\n")
        return 0
    for sentence in absent.values():
        sys.stderr.write(f"{sentence}\n")
    return 1 if absent and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

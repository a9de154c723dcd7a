"""What lies under a configured path, and when that is a recorder to dock.

A sight is a text that changes when what lies there changes; None is nothing.  ``Watch`` decides
from sights alone.  ``Lookout`` gets them, in a thread for each path: a hung device can hold a
``stat`` for minutes, and the other slots must not wait for it.
"""

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.backoff import Pace

SETTLE_S = 3.0  # a card being mounted, an image being copied: it must lie still this long
PACE = Pace(first_s=1.0, last_s=60.0, steady_s=10.0)  # of dockings that are tried again
ALWAYS = 1 << 30  # tries, where the recorder is not at fault
LOOK_EVERY_S = 1.0
ENTRIES_LIMIT = 20_000  # of one folder tree; beyond that, changes of the rest go unnoticed
DEPTH_LIMIT = 16


@dataclass(slots=True)
class _Place:
    seen: str | None = None  # what lay there when we last looked
    since: float = 0.0  # since when it has lain still, monotonic seconds
    docked: str | None = None  # what was last docked: not again until it changes
    docking: str | None = None  # what is being docked now
    began: float = 0.0  # when that was begun
    left: bool = False  # it was away since then: what lies there now was put in anew
    failures: int = 0  # dockings in a row that are to be tried again
    not_before: float = 0.0


class Watch:
    """Decides when something that appeared is to be docked.  Pure: no clock, no disk."""

    def __init__(self, paths: Sequence[str], settle_s: float = SETTLE_S) -> None:
        self._places = {path: _Place() for path in paths}
        self._settle_s = settle_s

    def seen(self, path: str, sight: str | None, now: float) -> bool:
        """Take note of a sight; return whether what lies there is to be docked now.

        The answer is True once; then ``ended`` must be called before the next.
        """
        place = self._places[path]
        if place.docking is not None:
            place.left = place.left or sight is None
            return False
        if sight != place.seen:
            place.seen, place.since = sight, now
        if sight is None:
            # It went away: whatever comes next is new.
            place.docked, place.failures, place.not_before = None, 0, 0.0
            return False
        lies_still = now - place.since >= self._settle_s
        if not lies_still or sight == place.docked or now < place.not_before:
            return False
        place.docking, place.began, place.left = sight, now, False
        return True

    def ended(
        self,
        path: str,
        sight: str | None,
        now: float,
        *,
        erased: bool = False,
        tries: int = 0,
        ahead: bool = False,
    ) -> None:
        """Take note that a docking ended, and of what lies there now.

        A change during the docking is ours only where the recorder was erased; else somebody
        added something, and it is docked again.  ``tries``: how often in a row the same may be
        tried again by itself, after a while; ``ahead``: something came into custody, so whatever
        cut this docking begins a new row.
        """
        place = self._places[path]
        if place.left or sight != place.docking:
            place.since = now  # what has lain still all the time need not settle again
        place.docked = sight if erased else place.docking
        if place.left:
            place.docked = None  # even where it looks the same
        place.docking, place.seen = None, sight
        place.failures = PACE.row(0 if ahead else place.failures, now - place.began)
        if place.failures <= tries:
            place.docked, place.not_before = None, now + PACE.pause_s(place.failures)

    def at_once(self, path: str) -> None:
        """Take note that what had cut the last dockings is mended: the next one need not wait."""
        place = self._places[path]
        place.failures, place.not_before = 0, 0.0


class Lookout:
    """Looks at one path again and again, in a thread that may hang without harm."""

    def __init__(self, path: str, look: Callable[[Path], str | None] | None = None) -> None:
        self.path = path
        self._look = look or look_at
        self._sight: str | None = None
        self._looks = 0
        self._stop = threading.Event()
        # A daemon: a thread that hangs in the kernel cannot be ended, and must not keep us.
        self._thread = threading.Thread(target=self._run, name=f"look {path}", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    @property
    def sight(self) -> str | None:
        """Return what was last seen; while a device hangs, what was seen before."""
        return self._sight

    @property
    def looks(self) -> int:
        """Return how many looks have been finished."""
        return self._looks

    def stop(self) -> None:
        """Stop looking; does not wait for a look that hangs."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._sight = self._look(Path(self.path))
            self._looks += 1
            self._stop.wait(LOOK_EVERY_S)


def look_at(path: Path) -> str | None:
    """Return the sight of a folder, an image file or a block device; None where nothing is."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return _folder(path, status)
        if stat.S_ISBLK(status.st_mode):
            return _device(path, status)
    except OSError:
        return None  # gone, not allowed, or it does not answer: nothing that could be docked
    if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
        return None
    return f"file {status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns}"


def _folder(path: Path, status: os.stat_result) -> str | None:
    """Return what lies in a folder; an empty one is nothing, unless a card is mounted there."""
    rolled = hashlib.sha256()
    count = 0
    for row in _entries(path):
        rolled.update(row)
        count += 1
        if count >= ENTRIES_LIMIT:
            break
    if not count and not path.is_mount():
        return None
    return f"folder {status.st_dev} {count} {rolled.hexdigest()}"


def _entries(top: Path) -> Iterator[bytes]:
    """Yield name, size and time of everything below ``top``; links are seen, never followed."""
    waiting = [(os.fsencode(top), 0)]
    while waiting:
        folder, depth = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                told = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    if depth < DEPTH_LIMIT:
                        waiting.append((entry.path, depth + 1))
                    yield b"d " + entry.path + b"\0"
                else:
                    numbers = f" {told.st_size} {told.st_mtime_ns}".encode()
                    yield b"f " + entry.path + numbers + b"\0"


def _device(path: Path, status: os.stat_result) -> str | None:
    """Return a device with its medium: an empty card reader is nothing."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
    finally:
        os.close(descriptor)
    if size == 0:
        return None
    major, minor = os.major(status.st_rdev), os.minor(status.st_rdev)
    return f"device {major}:{minor} {size} {_medium_number(major, minor)}"


def _medium_number(major: int, minor: int) -> str:
    """Return the kernel's count of media in this device (Linux 5.15 and later), or nothing."""
    try:
        return Path(f"/sys/dev/block/{major}:{minor}/diskseq").read_text("ascii").strip()
    except OSError:
        return ""

"""A disk that is full, again and again, under a rack at work.

The disk is a small one of its own in memory where this machine lets us mount it; else the answer
of ``statvfs`` is played in every process (``planted.py``), over the same real stores.
"""

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from appliance.room import FULL
from tests.crash.checker import ViolationError
from tests.crash.planted import ROOM
from tests.crash.rack import until
from tests.crash.storm import Storm

MOUNT, UMOUNT = (shutil.which(tool) or tool for tool in ("mount", "umount"))
MIB = 1024 * 1024
DISK_BYTES = 512 * MIB
RESERVE_BYTES = 8 * MIB
UNDER_WAY_BYTES = 2 * MIB  # of the files for which room had been found when the disk was filled
NOTICE_LIMIT_S = 5.0  # until some docking notices that there is no room
BACK_LIMIT_S = 60.0  # until every docking that was cut for want of room is under way again


@dataclass
class Disk:
    """A disk whose free bytes can be set.  ``mounted``: it is real."""

    where: Path
    mounted: bool

    @property
    def free(self) -> int:
        """Return how many bytes are free."""
        room = os.statvfs(self.where)
        return room.f_bavail * room.f_frsize

    def leave(self, free: int) -> None:
        """Fill it until only ``free`` bytes are left."""
        if not self.mounted:
            self._play(free)
            return
        for margin in (0, 1, 4, 16, 64):  # others write at the same time: then a little less
            size = self.free - free - margin * MIB // 16
            with suppress(OSError), (self.where / "ballast").open("ab") as file:
                os.posix_fallocate(file.fileno(), file.tell(), max(size, 1))
                return

    def clear(self) -> None:
        """Make room again."""
        if self.mounted:
            (self.where / "ballast").unlink(missing_ok=True)
        else:
            self._play(DISK_BYTES)

    def _play(self, free: int) -> None:
        beside = self.where / "room.new"
        beside.write_text(str(free))
        beside.rename(self.where / ROOM)


@contextmanager
def small_disk(where: Path) -> Iterator[Disk]:
    """Give a small disk at ``where``; it is gone afterwards."""
    where.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "dockseal-test", str(where)]
    done = subprocess.run([MOUNT, *options], check=False, capture_output=True)
    disk = Disk(where, mounted=not done.returncode)
    disk.clear()
    try:
        yield disk
    finally:
        if disk.mounted:
            subprocess.run([UMOUNT, str(where)], check=True, capture_output=True)


@dataclass
class Flood(Storm):
    """A storm whose only fault is a disk that is full at random places."""

    disk: Disk = field(kw_only=True)
    places: int = 0
    words: Counter[str] = field(default_factory=Counter)  # with which intake stopped
    back_s: list[float] = field(default_factory=list)
    most: int = 0  # bytes that intake took of the reserve

    def __post_init__(self) -> None:
        self.faulty = 0.0
        super().__post_init__()

    def rise(self, places: int) -> None:
        """Fill the disk at so many places, each while several recorders are read."""
        self.rack.start()
        for slot in self.slots.values():
            self._put_in(slot)
        while self.places < places:
            self._pause(self.chance.uniform(0.5, 2.0))
            if sum(self.rack.state(number).stage == "reading" for number in self.slots):
                self._fill()
        self._calm()
        self.rack.stop()

    def _fill(self) -> None:
        """Fill it once: down to near the reserve, into it, or to the last byte."""
        self.disk.leave(self._left())
        may_grow = max(self.disk.free - RESERVE_BYTES, 0)
        cut = self._noticed(self._kept() + may_grow, self._others())
        self._pause(self.chance.uniform(0.0, 1.0))
        self.disk.clear()
        if cut:
            self.places += 1
            self._goes_on(cut)

    def _left(self) -> int:
        near = self.chance.randrange(MIB // 8)
        return self.chance.choice((RESERVE_BYTES + near, RESERVE_BYTES - near, near // 64, 0))

    def _kept(self) -> int:
        """Return how many bytes intake has put into the vault; the ledger's own do not count."""
        return _bytes_of((self.rack.home / "vault").rglob("*"))

    def _others(self) -> int:
        """Return how many bytes lie in the home beside the vault."""
        beside = (top for top in self.rack.home.iterdir() if top.name != "vault")
        return _bytes_of(path for top in beside for path in (top, *top.rglob("*")))

    def _noticed(self, allowed: int, others: int) -> dict[int, tuple[str | None, int]]:
        """Wait until a docking ends for want of room; return which did, and the state of each."""
        cut: dict[int, tuple[str | None, int]] = {}
        for _ in until(NOTICE_LIMIT_S):
            # A ledger process that stopped for want of room gives the logs of its databases back.
            freed = max(others - self._others(), 0) if self.disk.mounted else 0
            self.most = max(self.most, self._kept() - allowed - freed)
            for number in self.slots:
                state = self.rack.state(number)
                if state.because in FULL and number not in cut:
                    cut[number] = (state.docking, state.at_ms)
                    self.words[state.because or ""] += 1
            if cut:
                break
            self.look()
        if self.most > UNDER_WAY_BYTES:
            raise ViolationError(f"intake took {self.most} bytes of the reserve")
        return cut

    def _goes_on(self, cut: dict[int, tuple[str | None, int]]) -> None:
        """Hold that each docking that was cut is begun again by itself."""
        began = time.monotonic()
        for _ in until(BACK_LIMIT_S):
            for number, was in list(cut.items()):
                state = self.rack.state(number)
                if (state.docking, state.at_ms) != was:
                    del cut[number]
            if not cut:
                self.back_s.append(time.monotonic() - began)
                return
            self.look()
        raise ViolationError(f"there is room again, and slots do not go on: {sorted(cut)}")


def _bytes_of(paths: Iterable[Path]) -> int:
    """Return the bytes of files, each counted once, whatever names it has."""
    found = {}
    for path in paths:
        with suppress(OSError):
            there = path.stat()
            found[there.st_ino] = there.st_size if path.is_file() else 0
    return sum(found.values())

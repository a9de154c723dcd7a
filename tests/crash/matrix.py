"""The matrix: every system call that touches a file, by number, broken in five ways.

A point is an act, the process of it that is looked at, a system call and its number; strace counts
for each thread, so in a process with several the n-th call of each of them is broken at once.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from appliance.clock import SystemClock
from tests.crash.acts import ALARM, FAILED_SYNC
from tests.crash.checker import Known, ViolationError, check_nothing_lost, check_whole
from tests.crash.ground import SHIFT, cleared, lay, played
from tests.crash.zygote import Zygote
from tests.fakes.house import House

MOVING = ("read", "pread64", "preadv", "write", "pwrite64")
CALLS = (
    *MOVING, "openat", "fsync", "fdatasync", "ftruncate", "rename", "link", "linkat", "unlink",
    "unlinkat", "mkdir", "rmdir", "chmod", "fchmod", "fchmodat",
)  # fmt: skip
MODES: Mapping[str, str] = {
    "kill": "signal=KILL",
    "eio": "error=EIO",
    "enospc": "error=ENOSPC",
    "eintr": "error=EINTR",
    "short": "retval=0",  # of what moves bytes: none were moved
}
READ_ONLY = "error=EROFS"  # in place of "short" for calls that move nothing: the kernel gave up
# The processes of each act, in the order of their start; the one under strace is named.
PLAYS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "founding": (("founding",), "founding"),
    "alone": (("alone",), "alone"),
    "slot": (("ledger", "slot"), "slot"),
    "ledger": (("ledger", "slot"), "ledger"),
    "append": (("ledger", "append"), "ledger"),
}
FILLER = 251  # entries before: the docking ends one tile of the ledger and begins the next
CALL = re.compile(r"(\d+) +(\w+)\(")
SYNCED = re.compile(r"f(?:data)?sync\(\d+<([^>]*)>")
# A failed sync of these stops the process.  The catalogue can be made again; when SQLite copies its
# log into the database beside it, a failure leaves the log, and the copy is made again.
UNDER_WAY = 1  # a sync that another thread had begun
STOPPING = ("slot", "ledger")  # the real processes; ``alone`` is one only for its calls
STOPS = re.compile(
    r"/home/(vault|ledger|private/staging|private/(keys|statements|lock)\.sqlite-wal)"
)
# After it there is no other sync of ours.  SQLite makes some when its files are closed: they move
# what was committed before, which is durable already.
OURS = re.compile(r"/home/(vault|ledger|private/staging)")
LOGS = "-wal"
PROMISED = re.compile(r"^promised (entries|sealed) (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Point:
    """One call of one process."""

    play: str
    call: str
    number: int

    def injection(self, mode: str) -> str:
        """Return how strace breaks it; "full": from this call on, and never the other way."""
        if mode == "full":
            return f"{self.call}:error=ENOSPC:when={self.number}+"
        how = MODES[mode] if mode != "short" or self.call in MOVING else READ_ONLY
        return f"{self.call}:{how}:when={self.number}"


class Matrix:
    """Runs plays over a fresh copy of one home, and holds what they left to the checker."""

    def __init__(self, folder: Path, plant: str | None = None) -> None:
        self._plant = plant
        self._folder, self._home, self._card = folder, folder / "home", folder / "card"
        self._zygote = Zygote()
        with closing(House(folder / "template", clock=SystemClock())) as house:
            house.store.append([ALARM] * (FILLER - house.store.size))
            self._leaves = tuple(house.store.leaf(index) for index in range(house.store.size))
        (folder / "template" / "run" / "slots").mkdir(parents=True)

    def close(self) -> None:
        """End the forking process."""
        self._zygote.close()

    def points(self, play: str) -> Iterator[Point]:
        """Yield every point of a play, as counted in a run that nothing breaks."""
        self._prepare(play)
        codes = self._perform(play, None)
        if any(codes):
            raise ViolationError(f"{play} fails unbroken: {codes} {self._said()}")
        each: Counter[tuple[str, str]] = Counter()
        for line in self._log():
            if found := CALL.match(line):
                each[found[1], found[2]] += 1
        most: Counter[str] = Counter()
        for (_, call), count in each.items():
            most[call] = max(most[call], count)
        for call in sorted(most):
            for number in range(1, most[call] + 1):
                yield Point(play, call, number)

    def check(self, point: Point, mode: str) -> bool:
        """Break one call and hold that nothing is lost; return whether the break happened."""
        self._prepare(point.play)
        codes = self._perform(point.play, point.injection(mode))
        struck = self._struck(mode)
        try:
            self._check_end(point, codes)
            self._check_home(point.play)
        except ViolationError as error:
            raise ViolationError(f"{point} {mode} {codes}: {error}\n{self._said()}") from error
        except Exception as error:
            raise ViolationError(f"{point} {mode} {codes}: {error!r}\n{self._said()}") from error
        return struck

    def _prepare(self, play: str) -> None:
        for path in (self._home, self._card):
            shutil.rmtree(path, ignore_errors=True)
        for path in self._folder.glob("said.*"):
            path.unlink()
        if play != "founding":
            shutil.copytree(self._folder / "template", self._home)
        lay(self._card)

    def _perform(self, play: str, injection: str | None) -> list[int | None]:
        acts, traced = PLAYS[play]
        calls = injection.partition(":")[0] if injection else ",".join(CALLS)
        options = ["-y", "-o", str(self._folder / "strace"), "-e", f"trace={calls}"]
        if injection:
            options += ["-e", f"inject={injection}"]
        asked = [(act, options if act == traced else None) for act in acts]
        return self._zygote.run(self._home, self._card, self._folder / "said", asked, self._plant)

    def _log(self) -> list[str]:
        return (self._folder / "strace").read_text(errors="replace").splitlines()

    def _said(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("said.*")))

    def _struck(self, mode: str) -> bool:
        mark = "+++ killed by SIGKILL" if mode == "kill" else "(INJECTED)"
        return any(mark in line for line in self._log())

    def _check_end(self, point: Point, codes: list[int | None]) -> None:
        """Hold that nothing hangs, and that a process ends at a sync that failed."""
        if None in codes:
            raise ViolationError("it hung")
        acts, traced = PLAYS[point.play]
        if traced not in STOPPING:
            return
        failed, later = False, 0
        closing_thread = self._log()[0].partition(" ")[0]  # the first: it opens and closes
        for line in self._log():
            found = SYNCED.search(line)
            if not found or (line.startswith(closing_thread) and found[1].endswith(LOGS)):
                continue
            later += bool(failed and OURS.search(found[1]))
            failed = failed or bool(_fails(line) and STOPS.search(found[1]))
        if later > UNDER_WAY:
            raise ViolationError(f"{later} syncs after one that failed")
        code = codes[acts.index(traced)]
        if failed and code != FAILED_SYNC:
            raise ViolationError(f"went on after a failed sync: {code}")

    def _check_home(self, play: str) -> None:
        with closing(House(self._home, clock=SystemClock())) as house:
            promised = () if play == "founding" else self._leaves
            entries, sealed = self._promises()
            if house.store.size < entries:
                raise ViolationError(f"entries lost: {house.store.size} of {entries}")
            check_nothing_lost(house, Known(SHIFT, cleared(self._card), promised, sealed))
            again = played(self._card)  # the same recorder as before, by its serial
            ended = house.dock(again, after="erase")
            if ended.outcome != "complete" or cleared(self._card) != set(SHIFT):
                raise ViolationError(f"docked again: {ended.outcome} {ended.because} {ended.cut}")
            check_whole(house, SHIFT.values())

    def _promises(self) -> tuple[int, list[str]]:
        """Return what the processes told before they ended: entries, and sealed segments."""
        told = PROMISED.findall(self._said())
        sizes = [int(size) for what, size in told if what == "entries"]
        return max(sizes, default=0), [digest for what, digest in told if what == "sealed"]


def _fails(line: str) -> bool:
    return "(INJECTED)" in line and "EINTR" not in line  # interrupted: Python asks again

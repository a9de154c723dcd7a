"""Records an act, and holds what a power cut may leave of it to the checker."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from appliance.clock import SystemClock
from tests.crash.acts import ALARM
from tests.crash.checker import Known, ViolationError, check_nothing_lost, check_whole
from tests.crash.ground import SHIFT, cleared, lay, played, stamp
from tests.crash.power import Disk, Replay, forgotten, ways
from tests.crash.tape import OPTIONS, Tape, promises
from tests.crash.zygote import Zygote
from tests.fakes.house import House

KILLED = 9
OLD = 251  # entries before: the docking ends one tile of the ledger and begins the next


class Cuts:
    """One act on tape, and every state in which the power may leave it.

    ``entries`` stand in the ledger before: an ``OLD`` one is slower to check.  ``killed``: before
    it, the same act was killed on entering this system call, as strace injects it.
    """

    def __init__(
        self,
        folder: Path,
        act: str,
        zygote: Zygote,
        *,
        entries: int = 1,
        plant: str | None = None,
        killed: str | None = None,
    ) -> None:
        self._world, self._again = folder / "world", folder / "again"
        self._world.mkdir(parents=True)
        if act != "founding":
            with closing(House(self._world / "home", clock=SystemClock())) as house:
                house.store.append([ALARM] * entries)
        lay(self._world / "card")
        self.tape = Tape(self._world)
        if killed:
            self._run(folder / "first", act, zygote, plant, killed)
        self._run(folder / "last", act, zygote, plant)
        with closing(House(self._world / "home", clock=SystemClock())) as house:
            self._leaves = tuple(house.store.leaf(index) for index in range(house.store.size))
        self._replay = Replay(self.tape)
        self.seen: set[bytes] = set()  # states, told apart by names, modes and bytes

    def moments(self) -> list[int]:
        """Return the cuts just after the world outside has learned something."""
        ops = self.tape.ops
        told = [cut for cut in range(1, len(ops) + 1) if ops[cut - 1].what == "promise"]
        gone = [forgotten(self.tape, cut, SHIFT) for cut in range(len(ops) + 1)]
        cleared = [cut for cut in range(1, len(ops) + 1) if gone[cut] != gone[cut - 1]]
        return sorted({*told, *cleared})

    def states(self, cuts: Iterable[int], more: int, seed: int = 0) -> Iterator[tuple[int, Disk]]:
        """Yield states not seen before, ``more`` at random for each cut beside the extreme ones."""
        for cut in cuts:
            for keep in ways(self._replay, self.tape, cut, seed, more):
                disk = self._replay.state(cut, keep)
                digest = disk.digest()
                if digest not in self.seen:
                    self.seen.add(digest)
                    yield cut, disk

    def check(self, cut: int, disk: Disk) -> None:
        """Start over one state: nothing acknowledged is lost; docked again, everything is there."""
        disk.lay(self._again)
        card = self._again / "card"
        for path in forgotten(self.tape, cut, SHIFT):
            (card / path).unlink(missing_ok=True)
        stamp(card)
        try:
            self._check(cut, card)
        except Exception as error:
            raise ViolationError(f"cut after {cut} of {len(self.tape.ops)}: {error!r}") from error

    def _check(self, cut: int, card: Path) -> None:
        told = list(promises(self.tape.ops[:cut]))
        entries = max((int(size) for what, size in told if what == "entries"), default=0)
        sealed = [digest for what, digest in told if what == "sealed"]
        with closing(House(self._again / "home", clock=SystemClock())) as house:
            known = Known(SHIFT, cleared(card), self._leaves[:entries], sealed)
            check_nothing_lost(house, known)
            ended = house.dock(played(card), after="erase")
            if ended.outcome != "complete" or cleared(card) != set(SHIFT):
                raise ViolationError(f"docked again: {ended.outcome} {ended.because} {ended.cut}")
            check_whole(house, SHIFT.values())

    def _run(
        self, logs: Path, act: str, zygote: Zygote, plant: str | None, killed: str | None = None
    ) -> None:
        """Perform the act and put it on the tape."""
        logs.mkdir()
        options = [*OPTIONS, "-o", str(logs / "strace")]
        if killed:
            options += ["-e", f"inject={killed}"]
        home, card = self._world / "home", self._world / "card"
        (code,) = zygote.run(home, card, logs / "said", [(act, options)], plant)
        if code != (-KILLED if killed else 0):
            raise ViolationError(f"{act} ends with {code}: {(logs / 'said').name}")
        self.tape.read(logs / "strace")

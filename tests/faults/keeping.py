"""A home on real stores in which every act upon the keeping can be done once, and broken.

The home is made once for a run, and copied for each case.  Its time is 400 days after its films.
"""

import io
import os
import shutil
import signal
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from custody.adopting import adopt_policy, propose_policy
from custody.clockwatch import now_of
from custody.disposing import (
    approve_disposal,
    propose_approval,
    propose_disposal,
    undo_disposal,
)
from custody.holds import Wanted, place_hold, propose_release, release_hold
from custody.items import ItemList
from custody.judging import Judges
from custody.labels import Label, label
from custody.outside import AttestedTime, attest_day
from custody.weeks import close_week
from evidence.weeks import Hours, IsoWeek
from tests.fakes.clock import FixedClock
from tests.fakes.desk import EAST, Bureau, desk_of, small_bureau
from tests.fakes.grants import approval_of
from tests.fakes.house import SHANGHAI, Breaker, House
from tests.fakes.shelf import adopt, hold, of_segments, pack, release

FILMS = 65  # one list of disposal of more than one entry, and four films beside it
LISTED = 61
DOCKED = IsoWeek(2026, 47)
HOURS = Hours(SHANGHAI, timedelta(hours=2))
ITEMS = ItemList("none", "1", "0" * 64, {})


@dataclass
class Scene:
    """An opened copy of the home, and what was prepared in it."""

    house: House
    keys: dict[str, int]
    films: tuple[str, ...]
    prepared: dict[str, object] = field(default_factory=dict)

    @property
    def bureau(self):
        return Bureau(self.house, desk_of(self.house), dict(self.keys))

    @property
    def desk(self):
        return self.bureau.desk

    @property
    def now(self):
        local = self.house.clock.now()
        return now_of(local, AttestedTime(self.house.ledger, SHANGHAI).newest())

    def who(self, name):
        return self.bureau.actor(name)

    def look(self):
        return Judges(self.house.ledger, SHANGHAI).look()

    def propose(self, *films):
        return propose_disposal(
            self.desk, self.who("supervisor"), self.look(), films, "over", now=self.now
        )

    def approve(self, disposal):
        who, look = self.who("head"), self.look()
        planned = propose_approval(self.desk, who, look, disposal, "agreed", now=self.now)
        signed = approval_of(self.bureau, "head", planned)
        return approve_disposal(self.desk, who, look, planned, signed)


# --- the acts ------------------------------------------------------------------------------------


def _place(it):
    wanted = Wanted("dispute", of_segments(*it.films[:60]), "2027-1")
    return place_hold(it.desk, it.who("supervisor"), wanted)


@dataclass(frozen=True)
class Act:
    """``kinds``: the types of its entries, in order.  ``again``: it may be done a second time."""

    do: Callable[[Scene], object]
    kinds: tuple[str, ...]
    private: bool = False  # a statement goes with it
    again: bool = False


ACTS = {
    "adopt a pack": Act(
        lambda it: adopt_policy(it.desk, it.who("watcher"), it.prepared["pack"]),
        ("policy.adopted",),
    ),
    "hold segments": Act(_place, ("hold.placed",), private=True, again=True),
    "release a hold": Act(
        lambda it: release_hold(it.desk, it.who("watcher"), it.prepared["leaving"]),
        ("hold.released",),
    ),
    "attest a day": Act(
        lambda it: attest_day(it.desk, it.who("inspector"), it.prepared["day"]),
        ("time.attested",),
        again=True,
    ),
    "propose a disposal": Act(
        lambda it: it.propose(*it.films[:LISTED]), ("disposal.proposed",) * 2, private=True
    ),
    "approve a disposal": Act(
        lambda it: it.approve(it.prepared["proposed"]), ("disposal.approved",), private=True
    ),
    "undo a disposal": Act(
        lambda it: undo_disposal(
            it.desk, it.who("inspector"), it.look(), it.prepared["approved"], "a complaint"
        ),
        ("disposal.undone",),
        private=True,
    ),
    "close a week": Act(
        lambda it: close_week(it.desk, it.who("supervisor"), EAST, DOCKED, HOURS),
        ("week.closed",),
    ),
}


# --- the home ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Base:
    """The prepared home, closed, as an archive in memory; ``size``: of its ledger."""

    packed: bytes
    clock: FixedClock
    keys: dict[str, int]
    films: tuple[str, ...]
    prepared: dict[str, object]
    size: int

    @contextmanager
    def copied(self, folder: Path, breaker: Breaker | None = None):
        """Give the scene on a copy of the home; close it at the end."""
        place = folder / "home"
        if not place.exists():
            with tarfile.open(fileobj=io.BytesIO(self.packed)) as archive:
                archive.extractall(folder)  # noqa: S202 - our own, made by ``base``
        house = House(place, breaker, clock=FixedClock(self.clock.now()))
        try:
            yield Scene(house, self.keys, self.films, dict(self.prepared))
        finally:
            house.close()


@cache
def base() -> Base:
    """Make the home, once for a run; nothing of it stays on a disk, however the run ends."""
    ram = Path("/dev/shm")  # noqa: S108 - a folder of its own in there
    folder = Path(tempfile.mkdtemp(prefix="dockseal-kept-", dir=ram if ram.exists() else None))
    try:
        scene = _made(folder / "home")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder / "home", "home")
    finally:
        shutil.rmtree(folder)
    house, size = scene.house, scene.prepared.pop("size")
    return Base(packed.getvalue(), house.clock, scene.keys, scene.films, scene.prepared, size)


def _made(root: Path) -> Scene:
    """Live in a home up to where the acts begin; return it closed."""
    house = House(root)
    bureau = small_bureau(house)
    adopt(bureau)
    films = bureau.dock({f"{n:03}.mp4": b"film %d " % n * 30 for n in range(FILMS)})
    label(bureau.desk, bureau.actor("officer"), films, Label(no_case="patrol"), ITEMS)
    house.clock.forward(days=400)
    scene = Scene(house, bureau.keys, films)
    _prepare(scene)
    house.project()
    scene.prepared["size"] = house.store.size
    house.close()
    return scene


def _prepare(it: Scene) -> None:
    bureau, films = it.bureau, it.films
    attest(it)
    disposals = [it.propose(films[LISTED + n]) for n in range(2)]
    held = [hold(bureau, of_segments(films[-1])) for _ in range(3)]
    release(bureau, held[2])
    it.house.clock.forward(days=40)
    attest(it)
    it.approve(disposals[1].id)
    propose_release(it.desk, it.who("head"), held[1].id, "placed_in_error", "2027-1")
    day = _today(it)
    attest_day(it.desk, it.who("chief"), day)
    it.prepared |= {
        "pack": propose_policy(it.desk, it.who("chief"), pack("mps")),
        "held": held[0].id,
        "leaving": held[1].id,
        "proposed": disposals[0].id,
        "approved": disposals[1].id,
        "day": day,
    }


def attest(it: Scene) -> None:
    """Let two people say which day it is."""
    for name in ("chief", "inspector"):
        attest_day(it.desk, it.who(name), _today(it))


def _today(it: Scene) -> date:
    return it.house.clock.now().astimezone(SHANGHAI).date()


# --- killed --------------------------------------------------------------------------------------


class Killer(Breaker):
    """Kills its own process at a step, as the last cable would."""

    @contextmanager
    def __call__(self, step):
        self.seen.append(step)
        if step == self.step and self.seen.count(step) == self.nth:
            os.kill(os.getpid(), signal.SIGKILL)
        yield


def killed(folder: Path, act: Act, step: str) -> None:
    """Do the act in a process of its own that is killed as ``step`` begins."""
    prepared = base()  # here: a child's own would be made again and again
    child = os.fork()
    if not child:
        try:
            killer = Killer()
            with prepared.copied(folder, killer) as it:
                killer.step, killer.nth = step, killer.seen.count(step) + 1
                act.do(it)
        finally:
            os._exit(0)  # not killed: the step was never reached
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{step} was not reached"

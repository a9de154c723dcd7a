"""Processes killed and cables pulled at random, while eight recorders are docked at once.

Cards come one after the other into every slot.  A kill is waited for until what was killed is back;
a cable that was pulled is put in again a moment later, as an officer does.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from appliance.clock import SystemClock
from appliance.slotstate import SlotState
from evidence.errors import LedgerUnavailableError
from tests.crash.cards import Card, Kind
from tests.crash.checker import Known, ViolationError, check_nothing_lost, check_whole
from tests.crash.rack import Rack, until
from tests.fakes.house import House

KINDS: Mapping[int, tuple[Kind, str]] = {
    1: ("played", "erase"), 2: ("played", "erase"), 3: ("played", "confirm"),
    4: ("played", "erase"), 5: ("folder", "erase"), 6: ("folder", "erase"),
    7: ("image", "confirm"), 8: ("image", "keep"),
}  # fmt: skip
VICTIMS = {"slot": 55, "parser": 30, "ledger": 6, "cradle": 5, "up": 4}  # how often, in percent
AT_WORK = 2  # dockings under way before anything is killed
AT_ONCE = (1, 2, 3, 4, 6)  # processes killed at the same moment
PULLED = frozenset({"unplugged", "device_shrank"})
READS = frozenset({"opened", "inventoried", "reading", "erasing"})
BACK_LIMIT_S = 60.0  # what is not back by then is lost, however slow this machine
LATE_S = 5.0
STUCK_S = 20.0  # a slot in which nothing happens, though its card is there
LINGER_LIMIT_S = 60.0
CALM_S = 180.0  # for the last cards, when nothing is broken any more
FAULTY = 0.5  # of the played recorders have a bad cable of their own
OUT_S = (2.5, 4.0)  # how long a recorder is out: a look comes every second

Struck = tuple[str, str, Callable[[], bool]]  # kind and name of what was killed; is it back?


@dataclass
class Slot:
    """One slot and the recorder in it."""

    number: int
    card: Card
    back_at: float | None = None  # when it is put in again; None while it is in
    told: tuple[str | None, int] = (None, 0)  # of the last loss that was counted
    moved_at: float = field(default_factory=time.monotonic)
    at_ms: int = 0
    fresh: int = 0  # number of the card that was last put in
    kills: int = 0  # of its process, since something of this card last came into custody
    sealed: int = 0  # files of the docking under way that are in custody

    def hear(self, state: SlotState, now: float) -> None:
        """Take note of whether it moves, and whether something came into custody."""
        if state.at_ms != self.at_ms:
            self.at_ms, self.moved_at = state.at_ms, now
        if state.sealed > self.sealed:
            self.kills = 0
        self.sealed = state.sealed


@dataclass
class Storm:
    """``kills`` and ``losses`` are counted; ``back`` holds how long each kind took, in seconds."""

    folder: Path
    seed: int
    plant: str | None = None
    only: tuple[int, ...] = ()  # slots; all where none is named
    reserve_bytes: int = 0
    faulty: float = FAULTY
    kills: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    back: dict[str, list[float]] = field(default_factory=dict)
    by_hand: list[str] = field(default_factory=list)  # in which state a slot had stuck
    late: list[str] = field(default_factory=list)  # what took longer than ``LATE_S``, and why
    cards: list[Card] = field(default_factory=list)
    finished: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        numbers = self.only or tuple(KINDS)
        paths = {number: self.folder / "slots" / str(number) for number in numbers}
        places = {
            number: path / ("r.recorder.json" if KINDS[number][0] == "played" else "card")
            for number, path in paths.items()
        }
        for path in paths.values():
            path.mkdir(parents=True)
        watched = {number: (places[number], KINDS[number][1]) for number in numbers}
        home = self.folder / "disk" / "home"
        home.parent.mkdir(exist_ok=True)
        self.rack = Rack(home, watched, self.reserve_bytes, self.plant)
        self.slots = {number: Slot(number, self._next_card(number)) for number in numbers}

    def close(self) -> None:
        """End everything, whatever has happened."""
        self.rack.stop()

    def blow(self, kills: int, losses: int) -> None:
        """Break until both counts are reached, then let everything end, and stop."""
        self.rack.start()
        for slot in self.slots.values():
            self._put_in(slot)
        next_loss = time.monotonic() + 4
        while sum(self.kills.values()) < kills or sum(self.losses.values()) < losses:
            self.look()
            now = time.monotonic()
            if sum(self.losses.values()) < losses and now >= next_loss:
                self._pull()
                next_loss = now + self.chance.uniform(0.2, 0.8)
            if sum(self.kills.values()) < kills:
                self._strike()
            self._pause(self.chance.uniform(0.05, 0.4))
        self._calm()
        self.rack.stop()

    def check(self) -> None:
        """Hold that every byte of every card is in custody exactly once."""
        files = {path: content for card in self.cards for path, content in card.files.items()}
        cleared = {path for card in self.cards for path in card.forgotten}
        with closing(self._house()) as house:
            check_nothing_lost(house, Known(files, cleared))
            check_whole(house, files.values())

    def _house(self) -> House:
        """Open the home; a ledger process that was started for a while may still have it."""
        for _ in until(LINGER_LIMIT_S):
            with suppress(LedgerUnavailableError):
                return House(self.rack.home, clock=SystemClock())
        raise ViolationError("somebody still has the ledger")

    def look(self, *, more: bool = True) -> bool:
        """Serve every slot as officers do; return whether all cards are in custody."""
        states = {number: self.rack.state(number) for number in self.slots}
        served = [self._serve(self.slots[number], states[number], more) for number in states]
        return all(served)

    def _serve(self, slot: Slot, state: SlotState, more: bool) -> bool:
        now = time.monotonic()
        pulled = state.because in PULLED and slot.told != (state.docking, state.at_ms)
        if pulled:
            slot.told = (state.docking, state.at_ms)
            self.losses[slot.card.kind] += 1
        if slot.back_at is not None:
            if now >= slot.back_at:
                self._put_in(slot)
            return False
        slot.hear(state, now)
        if state.outcome == "complete" and slot.card.done(state):
            return self._change(slot, more)
        if pulled and slot.card.kind == "played":
            slot.card.put_in()
        if now - slot.moved_at > STUCK_S:
            self.by_hand.append(f"{slot.card.kind}, killed {slot.kills} times in a row: {state}")
            self._lose(slot)
        return False

    def _change(self, slot: Slot, more: bool) -> bool:
        """Take out the card that is done, and put in the next one."""
        if not more:
            return True
        self.finished += 1
        slot.card.take()
        slot.card = self._next_card(slot.number)
        slot.back_at = time.monotonic() + self.chance.uniform(*OUT_S)
        return False

    def _next_card(self, number: int) -> Card:
        place, _ = self.rack.slots[number]
        card = Card(KINDS[number][0], place, len(self.cards) + 1, self.chance)
        self.cards.append(card)
        return card

    def _put_in(self, slot: Slot) -> None:
        first = slot.fresh != slot.card.number  # its own cable is bad only the first time
        slot.fresh = slot.card.number
        slot.card.put_in(faulty=first and self.chance.random() < self.faulty)
        slot.back_at, slot.moved_at, slot.kills = None, time.monotonic(), 0

    def _pull(self) -> None:
        at_work = [
            slot
            for slot in self.slots.values()
            if slot.back_at is None and self.rack.state(slot.number).stage in READS
        ]
        if at_work:
            self._lose(self.chance.choice(at_work))

    def _lose(self, slot: Slot) -> None:
        slot.card.lose()
        slot.back_at = time.monotonic() + self.chance.uniform(*OUT_S)

    def _strike(self) -> None:
        """Kill some processes at once, and wait until each of them is back."""
        parts = self.rack.parts()
        if sum(name.startswith("slot") for name in parts) < min(AT_WORK, len(self.slots)):
            return
        struck: list[Struck] = []
        for _ in range(self.chance.choice(AT_ONCE)):
            chosen = self._victim(parts)
            if chosen is None:
                continue
            what, name, pid = chosen
            parts[name].remove(pid)
            struck.append((what, name, self._is_back(what, name, pid)))
            self.rack.kill(pid)
            self.kills[what] += 1
            if what == "slot":
                self.slots[int(name.partition(" ")[2])].kills += 1
            if what == "up":  # all the others end with it
                self.rack.start()
                struck = struck[-1:]
                break
        self._wait(struck)

    def _victim(self, parts: Mapping[str, list[int]]) -> tuple[str, str, int] | None:
        """Return what is to be killed: its kind, its name, its number; None where none is there."""
        (kind,) = self.chance.choices(list(VICTIMS), list(VICTIMS.values()))
        named = [
            (kind, name, pid)
            for name in parts
            for pid in parts[name]
            if name.partition(" ")[0] == kind
        ]
        if named or kind == "slot":
            return self.chance.choice(named) if named else None
        return self._victim(parts)

    def _is_back(self, what: str, name: str, pid: int) -> Callable[[], bool]:
        """Return what tells that the victim is back, or that there is nothing left to do for it."""
        if what in {"up", "ledger"}:
            return lambda: pid not in self.rack.parts().get(what, ()) and self.rack.ledger_answers()
        if what == "slot":
            number = int(name.partition(" ")[2])
            return lambda: self._docks_again(number, name, pid)
        parts = self.rack.parts()
        alive = [number for number in self.slots if f"slot {number}" in parts]
        before = {number: self.rack.state(number).at_ms for number in alive}
        return lambda: all(self._moves(number, at_ms) for number, at_ms in before.items())

    def _docks_again(self, number: int, name: str, pid: int) -> bool:
        slot, state = self.slots[number], self.rack.state(number)
        others = [each for each in self.rack.parts().get(name, ()) if each != pid]
        return bool(others) or slot.back_at is not None or slot.card.done(state)

    def _moves(self, number: int, at_ms: int) -> bool:
        state = self.rack.state(number)
        return state.at_ms != at_ms or state.ended or f"slot {number}" not in self.rack.parts()

    def _wait(self, struck: list[Struck]) -> None:
        for passed in until(BACK_LIMIT_S):
            self.look()
            for what, name, back in list(struck):
                if back():
                    struck.remove((what, name, back))
                    self._note(what, name, passed)
            if not struck:
                return
        raise ViolationError(f"not back after {BACK_LIMIT_S} s: {[name for _, name, _ in struck]}")

    def _note(self, what: str, name: str, passed: float) -> None:
        self.back.setdefault(what, []).append(passed)
        if passed > LATE_S:
            row = self.slots[int(name.partition(" ")[2])].kills if what == "slot" else 1
            self.late.append(f"{name} after {passed:.1f} s, killed {row} times in a row")

    def _pause(self, seconds: float) -> None:
        for _ in until(seconds):
            self.look()

    def _calm(self) -> None:
        for _ in until(CALM_S):
            if self.look(more=False):
                return
        states = [self.rack.state(number) for number in self.slots]
        raise ViolationError(f"not docked when all was calm: {states}")

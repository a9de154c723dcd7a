"""The slots at work: one process for each recorder, watched until the last one has ended."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.births import CradleKeeper
from appliance.exits import Exit
from appliance.services import Services, SlotJob
from appliance.slotlock import SlotLock
from appliance.slotstate import SlotState, clear_state, read_state
from appliance.supervisor import Died, Supervisor
from appliance.troubles import DIED, HUNG
from evidence.errors import EvidenceError

# How long a slot may give no sign of life, in each stage in which it waits for its device, as a
# multiple of ``hung_after_s``.  In every other stage it works for us, on our own disk.
PATIENCE: Mapping[str, int] = {
    "opening": 2,
    "opened": 5,  # a listing: the fenced child has deadlines of its own, and they come first
    "inventoried": 1,
    "reading": 1,
    "erasing": 40,  # thousands of files, one tool call each
}
CODES_OF_OUTCOMES: Mapping[str, Exit] = {
    "complete": Exit.OK,
    "left_behind": Exit.LEFT_BEHIND,
    "interrupted": Exit.DEVICE,
    "failed": Exit.DEVICE,
}


@dataclass(frozen=True, slots=True)
class Docked:
    """How one docking ended, and the exit code that stands for it."""

    job: SlotJob
    state: SlotState
    exit: Exit


@dataclass(slots=True)
class _Docking:
    job: SlotJob
    lock: SlotLock
    state: SlotState
    heard_at: float  # monotonic seconds of the last sign of life


@dataclass(slots=True)
class Rack:
    """Starts dockings and follows them.  ``folder`` is ``<home>/run/slots``."""

    services: Services
    supervisor: Supervisor
    folder: Path
    hung_after_s: int
    monotonic: Callable[[], float] = time.monotonic
    others: list[Died] = field(
        default_factory=list
    )  # who died and was no slot; the caller empties it
    cradle: CradleKeeper = field(default_factory=CradleKeeper)  # of all slots; the caller closes it
    _at_work: dict[str, _Docking] = field(default_factory=dict)

    def dock(self, job: SlotJob, lock: SlotLock) -> None:
        """Start the process of one slot; the lock is released when it has ended."""
        clear_state(self.folder, job.number)
        state = SlotState(job.number, job.path)
        self._at_work[_name(job.number)] = _Docking(job, lock, state, self.monotonic())
        cradle = self.cradle.descriptor()
        told = () if cradle is None else (cradle,)
        command = [*self.services.slot_command(job), *map(str, told)]
        inherited = (*told, lock.descriptor)  # see slotlock: the slot is taken while it lives
        self.supervisor.start(_name(job.number), command, inherited=inherited)

    def busy(self, number: int) -> bool:
        """Tell whether a docking is under way in this slot."""
        return _name(number) in self._at_work

    @property
    def idle(self) -> bool:
        """Tell whether no docking is under way."""
        return not self._at_work

    def states(self) -> tuple[SlotState, ...]:
        """Return what the slots at work say now, by number."""
        return tuple(sorted((each.state for each in self._at_work.values()), key=_number))

    def poll(self) -> list[Docked]:
        """Listen to every slot; return the dockings that ended since the last call."""
        died: dict[str, int] = {}
        for news in self.supervisor.poll():
            if news.name in self._at_work:
                died[news.name] = news.code
            else:
                self.others.append(news)
        ended = [self._ended(name, died[name]) for name in list(self._at_work) if name in died]
        for name, docking in list(self._at_work.items()):
            self._listen(docking)
            if self._hangs(docking):
                self.supervisor.kill(name)
                ended.append(self._given_up(name))
        return ended

    def drain(self) -> list[Docked]:
        """Return how far each docking came whose process has been ended meanwhile."""
        return [self._ended(name, Exit.OK) for name in list(self._at_work)]

    def _listen(self, docking: _Docking) -> None:
        state = read_state(self.folder, docking.job.number)
        if state is not None and state.at_ms != docking.state.at_ms:
            docking.state, docking.heard_at = state, self.monotonic()

    def _hangs(self, docking: _Docking) -> bool:
        """Judge by our own clock: the slot's ``at_ms`` only has to change."""
        silence = self.monotonic() - docking.heard_at
        patience = PATIENCE.get(docking.state.stage)
        return patience is not None and silence > patience * self.hung_after_s

    def _ended(self, name: str, code: int) -> Docked:
        docking = self._at_work.pop(name)
        docking.lock.release()
        state = read_state(self.folder, docking.job.number) or docking.state
        if not state.ended:
            state = state.failed(DIED)
            self._end(state)
        return Docked(docking.job, state, _exit(state, code))

    def _given_up(self, name: str) -> Docked:
        docking = self._at_work.pop(name)
        docking.lock.release()
        state = docking.state.failed(HUNG)
        self._end(state)
        return Docked(docking.job, state, Exit.DEVICE)

    def _end(self, state: SlotState) -> None:
        """Let the ledger have the end of a docking that nobody else will write."""
        if state.docking and state.because:
            # Best effort: a ledger that cannot be reached is told by every docking that needs it.
            with suppress(EvidenceError):
                self.services.end_docking(state.docking, state.because)


def refused(job: SlotJob, because: str) -> Docked:
    """Return the docking that was never begun."""
    state = replace(SlotState(job.number, job.path), files=0).failed(because)
    return Docked(job, state, Exit.DEVICE)


def is_slot(name: str) -> bool:
    """Tell a slot's process from the others by its name."""
    return name.startswith("slot ")


def _exit(state: SlotState, code: int) -> Exit:
    """Return the worse of what the process said with its code and what its outcome stands for."""
    said = Exit(code) if code in Exit.__members__.values() else Exit.INTERNAL
    meant = CODES_OF_OUTCOMES[state.outcome or "failed"]
    return meant if said is Exit.OK else said


def _name(number: int) -> str:
    return f"slot {number}"


def _number(state: SlotState) -> int:
    return state.slot

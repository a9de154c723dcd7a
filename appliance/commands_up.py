"""``up``: the parts as child processes until stopped; docks by itself what appears."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.call import Call
from appliance.commands_alarm import alarms_command
from appliance.commands_dock import docked_json, docked_lines
from appliance.commands_metrics import metrics_command
from appliance.commands_serve import serve_command
from appliance.config import SlotSection
from appliance.faultlog import open_log
from appliance.lean import let_go_of_start
from appliance.output import Answer
from appliance.rack import Docked, Rack, is_slot
from appliance.room import Room
from appliance.screen import view_for
from appliance.services import SlotJob
from appliance.slotlock import take_slot
from appliance.slotstate import SlotState
from appliance.stopping import Stop, stopping
from appliance.supervisor import Supervisor
from appliance.troubles import AGAIN, LOOSE
from appliance.view import View
from appliance.watch import ALWAYS, Lookout, Watch
from evidence.errors import UsageError, VaultError
from evidence.json import JsonObject

POLL_S = 0.2
LOOSE_TRIES = 5  # dockings in a row of a recorder that does not hold out to the end
KEPT_LIMIT = 1000  # dockings that the document at the end tells of


def up(call: Call) -> Answer:
    """Run until SIGINT or SIGTERM; then end the slots first and the ledger process last."""
    slots = _slots(call)
    settings = call.settings
    opened = call.services.prepare()
    settings.home.slots.mkdir(parents=True, exist_ok=True)
    if opened.made:
        call.terminal.notice(call.words("dock.made", home=settings.home.path))
    log = open_log(settings.home)
    supervisor = Supervisor(log)
    _start_parts(call, supervisor)
    rack = Rack(call.services, supervisor, settings.home.slots, settings.config.ingest.hung_after_s)
    view = view_for(call.terminal, call.words)
    watchman = _Watchman(call, slots, rack, view)
    let_go_of_start()
    with stopping() as stop:
        try:
            call.terminal.notice(call.words("up.watching", count=len(slots)))
            watchman.run(stop)
            call.terminal.notice(call.words("up.stopping"))
        finally:
            supervisor.stop((is_slot,))
            watchman.stop()
            supervisor.stop()
            rack.cradle.close()
            view.close()
            log.close()
    rows: list[JsonObject] = [docked_json(each) for each in watchman.done]
    return Answer({"home": str(settings.home.path), "docked": rows}, [call.words("up.stopped")])


def _start_parts(call: Call, supervisor: Supervisor) -> None:
    """Start the ledger process, and beside it what the configuration asks for."""
    settings = call.settings
    supervisor.start("ledger", call.services.ledger_command(), restart=True)
    if settings.config.http.enabled:
        supervisor.start("http", serve_command(settings), restart=True)
    if settings.config.alarms.ways:
        supervisor.start("alarms", alarms_command(settings), restart=True)
    if settings.config.metrics.enabled:
        supervisor.start("metrics", metrics_command(settings), restart=True)


def _slots(call: Call) -> tuple[SlotSection, ...]:
    """Return the configured slots and those of --watch, which take the free numbers."""
    slots = list(call.settings.config.slots)
    free = (number for number in range(1, 1000) if number not in {each.number for each in slots})
    slots += [SlotSection(number=next(free), path=path) for path in call.arguments.watch]
    if not slots:
        raise UsageError("no_slots")
    return tuple(slots)


@dataclass(slots=True)
class _Watchman:
    call: Call
    slots: Sequence[SlotSection]
    rack: Rack
    view: View
    done: list[Docked] = field(default_factory=list)
    _watch: Watch = field(init=False)
    _lookouts: dict[int, Lookout] = field(init=False)
    _last: dict[int, SlotState] = field(default_factory=dict)
    _settling: dict[int, tuple[Docked, int]] = field(default_factory=dict)
    _room: Room = field(init=False)

    def __post_init__(self) -> None:
        settings = self.call.settings
        self._room = Room(settings.home.path, settings.config.vault.reserve_bytes)
        self._watch = Watch([slot.path for slot in self.slots])
        self._lookouts = {slot.number: Lookout(slot.path) for slot in self.slots}

    def run(self, stop: Stop) -> None:
        """Look, dock, listen and show, until we are told to stop."""
        for lookout in self._lookouts.values():
            lookout.start()
        while not stop.told:
            for slot in self.slots:
                self._look(slot)
            for docked in self.rack.poll():
                self._ended(docked)
            self._settle()
            self._mourn()
            self.view.show(self._shown())
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Stop looking; take down what the slots had reached.  Their processes have ended."""
        for docked in self.rack.drain():
            self._ended(docked)
        for lookout in self._lookouts.values():
            lookout.stop()

    def _look(self, slot: SlotSection) -> None:
        sight = self._lookouts[slot.number].sight
        if sight is None and not self.rack.busy(slot.number):
            self._last.pop(slot.number, None)  # it was taken: the slot is free
            self._room.forget(slot.number)
        if self._room.lacking(slot.number):
            return
        if self._room.came(slot.number):
            self._watch.at_once(slot.path)
        if not self._watch.seen(slot.path, sight, time.monotonic()):
            return
        try:
            lock = take_slot(self.rack.folder, slot.number)
        except (UsageError, VaultError):
            # Somebody docks by hand in this slot, or there is no room for its lock: not our turn.
            self._watch.ended(slot.path, sight, time.monotonic(), tries=ALWAYS)
            return
        self.rack.dock(SlotJob(slot.number, slot.path, slot.after, slot.name), lock)

    def _ended(self, docked: Docked) -> None:
        state = docked.state
        self._last[state.slot] = state
        self.done = [*self.done, docked][-KEPT_LIMIT:]
        for line in docked_lines(docked, self.call.words):
            self.view.say(line)
        self._room.ended(state)
        # The look under way may have begun before the recorder was erased: wait for the one after.
        looks = self._lookouts[state.slot].looks + (2 if state.told == "erased" else 0)
        self._settling[state.slot] = (docked, looks)

    def _settle(self) -> None:
        """Tell the watch what lies there after a docking, as soon as a fresh look tells."""
        for number, (docked, looks) in list(self._settling.items()):
            lookout = self._lookouts[number]
            if lookout.looks < looks:
                continue
            del self._settling[number]
            state, now = docked.state, time.monotonic()
            self._watch.ended(
                lookout.path,
                lookout.sight,
                now,
                erased=state.told == "erased",
                tries=_tries(state),
                ahead=state.sealed > 0,
            )

    def _mourn(self) -> None:
        """Tell that a part of ours died, the ledger above all, and when it comes back."""
        for died in self.rack.others:
            pause = int((died.again_in_s or 0) * 1000)
            key = "up.ledger_died" if died.name == "ledger" else "up.part_died"
            self.view.say(self.call.words(key, part=died.name, code=died.code, ms=pause))
        self.rack.others.clear()

    def _shown(self) -> list[SlotState]:
        now = {state.slot: state for state in self.rack.states()}
        rows = {**self._last, **now}
        return [rows.get(slot.number, _empty(slot)) for slot in self.slots]


def _tries(state: SlotState) -> int:
    """Return how often in a row a docking that ended like this is tried again by itself."""
    if state.because in AGAIN:
        return ALWAYS
    cut = state.outcome == "interrupted" or state.because in LOOSE
    return LOOSE_TRIES if cut else 0


def _empty(slot: SlotSection) -> SlotState:
    return SlotState(slot.number, slot.path, stage="empty")

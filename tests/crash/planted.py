"""``python -m tests.crash.planted PLANT …``: the command line, or one slot, with a fault of ours.

``-`` plants nothing.  What is planted reaches the processes that the checkers watch, and no test.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import appliance.commands_up
import appliance.slot
from appliance.cli import main
from appliance.room import Room
from appliance.services import SlotJob
from appliance.wiring import House
from tests.crash.plants import erased_early
from vault.objects import LocalObjects

MODULE = "tests.crash.planted"
ROOM = "room"  # beside the home: how many bytes are free on a played disk


def _nothing(*_: object, **__: object) -> None:
    return


def never_again() -> None:
    """A docking whose process was killed is not begun again."""
    appliance.commands_up._tries = lambda _state: 0


def stays_full() -> None:
    """A slot that waited for room waits for ever."""
    Room.lacking = lambda self, slot: slot in self._short


def takes_the_reserve() -> None:
    """Intake takes what room there is."""
    LocalObjects._check_space = _nothing


def played_disk() -> None:
    """Play the free room of the disk, where no small one can be mounted."""
    real = os.statvfs

    def statvfs(path: object) -> object:
        told = real(path)
        folder = next((each for each in Path(str(path)).parents if (each / ROOM).exists()), None)
        if folder is None:
            return told
        blocks = int((folder / ROOM).read_text()) // told.f_frsize
        return SimpleNamespace(f_bavail=blocks, f_frsize=told.f_frsize)

    os.statvfs = statvfs


PLANTS: Mapping[str, Callable[[], None]] = {
    each.__name__: each
    for each in (never_again, stays_full, takes_the_reserve, erased_early, played_disk)
}


def _planted_slots(plant: str) -> None:
    """Let ``up`` start slots in which the same is planted."""
    real = House.slot_command

    def slot_command(self: House, job: SlotJob) -> list[str]:
        plan = next(word for word in real(self, job) if word.startswith("{"))
        return [sys.executable, "-m", MODULE, plant, plan]

    House.slot_command = slot_command


if __name__ == "__main__":
    planted, *arguments = sys.argv[1:]
    for each in planted.split("+"):
        if each in PLANTS:
            PLANTS[each]()
            _planted_slots(planted)
    if arguments[0].startswith("{") and json.loads(arguments[0]):
        sys.exit(appliance.slot.main(arguments))
    sys.argv = ["dockseal", *arguments]
    sys.exit(main())

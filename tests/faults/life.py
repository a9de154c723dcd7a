"""The life of one home that the fault table breaks: founded, filled, docked, erased, rebuilt."""

import shutil
import tempfile
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path

from evidence.entry import Draft
from evidence.errors import EvidenceError
from tests.crash.checker import Known, check_nothing_lost, check_whole
from tests.crash.ground import SHIFT, cleared, lay, played
from tests.fakes.house import House
from tests.faults.plant import Plant

FILLER = 252  # entries before the docking: its batches end one tile and begin the next


def live(home: Path, card: Path) -> None:
    """Go through everything that a home does; stop at the first error, as a process would."""
    house = None
    try:
        house = House(home)
        fill(house)
        house.dock(played(card), after="erase")
        house.project()
        house.rebuild()
    except EvidenceError:
        pass  # anything else is a fault of ours, and fails the test
    finally:
        if house is not None:
            house.close()


def fill(house: House) -> None:
    """Bring the ledger to the edge of its first tile."""
    if house.store.size < FILLER:
        alarm = Draft("alarm.raised", "sys:ingest", (), {"alarm": "test", "facts": {}})
        house.store.append([alarm] * (FILLER - house.store.size))


@cache
def occurrences() -> Counter[str]:
    """Return how often each step happens in a life that nothing breaks."""
    folder = Path(tempfile.mkdtemp(prefix="dockseal-life-"))
    plant = Plant()
    try:
        with plant.planted():
            live(folder / "home", lay(folder / "card"))
    finally:
        shutil.rmtree(folder)
    return Counter(plant.seen)


def broken(folder: Path, plant: Plant) -> None:
    """Live with one step broken; start again, look, dock again, and look at everything."""
    home, card = folder / "home", lay(folder / "card")
    with plant.planted():
        live(home, card)
    plant.rest()
    assert plant.struck, f"{plant.row} did not happen {plant.nth} times"
    with closing(House(home)) as house:
        check_nothing_lost(house, Known(SHIFT, cleared(card)))
        ended = house.dock(played(card), after="erase")
        assert ended.outcome == "complete", ended
        assert cleared(card) == set(SHIFT)
        check_whole(house, SHIFT.values())

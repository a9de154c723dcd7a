"""Which recorders a unit ever had, and which of its footage no recorder of its leads to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from custody.fields import integer, text
from custody.past import Past
from custody.scan import scan
from custody.tenure import Tenure, kit_id, read_tenure
from custody.tree import Tree
from custody.visits import Begun
from evidence.people import Register
from evidence.ports import Ledger, Tiles


@dataclass(frozen=True, slots=True)
class Kit:
    """``recorders``: that ever were with the unit.  ``dockings``: of others, with footage of it."""

    recorders: tuple[str, ...]
    dockings: tuple[str, ...]


def units_of(register: Register, unit: str) -> tuple[str, ...]:
    """Return a unit and those below it, down to the next enforcing ones: they close for themselves.

    The unit first, whether the register knows it or not.
    """
    below = (each for each in register.units if each != unit and _counts(register, each, unit))
    return (unit, *below)


def kit_of(past: Past, units: Iterable[str]) -> Kit:
    """Return what units have, from the one chain of each that names it (``kit_id``)."""
    recorders: dict[str, None] = {}
    dockings: dict[str, None] = {}
    for unit in units:
        for entry in past.chain(kit_id(past.ledger, unit)):
            if entry.type == "holder.resolved":
                sighting = past.ledger.entry(integer(entry.body, "sighting"))
                dockings |= dict.fromkeys(each for each in sighting.about if each.startswith("d:"))
            else:
                recorders[text(entry.body, "recorder")] = None
    return Kit(tuple(recorders), tuple(dockings))


def strays(past: Past, tiles: Tiles, begun: Begun, until: datetime) -> Iterator[str]:
    """Yield the dockings since a week has begun of recorders that were nobody's in all that time.

    Straight from the tree, because no chain leads to what belongs to nobody.  Their footage waits
    for the topmost unit (``custody/unheld.py``).
    """
    opened = frozenset({"docking.opened"})
    since = None if begun.hidden else begun.since
    for entry in scan(Tree(tiles), opened, before=past.before, since=since):
        recorder = next((each for each in entry.about if each.startswith("r:")), None)
        if recorder is None or not _whole(past.tenure(recorder), begun.since, until):
            yield next(each for each in entry.about if each.startswith("d:"))


def _counts(register: Register, below: str, unit: str) -> bool:
    path = register.path(below)
    if unit not in path:
        return False
    return not any(register.units[each].enforcing for each in path[: path.index(unit)])


def _whole(tenure: Tenure, since: datetime, until: datetime) -> bool:
    """Return whether one binding tells whose a recorder was all the time."""
    return any(each.at(since) and (each.until or until) >= until for each in tenure.bound)


def bearer_of(ledger: Ledger, recorder: str) -> str | None:
    """Return with whom a recorder is: who has taken it, else whose own it is; None for a pool."""
    tenure = read_tenure(ledger, recorder)
    stay = tenure.handover() or tenure.binding()
    return stay.person if stay else None

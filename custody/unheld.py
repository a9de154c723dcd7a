"""Footage of which nobody can tell whose it is: somebody's task, never a guess.

It waits for those who may say who held the recorder (``resolve_holder``) in the unit that is known.
Where no unit is known either, because the recorder was bound to nobody, it waits for those of the
topmost unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.desk import Desk
from custody.facts import Standing, over_unit, standing_of
from custody.permission import refusals
from custody.refused import refuse_on_record
from custody.scan import scan
from custody.tenure import (
    NOBODY,
    SIGHTINGS,
    Holder,
    Tenure,
    Why,
    owner_of,
    read_tenure,
    recorded_at,
    segment_of,
)
from custody.tree import Tree
from evidence.entry import Entry
from evidence.people import ORGANISATION, Actor
from evidence.ports import Ledger

BACK = timedelta(days=62)  # how far the list goes back unless told otherwise
UNHELD_LIMIT = 1000  # rows of one list


@dataclass(frozen=True, slots=True)
class Unheld:
    """One sighting of nobody's.  ``unit`` None: not even the unit is known; ``why``: none, two."""

    sighting: int
    segment: str
    docking: str
    recorder: str | None
    recorded_at: datetime
    unit: str | None
    why: Why


@dataclass(frozen=True, slots=True)
class UnheldList:
    """What waits, newest sighting first; ``more``: there is more, resolve some or ask again."""

    rows: tuple[Unheld, ...]
    more: bool


def unheld(desk: Desk, actor: Actor, since: datetime | None = None) -> UnheldList:
    """Return the sightings that ``actor`` may resolve, written from ``since`` on (62 days back).

    Raises ``RefusedError``, after an entry of its own, for who may resolve in no unit.
    """
    units = _resolved_by(standing_of(desk, actor))
    rows: list[Unheld] = []
    for each in _all(desk, since or desk.clock.now() - BACK):
        if (each.unit or ORGANISATION) in units:
            if len(rows) == UNHELD_LIMIT:
                return UnheldList(tuple(rows), more=True)
            rows.append(each)
    return UnheldList(tuple(rows), more=False)


def _resolved_by(standing: Standing) -> frozenset[str]:
    """Return the units in which the actor may say who held a recorder; refuse where there is none.

    The table decides, unit by unit: a role above counts in every unit below.
    """
    in_the_way = {unit: refusals("resolve_holder", over_unit(standing, unit))
                  for unit in (ORGANISATION, *standing.register.units)}  # fmt: skip
    free = frozenset(unit for unit, rows in in_the_way.items() if not rows)
    if not free:
        rows = in_the_way[ORGANISATION]
        refuse_on_record(standing.desk, standing.actor, "resolve_holder", rows)
    return free


def _all(desk: Desk, since: datetime) -> Iterator[Unheld]:
    tenures: dict[str, Tenure] = {}
    for entry in scan(Tree(desk.tiles), SIGHTINGS, since=since):
        holder = _holder(desk.ledger, entry, tenures)
        if holder.person is None:
            yield Unheld(
                entry.seq,
                segment_of(entry),
                next((each for each in entry.about if each.startswith("d:")), ""),
                _recorder(entry),
                recorded_at(entry),
                holder.unit,
                holder.why,
            )


def _holder(ledger: Ledger, sighting: Entry, tenures: dict[str, Tenure]) -> Holder:
    """Return whose it is; the history of the segment is read only where the tenure names nobody."""
    recorder = _recorder(sighting)
    held = NOBODY
    if recorder is not None:
        if recorder not in tenures:
            tenures[recorder] = read_tenure(ledger, recorder)
        held = tenures[recorder].holder(recorded_at(sighting))
    return held if held.person else owner_of(ledger, sighting, tenures)


def _recorder(sighting: Entry) -> str | None:
    return next((each for each in sighting.about if each.startswith("r:")), None)

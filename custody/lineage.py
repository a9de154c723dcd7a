"""Which units a unit stood below, and when: a later reorganisation changes no past."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from custody import fields
from evidence.entry import Entry
from evidence.people import PATH_LIMIT

_PLACED = frozenset({"unit.added", "unit.moved"})


@dataclass(frozen=True, slots=True)
class Lineage:
    """``parents``: of each unit, since when it stood below which other one, oldest first."""

    parents: Mapping[str, tuple[tuple[datetime, str], ...]] = field(default_factory=dict)

    def above(self, unit: str, moment: datetime | None) -> tuple[str, ...]:
        """Return ``unit`` and every unit above it at ``moment``; None: as it is now.

        Before a unit was written down, it stood where it was first written down.
        """
        path, here = [unit], unit
        while here in self.parents and len(path) < PATH_LIMIT:
            here = self._parent(here, moment)
            path.append(here)
        return tuple(path)

    def _parent(self, unit: str, moment: datetime | None) -> str:
        stays = self.parents[unit]
        if moment is None:
            return stays[-1][1]
        before = (parent for since, parent in reversed(stays) if since <= moment)
        return next(before, stays[0][1])


def lineage_of(entries: Iterable[Entry]) -> Lineage:
    """Return the lineage that entries about the organisation tell, given newest first."""
    parents: dict[str, tuple[tuple[datetime, str], ...]] = {}
    for entry in entries:
        if entry.type in _PLACED:
            unit, parent = (fields.text(entry.body, name) for name in ("unit", "parent"))
            parents[unit] = ((entry.at, parent), *parents.get(unit, ()))
    return Lineage(parents)

"""What one scrape learns of a home: plain values, named in ``appliance/metrics.py``.

A scrape walks through no ledger: it asks the ledger process for one checkpoint and one entry, the
catalogue for what was added since the last scrape, the disk, the slots' own files, and what the
keeper's last round has counted.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from appliance.disk import disk_of
from appliance.readiness import PATIENCE_S, Readiness, Wants, readiness
from appliance.roundfile import read_round
from appliance.slotstate import SlotState, read_states
from appliance.told_state import read_state
from custody.outbox import Way
from custody.space import Disk
from evidence.errors import EvidenceError
from evidence.json import JsonObject
from evidence.ports import Clock
from vault.client import LedgerClient

if TYPE_CHECKING:  # half of what a command weighs
    from vault.figures import FigureReader, Growth, LastAudit

T = TypeVar("T")


@dataclass(slots=True)
class Totals:
    """Counted from the first entry of the ledger up to ``after`` (not included).

    Never go back: a catalogue that is made anew adds nothing until it is beyond that.
    """

    after: int = 0
    bytes: int = 0
    segments: int = 0
    dockings: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)

    def add(self, grown: "Growth") -> None:
        """Add what came since."""
        self.after = grown.applied
        self.bytes += grown.bytes
        self.segments += grown.segments
        self.dockings.update(grown.dockings)
        self.alarms.update(grown.alarms)


@dataclass(frozen=True, slots=True)
class Scrape:
    """What was learned at ``now``; None: it could not be."""

    now: datetime
    readiness: Readiness
    newest: datetime | None  # the newest entry of the ledger
    disk: Disk | None
    slots: tuple[SlotState, ...]
    round: JsonObject | None  # ``appliance/roundfile.py``
    catalogue: bool  # it answered
    totals: Totals | None  # None: the catalogue has never been read
    audit: "LastAudit | None"
    open_alarms: Mapping[str, int] | None  # by code
    ways: Mapping[str, Way]  # on which alarms reach people


class Measuring:
    """Scrapes one home again and again; one thread at a time."""

    def __init__(self, wants: Wants, figures: "FigureReader", clock: Clock) -> None:
        self._wants, self._figures, self._clock = wants, figures, clock
        self._totals: Totals | None = None

    def scrape(self) -> Scrape:
        """Learn everything anew; never raises for what cannot be learned."""
        home = self._wants.home
        found = readiness(self._wants)
        grown = self._grow()
        return Scrape(
            now=self._clock.now(),
            readiness=found,
            newest=_tried(lambda: self._newest(found)),
            disk=_tried(lambda: disk_of(home, self._wants.reserve_bytes)),
            slots=read_states(home.slots),
            round=read_round(home.run),
            catalogue=grown,
            totals=self._totals,
            audit=_tried(self._figures.last_audit),
            open_alarms=_tried(self._figures.open_alarms),
            ways=read_state(home.alarms).ways,
        )

    def ready(self) -> Readiness:
        """Ask only whether the home is ready."""
        return readiness(self._wants)

    def _grow(self) -> bool:
        known = self._totals or Totals()
        grown = _tried(lambda: self._figures.growth(known.after))
        if grown is None:
            return False
        known.add(grown)
        self._totals = known
        return True

    def _newest(self, found: Readiness) -> datetime | None:
        if not found.entries:
            return None
        client = LedgerClient(self._wants.home.socket, PATIENCE_S)
        try:
            return client.entry(found.entries - 1).at
        finally:
            client.close()


def _tried(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except EvidenceError:
        return None  # readiness says what is wrong; a scrape tells all that it can

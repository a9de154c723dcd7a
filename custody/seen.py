"""What a recorder was like when it was last docked: battery, free space, clock (article 13)."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from custody import fields
from custody.history import chain
from evidence.entry import Entry
from evidence.json import JsonObject
from evidence.ports import Ledger

LOOKED_AT = 1000  # newest entries about a recorder: one of its last docking is among the first few


@dataclass(frozen=True, slots=True)
class Seen:
    """As the last docking found it; None for what could not be asked."""

    at: datetime | None = None  # when it was docked; None: never
    battery: int | None = None  # percent
    free_bytes: int | None = None
    clock_offset_ms: int | None = None  # its time minus ours, where it was measured

    def json(self) -> JsonObject:
        """Return what a handover carries."""
        return {
            "battery": self.battery,
            "free_bytes": self.free_bytes,
            "clock_offset_ms": self.clock_offset_ms,
        }


def last_seen(ledger: Ledger, recorder: str) -> Seen:
    """Return what the last docking of ``recorder`` found, from the ledger."""
    found = _last(ledger, recorder)
    if found is None:
        return Seen()
    if found.type == "docking.opened":
        return Seen(found.at, _whole(found.body, "battery"))
    return _inventoried(ledger, found)


def docked_at(ledger: Ledger, recorder: str) -> datetime | None:
    """Return when ``recorder`` was last docked: what it had then is listed in the ledger."""
    found = _last(ledger, recorder)
    return found.at if found else None


def _last(ledger: Ledger, recorder: str) -> Entry | None:
    """Return the inventory of the last docking; its opening where it has not come so far."""
    for entry in islice(chain(recorder, ledger), LOOKED_AT):
        if entry.type.startswith("segment.") and "sighting" in entry.body:
            place = fields.integer(fields.mapping(entry.body, "sighting"), "inventory")
            return ledger.entry(place)
        if entry.type in {"inventory.taken", "docking.opened"}:
            return entry
    return None


def _inventoried(ledger: Ledger, inventory: Entry) -> Seen:
    clock = fields.mapping(inventory.body, "clock")
    opened = _opened(ledger, inventory)
    return Seen(
        inventory.at,
        _whole(opened.body, "battery") if opened else None,
        _whole(inventory.body, "free_bytes"),
        _whole(clock, "offset_ms") if clock.get("kind") == "measured" else None,
    )


def _opened(ledger: Ledger, inventory: Entry) -> Entry | None:
    """Return the beginning of the docking that an inventory belongs to: just before it."""
    entry, docking = inventory, next(each for each in inventory.about if each.startswith("d:"))
    for _ in range(LOOKED_AT):
        before = entry.about.get(docking)
        if before is None:
            break
        entry = ledger.entry(before)
        if entry.type == "docking.opened":
            return entry
    return None


def _whole(body: JsonObject, field: str) -> int | None:
    value = body.get(field)
    return value if type(value) is int else None

"""Slots that wait for room on our disk: docked again when what is left of their recorder fits.

Not before: every try writes its entries, and a night of tries would eat the reserve of the ledger.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from appliance.slotstate import SlotState
from appliance.troubles import FULL


@dataclass(slots=True)
class Room:
    """``folder`` lies on the disk of the vault; ``reserve_bytes`` of it are never for intake."""

    folder: Path
    reserve_bytes: int
    _short: dict[int, int] = field(default_factory=dict)  # slot: bytes that are still to come
    _waiting: set[int] = field(default_factory=set)  # slots that had to wait since

    def ended(self, state: SlotState) -> None:
        """Take note of how a docking ended."""
        if state.because in FULL:
            self._short[state.slot] = max(state.bytes - state.bytes_done, 1)
        else:
            self.forget(state.slot)

    def forget(self, slot: int) -> None:
        """Take note that the recorder was taken."""
        self._short.pop(slot, None)
        self._waiting.discard(slot)

    def lacking(self, slot: int) -> bool:
        """Tell whether a slot has to wait.  What cannot be measured is tried."""
        needed = self._short.get(slot)
        if needed is None:
            return False
        try:
            room = os.statvfs(self.folder)
        except OSError:
            return False
        if room.f_bavail * room.f_frsize - self.reserve_bytes >= needed:
            return False
        self._waiting.add(slot)
        return True

    def came(self, slot: int) -> bool:
        """Tell, once, that a slot had to wait and has room now: its wait was pause enough."""
        waited = slot in self._waiting
        self._waiting.discard(slot)
        return waited

"""The live state of a slot: one small JSON file, written by its process, read by every display.

It is never evidence: what counts is in the ledger.  A reader takes what it can from a file of an
older or newer writer, and an unreadable one is a slot that says nothing.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

STATE_LIMIT_BYTES = 64 * 1024
ENDED = frozenset({"complete", "left_behind", "interrupted", "failed"})


@dataclass(frozen=True, slots=True)
class SlotState:
    """What one slot says of its docking; the field names are those of the file."""

    slot: int
    path: str = ""
    stage: str = "starting"  # starting, opened, inventoried, reading, sealing, erasing, done
    docking: str | None = None
    recorder: str | None = None  # what a person calls it: serial, product number, or volume
    officer: str | None = None
    clock: Mapping[str, Any] = field(default_factory=dict)  # kind, offset_ms
    battery: int | None = None  # percent
    files: int = 0
    files_done: int = 0
    bytes: int = 0
    bytes_done: int = 0
    rate_bytes_s: int | None = None
    eta_s: int | None = None
    sealed: int = 0
    seen: int = 0
    left: int = 0
    findings: tuple[str, ...] = ()  # codes, one for each occurrence; seams as seam_<kind>
    safe_to_take: bool = False
    outcome: str | None = None  # complete, left_behind, interrupted, failed
    told: str | None = None  # kept, confirmed, erased: what the recorder heard
    because: str | None = None  # a word of the message catalogue
    at_ms: int = 0  # writer's clock, ms since 1970; a reader looks only whether it changes

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will be said."""
        return self.outcome in ENDED

    def failed(self, because: str) -> "SlotState":
        """Return the state of a slot whose process ended without saying how."""
        outcome = "interrupted" if self.files else "failed"
        return replace(self, stage="done", outcome=outcome, because=because, safe_to_take=False)


def state_file(folder: Path, slot: int) -> Path:
    """Return the file of one slot in ``<home>/run/slots``."""
    return folder / f"{slot}.json"


def write_state(folder: Path, state: SlotState) -> None:
    """Replace the file of a slot at once, so that no reader sees half of it.

    Not synced: after a power cut there is no docking that it could tell about.
    """
    target = state_file(folder, state.slot)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    names = (each.name for each in fields(state))
    row = {name: getattr(state, name) for name in names}
    beside.write_text(json.dumps(row, ensure_ascii=False, default=dict), encoding="utf-8")
    beside.replace(target)


def read_state(folder: Path, slot: int) -> SlotState | None:
    """Return what a slot says, or None where it says nothing that can be read."""
    try:
        with state_file(folder, slot).open("rb") as file:
            row = json.loads(file.read(STATE_LIMIT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return _state(row, slot) if isinstance(row, dict) else None


def read_states(folder: Path) -> tuple[SlotState, ...]:
    """Return the states of all slots that say something, by number."""
    numbers = sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal())
    states = (read_state(folder, number) for number in numbers)
    return tuple(state for state in states if state)


def clear_state(folder: Path, slot: int) -> None:
    """Forget what an earlier docking said, so that nobody takes it for this one."""
    state_file(folder, slot).unlink(missing_ok=True)


def _state(row: Mapping[str, Any], slot: int) -> SlotState:
    """Take every field that has the type of its default; ignore what else stands there."""
    taken: dict[str, Any] = {}
    for each in fields(SlotState):
        value = row.get(each.name)
        if value is not None and _fits(each.name, value):
            taken[each.name] = value
    taken["findings"] = tuple(str(item) for item in taken.get("findings", ()))
    taken["slot"] = slot
    return SlotState(**taken)


_TEXTS = frozenset(
    {"path", "stage", "docking", "recorder", "officer", "outcome", "told", "because"}
)


def _fits(name: str, value: object) -> bool:
    if name in _TEXTS:
        return isinstance(value, str)
    if name == "clock":
        return isinstance(value, dict)
    if name == "findings":
        return isinstance(value, list)
    if name == "safe_to_take":
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool)

"""The process of one slot: one docking, then it ends.  ``python -m appliance.slot PLAN [CRADLE]``.

CRADLE is the inherited descriptor over which parser children are ordered (``appliance/cradle.py``).

A process of its own, because a hung device blocks a read in the kernel for minutes: this one can be
killed and given up.  It imports nothing heavy (no numpy, no SQL, no pydantic): sixteen of them run.
"""

import json
import logging
import os
import re
import secrets
import signal
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Literal, NoReturn
from zoneinfo import ZoneInfo

from appliance.children import FencedParsers, ParserLimits
from appliance.clock import SystemClock
from appliance.exits import Exit, exit_of
from appliance.lean import let_go_of_start
from appliance.live import LiveState
from appliance.parent import end_with_parent
from appliance.slotstate import SlotState
from appliance.troubles import DAMAGE, STORAGE
from custody.configuration import declare
from drivers.limits import ListingLimits
from drivers.registry import open_recorder
from evidence.errors import EvidenceError, UnpluggedError
from evidence.ids import new_id
from evidence.json import JsonObject
from evidence.ports import Recorder
from ingest.answer import ProbeLimits
from ingest.names import NamePattern
from ingest.outcome import Progress
from ingest.session import dock
from ingest.tools import Plan, Rules, Tools
from vault.client import LedgerClient
from vault.objects import LocalObjects

logger = logging.getLogger(__name__)

ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Pattern:
    """One name pattern as it travels to the slot."""

    id: str
    expression: str
    flags: int
    time_format: str
    important_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """What a slot process is told, as one JSON object on its command line (no secret in it)."""

    slot: int
    path: str
    after: Literal["keep", "confirm", "erase"]
    states: str  # folder of the slots' live state
    socket: str
    vault: str
    reserve_bytes: int
    zone: str
    seam_tolerance_ms: int
    clock_tolerance_ms: int
    earliest: str
    sm3: bool
    patterns: tuple[Pattern, ...]
    station: str
    software: str
    settings: JsonObject  # what decides, for the ledger (appliance/declared.py)
    parser: ParserLimits
    probe: ProbeLimits
    driver: ListingLimits


def main(arguments: list[str]) -> int:
    """Dock what the plan names; return an exit code (``appliance/exits.py``)."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    plan = read_plan(arguments[0])
    let_go_of_start()
    live = LiveState(Path(plan.states), SlotState(plan.slot, plan.path, stage="opening"))
    signal.signal(signal.SIGTERM, _stop)
    try:
        end_with_parent()
        progress = _dock(plan, live, _cradle(arguments[1:]))
    except EvidenceError as error:
        # Nothing was docked: no driver took it, or the ledger does not answer.
        live.docking("done", outcome="failed", because=error.word)
        sys.stderr.write(f"{error}\n")
        return exit_of(error)
    return _code(progress)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """End the docking as if the recorder were gone: in order, with its end in the ledger."""
    del frame
    signal.signal(number, signal.SIG_IGN)  # once: the end must not be interrupted again
    raise UnpluggedError("stopped")


def read_plan(text: str) -> SlotPlan:
    """Return the plan from its JSON; the parent is ours, so a mistake in it is a fault of ours."""
    told = json.loads(text)
    told["patterns"] = tuple(
        Pattern(**{**row, "important_paths": tuple(row["important_paths"])})
        for row in told["patterns"]
    )
    told["parser"] = ParserLimits(**told["parser"])
    told["probe"] = ProbeLimits(**told["probe"])
    told["driver"] = ListingLimits(**told["driver"])
    return SlotPlan(**told)


def _cradle(arguments: list[str]) -> int | None:
    """Return the descriptor of the cradle; no tool that a slot runs inherits it."""
    descriptor = int(arguments[0]) if arguments else None
    if descriptor is not None:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    return descriptor


def _dock(plan: SlotPlan, live: LiveState, cradle: int | None) -> Progress:
    parsers = FencedParsers(plan.parser, cradle=cradle)
    _see_fence(parsers)
    zone = ZoneInfo(plan.zone)
    recorder: Recorder | None = None
    try:
        ledger = LedgerClient(Path(plan.socket))
        declare(plan.settings, plan.software, plan.station, ledger)
        recorder = open_recorder(
            Path(plan.path),
            parsers=parsers,
            zone=zone,
            limits=plan.driver,
            mounts=Path(plan.states).parent,
        )
        live.docking("opened", battery=recorder.battery_percent())
        tools = Tools(
            LocalObjects(Path(plan.vault), reserve_bytes=plan.reserve_bytes),
            ledger,
            parsers,
            SystemClock(),
            live,
            _rules(plan, zone),
        )
        docking = new_id("d", secrets.token_bytes(ID_BYTES))
        live.docking("opened", docking=docking)
        return dock(recorder, Plan(docking, str(plan.slot), plan.after), tools)
    finally:
        if recorder:
            recorder.close()
        parsers.close()


def _see_fence(parsers: FencedParsers) -> None:
    """Refuse to begin where the fence lacks the wall that it needs; tell of the others."""
    try:
        # The one that every file needs: its start-up passes before the recorder is listed.
        walls = parsers.fence("probe")
    except BaseException:
        parsers.close()
        raise
    missing = [name for name, stands in walls.items() if not stands]
    if missing:
        logger.warning("this machine gives the fence round parsers no %s", ", ".join(missing))


def _rules(plan: SlotPlan, zone: ZoneInfo) -> Rules:
    patterns = tuple(
        NamePattern(
            row.id,
            re.compile(row.expression, row.flags),
            row.time_format,
            tuple(part.upper() for part in row.important_paths),
        )
        for row in plan.patterns
    )
    return Rules(
        patterns,
        zone,
        plan.seam_tolerance_ms,
        plan.clock_tolerance_ms,
        date.fromisoformat(plan.earliest),
        plan.sm3,
        plan.probe,
    )


def _code(progress: Progress) -> int:
    if progress.outcome == "complete":
        return Exit.OK
    if any(left.because in DAMAGE for left in progress.left):
        return Exit.INTEGRITY
    if progress.cut in STORAGE:
        return Exit.VAULT
    if progress.outcome in {"interrupted", "failed"}:
        return Exit.DEVICE
    return Exit.LEFT_BEHIND


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""One docked recorder, from plug to "safe to take" (DESIGN 4).

The reader goes ahead: while a file is probed, stored and sealed by other threads, the next one is
already read, so that the officer waits for the cable and never for us.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Future

from evidence.entry import Draft
from evidence.errors import (
    DeadlineError,
    EvidenceError,
    FsyncFailedError,
    IntegrityError,
    LedgerUnavailableError,
    NoSpaceError,
    UnpluggedError,
)
from evidence.json import JsonObject
from evidence.ports import Recorder
from evidence.states import Inventory, Listed, Received, Sealed
from ingest.certify import contradicted
from ingest.devicelog import observe_identity
from ingest.forget import forget
from ingest.inventory import open_failed, take_inventory
from ingest.judge import write_seams
from ingest.known import Known, known_files
from ingest.outcome import Left, Progress
from ingest.pipeline import Pipeline
from ingest.receive import receive
from ingest.recognise import recognise
from ingest.seams import piece_of, piece_of_known
from ingest.tools import ACTOR, Plan, Tools

logger = logging.getLogger(__name__)

# These end the docking; any other error leaves one file on the recorder and the rest goes on.
ENDS_THE_DOCKING = (
    UnpluggedError,
    DeadlineError,
    LedgerUnavailableError,
    NoSpaceError,
    FsyncFailedError,
)
AHEAD_LIMIT = 8  # received files that wait for their seal; each holds one open file


def dock(recorder: Recorder, plan: Plan, tools: Tools) -> Progress:
    """Bring everything on ``recorder`` into custody, and let it forget only if asked to.

    Never raises for what a recorder or its files do: the outcome says it, and the ledger has it.
    """
    progress = Progress(plan.docking, tools.clock.monotonic())
    try:
        _take_in(recorder, plan, progress, tools)
    except EvidenceError as error:
        logger.exception("docking %s ended", plan.docking)
        progress.cut = error.word
    _end(progress, tools)
    return progress


def _take_in(recorder: Recorder, plan: Plan, progress: Progress, tools: Tools) -> None:
    inventory = _inventory(recorder, plan, tools)
    progress.inventory = inventory
    _tell(inventory, tools)
    try:
        _read_all(recorder, inventory, plan, progress, tools)
    finally:
        # Also of a docking that was cut: what is sealed is judged.
        _close_seams(progress, inventory, tools)
    agrees = observe_identity(inventory, progress.sealed, tools)
    if contradicted(inventory) or not agrees:
        # Log, names and device name different recorders: kept as it is until a person decides.
        progress.because = "identity_conflict"
        return
    forget(recorder, plan.after, progress, inventory, tools)


def _inventory(recorder: Recorder, plan: Plan, tools: Tools) -> Inventory:
    tools.observer.docking("opened")
    try:
        return take_inventory(recorder, plan, tools)
    except LedgerUnavailableError:
        raise
    except EvidenceError:
        # Its listing cannot be read: that something was docked is a fact all the same.
        open_failed(recorder, plan, tools)
        raise


def _tell(inventory: Inventory, tools: Tools) -> None:
    tools.observer.docking(
        "inventoried",
        files=len(inventory.files),
        bytes=sum(listed.file.size for listed in inventory.files),
        recorder=inventory.identity.serial
        or inventory.identity.device
        or inventory.identity.volume,
        officer=inventory.identity.officer,
        clock={"kind": inventory.clock.kind, "offset_ms": inventory.clock.offset_ms},
    )
    for note in inventory.noted:
        tools.observer.noted(None, str(note.finding))


def _read_all(
    recorder: Recorder, inventory: Inventory, plan: Plan, progress: Progress, tools: Tools
) -> None:
    """Receive every file in order; seal behind the reader, in the same order."""
    known = _known(inventory, plan, tools)
    with Pipeline(inventory, tools) as pipeline:
        waiting: list[tuple[Listed, Future[Sealed]]] = []
        try:
            for listed in in_order(inventory):
                if len(waiting) > AHEAD_LIMIT:
                    tools.observer.docking("sealing")
                _settle(waiting, progress, tools, keep=AHEAD_LIMIT)
                tools.observer.docking("reading")
                if found := recognise(recorder, listed, known, inventory, tools):
                    progress.recognised.append(found)
                    tools.observer.recognised(found)
                    continue
                received = _receive_one(recorder, listed, inventory, progress, tools)
                if received:
                    waiting.append((listed, pipeline.give(received)))
            tools.observer.docking("sealing")
        finally:
            _settle(waiting, progress, tools, keep=0)


def _known(inventory: Inventory, plan: Plan, tools: Tools) -> dict[str, Known]:
    """Return what may be recognised.  A certificate needs whole readings: then it is nothing."""
    if plan.after != "keep":
        return {}
    return known_files(inventory.recorder, inventory.docking, tools.ledger)


def in_order(inventory: Inventory) -> Iterator[Listed]:
    """Yield important marks first, then oldest first; what tells no time comes last."""

    def key(listed: Listed) -> tuple[bool, bool, float, int]:
        claim = listed.name.time or listed.file.modified
        return (
            not listed.name.important,
            claim is None,
            claim.timestamp() if claim else 0.0,
            listed.line,
        )

    yield from sorted(inventory.files, key=key)


def _receive_one(
    recorder: Recorder,
    listed: Listed,
    inventory: Inventory,
    progress: Progress,
    tools: Tools,
) -> Received | None:
    try:
        return receive(recorder, listed, inventory.identity, tools)
    except ENDS_THE_DOCKING:
        raise
    except EvidenceError as error:
        _leave(listed, error, progress, tools)
        return None


def _settle(
    waiting: list[tuple[Listed, Future[Sealed]]], progress: Progress, tools: Tools, *, keep: int
) -> None:
    """Take the results of all but the newest ``keep`` files."""
    while len(waiting) > keep or (waiting and waiting[0][1].done()):
        listed, future = waiting.pop(0)
        try:
            progress.sealed.append(future.result())
        except ENDS_THE_DOCKING as error:
            _leave(listed, error, progress, tools)
            raise
        except EvidenceError as error:
            _leave(listed, error, progress, tools)


def _leave(listed: Listed, error: EvidenceError, progress: Progress, tools: Tools) -> None:
    logger.warning("file %d of %s stays: %s", listed.line, listed.docking, error)
    progress.left.append(Left(listed.line, error.word))
    tools.observer.left(listed, error.word)
    inventory = progress.inventory
    if inventory is None or isinstance(error, LedgerUnavailableError):
        return
    drafts = [
        _draft("segment.left", inventory, {"line": listed.line, "because": error.word, "noted": []})
    ]
    if isinstance(error, IntegrityError):
        facts: JsonObject = {name: str(fact) for name, fact in error.facts.items()}
        drafts.append(_draft("alarm.raised", inventory, {"alarm": error.word, "facts": facts}))
    tools.ledger.append(drafts)


def _close_seams(progress: Progress, inventory: Inventory, tools: Tools) -> None:
    pieces = [
        *(piece_of(each) for each in progress.sealed),
        *(piece_of_known(each) for each in progress.recognised),
    ]
    progress.seams = write_seams(inventory, pieces, f"seams:{progress.docking}", tools)
    for seam in progress.seams:
        if seam.kind in {"gap", "hole", "clock_jump", "truncated"}:
            tools.observer.noted(inventory.files[seam.before.line], f"seam_{seam.kind}")


def _end(progress: Progress, tools: Tools) -> None:
    """Write how it ended.  A ledger that cannot be reached is told by the caller's exit code."""
    body: JsonObject = {
        "outcome": progress.outcome,
        "recorder": progress.recorder,
        **progress.counts(),
        "ms": int((tools.clock.monotonic() - progress.started) * 1000),
        "because": progress.cut or progress.because,
    }
    inventory = progress.inventory
    about = (progress.docking, inventory.recorder) if inventory and inventory.recorder else None
    draft = Draft("docking.ended", ACTOR, about or (progress.docking,), body)
    try:
        # An opening that never came into the ledger has no end there either.
        if inventory or tools.ledger.last(progress.docking) is not None:
            tools.ledger.append([draft])
    except EvidenceError as error:
        logger.exception("the end of docking %s is not in the ledger", progress.docking)
        progress.cut = progress.cut or error.word
    tools.observer.docking(
        "done",
        outcome=progress.outcome,
        told=progress.recorder,
        because=progress.cut or progress.because,
    )


def _draft(kind: str, inventory: Inventory, body: JsonObject) -> Draft:
    recorder = (inventory.recorder,) if inventory.recorder else ()
    return Draft(kind, ACTOR, (inventory.docking, *recorder), body)

"""Before the first byte: what lies on the recorder, and what its clock says (invariant 2)."""

from datetime import datetime

from evidence.codec import format_time
from evidence.entry import Draft, Private
from evidence.errors import DeviceError
from evidence.findings import Finding, Noted
from evidence.json import Json, JsonObject
from evidence.ports import Recorder
from evidence.recorders import ClockReading, DeletedEntry, FileEntry, Identity, Listing
from evidence.states import Inventory, Listed
from ingest.identify import bound_clock, merge_identity, recorder_text
from ingest.known import mark_of
from ingest.names import read_name
from ingest.tools import ACTOR, Plan, Tools

INTEGER_LIMIT = 2**53 - 1  # of canonical JSON; hostile sizes add up to more


def open_failed(recorder: Recorder, plan: Plan, tools: Tools) -> None:
    """Write down that something was docked whose listing could not be read."""
    tools.ledger.append([_opened(recorder, plan, Identity(), tools)])


def take_inventory(recorder: Recorder, plan: Plan, tools: Tools) -> Inventory:
    """Return once identity, listing and clock are in the ledger; no file has been opened."""
    now = tools.clock.now()
    reading = recorder.clock(now)
    listing = recorder.listing()
    files = tuple(
        Listed(
            plan.docking, line, file, read_name(file.path, tools.rules.patterns, tools.rules.zone)
        )
        for line, file in enumerate(listing.files)
    )
    identity, contradictions = merge_identity(recorder.identity(), (f.name for f in files))
    claims = [listed.name.time or listed.file.modified for listed in files]
    clock = bound_clock(reading, claims, now, tools.rules.clock_tolerance_ms)
    noted = (*listing.noted, *contradictions, *_deleted(listing))
    opened = _opened(recorder, plan, identity, tools)
    taken = _taken(opened.about, listing, clock, noted, identity.volume)
    receipt = tools.ledger.append([opened, taken])
    return Inventory(
        plan.docking,
        _recorder_of(opened),
        identity,
        clock,
        files,
        listing.deleted,
        noted,
        receipt.indexes[-1],
        now,
    )


def _opened(recorder: Recorder, plan: Plan, identity: Identity, tools: Tools) -> Draft:
    text = recorder_text(identity)
    about = (plan.docking, tools.ledger.pseudonym("r", text)) if text else (plan.docking,)
    body: JsonObject = {
        "slot": plan.slot,
        "driver": recorder.driver,
        "battery": _battery(recorder),
        "sources": [list(pair) for pair in identity.sources],
        "after": plan.after,
    }
    facts: JsonObject = {
        "where": recorder.where,
        "serial": identity.serial,
        "maker": identity.maker,
        "device": identity.device,
        "officer": identity.officer,
        "unit": identity.unit,
        "volume": identity.volume,
    }
    return Draft("docking.opened", ACTOR, about, body, private=Private(plan.docking, facts))


def _battery(recorder: Recorder) -> int | None:
    try:
        return recorder.battery_percent()
    except DeviceError:
        return None  # a recorder that will not say is no reason not to write down the rest


def _taken(
    about: tuple[str, ...],
    listing: Listing,
    clock: ClockReading,
    noted: tuple[Noted, ...],
    volume: str | None,
) -> Draft:
    body: JsonObject = {
        "files": len(listing.files),
        "bytes": min(sum(file.size for file in listing.files), INTEGER_LIMIT),
        "deleted": len(listing.deleted),
        "file_system": listing.file_system,
        "total_bytes": listing.total_bytes,
        "free_bytes": listing.free_bytes,
        "clock": {"kind": clock.kind, "offset_ms": clock.offset_ms, "how": clock.how},
        "noted": [each.json() for each in noted],
    }
    lines = [_line(number, file, volume) for number, file in enumerate(listing.files)]
    lines += [
        _line(number, gone, volume)
        for number, gone in enumerate(listing.deleted, len(listing.files))
    ]
    return Draft(
        "inventory.taken", ACTOR, about, body, private=Private(about[0], lines=tuple(lines))
    )


def _line(number: int, item: FileEntry | DeletedEntry, volume: str | None) -> dict[str, Json]:
    file = item if isinstance(item, FileEntry) else None
    plain = file is None or file.raw == file.path.encode()
    return {
        "line": number,
        "path": item.path,
        "raw": None if plain or file is None else file.raw.hex(),
        "size": item.size,
        "modified": _text(item.modified),
        "created": _text(file.created) if file else None,
        "inode": file.inode if file else None,
        "mark": mark_of(file, volume) if file else None,
        "deleted": file is None,
    }


def _deleted(listing: Listing) -> tuple[Noted, ...]:
    count = len(listing.deleted)
    return (Noted(Finding.DELETED_FILES, {"count": count}),) if count else ()


def _recorder_of(opened: Draft) -> str | None:
    return opened.about[1] if len(opened.about) > 1 else None


def _text(time: datetime | None) -> str | None:
    return format_time(time) if time else None

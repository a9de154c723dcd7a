"""Stage 4: the entry that makes a file a segment in custody."""

from datetime import timedelta

from evidence.codec import format_time
from evidence.entry import Draft, Private
from evidence.errors import ConflictError, MalformedError
from evidence.findings import Finding, Noted
from evidence.json import Json, JsonObject
from evidence.media import Media, Track
from evidence.ports import Ledger
from evidence.states import Inventory, Listed, Sealed, Stored
from ingest.claims import claim_of
from ingest.identify import claim_findings
from ingest.tools import ACTOR, Rules, Tools

WALK_LIMIT = 100_000  # entries about one segment between its newest and the one that names it


def seal(stored: Stored, inventory: Inventory, tools: Tools) -> Sealed:
    """Return once this sighting is in the ledger, under a durable checkpoint.

    The first sighting of a segment is ``segment.sealed``; every further one ``segment.seen``.
    Two slots that bring the same bytes at once: ``expect`` lets one of them be first.
    """
    segment = f"s:{stored.received.sha256}"
    noted = _noted(stored, inventory, tools.rules)
    if tools.ledger.last(segment) is None:
        draft = _sealed_draft(segment, stored, inventory, noted)
        try:
            index = tools.ledger.append([draft]).indexes[0]
        except ConflictError:
            # Another slot sealed it a moment ago.  This is a further sighting of it.
            pass
        else:
            return Sealed(stored, index, index, noted)
    sealed_index = _sealed_index(segment, tools.ledger)
    draft = _seen_draft(segment, stored, inventory, noted, sealed_index)
    index = tools.ledger.append([draft]).indexes[0]
    return Sealed(stored, index, sealed_index, noted)


def _noted(stored: Stored, inventory: Inventory, rules: Rules) -> tuple[Noted, ...]:
    listed, media = stored.received.listed, stored.media
    claims = claim_findings(listed.file, listed.name, inventory.taken_at, rules)
    claim = claim_of(listed, media)
    apart = claim.disagreement_s
    times = (Noted(Finding.TIME_DISAGREES, {"apart_s": apart}),) if apart is not None else ()
    return (*claims, *times, *stored.received.noted, *media.noted)


def _sealed_draft(
    segment: str, stored: Stored, inventory: Inventory, noted: tuple[Noted, ...]
) -> Draft:
    received, media, listed = stored.received, stored.media, stored.received.listed
    body: JsonObject = {
        "size": received.size,
        "sha256": received.sha256,
        "sm3": received.sm3,
        "kind": media.kind,
        "container": media.container,
        "duration_ms": media.duration_ms,
        "tracks": [_track(track) for track in media.tracks],
        "parser": media.parser,
        "slices": {
            "count": stored.slices.count,
            "root": stored.slices.root,
            "sha256": stored.slices.sha256,
        },
        "sighting": sighting_of(listed, media, inventory),
        "noted": [each.json() for each in noted],
    }
    return Draft(
        "segment.sealed",
        ACTOR,
        about(segment, inventory),
        body,
        expect={segment: None},
        private=named(segment, listed, inventory),
    )


def _seen_draft(
    segment: str,
    stored: Stored,
    inventory: Inventory,
    noted: tuple[Noted, ...],
    sealed_index: int,
) -> Draft:
    listed = stored.received.listed
    body: JsonObject = {
        "sealed": sealed_index,
        "sighting": sighting_of(listed, stored.media, inventory),
        "noted": [each.json() for each in noted],
        "read": "whole",
        "blocks": None,
    }
    private = named(segment, listed, inventory)
    return Draft("segment.seen", ACTOR, about(segment, inventory), body, private=private)


def about(segment: str, inventory: Inventory) -> tuple[str, ...]:
    """Return the subjects that a sighting concerns."""
    recorder = (inventory.recorder,) if inventory.recorder else ()
    return (segment, inventory.docking, *recorder)


def sighting_of(listed: Listed, media: Media | None, inventory: Inventory) -> dict[str, Json]:
    """Return where it lay and when it claims to be from (docs/formats.md, sighting)."""
    claim = claim_of(listed, media)
    clock = inventory.clock
    corrected = None
    if claim.time and clock.kind == "measured" and clock.offset_ms is not None:
        corrected = format_time(claim.time - timedelta(milliseconds=clock.offset_ms))
    return {
        "docking": inventory.docking,
        "line": listed.line,
        "inventory": inventory.index,
        "important": listed.name.important,
        "claimed_at": format_time(claim.time) if claim.time else None,
        "claimed_from": claim.source,
        "corrected_at": corrected,
    }


def named(segment: str, listed: Listed, inventory: Inventory) -> Private:
    """Return who and what the sighting claims; the name of the file knows best, then the device."""
    told = inventory.identity
    name = listed.name
    facts: JsonObject = {
        "path": listed.file.path,
        "maker": name.maker or told.maker,
        "device": name.device or told.device,
        "officer": name.officer or told.officer,
        "pattern": name.pattern,
        "number": name.number,
    }
    return Private(segment, facts)


def _track(track: Track) -> dict[str, Json]:
    return {field: getattr(track, field) for field in Track.__slots__}


def _sealed_index(segment: str, ledger: Ledger) -> int:
    """Return the index of the entry that sealed ``segment``, by following ``about`` back."""
    index = ledger.last(segment)
    for _ in range(WALK_LIMIT):
        if index is None:
            break
        entry = ledger.entry(index)
        if entry.type == "segment.sealed":
            return entry.seq
        sealed = entry.body.get("sealed")
        if entry.type == "segment.seen" and isinstance(sealed, int):
            return sealed
        index = entry.about[segment]
    raise MalformedError("segment_never_sealed", segment=segment)

"""Stage 4: the entry that makes a file a segment in custody."""

from datetime import timedelta

from evidence.codec import format_time
from evidence.entry import Draft, Private
from evidence.errors import ConflictError, CustodyError
from evidence.findings import Finding, Noted
from evidence.json import Json, JsonObject
from evidence.media import Media, Track
from evidence.states import Inventory, Listed, Sealed, Stored
from ingest.claims import claim_of
from ingest.fate import Fate, fate_of
from ingest.identify import claim_findings
from ingest.tools import ACTOR, Rules, Tools

ATTEMPTS = 10  # while others write about the same segment (a copied card in many slots)


def seal(stored: Stored, inventory: Inventory, tools: Tools) -> Sealed:
    """Return once this sighting is in the ledger, under a durable checkpoint.

    The first sighting of a segment is ``segment.sealed``, also the first after its disposal; every
    further one ``segment.seen``.  What was seen is expected: two slots that bring the same bytes at
    once, or the keeper who disposes of them, cannot pass each other.
    Raises ``CustodyError``: ``disposal_under_way``, ``segment_contended``.
    """
    segment = f"s:{stored.received.sha256}"
    for _ in range(ATTEMPTS):
        fate = fate_of(segment, tools.ledger, tools.objects)
        noted = _noted(stored, inventory, tools.rules, fate)
        draft = _draft(segment, stored, inventory, noted, fate)
        try:
            index = tools.ledger.append([draft]).indexes[0]
        except ConflictError:
            continue  # somebody was faster: look again
        sealed = index if fate.sealed is None else fate.sealed
        return Sealed(stored, index, sealed, noted)
    raise CustodyError("segment_contended", segment=segment)


def _draft(
    segment: str, stored: Stored, inventory: Inventory, noted: tuple[Noted, ...], fate: Fate
) -> Draft:
    if fate.sealed is None:
        return _sealed_draft(segment, stored, inventory, noted, fate)
    return _seen_draft(segment, stored, inventory, noted, fate)


def _noted(stored: Stored, inventory: Inventory, rules: Rules, fate: Fate) -> tuple[Noted, ...]:
    listed, media = stored.received.listed, stored.media
    claims = claim_findings(listed.file, listed.name, inventory.taken_at, rules)
    claim = claim_of(listed, media)
    apart = claim.disagreement_s
    times = (Noted(Finding.TIME_DISAGREES, {"apart_s": apart}),) if apart is not None else ()
    again = fate.disposed
    before = (Noted(Finding.DISPOSED_BEFORE, {"disposed": again}),) if again is not None else ()
    return (*claims, *times, *stored.received.noted, *media.noted, *before)


def _sealed_draft(
    segment: str, stored: Stored, inventory: Inventory, noted: tuple[Noted, ...], fate: Fate
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
        expect={segment: fate.last},
        private=named(segment, listed, inventory),
    )


def _seen_draft(
    segment: str,
    stored: Stored,
    inventory: Inventory,
    noted: tuple[Noted, ...],
    fate: Fate,
) -> Draft:
    listed = stored.received.listed
    body: JsonObject = {
        "sealed": fate.sealed,
        "sighting": sighting_of(listed, stored.media, inventory),
        "noted": [each.json() for each in noted],
        "read": "whole",
        "blocks": None,
    }
    return Draft(
        "segment.seen",
        ACTOR,
        about(segment, inventory),
        body,
        expect={segment: fate.last},
        private=named(segment, listed, inventory),
    )


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

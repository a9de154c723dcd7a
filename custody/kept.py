"""All that the ledger says of one segment that decides how long it is kept: from its own entries.

Its own chain is short; of long chains (a recorder's dockings, a case's labels, a bureau's people)
only what was folded before is asked: ``Shelf``, and ``Past``, made once for a run over many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.asked import Asked, Granted, asked_of, granted_of
from custody.caught import DOUBT, Place, When, holds_on, place_of
from custody.fields import (
    boolean,
    integer,
    mapping,
    noted,
    optional_moment,
    optional_text,
    text,
)
from custody.gaps import Gap, gaps_beside
from custody.past import Past
from custody.raised import ACKNOWLEDGED, cleared_by
from custody.tenure import SIGHTINGS
from evidence.entry import Entry
from evidence.errors import CustodyError, UnknownSegmentError
from evidence.findings import Finding
from evidence.keeping import Hold, Shelf

# What makes a claimed time one that tells nothing, where no measured offset corrects it.
CLOCKS = frozenset({Finding.CLOCK_RESET, Finding.FROM_THE_FUTURE, Finding.TIME_DISAGREES})
AHEAD = timedelta(hours=1)  # a corrected time so long after the sealing is none
LASTS_LIMIT = timedelta(days=7)  # no recording of ours is longer
ENDED = "segment.disposed"  # what was sealed again later begins anew
DISPOSAL_ENDS = frozenset({"disposal.undone", "disposal.done"})
TOLD_OTHERWISE = frozenset({"state_secret"})  # by the label itself


@dataclass(frozen=True, slots=True)
class Sighted:
    """One sighting.  ``recorded``: the corrected time, or None: it counts from ``at``."""

    entry: int
    at: datetime  # sealed, or seen again
    recorded: datetime | None
    important: bool  # the officer's mark
    odd: bool  # its clock was out of all order
    conflict: int | None  # entry in which its docking names two recorders, until somebody decides


@dataclass(frozen=True, slots=True)
class Said:
    """One label; each corrects the one before it."""

    entry: int
    at: datetime
    by: str
    complete: bool
    secret: bool
    items: str | None  # name of the list of items
    item: str | None
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stands:
    """An entry that stands in the way until another one ends it."""

    entry: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """One segment in custody; every tuple is newest first but ``holds``, which is oldest first."""

    segment: str
    size: int  # bytes
    sealed: int  # entry of its first sighting
    sightings: tuple[Sighted, ...]
    labels: tuple[Said, ...]
    gaps: tuple[Gap, ...]
    requests: tuple[Asked, ...]
    grants: tuple[Granted, ...]
    holds: tuple[Hold, ...]
    alarm: Stands | None  # the vault gave other bytes than the sealed ones
    disposal: Stands | None  # it stands in a disposal under way


def facts_of(past: Past, segment: str, shelf: Shelf) -> Kept:
    """Return what the ledger says of ``segment``; ``shelf`` is that of the same moment.

    Raises ``UnknownSegmentError`` for one that was never in custody, ``CustodyError``
    (``segment_disposed``) where its bytes are gone, and ``MalformedError`` for entries that no
    writer of ours makes.
    """
    entries = _life(past, segment)
    found = [each for each in entries if each.type in SIGHTINGS]
    labels = [each for each in entries if each.type == "segment.labelled"]
    resolved = [each for each in entries if each.type == "holder.resolved"]
    sightings = [_sighted(past, each, resolved) for each in found]
    places = _places(past, list(zip(found, sightings, strict=True)), resolved)
    return Kept(
        segment=segment,
        size=integer(found[-1].body, "size"),
        sealed=found[-1].seq,
        sightings=tuple(sightings),
        labels=tuple(map(_said, labels)),
        gaps=gaps_beside(segment, entries),
        requests=asked_of(past, entries),
        grants=granted_of(past, entries),
        holds=holds_on(shelf, segment, places, labels),
        alarm=unverified(past, entries),
        disposal=_disposal(past, entries),
    )


def unverified(past: Past, entries: Sequence[Entry]) -> Stands | None:
    """Return the alarm about the bytes of a segment that stands, out of the entries about it.

    The newest one: until they were read whole and compared, or an auditor answered it after an
    audit that found every byte as it was sealed.
    """
    answers = [each for each in entries if each.type == ACKNOWLEDGED]
    cleared = {cleared_by(past.ledger, each) for each in answers}
    alarm = _alarm(entries)
    return None if alarm is None or alarm.entry in cleared else alarm


def _life(past: Past, segment: str) -> list[Entry]:
    """Return the entries about a segment since it came into custody, newest first."""
    entries: list[Entry] = []
    for entry in past.chain(segment):
        if entry.type == ENDED:
            if not _is_sighted(entries):
                raise CustodyError("segment_disposed", segment=segment, entry=entry.seq)
            return entries
        entries.append(entry)
    if not _is_sighted(entries):
        raise UnknownSegmentError("segment_unknown", segment=segment)
    return entries


def _is_sighted(entries: Sequence[Entry]) -> bool:
    return any(each.type in SIGHTINGS for each in entries)


def _sighted(past: Past, sighting: Entry, resolved: Sequence[Entry]) -> Sighted:
    seen = mapping(sighting.body, "sighting")
    recorded = optional_moment(seen, "corrected_at")
    docked = past.docked(text(seen, "docking"), integer(seen, "inventory"))
    decided = any(integer(each.body, "sighting") == sighting.seq for each in resolved)
    if recorded is None:
        odd = docked.ahead or not CLOCKS.isdisjoint(noted(sighting.body))
    else:
        odd = recorded > sighting.at + AHEAD
    return Sighted(
        sighting.seq,
        sighting.at,
        recorded,
        boolean(seen, "important"),
        odd,
        None if decided else docked.conflict,
    )


def _places(
    past: Past,
    sightings: Sequence[tuple[Entry, Sighted]],
    resolved: Sequence[Entry],
) -> list[Place]:
    lasted = _lasted(sightings[-1][0])
    return [
        place_of(past, entry, _when(entry, sighted, lasted), resolved)
        for entry, sighted in sightings
    ]


def _when(sighting: Entry, sighted: Sighted, lasted: timedelta) -> When:
    claimed = optional_moment(mapping(sighting.body, "sighting"), "claimed_at")
    at = sighted.recorded or claimed
    if at is None or sighted.odd:
        return When(at or sighting.at, sighting.at, sighting.at, sighting.at, known=False)
    doubt = timedelta() if sighted.recorded else DOUBT
    return When(at, at - doubt, at + lasted + doubt, sighting.at, known=True)


def _lasted(sealed: Entry) -> timedelta:
    """Return how long the recording lasts; a file says it, so it is bounded."""
    if sealed.body.get("duration_ms") is None:
        return timedelta()
    return min(timedelta(milliseconds=integer(sealed.body, "duration_ms")), LASTS_LIMIT)


def _said(label: Entry) -> Said:
    body = label.body
    items = None if body.get("items") is None else text(mapping(body, "items"), "name")
    return Said(
        label.seq,
        label.at,
        label.actor,
        boolean(body, "complete"),
        text(body, "sensitivity") == "state_secret",
        items,
        optional_text(body, "item"),
        tuple(each for each in label.about if each.startswith("c:")),
    )


def _alarm(entries: Sequence[Entry]) -> Stands | None:
    """Return the newest alarm about its bytes, unless they were read whole and compared since."""
    told = (each for each in entries if _is_alarm(each) or _is_whole(each))
    newest = next(told, None)
    return Stands(newest.seq, newest.at) if newest and _is_alarm(newest) else None


def _is_alarm(entry: Entry) -> bool:
    return entry.type == "alarm.raised" and entry.body.get("alarm") not in TOLD_OTHERWISE


def _is_whole(entry: Entry) -> bool:
    return entry.type == "segment.seen" and entry.body.get("read") == "whole"


def _disposal(past: Past, entries: Sequence[Entry]) -> Stands | None:
    """Return the newest proposal to dispose of it that has come to no end yet."""
    for entry in entries:
        if entry.type == "segment.spared":
            return None
        if entry.type == "disposal.proposed":
            last = past.ledger.last(text(entry.body, "disposal"))
            over = last is not None and past.ledger.entry(last).type in DISPOSAL_ENDS
            return None if over else Stands(entry.seq, entry.at)
    return None

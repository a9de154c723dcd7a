"""Which footage of a unit's week is in custody: whose it was, when recorded, when docked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from custody.fields import boolean, integer, mapping, noted, optional_moment, text
from custody.gaps import gaps_beside
from custody.isoweeks import shift_end
from custody.kept import CLOCKS, unverified
from custody.past import Past
from custody.tenure import Stay, recorded_at, segment_of
from evidence.entry import Entry
from evidence.people import ORGANISATION
from evidence.weeks import Brought, Hours, Late

GONE = "segment.disposed"


@dataclass(frozen=True, slots=True)
class Span:
    """What belongs to a week: these units, from ``since`` until ``until`` (not included)."""

    units: frozenset[str]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose a sighting is.  ``came``: the entry by which that stands; ``out``: its handover."""

    person: str | None
    unit: str
    came: int
    out: Stay | None


def brought_in(
    past: Past, sightings: Iterable[Entry], span: Span, hours: Hours
) -> tuple[Brought, ...]:
    """Return each segment of the week once, as it came first, in the order of the ledger."""
    rows = (_row(past, entry, span, hours) for entry in sightings if _within(past, entry, span))
    found: dict[str, Brought] = {}
    for row in sorted((row for row in rows if row), key=lambda row: (row.came, row.entry)):
        found.setdefault(row.segment, row)
    return tuple(found.values())


def late_ones(brought: Iterable[Brought]) -> tuple[Late, ...]:
    """Return the dockings that came after the end of the shift, in the order of the ledger."""
    found: dict[str, list[Brought]] = {}
    for row in brought:
        if row.late:
            found.setdefault(row.docking, []).append(row)
    return tuple(
        Late(
            docking,
            rows[0].recorder,
            rows[0].person,
            len(rows),
            min(each.due for each in rows),
            rows[0].docked,
        )
        for docking, rows in found.items()
    )


def recorded_in(past: Past, sighting: Entry) -> datetime:
    """Return when a sighting was recorded, by the best that is known; never after its sealing.

    Where its clock tells nothing, it counts from the sealing: so it is in one week, and in one
    that somebody looks at.
    """
    seen = mapping(sighting.body, "sighting")
    corrected = optional_moment(seen, "corrected_at")
    if corrected is not None:
        return min(corrected, sighting.at)
    claimed = optional_moment(seen, "claimed_at")
    docked = past.docked(text(seen, "docking"), integer(seen, "inventory"))
    if claimed is None or docked.ahead or not CLOCKS.isdisjoint(noted(sighting.body)):
        return sighting.at
    return min(claimed, sighting.at)


def _within(past: Past, sighting: Entry, span: Span) -> bool:
    return span.since <= recorded_in(past, sighting) < span.until


def _row(past: Past, sighting: Entry, span: Span, hours: Hours) -> Brought | None:
    """Return a sighting as a row of the week; None where it is another unit's."""
    recorder = next((each for each in sighting.about if each.startswith("r:")), None)
    segment = segment_of(sighting)
    entries = tuple(past.chain(segment))
    whose = _whose(past, sighting, recorder, entries)
    if whose.unit not in span.units:
        return None
    recorded, seen = recorded_in(past, sighting), mapping(sighting.body, "sighting")
    life = tuple(takewhile(lambda entry: entry.type != GONE, entries))
    return Brought(
        segment=segment,
        docking=text(seen, "docking"),
        entry=sighting.seq,
        came=whose.came,
        recorder=recorder,
        person=whose.person,
        size=_size(entries),
        recorded=recorded,
        docked=past.docked(text(seen, "docking"), integer(seen, "inventory")).at,
        due=shift_end(recorded, whose.out, hours),
        labelled=not life or _is_labelled(life),
        gaps=_open_gaps(segment, life),
        verified=unverified(past, life) is None,
    )


def _whose(past: Past, sighting: Entry, recorder: str | None, entries: Sequence[Entry]) -> _Whose:
    """Return whose it is: as a person has said since, else by the tenure (``owner_of``)."""
    moment = recorded_at(sighting)
    stays = past.tenure(recorder).stays(moment) if recorder else ()
    out = next((each for each in stays if each.due is not None), None)
    for entry in entries:
        if entry.type == "holder.resolved" and entry.body.get("sighting") == sighting.seq:
            unit = text(entry.body, "unit")
            return _Whose(text(entry.body, "person"), unit, entry.seq, out)
    if recorder is None:
        return _Whose(None, ORGANISATION, sighting.seq, None)
    holder = past.tenure(recorder).holder(moment)
    told = (each.entry if each.corrected is None else each.corrected for each in stays)
    came = max((sighting.seq, *told))
    return _Whose(holder.person, holder.unit or ORGANISATION, came, out)


def _size(entries: Sequence[Entry]) -> int:
    sealed = next(each for each in entries if each.type == "segment.sealed")
    return integer(sealed.body, "size")


def _is_labelled(life: Sequence[Entry]) -> bool:
    label = next((each for each in life if each.type == "segment.labelled"), None)
    return label is not None and boolean(label.body, "complete")


def _open_gaps(segment: str, life: Sequence[Entry]) -> tuple[tuple[int, int], ...]:
    beside = gaps_beside(segment, life)
    return tuple((each.seams, each.seam) for each in beside if each.state != "accepted")

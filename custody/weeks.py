"""A unit's week is looked at, and closed (article 16): every part of it decided from the ledger.

Only the chains of the unit's own recorders are read, back to the week's beginning, and the short
chains of its segments; so it costs the same however large the ledger is.  Of the topmost unit also
the dockings of recorders that are nobody's, straight from the tree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from custody.astray import (
    Asked,
    asked_about,
    dockings_missing,
    is_out,
    recorder_missing,
    was_theirs,
)
from custody.brought import Span, brought_in, late_ones
from custody.closings import CLOSED, closing_body, closing_of, closings_of, reopened_by
from custody.desk import Desk
from custody.facts import over_unit, standing_of
from custody.isoweeks import span_of
from custody.keeping import begin_keeping
from custody.kits import Kit, kit_of, strays, units_of
from custody.organising import known_unit
from custody.past import Past
from custody.permission import refusals
from custody.refused import refuse_on_record
from custody.register import OPEN, read_register, register_at
from custody.tree import checkpoint_of
from custody.visits import Begun, Visit, set_back_in, visit_of, visits_of
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.errors import CustodyError
from evidence.people import ORGANISATION, Actor, Register
from evidence.ports import Ledger, Tiles
from evidence.weeks import Closing, Hours, IsoWeek, Missing, Week


def week_of(desk: Desk, unit: str, week: IsoWeek, hours: Hours) -> Week:
    """Return a unit's week as the ledger tells it under its newest checkpoint.

    Who may know is asked by ``check_seer``.  Raises ``UsageError`` (``unit_unknown``).
    """
    return next(weeks_of(desk, unit, (week,), hours))


def weeks_of(desk: Desk, unit: str, weeks: Sequence[IsoWeek], hours: Hours) -> Iterator[Week]:
    """Yield several weeks of a unit in the order given; what they share is read once."""
    known_unit(read_register(desk.ledger), unit)
    checkpoint = checkpoint_of(desk.tiles)
    earliest = min(span_of(each, hours.zone)[0] for each in weeks)
    past = Past(desk.ledger, checkpoint.size)
    reading = _Reading(
        past, desk.tiles, Begun(earliest, set_back_in(past)), _whole(desk.clock.now())
    )
    for each in weeks:
        yield _judge(reading, unit, each, hours, checkpoint.root.hex())


def week_then(desk: Desk, unit: str, week: IsoWeek, zone: tzinfo, closing: Closing) -> Week:
    """Return a unit's week as it stood for one of its closings, counted again from the ledger."""
    return then_of(Then(desk.ledger, desk.tiles), unit, week, zone, closing)


@dataclass(frozen=True, slots=True)
class Then:
    """What a closing is counted again from.  ``newest``: entries about recorders to begin with."""

    ledger: Ledger
    tiles: Tiles
    newest: Mapping[str, int] = field(default_factory=dict)


def then_of(then: Then, unit: str, week: IsoWeek, zone: tzinfo, closing: Closing) -> Week:
    """Return what ``week_then`` does, for who has no desk."""
    hours = Hours(zone, closing.late_after)
    since, _ = span_of(week, zone)
    past = Past(then.ledger, closing.size)
    begun = Begun(since, set_back_in(past))
    reading = _Reading(past, then.tiles, begun, closing.counted_at, then.newest)
    found = _judge(reading, unit, week, hours, closing.root)
    upto = tuple(each for each in found.closings if each.entry <= closing.entry)
    return replace(found, closings=upto, reopened=None)


def check_seer(desk: Desk, actor: Actor, unit: str) -> None:
    """Return where ``actor`` may see the weeks of a unit; else ``RefusedError``, on record."""
    standing = standing_of(desk, actor)
    known_unit(standing.register, unit)
    found = refusals("see_week", over_unit(standing, unit))
    if found:
        refuse_on_record(desk, actor, "see_week", found, (unit,))


def close_week(desk: Desk, actor: Actor, unit: str, week: IsoWeek, hours: Hours) -> Week:
    """Close a unit's week as it stands; return it with its new closing.

    What is missing does not keep it open: it is named.  Raises ``RefusedError`` after an entry of
    its own; ``CustodyError``: ``week_running`` before its end, ``week_closed`` where nothing came
    since it was closed (so a retry closes nothing twice); ``ConflictError`` where somebody wrote
    about the keeping meanwhile.  What is docked while it is written reopens it: it counts what
    stands under the checkpoint that it names.
    """
    keeper = begin_keeping(desk, actor)
    known_unit(keeper.standing.register, unit)
    keeper.allow("close_week", over_unit(keeper.standing, unit), (unit,))
    found = week_of(desk, unit, week, hours)
    if not found.over:
        raise CustodyError("week_running", week=str(week), until=format_time(found.until))
    if found.state == "closed":
        raise CustodyError("week_closed", week=str(week), entry=found.closings[-1].entry)
    entry = keeper.write(CLOSED, (unit,), closing_body(found, hours))
    closing = closing_of(desk.ledger.entry(entry))
    return replace(found, closings=(*found.closings, closing), reopened=None)


@dataclass(slots=True)
class _Reading:
    """One look at the ledger for several weeks; ``begun``: since the earliest of them."""

    past: Past
    tiles: Tiles
    begun: Begun
    at: datetime
    newest: Mapping[str, int] = field(default_factory=dict)
    kits: dict[tuple[str, ...], Kit] = field(default_factory=dict)
    visits: dict[str, tuple[Visit, ...]] = field(default_factory=dict)

    def register(self, moment: datetime) -> Register:
        """Return the organisation as it was at ``moment``; before its beginning, as it is known."""
        known = list(self.past.chain(ORGANISATION))
        newest = known[0].seq if known else OPEN
        then = next((each.seq for each in known if each.at < moment), newest)
        return register_at(self.past.ledger, then)

    def kit(self, units: tuple[str, ...]) -> Kit:
        if units not in self.kits:
            self.kits[units] = kit_of(self.past, units)
        return self.kits[units]

    def visited(self, recorder: str, since: datetime) -> tuple[Visit, ...]:
        """Return the dockings of a recorder of which something was written since, newest first."""
        if recorder not in self.visits:
            newest = self.newest.get(recorder)
            self.visits[recorder] = visits_of(self.past, recorder, self.begun, newest)
        return tuple(each for each in self.visits[recorder] if each.last >= since)


def _whole(moment: datetime) -> datetime:
    """Return a moment in whole milliseconds, as entries have it: who counts again sees the same."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _judge(reading: _Reading, unit: str, week: IsoWeek, hours: Hours, root: str) -> Week:
    past, (since, until) = reading.past, span_of(week, hours.zone)
    units = units_of(reading.register(until), unit)
    span = Span(frozenset(units), since, until)
    asked = asked_about(span, reading.at, hours)
    kit = reading.kit(units)
    stray = _strays(reading, kit, span)
    sightings = _sightings(reading, kit, stray, since)
    brought = brought_in(past, sightings, span, hours)
    doubtful = [
        Missing("segment", each.segment, "not_verified") for each in brought if not each.verified
    ]
    closings = closings_of(past.ledger, unit, week)
    return Week(
        unit=unit,
        week=week,
        since=since,
        until=until,
        at=reading.at,
        size=past.before or 0,
        root=root,
        units=units,
        brought=brought,
        late=late_ones(brought),
        unlabelled=tuple(each.segment for each in brought if not each.labelled),
        open_gaps=tuple(dict.fromkeys(gap for each in brought for gap in each.gaps)),
        out=tuple(each for each in kit.recorders if is_out(past.tenure(each), asked)),
        missing=(*_missing(reading, kit, stray, asked), *doubtful),
        closings=closings,
        reopened=reopened_by(closings, brought),
    )


def _strays(reading: _Reading, kit: Kit, span: Span) -> tuple[Visit, ...]:
    """Return the dockings of recorders that were never with the units, as they are now."""
    dockings = list(kit.dockings)
    if ORGANISATION in span.units:
        begun = replace(reading.begun, since=span.since)
        dockings += strays(reading.past, reading.tiles, begun, span.until)
    found = (visit_of(reading.past, each) for each in dict.fromkeys(dockings))
    return tuple(each for each in found if each is not None)


def _sightings(
    reading: _Reading, kit: Kit, stray: Sequence[Visit], since: datetime
) -> Iterator[Entry]:
    for recorder in kit.recorders:
        for visit in reading.visited(recorder, since):
            yield from visit.sightings
    for visit in stray:
        yield from visit.sightings


def _missing(
    reading: _Reading, kit: Kit, stray: Sequence[Visit], asked: Asked
) -> tuple[Missing, ...]:
    """Return recorders, then dockings, of which it is not known that all is in custody."""
    since = asked.span.since
    recorders: list[Missing] = []
    dockings: list[Missing] = []
    for recorder in kit.recorders:
        tenure, visits = reading.past.tenure(recorder), reading.visited(recorder, since)
        recorders += recorder_missing(tenure, visits, asked)
        if was_theirs(tenure, asked):
            dockings += dockings_missing(visits)
    for visit in stray:
        dockings += dockings_missing(_same(reading, visit, since))
    return tuple(dict.fromkeys((*recorders, *dockings)))


def _same(reading: _Reading, visit: Visit, since: datetime) -> tuple[Visit, ...]:
    """Return all dockings of the recorder of a stray one; of one without a name, just that."""
    return (visit,) if visit.recorder is None else reading.visited(visit.recorder, since)

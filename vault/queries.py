"""The questions to the catalogue, as SQL.

A page goes on behind the last row of the one before (keyset) and never counts rows again: what is
sealed meanwhile shifts nothing, and page 10,000 costs what page 1 costs.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from evidence.search import SegmentFilter
from vault.fields import milliseconds
from vault.label_queries import candidates, labelled
from vault.tables import (
    certificates,
    docking_private,
    dockings,
    endings,
    erasures,
    event_subjects,
    events,
    findings,
    identities,
    inventories,
    inventory_private,
    seams,
    segments,
    sighting_findings,
    sighting_private,
    sightings,
)

Key: TypeAlias = tuple[int, int]  # of the last row of a page, in the columns of its order
Condition: TypeAlias = ColumnElement[bool]
Query: TypeAlias = Select[*tuple[Any, ...]]

BESIDE_A_DOCKING = (docking_private, identities, inventories, certificates, erasures, endings)


def segment_page(
    wanted: SegmentFilter, after: Key | None, limit: int, *, led: bool = False
) -> Query:
    """Return segments, each once: with the newest sighting that matches, newest first.

    ``led``: by few labels, which are sorted.

    Columns of the segment are called ``segment_…``, those of the sighting by their names.
    """
    sighting, newer = sightings.alias("sighting"), sightings.alias("newer")
    order, leading = _leading(wanted, sighting)
    place: tuple[ColumnElement[int], ColumnElement[int]] = (order.c.at, order.c.entry)
    if led:  # no index by time may take the lead
        leading = [sighting.c.segment.in_(candidates(wanted))]
        order, place = sighting, (_plain(sighting.c.at), _plain(sighting.c.entry))
    query = (
        _segment_lines(sighting)
        .where(segments.c.entry == sighting.c.segment, *leading, *_matching(wanted, sighting))
        .where(*_between(wanted, place[0]), *labelled(wanted))
    )
    if after is not None:
        query = query.where(tuple_(*place) < tuple_(*map(literal, after)))
    again = select(literal(1)).where(
        newer.c.segment == sighting.c.segment,
        tuple_(newer.c.at, newer.c.entry) > tuple_(sighting.c.at, sighting.c.entry),
        *_matching(wanted, newer),
        *_between(wanted, newer.c.at),
    )
    # Last, because it costs most: SQLite asks in the order in which it is written.
    query = query.where(~exists(again))
    return query.order_by(*(column.desc() for column in place)).limit(limit)


def first_sightings(sha256: str) -> Query:
    """Return the segment of this digest with the sighting that it was sealed with."""
    return _segment_lines(sightings).where(
        segments.c.sha256 == sha256, sightings.c.entry == segments.c.entry
    )


def digests_from(prefix: str, limit: int) -> Query:
    """Return the digests that begin with ``prefix``, in their order."""
    digest = segments.c.sha256
    beyond = f"{prefix}g"  # behind every hexadecimal digit
    return (
        select(digest)
        .where(digest >= prefix, digest < beyond)
        .distinct()
        .order_by(digest)
        .limit(limit)
    )


def sightings_of(segment: int, limit: int) -> Query:
    """Return the sightings of a segment in the order of the ledger."""
    query = select(sightings).where(sightings.c.segment == segment)
    return query.order_by(sightings.c.entry).limit(limit)


def names_of(entries: Sequence[int]) -> Query:
    """Return the private rows of sightings."""
    return select(sighting_private).where(sighting_private.c.entry.in_(entries))


def codes_of(segment_entries: Sequence[int]) -> Query:
    """Return (segment, finding) of segments, each once."""
    columns = (findings.c.segment, findings.c.finding)
    query = select(*columns).where(findings.c.segment.in_(segment_entries))
    return query.distinct().order_by(*columns)


def finding_page(conditions: Sequence[Condition], after: Key | None, limit: int) -> Query:
    """Return findings, the newest entry first, each entry's in its order."""
    return _listed(findings, conditions, after, limit)


def seam_page(conditions: Sequence[Condition], after: Key | None, limit: int) -> Query:
    """Return seams, the newest entry first, each entry's in its order."""
    return _listed(seams, conditions, after, limit)


def finding_conditions(
    docking: str | None = None, segment: int | None = None, finding: str | None = None
) -> list[Condition]:
    """Return what is asked of findings; None asks for nothing."""
    asked = {"docking": docking, "segment": segment, "finding": finding}
    return [findings.c[name] == value for name, value in asked.items() if value is not None]


def seam_conditions(
    docking: str | None = None, segment: str | None = None, kinds: Sequence[str] = ()
) -> list[Condition]:
    """Return what is asked of seams; None and () ask for nothing."""
    conditions: list[Condition] = []
    if docking is not None:
        conditions.append(seams.c.docking == docking)
    if segment is not None:
        # A seam is about both its segments, so the entries about the segment lead to it, and the
        # two columns need no indexes of their own.
        about = select(event_subjects.c.entry).where(event_subjects.c.subject == segment)
        conditions.append(seams.c.entry.in_(about))
        conditions.append(or_(seams.c.before == segment, seams.c.after == segment))
    if kinds:
        conditions.append(seams.c.kind.in_(kinds))
    return conditions


def docking_page(asked: Sequence[tuple[str, str | None]], after: Key | None, limit: int) -> Query:
    """Return dockings, newest first; ``asked`` are (column, value), None asks for nothing."""
    query = select(dockings).where(
        *(dockings.c[name] == value for name, value in asked if value is not None)
    )
    if after is not None:
        query = query.where(dockings.c.entry < after[0])
    return query.order_by(dockings.c.entry.desc()).limit(limit)


def of_dockings(table: Table, names: Sequence[str]) -> Query:
    """Return the rows of ``table`` of some dockings, in the order of the ledger."""
    return select(table).where(table.c.docking.in_(names)).order_by(table.c.entry)


def line_page(docking: str, after: Key | None, limit: int) -> Query:
    """Return the lines of a docking's inventory, in their order."""
    taken = select(inventories.c.entry).where(inventories.c.docking == docking)
    lines = inventory_private
    query = select(lines).where(lines.c.entry.in_(taken))
    if after is not None:
        query = query.where(tuple_(lines.c.entry, lines.c.n) > tuple_(*map(literal, after)))
    return query.order_by(lines.c.entry, lines.c.n).limit(limit)


def event_page(subject: str, after: Key | None, limit: int) -> Query:
    """Return the entries about a subject, newest first."""
    about = select(event_subjects.c.entry).where(event_subjects.c.subject == subject)
    sighted = select(sightings.c.entry).where(_sighted(subject))
    query = select(events).where(events.c.entry.in_(about.union(sighted)))
    if after is not None:
        query = query.where(events.c.entry < after[0])
    return query.order_by(events.c.entry.desc()).limit(limit)


def _sighted(subject: str) -> Condition:
    """Return which sightings are about the subject: they have no rows in ``event_subjects``."""
    kind, _, name = subject.partition(":")
    if kind == "s":
        sealed = select(segments.c.entry).where(segments.c.sha256 == name)
        return sightings.c.segment.in_(sealed)
    columns = {"d": sightings.c.docking, "r": sightings.c.recorder}
    return columns[kind] == subject if kind in columns else false()


def _segment_lines(sighting: FromClause) -> Query:
    columns = [column.label(f"segment_{column.name}") for column in segments.c]
    return select(*columns, *(column for column in sighting.c if column.name != "segment"))


def _leading(wanted: SegmentFilter, sighting: FromClause) -> tuple[FromClause, list[Condition]]:
    """Return the table whose index leads through the list in its order, and its conditions.

    One filter leads, the one that leaves fewest rows where custody is large; left to itself, a
    database that knows nothing of its rows might walk through half a million.
    """
    lead: FromClause = sighting
    if wanted.docking is None and wanted.officer is not None:
        lead = sighting_private.alias("lead")
        return lead, [lead.c.entry == sighting.c.entry, lead.c.officer == wanted.officer]
    if wanted.docking is None and wanted.finding is not None:
        lead = sighting_findings.alias("lead")
        return lead, [lead.c.entry == sighting.c.entry, lead.c.finding == wanted.finding]
    told = _told(wanted, ("docking", "recorder", "important", "slot", "kind"))
    return lead, [_is(sighting.c[name], value) for name, value in told[:1]]


def _matching(wanted: SegmentFilter, sighting: FromClause) -> list[Condition]:
    """Return all that is asked of a sighting but its time, in words that no index understands."""
    told = _told(wanted, ("docking", "recorder", "important", "slot", "kind"))
    conditions = [_is(_plain(sighting.c[name]), value) for name, value in told]
    if wanted.officer is not None:
        row = sighting_private.c
        officer = select(row.officer).where(row.entry == sighting.c.entry).scalar_subquery()
        conditions.append(officer == wanted.officer)
    if wanted.finding is not None:
        noted = sighting_findings.c
        same = (noted.entry == sighting.c.entry, noted.finding == wanted.finding)
        conditions.append(exists(select(literal(1)).where(*same)))
    return conditions


def _told(wanted: SegmentFilter, names: Sequence[str]) -> list[tuple[str, str | bool]]:
    asked = ((name, getattr(wanted, name)) for name in names)
    return [(name, value) for name, value in asked if value not in {None, False}]


def _is(column: ColumnElement[Any], value: str | bool) -> Condition:  # noqa: FBT001 - any value
    # A truth value stands for itself: the partial index of what is marked knows no other words.
    return column if value is True else column == value


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the value of a column as an expression, which no index serves."""
    return func.coalesce(column, null())


def _between(wanted: SegmentFilter, at: ColumnElement[int]) -> list[Condition]:
    conditions = []
    if wanted.since is not None:
        conditions.append(at >= milliseconds(wanted.since))
    if wanted.until is not None:
        conditions.append(at < milliseconds(wanted.until))
    return conditions


def _listed(table: Table, conditions: Sequence[Condition], after: Key | None, limit: int) -> Query:
    query = select(table).where(*conditions)
    if after is not None:
        entry, n = after
        behind = or_(table.c.entry < entry, table.c.n > n)
        query = query.where(table.c.entry <= entry, behind)
    return query.order_by(table.c.entry.desc(), table.c.n).limit(limit)

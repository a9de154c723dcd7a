"""Which segments may be over, as SQL: whatever the ledger would let go is among them.

So each condition here says less than the rule of custody that it stands for
(``custody/retention.py``): it holds only where that rule certainly forbids.  What the catalogue
does not know (who held a recorder, for a window over a unit; whether a copy was verified) is left
to the decision.  SQLite asks in the order in which it is written: what leaves most out comes first.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from evidence.candidates import Bound, Wanted
from evidence.findings import Finding
from evidence.keeping import PROPOSES, Code
from vault.desk_tables import gap_answers, gap_explanations, label_people, labels, requests
from vault.fields import milliseconds
from vault.keep_tables import (
    case_days,
    disposals,
    hold_answers,
    hold_segments,
    hold_steps,
    holds,
)
from vault.tables import (
    GAPS,
    event_subjects,
    events,
    findings,
    identities,
    inventories,
    left_behind,
    seams,
    segments,
    sighting_findings,
    sightings,
)

Condition: TypeAlias = ColumnElement[bool]
Query: TypeAlias = Select[*tuple[Any, ...]]

# As custody/kept.py: what such a clock claims tells nothing, nor a corrected time so far ahead.
CLOCKS = (Finding.CLOCK_RESET, Finding.FROM_THE_FUTURE, Finding.TIME_DISAGREES)
AHEAD_MS = 3_600_000
_SUBJECT = literal("s:") + segments.c.sha256
# In the very words of the index: as a truth value it would be compared with 1.
_IS_GAP: Condition = literal_column(f"seam.{GAPS}")

_label, _seen, _hold = labels.alias("label"), sightings.alias("seen"), holds.alias("hold")
_about, _asked, _listed = (
    event_subjects.alias("about"), requests.alias("asked"), disposals.alias("listed")
)  # fmt: skip
_seam, _found = seams.alias("seam"), findings.alias("found")
_ROWS = (segments, _label, _seen, _hold, _about, _asked, _listed, _seam, _found)


def candidate_page(wanted: Wanted, after: int, limit: int) -> Query:
    """Return ``entry`` and ``sha256`` of segments behind entry ``after``, the oldest first."""
    query = _segments(segments.c.entry, segments.c.sha256).where(segments.c.entry > after)
    query = query.where(*_over(wanted))
    if not wanted.blocked:
        query = query.where(*(~each for each in blockers(wanted.now).values()))
    return query.where(~_sealed_again()).order_by(segments.c.entry).limit(limit)


def blocked_sums(now: datetime) -> Query:
    """Return one row: of each reason, how many segments and bytes (``<code>_count``, …_bytes)."""
    columns: list[ColumnElement[int]] = []
    for code, condition in blockers(now).items():
        so = cast(condition, Integer)
        columns.append(func.coalesce(func.sum(so), 0).label(f"{code}_count"))
        columns.append(func.coalesce(func.sum(so * segments.c.size), 0).label(f"{code}_bytes"))
    return _segments(*columns)


def blockers(now: datetime) -> Mapping[Code, Condition]:
    """Return what certainly forbids to destroy a segment at ``now``, by its reason."""
    return {
        "unlabelled": or_(_label.c.entry.is_(None), ~_label.c.complete),
        "state_secret": func.coalesce(_label.c.sensitivity, "") == "state_secret",
        "held": or_(_held_by_name(), _held_by_case(), _held_by_window()),
        "mark": _seen_so(_seen.c.important, ~_answered(_seen.c.entry)),
        "clock": _seen_so(_is_odd(), ~_answered(_seen.c.entry)),
        "quarantine": and_(_seen_so(_in_conflict(), ~_answered(_seen.c.entry)), ~_resolved()),
        "open_gap": _open_gap(),
        "proposed": _asked_so(_asked.c.purpose.in_(PROPOSES), ~_answered(_asked.c.entry)),
        "open_request": _asked_so(_asked.c.until > milliseconds(now), ~_answered_to()),
        "disposing": _disposing(),
    }


def _segments(*columns: ColumnElement[Any]) -> Query:
    """Return a query of all segments, each beside the label that holds, or nulls."""
    newest = select(func.max(labels.c.entry)).where(labels.c.sha256 == segments.c.sha256)
    holds_now = _label.c.entry == newest.correlate(segments).scalar_subquery()
    return select(*columns).select_from(segments.outerjoin(_label, holds_now))


def _there(*conditions: Condition) -> Condition:
    return exists(select(literal(1)).where(*conditions).correlate(*_ROWS))


# --- time ---------------------------------------------------------------------------------------


def _over(wanted: Wanted) -> Iterator[Condition]:
    """Yield that no bound keeps a segment; first that of every label."""
    for bound in sorted(wanted.bounds, key=lambda each: len(each.items)):
        yield ~_keeps(bound)
        if bound.since and not (bound.items or bound.before or bound.case):
            # It counts from the last time that it was found on a recorder.
            came = events.c.at >= milliseconds(bound.since.moment)
            yield ~_seen_so(events.c.entry == _seen.c.entry, came)


def _keeps(bound: Bound) -> Condition:
    """Return that a bound keeps a segment: never null, for a null would hide it."""
    conditions: list[Condition] = []
    if bound.since and not bound.case:
        conditions.append(segments.c.sealed_at >= milliseconds(bound.since.moment))
    if bound.before is not None:
        conditions.append(segments.c.entry < bound.before)
    if bound.items:
        conditions.append(func.coalesce(_label.c.list, "") == bound.list)
        conditions.append(func.coalesce(_label.c.item, "").in_(bound.items))
    if bound.since and bound.case:
        conditions += (_label.c.case.is_not(None), ~_closed_before(bound.since.day.isoformat()))
    return and_(*conditions)


def _closed_before(day: str) -> Condition:
    newest = (
        select(and_(case_days.c.closed, case_days.c.closed_on < day))
        .where(case_days.c.case == _label.c.case)
        .order_by(case_days.c.entry.desc())
        .limit(1)
    )
    return func.coalesce(newest.correlate(_label).scalar_subquery(), false())


def _sealed_again() -> Condition:
    newer = segments.alias("newer")
    return _there(newer.c.sha256 == segments.c.sha256, newer.c.entry > segments.c.entry)


# --- sightings ----------------------------------------------------------------------------------


def _seen_so(*conditions: Condition) -> Condition:
    return _there(_seen.c.segment == segments.c.entry, *conditions)


def _answered(entry: ColumnElement[int]) -> Condition:
    return or_(_there(hold_answers.c.of == entry), _there(holds.c.answers == entry))


def _is_odd() -> Condition:
    ahead = _there(inventories.c.entry == _seen.c.inventory, inventories.c.clock_kind == "at_least")
    noted = _there(
        sighting_findings.c.entry == _seen.c.entry, sighting_findings.c.finding.in_(CLOCKS)
    )
    later = _there(events.c.entry == _seen.c.entry, _seen.c.corrected_at > events.c.at + AHEAD_MS)
    return or_(and_(_seen.c.corrected_at.is_(None), or_(ahead, noted)), later)


def _in_conflict() -> Condition:
    """Return that its docking names two recorders: in the inventory, or after all of its files."""
    told = and_(_found.c.finding == Finding.IDENTITY_CONFLICT, _found.c.docking == _seen.c.docking)
    after = [
        ~_there(each.c.docking == _seen.c.docking, each.c.entry > _found.c.entry)
        for each in (sightings, left_behind, inventories)
    ]
    observed = _there(identities.c.entry == _found.c.entry)
    return _there(told, or_(_found.c.entry == _seen.c.inventory, and_(observed, *after)))


def _resolved() -> Condition:
    """Return that somebody has said of one of its sightings who held the recorder."""
    return _there(
        *_about_it(), events.c.entry == _about.c.entry, events.c.type == "holder.resolved"
    )


# --- holds --------------------------------------------------------------------------------------


def _held_by_name() -> Condition:
    named = and_(
        hold_segments.c.sha256 == segments.c.sha256, _hold.c.entry == hold_segments.c.entry
    )
    return _there(named, ~_released())


def _held_by_case() -> Condition:
    of_case = and_(_hold.c.of == _label.c.case, _hold.c.kind == "case")
    return _there(of_case, ~_released())


def _held_by_window() -> Condition:
    """Return that a window over its recorder, or over somebody whom its label names, catches it."""
    named = and_(label_people.c.entry == _label.c.entry, _hold.c.of == label_people.c.person)
    by_person = _there(named, _hold.c.kind == "window", ~_released(), _seen_so(_in_window()))
    by_recorder = _there(
        _hold.c.of == _seen.c.recorder, _hold.c.kind == "window", _in_window(), ~_released()
    )
    return or_(by_person, _seen_so(by_recorder))


def _in_window() -> Condition:
    """Return that a sighting lies in the window of a hold, whatever its clock is worth."""
    at = func.coalesce(_seen.c.corrected_at, _seen.c.claimed_at)
    sealed = _there(events.c.entry == _seen.c.entry, events.c.at >= _hold.c.since)
    begun = or_(_hold.c.since.is_(None), and_(at >= _hold.c.since, sealed))
    return and_(begun, or_(_hold.c.until.is_(None), at < _hold.c.until))


def _released() -> Condition:
    return _there(hold_steps.c.hold == _hold.c.hold, hold_steps.c.step == "released")


# --- what people have begun and not ended -------------------------------------------------------


def _about_it() -> tuple[Condition, Condition]:
    """Return that an entry is about the segment, since it is in custody."""
    return _about.c.subject == _SUBJECT, _about.c.entry > segments.c.entry


def _open_gap() -> Condition:
    """Return that a recording broke off at it, and nobody has accepted why; that is final."""
    of_gap = and_(
        gap_explanations.c.docking == _seam.c.docking,
        gap_explanations.c.seams == _seam.c.entry,
        gap_explanations.c.seam == _seam.c.n,
    )
    accepted = _there(
        of_gap,
        gap_answers.c.explained == gap_explanations.c.entry,
        gap_answers.c.answer == "accepted",
    )
    sides = [
        _there(side == _SUBJECT, _IS_GAP, _seam.c.entry > segments.c.entry, ~accepted)
        for side in (_seam.c.before, _seam.c.after)
    ]
    return or_(*sides)


def _asked_so(*conditions: Condition) -> Condition:
    return _there(*_about_it(), _asked.c.entry == _about.c.entry, *conditions)


def _answered_to() -> Condition:
    """Return that anything was said of a question since: an answer, or less."""
    later = event_subjects.alias("later")
    return _there(later.c.subject == _asked.c.request, later.c.entry > _asked.c.entry)


def _disposing() -> Condition:
    later, ended = event_subjects.alias("later"), disposals.alias("ended")
    over = _there(ended.c.disposal == _listed.c.disposal, ended.c.step.in_(("undone", "done")))
    newer = _there(
        later.c.subject == _SUBJECT,
        later.c.entry > _listed.c.entry,
        events.c.entry == later.c.entry,
        events.c.type.in_(("segment.spared", "disposal.proposed")),
    )
    listed = and_(_listed.c.entry == _about.c.entry, _listed.c.step == "proposed")
    return _there(*_about_it(), listed, ~over, ~newer)

"""What of a unit's week is not known to be in custody: recorders, and dockings that were cut."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.brought import Span
from custody.calendar import begin_of, local_day
from custody.isoweeks import shift_end
from custody.tenure import Stay, Tenure
from custody.visits import Visit
from evidence.weeks import Because, Hours, Missing

# A docking so long before the end of its time with somebody still counts as after its last use.
LAST_USE = timedelta(hours=12)

_ENDED: Mapping[str, Because] = {"left_behind": "left_behind", "interrupted": "interrupted"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A week as it is asked about at ``at``.  ``until`` is no later than what can be known."""

    span: Span
    until: datetime
    at: datetime
    hours: Hours


def asked_about(span: Span, at: datetime, hours: Hours) -> Asked:
    """Return how far a week can be judged at ``at``: while it runs, up to the last whole day.

    A day is whole once its footage would be late (``Hours.late_after``).
    """
    if at >= span.until:
        return Asked(span, span.until, at, hours)
    whole = begin_of(local_day(at - hours.late_after, hours.zone), hours.zone)
    return Asked(span, max(span.since, whole), at, hours)


def is_out(tenure: Tenure, asked: Asked) -> bool:
    """Return whether a recorder of the units is handed out since the week, or before it."""
    stay = tenure.handover()
    return stay is not None and stay.unit in asked.span.units and stay.since < asked.span.until


def recorder_missing(tenure: Tenure, visits: Sequence[Visit], asked: Asked) -> Iterator[Missing]:
    """Yield why a recorder may still hold footage of the week; nothing where it cannot."""
    stay = tenure.handover()
    if stay is not None and is_out(tenure, asked):
        overdue = asked.at > shift_end(stay.since, stay, asked.hours)
        yield Missing("recorder", tenure.recorder, "not_returned" if overdue else "still_out")
        return
    carried = [each for each in _carried(tenure) if _overlaps(each, asked)]
    docked = max((visit.at for visit in visits if visit.listed), default=None)
    if any(docked is None or docked < _last_use(each, asked) for each in carried):
        because: Because = "not_docked" if docked is None else "not_docked_since"
        yield Missing("recorder", tenure.recorder, because)


def dockings_missing(visits: Sequence[Visit]) -> Iterator[Missing]:
    """Yield the dockings that did not take in all that lay there, and nothing has since.

    A later docking that took in everything has settled those before it; so one that began after
    the week settles the week.  A file that vanished between two dockings is the audit's to find.
    """
    for visit in sorted(visits, key=lambda each: each.at, reverse=True):
        if visit.outcome == "complete":
            return
        yield Missing("docking", visit.docking, _because(visit))


def was_theirs(tenure: Tenure, asked: Asked) -> bool:
    """Return whether the units had a recorder in the week, with somebody or in a pool."""
    stays = (*tenure.bound, *tenure.out)
    return any(each.unit in asked.span.units and _overlaps(each, asked) for each in stays)


def _because(visit: Visit) -> Because:
    if visit.outcome is None:
        return "under_way"
    return _ENDED.get(visit.outcome, "failed")


def _carried(tenure: Tenure) -> Iterator[Stay]:
    yield from tenure.out
    yield from (each for each in tenure.bound if each.person is not None)


def _overlaps(stay: Stay, asked: Asked) -> bool:
    begun = stay.unit in asked.span.units and not stay.void and stay.since < asked.until
    return begun and (stay.until is None or stay.until > asked.span.since)


def _last_use(stay: Stay, asked: Asked) -> datetime:
    """Return from when on a docking shows all that was recorded in a stay and in the week."""
    end = min(stay.until or asked.until, asked.until)
    return max(stay.since, asked.span.since, end - LAST_USE)

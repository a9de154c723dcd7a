"""A unit's weeks as documents (article 16)."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.models import Out
from evidence.weeks import Because, State, What

WeekName = Annotated[str, Field(pattern="^[0-9]{4}-W[0-9]{2}$", examples=["2026-W47"])]


class MissingOut(Out):
    """What is not known to be in custody whole, by its id, and why."""

    what: What
    id: str
    because: Because


class LateOut(Out):
    """A docking that brought some of the week after the end of its shift."""

    docking: str
    recorder: str | None
    person: str | None
    segments: int
    due: datetime
    docked: datetime


class GapPlaceOut(Out):
    """A gap that nobody has settled: the entry of its seams, and its place there."""

    seams: int
    seam: int


class ClosingOut(Out):
    """A closing as its entry has it; ``size`` and ``root``: the checkpoint by which it counted."""

    entry: int
    at: datetime
    by: str
    again: int | None
    segments: int
    bytes: int
    dockings: int
    late: int
    unlabelled: int
    open_gaps: int
    out: int
    missing: list[MissingOut]
    more: int
    size: int
    root: str


class WeekRowOut(Out):
    """A week in numbers.  ``closed``: its newest closing; ``reopened``: what came since."""

    unit: str
    week: str
    since: datetime
    until: datetime
    state: State
    segments: int
    bytes: int
    dockings: int
    late: int
    unlabelled: int
    open_gaps: int
    out: int
    missing: int
    closed: int | None
    reopened: int | None


class WeeksOut(Out):
    """The last weeks of a unit, newest first."""

    weeks: list[WeekRowOut]


class WeekOut(Out):
    """A unit's week, whole, as the ledger tells it under the checkpoint ``size``, ``root``."""

    unit: str
    units: list[str]
    week: str
    since: datetime
    until: datetime
    at: datetime
    size: int
    root: str
    state: State
    segments: int
    bytes: int
    dockings: int
    late: list[LateOut]
    unlabelled: list[str]
    open_gaps: list[GapPlaceOut]
    out: list[str]
    missing: list[MissingOut]
    closings: list[ClosingOut]
    reopened: int | None

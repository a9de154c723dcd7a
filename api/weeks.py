"""Weeks of a unit: what was recorded and lies in custody, what is named instead, and the closing.

Everything is decided from the ledger (``custody/weeks.py``); a late docking opens a week again.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.admin_parts import OfAct
from api.auth import OfSite, Signed
from api.models_admin import NothingIn, UnitId
from api.models_weeks import (
    ClosingOut,
    GapPlaceOut,
    LateOut,
    MissingOut,
    WeekName,
    WeekOut,
    WeekRowOut,
    WeeksOut,
)
from api.site import LANGUAGES, Site
from api.week_sheet import sheet_of
from custody.closings import closings_of
from custody.isoweeks import week_at
from custody.weeks import check_seer, close_week, week_of, week_then, weeks_of
from evidence.errors import CustodyError
from evidence.weeks import Closing, Hours, IsoWeek, Late, Missing, Week, parse_week

router = APIRouter(tags=["weeks"])
WEEKS_LIMIT = 53  # of one list


@router.get("/units/{unit}/weeks")
def listed(
    unit: UnitId,
    who: Signed,
    site: OfSite,
    count: Annotated[int, Query(ge=1, le=WEEKS_LIMIT)] = 8,
) -> WeeksOut:
    """List the last weeks of a unit, newest first, each with what has become of it."""
    check_seer(site.desk, who.actor, unit)
    return WeeksOut(weeks=[row_out(each) for each in last_weeks(site, unit, count)])


@router.get("/units/{unit}/weeks/{week}")
def show(unit: UnitId, week: WeekName, who: Signed, site: OfSite) -> WeekOut:
    """Tell a unit's week: what is in custody, what is late, and what is missing and why."""
    check_seer(site.desk, who.actor, unit)
    return week_out(week_of(site.desk, unit, parse_week(week), hours_of(site)))


@router.post("/units/{unit}/weeks/{week}/closing", status_code=201)
def close(unit: UnitId, week: WeekName, body: NothingIn, act: OfAct) -> WeekOut:
    """Close a unit's week as it stands: what is missing is named, and keeps it from nothing."""

    def do() -> WeekOut:
        hours = hours_of(act.site)
        return week_out(close_week(act.desk, act.actor, unit, parse_week(week), hours))

    return act.once(f"close {unit} {week}", body, WeekOut, do)


@router.get(
    "/units/{unit}/weeks/{week}/sheet",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "A page to print and sign"}},
)
def sheet(unit: UnitId, week: WeekName, who: Signed, site: OfSite) -> Response:
    """Return the sheet of a week as its last closing has it, to save, to print and to sign."""
    check_seer(site.desk, who.actor, unit)
    wanted = parse_week(week)
    closings = closings_of(site.desk.ledger, unit, wanted)
    if not closings:
        raise CustodyError("week_not_closed", week=week)
    found = week_then(site.desk, unit, wanted, site.zone, closings[-1])
    content = sheet_of(site.desk, found, site.zone, [site.words[each] for each in LANGUAGES])
    # Saved, not shown: a page of ours has no styles of its own, and paper needs them.
    headers = {"Content-Disposition": f'attachment; filename="{week}.html"'}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


def hours_of(site: Site) -> Hours:
    """Return how this station counts its weeks."""
    return Hours(site.zone, site.late_after)


def last_weeks(site: Site, unit: str, count: int) -> Iterator[Week]:
    """Yield the week that runs and those before it."""
    running = week_at(site.desk.clock.now(), site.zone)
    return weeks_of(site.desk, unit, list(islice(_backwards(running), count)), hours_of(site))


def _backwards(week: IsoWeek) -> Iterator[IsoWeek]:
    while True:
        yield week
        week = week.before


def row_out(week: Week) -> WeekRowOut:
    """Return a week in numbers."""
    return WeekRowOut(
        unit=week.unit,
        week=str(week.week),
        since=week.since,
        until=week.until,
        state=week.state,
        segments=week.segments,
        bytes=week.bytes,
        dockings=week.dockings,
        late=len(week.late),
        unlabelled=len(week.unlabelled),
        open_gaps=len(week.open_gaps),
        out=len(week.out),
        missing=len(week.missing),
        closed=week.closings[-1].entry if week.closings else None,
        reopened=week.reopened,
    )


def week_out(week: Week) -> WeekOut:
    """Return a week whole."""
    return WeekOut(
        unit=week.unit,
        units=list(week.units),
        week=str(week.week),
        since=week.since,
        until=week.until,
        at=week.at,
        size=week.size,
        root=week.root,
        state=week.state,
        segments=week.segments,
        bytes=week.bytes,
        dockings=week.dockings,
        late=[_late_out(each) for each in week.late],
        unlabelled=list(week.unlabelled),
        open_gaps=[GapPlaceOut(seams=seams, seam=seam) for seams, seam in week.open_gaps],
        out=list(week.out),
        missing=[_missing_out(each) for each in week.missing],
        closings=[_closing_out(each) for each in week.closings],
        reopened=week.reopened,
    )


def _late_out(late: Late) -> LateOut:
    return LateOut(
        docking=late.docking,
        recorder=late.recorder,
        person=late.person,
        segments=late.segments,
        due=late.due,
        docked=late.docked,
    )


def _missing_out(missing: Missing) -> MissingOut:
    return MissingOut(what=missing.what, id=missing.id, because=missing.because)


def _closing_out(closing: Closing) -> ClosingOut:
    return ClosingOut(
        entry=closing.entry,
        at=closing.at,
        by=closing.by,
        again=closing.again,
        segments=closing.segments,
        bytes=closing.bytes,
        dockings=closing.dockings,
        late=closing.late,
        unlabelled=closing.unlabelled,
        open_gaps=closing.open_gaps,
        out=closing.out,
        missing=[_missing_out(each) for each in closing.missing],
        more=closing.more,
        size=closing.size,
        root=closing.root,
    )

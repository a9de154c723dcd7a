"""Pages of what falls due, and of what cannot go and whose task that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import disposing
from api.keep_told import KeptTold
from api.keeping import LOOKED_LIMIT, looking
from api.models_keep import WITHIN_LIMIT_DAYS
from api.visit import Here, Visit
from custody.blocked import Blocked, Place, Sum, blocked_of
from custody.calendar import local_day
from custody.deciding import Decided
from custody.names import unit_name
from evidence.errors import CustodyError
from evidence.keeping import Code

router = APIRouter(include_in_schema=False)
ROWS = 100  # of what falls due; the sums are of everything
WITHIN_DAYS = 30
# Where a person mends what forbids a disposal; the rest only time mends, or a decision elsewhere.
WAYS: Mapping[Code, str] = {
    "unlabelled": "/unlabelled",
    "open_gap": "/gaps",
    "mark": "/holds",
    "proposed": "/holds",
    "held": "/holds",
    "open_request": "/",
    "disposing": "/disposals",
}


@dataclass(frozen=True, slots=True)
class DueRow:
    """One segment of the list.  ``free``: it may go now."""

    segment: str
    size: int
    until: str
    grace: str
    forbids: tuple[str, ...]
    free: bool


@dataclass(frozen=True, slots=True)
class BlockedRow:
    """One reason, with all that it keeps."""

    unit: str | None
    code: Code
    whose: str
    total: Sum
    days: int
    way: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The time that counts for a disposal.  ``day`` None: nobody outside has said what time."""

    day: date | None
    why: str = ""


@router.get("/due")
def due_page(
    here: Here, within: Annotated[int, Query(ge=0, le=WITHIN_LIMIT_DAYS)] = WITHIN_DAYS
) -> Response:
    """List what falls due, the soonest first, with a form that proposes what may go."""
    deciding, looked = looking(here.site, here.who.actor)
    found = deciding.falls_due(timedelta(days=within), ROWS)
    told = KeptTold(here, deciding)
    return here.page(
        "due.html",
        rows=[_due_row(here, told, each) for each in found.soonest],
        count=found.count,
        size=found.bytes,
        within=within,
        cut=looked.more,
        most=LOOKED_LIMIT,
        counts=_counts(here),
        fresh=here.fresh,
        mistakes={},
    )


def _counts(here: Visit) -> Counts:
    try:
        now = disposing.now_at(here.site)
    except CustodyError as error:
        return Counts(None, here.sentence(error))
    return Counts(local_day(now.at, here.site.zone))


def _due_row(here: Visit, told: KeptTold, decided: Decided) -> DueRow:
    keeping = decided.keeping
    codes = dict.fromkeys(each.code for each in told.deciding.told(decided))
    hidden = len(told.deciding.told(decided)) < len(keeping.blockers)
    forbids = [here.w(f"blocker.{code}") for code in codes]
    forbids += [here.w("retention.hidden")] if hidden else []
    return DueRow(
        keeping.segment,
        decided.kept.size,
        told.last(keeping.until),
        told.last(keeping.grace_until),
        tuple(forbids),
        keeping.due(told.deciding.now),
    )


@router.get("/blocked")
def blocked_page(here: Here, *, by_unit: bool = False) -> Response:
    """Sum up what cannot go: for each reason how much, since when, and whose task it is."""
    deciding, looked = looking(here.site, here.who.actor)
    found = blocked_of(deciding, by_unit=by_unit)
    rows = [_blocked_row(here, found, place) for place in found.sums]
    return here.page(
        "blocked.html",
        rows=rows,
        hidden=found.hidden,
        by_unit=by_unit,
        cut=looked.more,
        most=LOOKED_LIMIT,
    )


def _blocked_row(here: Visit, found: Blocked, place: Place) -> BlockedRow:
    (unit, code, whose), total = place, found.sums[place]
    register = here.site.entrance().register
    named = unit and (unit_name(here.site.desk.ledger, register, unit) or unit)
    return BlockedRow(named, code, whose, total, found.days(place), WAYS.get(code))

"""Pages of a unit's weeks: in numbers, whole, and closed (article 16)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from api import weeks
from api.admin_parts import act_of
from api.models_admin import NothingIn, UnitId
from api.models_weeks import WeekName
from api.pages_enter import SEE_OTHER
from api.typed import Once
from api.visit import Here, Visit
from custody.deciders import enforcing
from custody.facts import over_unit, standing_of
from custody.kits import bearer_of
from custody.names import unit_name
from custody.permission import refusals
from custody.weeks import check_seer, week_of
from evidence.people import Register
from evidence.weeks import Week, parse_week

router = APIRouter(include_in_schema=False)
SHOWN_WEEKS = 6
ROWS = 200  # of each list on a page; documents and the sheet carry all
UNITS_LIMIT = 500


@router.get("/weeks")
def list_page(here: Here, unit: Annotated[UnitId | None, Query()] = None) -> Response:
    """List the last weeks of a unit: of one's own, where none is named."""
    seen = _seen(here)
    if unit is not None:
        check_seer(here.site.desk, here.who.actor, unit)
    wanted = unit or _own(here, seen)
    found = list(weeks.last_weeks(here.site, wanted, SHOWN_WEEKS)) if wanted else []
    return here.page("weeks.html", weeks=found, unit=wanted, units=seen)


@router.get("/weeks/{unit}/{week}")
def week_page(unit: UnitId, week: WeekName, here: Here) -> Response:
    """Show a week: what is in custody, what is late, what is missing and why, its closings."""
    check_seer(here.site.desk, here.who.actor, unit)
    found = week_of(here.site.desk, unit, parse_week(week), weeks.hours_of(here.site))
    standing = standing_of(here.site.desk, here.who.actor)
    return here.page(
        "week.html",
        week=found,
        unit=_name(here, standing.register, unit),
        rows=refusals("close_week", over_unit(standing, unit)),
        names=_names(here, found),
        most=ROWS,
    )


@router.post("/weeks/{unit}/{week}/close")
def close(unit: UnitId, week: WeekName, here: Here, key: Once) -> Response:
    """Close a unit's week as it stands."""
    weeks.close(unit, week, NothingIn(), act_of(here.who, here.site, key))
    return RedirectResponse(f"/weeks/{unit}/{week}", SEE_OTHER)


def _seen(here: Visit) -> dict[str, str]:
    """Return the units whose weeks one may see, with their names; nothing is written down."""
    standing = standing_of(here.site.desk, here.who.actor)
    units = list(standing.register.units)[:UNITS_LIMIT]
    seen = [each for each in units if not refusals("see_week", over_unit(standing, each))]
    named = {each: _name(here, standing.register, each) for each in seen}
    return dict(sorted(named.items(), key=lambda each: each[1]))


def _own(here: Visit, seen: dict[str, str]) -> str | None:
    """Return the unit of whoever looks, or the first that they may see."""
    register = here.site.entrance().register
    person = register.people.get(here.who.actor.id)
    own = enforcing(register, person.unit) if person else None
    return own if own in seen else next(iter(seen), None)


def _name(here: Visit, register: Register, unit: str) -> str:
    return unit_name(here.site.desk.ledger, register, unit) or unit


def _names(here: Visit, week: Week) -> dict[str, str]:
    """Return the names of those who closed it, were late, or have a recorder that is missing."""
    ledger = here.site.desk.ledger
    people = {each.by for each in week.closings}
    people |= {each.person for each in week.late if each.person}
    named = {each: here.name(each) for each in people}
    for each in week.missing[:ROWS]:
        bearer = bearer_of(ledger, each.id) if each.what == "recorder" else None
        if bearer:
            named[each.id] = here.name(bearer)
    return named

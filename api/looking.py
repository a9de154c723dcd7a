"""Who looked at what, the access log, and why somebody may do something or may not."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.auth import OfSite, Signed
from api.models import Index, Moment, PersonId, SegmentId, SubjectId
from api.models_footage import WhyOut
from api.models_looks import LogOut, LogRowOut, LooksOut
from api.shapes import PAGE_LIMIT, look_out, page, rows_out
from custody.accesslog import LogFilter, access_log
from custody.looks import looks_at, looks_at_own
from custody.permission import Does
from custody.why import why
from evidence.people import ORGANISATION

router = APIRouter(tags=["looks"])
LOOKS_DAYS = timedelta(days=90)
Group = Literal["requests", "decisions", "grants", "copies", "sign_ins", "refusals", "readings"]
Before = Annotated[Index | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]


@router.get("/looks")
def looks(
    who: Signed,
    site: OfSite,
    segment: Annotated[list[SegmentId] | None, Query(max_length=60)] = None,
    before: Before = None,
    limit: Limit = 50,
) -> LooksOut:
    """Tell who looked at some segments; without any, at what one has recorded oneself."""
    now = site.desk.clock.now()
    if segment:
        found = looks_at(site.desk, who.actor, segment)
    else:
        until = now + timedelta(milliseconds=1)
        found = looks_at_own(site.desk, who.actor, until - LOOKS_DAYS, until)
    rows, following = page([(each.opened, look_out(each)) for each in found], before, limit)
    return LooksOut(looks=rows, next=following)


@router.get("/access-log")
def log(
    *,
    who: Signed,
    site: OfSite,
    group: Annotated[list[Group] | None, Query(max_length=7)] = None,
    about: Annotated[list[SubjectId] | None, Query(max_length=4)] = None,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
    before: Before = None,
    limit: Limit = 100,
) -> LogOut:
    """Tell every question, answer, copy, sign-in and refusal, to auditors."""
    wanted = LogFilter(tuple(group or ()), tuple(about or ()), since, until, before, limit)
    found = access_log(site.desk, who.actor, wanted)
    rows = [
        LogRowOut(
            entry=row.entry.seq,
            at=row.entry.at,
            type=row.entry.type,
            actor=row.entry.actor,
            about=sorted(row.entry.about),
            body={**row.entry.body},
            hidden_until=row.hidden_until,
        )
        for row in found.rows
    ]
    return LogOut(log=rows, next=found.next)


@router.get("/why")
def tell_why(
    who: Signed,
    site: OfSite,
    act: Annotated[Does, Query()],
    subject: Annotated[SubjectId, Query()] = ORGANISATION,
    person: Annotated[PersonId | None, Query()] = None,
) -> WhyOut:
    """Tell whether somebody may do something, and every rule in the way."""
    asked = person or who.actor.id
    rows = why(site.desk, who.actor, asked, act, subject)
    return WhyOut(person=asked, act=act, subject=subject, may=not rows, rows=rows_out(rows))

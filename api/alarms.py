"""Alarms that nobody has answered, for who may answer them; the catalogue proposes them."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.admin_parts import UNCHANGED, OfAct, tagged
from api.auth import OfSite, Signed
from api.models import INDEX_LIMIT, EntryOut
from api.models_alarms import AcknowledgeIn, AlarmOut, AlarmsOut, AnsweredOut
from api.site import Site
from custody.alarms import Alarm, acknowledge, alarms_for, may_see
from custody.keeping import begin_keeping
from custody.raised import RAISED
from evidence.errors import EvidenceError, UsageError
from evidence.keeping import Acknowledged, Raised
from evidence.people import Actor

router = APIRouter(tags=["alarms"])
PAGE = 1000
PROPOSED_LIMIT = 5000  # kinds of alarms that are gone through
ALARMS_LIMIT = 500  # of one answer
OfAlarm = Annotated[int, Path(ge=0, le=INDEX_LIMIT, description="Entry of the alarm")]


@router.get("/alarms", response_model=AlarmsOut, responses=UNCHANGED)
def listed(
    request: Request, who: Signed, site: OfSite, *, every: Annotated[bool, Query()] = False
) -> Response:
    """List the alarms that one may answer, newest first; ``every``: answered ones too."""
    return tagged(request, alarms_out(site, who.actor, every=every))


@router.post("/alarms/{entry}/acknowledgement", status_code=201)
def answer(entry: OfAlarm, body: AcknowledgeIn, act: OfAct) -> EntryOut:
    """Answer an alarm and all before it that say the same."""
    check_seen(act.site, act.actor, entry)

    def do() -> EntryOut:
        said = acknowledge(act.desk, act.actor, entry, body.answer, body.words)
        return EntryOut(entry=said)

    return act.once(f"alarm {entry}", body, EntryOut, do)


def check_seen(site: Site, actor: Actor, entry: int) -> None:
    """Raise for an alarm that is not for these eyes as for an entry that is none."""
    try:
        alarm = site.desk.ledger.entry(entry)
    except EvidenceError as error:  # there is none yet
        raise UsageError("no_alarm", entry=entry) from error
    if alarm.type != RAISED or not may_see(begin_keeping(site.desk, actor), alarm):
        raise UsageError("no_alarm", entry=entry)


def alarms_out(site: Site, actor: Actor, *, every: bool) -> AlarmsOut:
    """Return the alarms that ``actor`` may answer."""
    keeper = begin_keeping(site.desk, actor)
    named = islice(_proposed(site, every=every), PROPOSED_LIMIT)
    found = alarms_for(keeper, named, every=every)
    shown = [_alarm_out(each) for each in found[:ALARMS_LIMIT]]
    return AlarmsOut(alarms=shown, more=len(found) > ALARMS_LIMIT)


def _proposed(site: Site, *, every: bool) -> Iterator[Raised]:
    after: str | None = None
    while True:
        page = site.catalogue.alarms(every=every, limit=PAGE, after=after)
        yield from page.items
        if page.after is None:
            return
        after = page.after


def _alarm_out(alarm: Alarm) -> AlarmOut:
    return AlarmOut(
        entry=alarm.entry,
        at=alarm.at,
        first=alarm.raised.first,
        first_at=alarm.first_at,
        count=alarm.raised.count,
        code=alarm.raised.code,
        subjects=list(alarm.subjects),
        facts={**alarm.facts},
        cleared=alarm.cleared,
        answered=_answered_out(alarm.answered) if alarm.answered else None,
    )


def _answered_out(said: Acknowledged) -> AnsweredOut:
    return AnsweredOut(
        entry=said.entry, alarm=said.alarm, answer=said.answer, by=said.by, at=said.at
    )

"""The page of alarms: what is wrong, since when and how often, and a word about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import alarms
from api.admin_parts import act_of
from api.alarms import OfAlarm
from api.models_alarms import AcknowledgeIn, AlarmOut
from api.pages_enter import SEE_OTHER
from api.problems import status_of
from api.typed import Once, Text
from api.visit import Here, Visit
from evidence.errors import EvidenceError, RefusedError
from evidence.keeping import ALARM_ANSWERS, AlarmAnswer

router = APIRouter(include_in_schema=False)
_WITH_WORDS = ("s:", "d:")  # what has a key under which words may stand


@dataclass(frozen=True, slots=True)
class Shown:
    """One alarm in words.  ``worded``: words about it have a place."""

    told: AlarmOut
    text: str
    by: str
    worded: bool


@router.get("/alarms")
def list_page(here: Here, *, every: bool = False) -> Response:
    """List the alarms that one may answer, each with a form."""
    return _page(here, {}, every=every)


@router.post("/alarms/{entry}/acknowledgement")
def answer(
    *,
    entry: OfAlarm,
    here: Here,
    key: Once,
    said: Annotated[AlarmAnswer | Literal[""], Form(alias="answer")] = "",
    words: Text = "",
) -> Response:
    """Answer an alarm and all before it that say the same."""
    if not said:
        return _page(here, {f"answer-{entry}": here.t["alarm_choose"]}, 400)
    body = AcknowledgeIn(answer=said, words=words)
    try:
        alarms.answer(entry, body, act_of(here.who, here.site, key))
    except RefusedError:
        raise
    except EvidenceError as error:
        return _page(here, {f"answer-{entry}": here.sentence(error)}, status_of(error))
    return RedirectResponse("/alarms", SEE_OTHER)


def _page(
    here: Visit, mistakes: Mapping[str, str], status: int = 200, *, every: bool = False
) -> HTMLResponse:
    found = alarms.alarms_out(here.site, here.who.actor, every=every)
    return here.page(
        "alarms.html",
        status,
        alarms=[_shown(here, each) for each in found.alarms],
        more=found.more,
        every=every,
        answers=ALARM_ANSWERS,
        fresh=here.fresh,
        mistakes=mistakes,
    )


def _shown(here: Visit, told: AlarmOut) -> Shown:
    key = f"alarm_code.{told.code}"
    text = here.w(key)
    by = here.name(told.answered.by) if told.answered else ""
    worded = any(each.startswith(_WITH_WORDS) for each in told.subjects)
    return Shown(told, told.code if key in text else text, by, worded)

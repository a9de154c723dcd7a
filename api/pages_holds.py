"""Pages of holds: what is held, what waits for a word, placing one, two people ending one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import holds
from api.admin_parts import Act, act_of
from api.hold_form import HoldForm, hold_in, windows
from api.keep_told import SHORT
from api.models import INDEX_LIMIT, EntryOut, Index, ReasonIn, SegmentId
from api.models_keep import HoldId, HoldOut, ReleaseIn
from api.pages_enter import SEE_OTHER
from api.problems import status_of
from api.shapes import page as paged
from api.typed import Once, Text
from api.visit import Here, Visit
from custody.fields import optional_text, text
from custody.holds import ATTACHMENT_LIMIT_BYTES, in_the_way, may_read
from custody.keeping import Keeper, begin_keeping
from custody.names import unit_name
from evidence.errors import EvidenceError, RefusedError, UsageError
from evidence.keeping import HELD_SEGMENTS_LIMIT, REASONS, RELEASE_GROUNDS, Hold, ReleaseGround

router = APIRouter(include_in_schema=False)
PAGE = 50  # holds
OfEntry = Annotated[int, Path(ge=0, le=INDEX_LIMIT)]
Mistakes = Mapping[str, str]
_UNUSED = "0" * 8  # key of a form that nobody has sent: the page makes a new one


@dataclass(frozen=True, slots=True)
class Proposed:
    """A release that one person has proposed.  ``reference`` None: not for these eyes."""

    by: str
    at: datetime
    ground: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class HoldShown:
    """A hold with the names of who placed it and of what it catches."""

    told: HoldOut
    by: str
    of: str


@router.get("/holds")
def holds_page(
    here: Here,
    *,
    released: bool = False,
    before: Annotated[Index | None, Query()] = None,
) -> Response:
    """List what is held, what keeps until somebody decides, and what questions propose."""
    keeper = begin_keeping(here.site.desk, here.who.actor)
    found = [(each.entry, each) for each in holds.known(keeper, released=released)]
    rows, following = paged(found, before, PAGE)
    shown = [_shown(here, keeper, each) for each in rows]
    waiting = holds.waiting(here.site, here.who.actor)
    return here.page("holds.html", holds=shown, more=following, released=released, waiting=waiting)


@router.get("/holds/new")
def form_page(
    here: Here,
    segment: Annotated[list[SegmentId] | None, Query(max_length=HELD_SEGMENTS_LIMIT)] = None,
    answers: Annotated[Index | None, Query()] = None,
) -> Response:
    """Show the form of a hold."""
    entry = "" if answers is None else str(answers)
    form = HoldForm(segments="\n".join(segment or ()), answers=entry, key=_UNUSED)
    return _form_page(here, form, {})


@router.post("/holds/new")
def place(here: Here, form: Annotated[HoldForm, Form()]) -> Response:
    """Place a hold, or say at each field what is to be mended; what was typed stays."""
    try:
        placed = holds.place(hold_in(here.site, form), act_of(here.who, here.site, form.key))
    except RefusedError:
        raise
    except EvidenceError as error:
        field = str(error.facts.get("field", "segments"))
        name = field if field in HoldForm.model_fields else "segments"
        return _form_page(here, form, {name: here.sentence(error)}, status_of(error))
    return RedirectResponse(f"/holds/{placed.hold}", SEE_OTHER)


def _form_page(here: Visit, form: HoldForm, mistakes: Mistakes, status: int = 200) -> HTMLResponse:
    people, units = windows(here.site, here.who.actor)
    return here.page(
        "hold_new.html",
        status,
        form=form,
        mistakes=mistakes,
        reasons=REASONS,
        people=people,
        units=units,
        most=HELD_SEGMENTS_LIMIT,
        largest=ATTACHMENT_LIMIT_BYTES,
    )


@router.get("/holds/{hold}")
def hold_page(hold: HoldId, here: Here) -> Response:
    """Show one hold, and what one may do about it."""
    return _hold_page(here, hold, {})


@router.post("/holds/{hold}/release")
def release(
    *,
    hold: HoldId,
    here: Here,
    key: Once,
    ground: Annotated[ReleaseGround | Literal[""], Form()] = "",
    reference: Text = "",
) -> Response:
    """Propose to end a hold, or end it as another person proposed."""
    body, act = ReleaseIn(ground=ground or None, reference=reference), _act(here, key)
    return _done(here, hold, "reference", lambda: holds.release(hold, body, act))


@router.post("/holds/{hold}/refuse")
def refuse(*, hold: HoldId, here: Here, key: Once, reason: Text = "") -> Response:
    """Refuse a proposed release, or take one's own back."""
    body, act = ReasonIn(reason=reason), _act(here, key)
    return _done(here, hold, "reason", lambda: holds.refuse(hold, body, act))


@router.post("/marks/{entry}/resolve")
def resolve(*, entry: OfEntry, here: Here, key: Once, reason: Text = "") -> Response:
    """Say that a mark or a proposal needs no hold."""
    holds.resolved(entry, ReasonIn(reason=reason), _act(here, key))
    return RedirectResponse("/holds", SEE_OTHER)


def _act(here: Visit, key: str) -> Act:
    return act_of(here.who, here.site, key)


def _done(here: Visit, hold: str, field: str, act: Callable[[], EntryOut]) -> Response:
    """Do it and show the hold; who must prove again is asked to."""
    if not here.fresh:
        return RedirectResponse("/prove?" + urlencode({"next": f"/holds/{hold}"}), SEE_OTHER)
    try:
        act()
    except UsageError as error:
        return _hold_page(here, hold, {field: here.sentence(error)}, status_of(error))
    return RedirectResponse(f"/holds/{hold}", SEE_OTHER)


def _hold_page(here: Visit, hold: str, mistakes: Mistakes, status: int = 200) -> HTMLResponse:
    keeper = begin_keeping(here.site.desk, here.who.actor)
    found = holds.seen(keeper, hold)
    rows = in_the_way(keeper, found)
    return here.page(
        "hold.html",
        status,
        shown=_shown(here, keeper, found),
        proposal=_proposal(here, keeper, found),
        rows=[each for each in rows if each.id != "not_fresh"],
        fresh=here.fresh,
        grounds=RELEASE_GROUNDS,
        mistakes=mistakes,
    )


def _proposal(here: Visit, keeper: Keeper, hold: Hold) -> Proposed | None:
    """Return who proposed to end a hold, and why; its words to who may read those of the hold."""
    if hold.proposed is None:
        return None
    ledger = keeper.desk.ledger
    entry = ledger.entry(hold.proposed)
    statement = ledger.statement(hold.proposed) if may_read(keeper, hold) else None
    reference = optional_text(statement.facts, "reference") if statement else None
    ground = text(entry.body, "ground")
    return Proposed(here.name(entry.actor), entry.at, ground, reference)


def _shown(here: Visit, keeper: Keeper, hold: Hold) -> HoldShown:
    of, ledger, register = hold.scope.of or "", keeper.desk.ledger, keeper.standing.register
    named = of[: len("c:") + SHORT]
    if of.startswith("p:"):
        named = here.name(of)
    elif of.startswith("u:"):
        named = unit_name(ledger, register, of) or of
    return HoldShown(holds.hold_out(keeper, hold), here.name(hold.by), named)

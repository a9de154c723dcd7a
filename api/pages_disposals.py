"""Pages of disposals: proposed from what is due, signed by another, undone; and the tombstone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import disposals, disposing
from api.admin_parts import act_of
from api.deciding import DIGEST_SHOWN
from api.models import Index, Out, ReasonIn, SegmentId
from api.models_disposals import DisposalId, DisposalIn, DisposalOut
from api.pages_enter import SEE_OTHER
from api.problems import status_of
from api.typed import Once, Text
from api.visit import Here, Visit
from custody.disposal_list import disposal_for, in_the_way, remains_for
from custody.keeping import begin_keeping
from custody.listing import listing_for
from evidence.errors import UsageError

router = APIRouter(include_in_schema=False)
PAGE = 20  # disposals


@dataclass(frozen=True, slots=True)
class DisposalShown:
    """A disposal with the names of its two people."""

    told: DisposalOut
    by: str
    approved_by: str


@router.get("/disposals")
def list_page(
    here: Here, *, ended: bool = False, before: Annotated[Index | None, Query()] = None
) -> Response:
    """List the disposals over whose footage one sees figures, newest first."""
    keeper = begin_keeping(here.site.desk, here.who.actor)
    rows, following = disposals.paged(keeper, ended=ended, before=before, limit=PAGE)
    shown = [_shown(here, disposals.disposal_out(each)) for each in rows]
    return here.page("disposals.html", disposals=shown, more=following, ended=ended)


@router.post("/disposals")
def propose(here: Here, key: Once, reason: Text = "") -> Response:
    """Propose everything that may go and that one may know of."""
    if not here.fresh:
        return _prove("/due?within=0")
    body = DisposalIn(due=True, reason=reason)
    found = disposals.propose(body, act_of(here.who, here.site, key))
    return RedirectResponse(f"/disposals/{found.disposal}", SEE_OTHER)


@router.get("/disposals/{disposal}")
def disposal_page(
    disposal: DisposalId, here: Here, after: Annotated[SegmentId | None, Query()] = None
) -> Response:
    """Show one disposal with its segments, and what one may do about it."""
    return _page(here, disposal, {}, after=after)


@router.post("/disposals/{disposal}/approve")
def approve(disposal: DisposalId, here: Here, reason: Text = "") -> Response:
    """Show the approval word for word; it goes to the page that signs."""
    if not here.fresh:
        return _prove(f"/disposals/{disposal}")
    site, host = here.site, here.site.desk.hosts.sign
    try:
        made, ticket = disposing.proposed(site, here.who, disposal, reason)
    except UsageError as error:
        return _page(here, disposal, {"approve": here.sentence(error)}, status_of(error))
    body = made.draft.body
    return here.page(
        "disposal_proposed.html",
        found=made.disposal,
        body=body,
        reason=reason,
        digest=made.challenge.hex()[:DIGEST_SHOWN],
        entry=json.dumps(body, indent=2, ensure_ascii=False),
        link=f"{here.request.url.scheme}://{host}/sign#{ticket}" if host else None,
    )


@router.post("/disposals/{disposal}/undo")
def undo(disposal: DisposalId, here: Here, key: Once, reason: Text = "") -> Response:
    """Undo a disposal: nothing more of it goes."""
    body, act = ReasonIn(reason=reason), act_of(here.who, here.site, key)
    return _done(here, disposal, "undo", lambda: disposals.undo(disposal, body, act))


@router.get("/disposed/{segment}")
def tombstone_page(segment: SegmentId, here: Here) -> Response:
    """Show the tombstone of a segment, and what remains of it."""
    listing = listing_for(here.site.desk, here.who.actor)
    found = disposals.tombstone_out(remains_for(listing, segment))
    names = here.name(found.proposed_by), here.name(found.approved_by)
    return here.page("tombstone.html", found=found, names=names)


def _done(here: Visit, disposal: str, field: str, act: Callable[[], Out]) -> Response:
    try:
        act()
    except UsageError as error:
        return _page(here, disposal, {field: here.sentence(error)}, status_of(error))
    return RedirectResponse(f"/disposals/{disposal}", SEE_OTHER)


def _prove(way: str) -> Response:
    return RedirectResponse("/prove?" + urlencode({"next": way}), SEE_OTHER)


def _page(
    here: Visit,
    disposal: str,
    mistakes: Mapping[str, str],
    status: int = 200,
    after: str | None = None,
) -> HTMLResponse:
    keeper = begin_keeping(here.site.desk, here.who.actor)
    found = disposal_for(keeper, disposal)
    listing = listing_for(here.site.desk, here.who.actor)
    whole = disposals.whole_out(here.site, listing, found, after)
    return here.page(
        "disposal.html",
        status,
        shown=_shown(here, whole),
        whole=whole,
        approving=in_the_way(keeper, found, "approve_disposal"),
        undoing=in_the_way(keeper, found, "undo_disposal"),
        warned=disposing.is_warned(here.site, found),
        fresh=here.fresh,
        mistakes=mistakes,
    )


def _shown(here: Visit, told: DisposalOut) -> DisposalShown:
    second = here.name(told.approved_by) if told.approved_by else ""
    return DisposalShown(told, here.name(told.by), second)

"""Disposals: proposed, approved by another with a signature, undone; and what remains of what went.

Nothing here destroys: the keeper does, when two people have decided and the time has come.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import disposing, tickets
from api.admin_parts import UNCHANGED, Before, Limit, OfAct, tagged
from api.auth import OfSite, Signed
from api.deciding import DIGEST_SHOWN
from api.keeping import check_listed, deciding_for
from api.models import DecideIn, ProposalOut, ReasonIn, SegmentId
from api.models_disposals import (
    DisposalId,
    DisposalIn,
    DisposalOut,
    DisposalsOut,
    DisposalWholeOut,
    EndedOut,
    FateOut,
    TombstoneOut,
)
from api.shapes import PAGE_LIMIT
from api.site import Site
from custody.disposal_list import disposal_for, disposals_for, due_of, remains_for
from custody.disposing import propose_disposal, undo_disposal
from custody.fields import optional_text
from custody.keeping import Keeper, begin_keeping
from custody.listing import Listing, listing_for
from custody.tombstone import Remains
from evidence.codec import format_time
from evidence.disposal import Disposal, Now
from evidence.errors import CustodyError, NotSignedInError, UsageError
from evidence.people import Actor
from evidence.webauthn import base64url

router = APIRouter(tags=["disposals"])
After = Annotated[SegmentId | None, Query(description="`next` of the page before")]


@router.get("/disposals", response_model=DisposalsOut, responses=UNCHANGED)
def listed(
    *,
    request: Request,
    who: Signed,
    site: OfSite,
    ended: Annotated[bool, Query()] = False,
    before: Before = None,
    limit: Limit = 20,
) -> Response:
    """List the disposals over whose footage one sees figures, newest first; ``ended``: all."""
    keeper = begin_keeping(site.desk, who.actor)
    rows, following = paged(keeper, ended=ended, before=before, limit=limit)
    shown = [disposal_out(each) for each in rows]
    return tagged(request, DisposalsOut(disposals=shown, next=following))


@router.get("/disposals/{disposal}", response_model=DisposalWholeOut, responses=UNCHANGED)
def show(
    disposal: DisposalId, request: Request, who: Signed, site: OfSite, after: After = None
) -> Response:
    """Show one disposal, its reason, and a page of its segments."""
    found = disposal_for(begin_keeping(site.desk, who.actor), disposal)
    return tagged(request, whole_out(site, listing_for(site.desk, who.actor), found, after))


@router.post("/disposals", status_code=201)
def propose(body: DisposalIn, act: OfAct) -> DisposalOut:
    """Propose that segments are destroyed: those named, or all that are due."""

    def do() -> DisposalOut:
        now = disposing.now_at(act.site)
        segments = _wanted(act.site, act.actor, body, now)
        look = disposing.look_of(act.site)
        found = propose_disposal(act.desk, act.actor, look, segments, body.reason, now=now)
        return disposal_out(found)

    return act.once("disposals", body, DisposalOut, do)


@router.post("/disposals/{disposal}/approval")
def prepare(
    disposal: DisposalId, body: ReasonIn, who: Signed, site: OfSite, request: Request
) -> ProposalOut:
    """Return the approval that would be written, and what its approver signs."""
    made, ticket = disposing.proposed(site, who, disposal, body.reason)
    host = site.desk.hosts.sign
    return ProposalOut(
        ticket=ticket,
        challenge=base64url(made.challenge),
        digest=made.challenge.hex()[:DIGEST_SHOWN],
        entry={**made.draft.body},
        sign=f"{request.url.scheme}://{host}/sign" if host else None,
    )


@router.post("/disposals/{disposal}/approve", status_code=201)
def approve(disposal: DisposalId, body: DecideIn, act: OfAct) -> DisposalOut:
    """Write an approval that needs no key in a browser: what the policy lets through."""

    def do() -> DisposalOut:
        held = tickets.take(act.site, tickets.DISPOSAL, body.ticket)
        made = disposing.approving_of(act.site, held)
        if held.actor.id != act.actor.id or made.disposal.id != disposal:
            raise NotSignedInError("challenge_over")
        return disposal_out(disposing.settle(act.site, act.actor, made, body.approval))

    return act.once(f"approve {disposal}", body, DisposalOut, do)


@router.post("/disposals/{disposal}/undo", status_code=201)
def undo(disposal: DisposalId, body: ReasonIn, act: OfAct) -> DisposalOut:
    """Undo a disposal: nothing more of it goes."""
    disposal_for(begin_keeping(act.desk, act.actor), disposal)

    def do() -> DisposalOut:
        look = disposing.look_of(act.site)
        return disposal_out(undo_disposal(act.desk, act.actor, look, disposal, body.reason))

    return act.once(f"undo {disposal}", body, DisposalOut, do)


@router.get("/disposed/{segment}")
def disposed(segment: SegmentId, who: Signed, site: OfSite) -> TombstoneOut:
    """Tell what remains of a segment that was disposed of, to who might have listed it."""
    return tombstone_out(remains_for(listing_for(site.desk, who.actor), segment))


def paged(
    keeper: Keeper, *, ended: bool, before: int | None, limit: int
) -> tuple[list[Disposal], int | None]:
    """Return a page of disposals and what comes next; no more of them are read than it takes."""
    known = disposals_for(keeper, ended=ended)
    older = (each for each in known if before is None or each.entry < before)
    rows = list(islice(older, limit + 1))
    return rows[:limit], rows[limit - 1].entry if len(rows) > limit else None


def _wanted(site: Site, actor: Actor, body: DisposalIn, now: Now) -> Sequence[str]:
    if body.due == bool(body.segments):
        raise UsageError("dispose_which")
    deciding = deciding_for(site, actor, now.at)
    if not body.due:
        for each in body.segments:
            check_listed(deciding, each)
        return list(dict.fromkeys(body.segments))
    found = due_of(deciding)
    if not found:
        raise CustodyError("nothing_due", now=format_time(now.at), source=now.source)
    return found


def disposal_out(found: Disposal) -> DisposalOut:
    """Return a disposal."""
    return DisposalOut(
        disposal=found.id,
        state=found.state,
        entry=found.entry,
        at=found.at,
        by=found.by,
        count=len(found.segments),
        bytes=found.bytes,
        root=found.root,
        warning_until=found.warning_until,
        approved=found.approved,
        approved_by=found.approved_by,
        undo_until=found.undo_until,
        disposed=len(found.disposed),
        spared=len(found.spared),
    )


def whole_out(
    site: Site, listing: Listing, found: Disposal, after: str | None = None
) -> DisposalWholeOut:
    """Return a disposal with its reason, and its segments that the actor may list."""
    statement = site.desk.ledger.statement(found.entry)
    later = (each for each in found.segments if after is None or each > after)
    rows = list(islice((each for each in later if listing.may(each)), PAGE_LIMIT + 1))
    return DisposalWholeOut(
        **disposal_out(found).model_dump(),
        reason=optional_text(statement.facts, "reason") if statement else None,
        segments=[_fate_out(found, each) for each in rows[:PAGE_LIMIT]],
        next=rows[PAGE_LIMIT - 1] if len(rows) > PAGE_LIMIT else None,
    )


def _fate_out(found: Disposal, segment: str) -> FateOut:
    if segment in found.disposed:
        return FateOut(segment=segment, fate="disposed", entry=found.disposed[segment])
    if segment in found.spared:
        return FateOut(segment=segment, fate="spared", entry=found.spared[segment])
    return FateOut(segment=segment, fate="open", entry=None)


def tombstone_out(found: Remains) -> TombstoneOut:
    """Return what remains of a segment."""
    return TombstoneOut(
        segment=found.segment,
        entry=found.tombstone.seq,
        at=found.tombstone.at,
        disposal=found.disposal,
        size=found.size,
        sealed=found.sealed,
        proposed_by=found.proposed_by,
        approved_by=found.approved_by,
        grounds=[
            EndedOut(what=each.what, article=each.article, policy=each.policy, ends=each.ends)
            for each in found.grounds
        ],
        executed=found.executed,
        homes=dict(found.homes),
        entries=found.entries,
        sealed_again=found.sealed_again,
    )

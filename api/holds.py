"""Holds: placed, released by two people, and what waits for one.

Their words are for who placed them and for who leads, oversees or audits over what they catch
(``custody.holds.may_read``): a complaint may name who complained.
"""

import base64
import binascii
from itertools import islice
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from api.admin_parts import UNCHANGED, Before, Limit, OfAct, tagged
from api.auth import OfSite, Signed
from api.keeping import LOOKED_LIMIT, check_listed, deciding_for, proposed
from api.models import INDEX_LIMIT, EntryOut, ReasonIn
from api.models_keep import (
    AttachmentIn,
    AttachmentOut,
    HoldId,
    HoldIn,
    HoldOut,
    HoldProposalOut,
    HoldsOut,
    MarkOut,
    ReleaseIn,
    WaitingOut,
)
from api.shapes import page
from api.site import Site
from custody import holds as rules
from custody.fields import mapping, optional_text, text
from custody.holds import (
    Attachment,
    Wanted,
    may_read,
    may_see,
    place_hold,
    refuse_release,
    release_hold,
    standing_holds,
)
from custody.keeping import Keeper, begin_keeping
from custody.listing import listing_for
from custody.marks import HoldProposal, Mark, resolve
from custody.waiting import waiting_marks, waiting_proposals
from evidence.entry import Entry
from evidence.errors import CustodyError, EvidenceError, UsageError
from evidence.json import JsonObject
from evidence.keeping import Hold, Scope
from evidence.people import Actor
from evidence.search import SegmentFilter

router = APIRouter(tags=["holds"])
MARKS_LIMIT = 500  # rows of what waits
OfEntry = Annotated[int, Path(ge=0, le=INDEX_LIMIT, description="Entry that waits for a word")]


@router.get("/holds", response_model=HoldsOut, responses=UNCHANGED)
def listed(
    *,
    request: Request,
    who: Signed,
    site: OfSite,
    released: Annotated[bool, Query()] = False,
    before: Before = None,
    limit: Limit = 50,
) -> Response:
    """List the holds that one may know of, newest first; ``released``: also those that ended."""
    keeper = begin_keeping(site.desk, who.actor)
    rows, following = page(
        [(each.entry, each) for each in known(keeper, released=released)], before, limit
    )
    return tagged(request, HoldsOut(holds=[hold_out(keeper, e) for e in rows], next=following))


@router.get("/holds/{hold}", response_model=HoldOut, responses=UNCHANGED)
def show(hold: HoldId, request: Request, who: Signed, site: OfSite) -> Response:
    """Show one hold; one that is not for these eyes is not there."""
    keeper = begin_keeping(site.desk, who.actor)
    return tagged(request, hold_out(keeper, seen(keeper, hold)))


@router.get(
    "/holds/{hold}/attachment",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "Its bytes"}},
)
def attachment(hold: HoldId, who: Signed, site: OfSite) -> Response:
    """Return what is attached to a hold, byte for byte, to who may read its words."""
    keeper = begin_keeping(site.desk, who.actor)
    told = _facts(keeper, seen(keeper, hold)).get("attachment")
    if not isinstance(told, dict):
        raise CustodyError("hold_unknown", hold=hold)
    content, name = base64.b64decode(text(told, "bytes")), quote(text(told, "name"), safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/holds", status_code=201)
def place(body: HoldIn, act: OfAct) -> HoldOut:
    """Place a hold on segments, a case, or a window of time: also on what comes only later."""

    def do() -> HoldOut:
        placed = place_hold(act.desk, act.actor, _wanted(act.site, act.actor, body))
        return hold_out(begin_keeping(act.desk, act.actor), placed)

    return act.once("holds", body, HoldOut, do)


@router.post("/holds/{hold}/release", status_code=201)
def release(hold: HoldId, body: ReleaseIn, act: OfAct) -> EntryOut:
    """Propose to end a hold (with a ground), or end it as another person proposed (without)."""
    seen(begin_keeping(act.desk, act.actor), hold)

    def do() -> EntryOut:
        if body.ground is None:
            return EntryOut(entry=release_hold(act.desk, act.actor, hold))
        said = rules.propose_release(act.desk, act.actor, hold, body.ground, body.reference)
        return EntryOut(entry=said)

    return act.once(f"release {hold}", body, EntryOut, do)


@router.post("/holds/{hold}/refuse", status_code=201)
def refuse(hold: HoldId, body: ReasonIn, act: OfAct) -> EntryOut:
    """Refuse a proposed release, or take one's own back: the hold stands."""
    seen(begin_keeping(act.desk, act.actor), hold)

    def do() -> EntryOut:
        return EntryOut(entry=refuse_release(act.desk, act.actor, hold, body.reason))

    return act.once(f"refuse {hold}", body, EntryOut, do)


@router.get("/marks")
def marks(who: Signed, site: OfSite) -> WaitingOut:
    """List what holds until somebody decides, and what questions propose to hold."""
    return waiting(site, who.actor)


@router.post("/marks/{entry}/resolve", status_code=201)
def resolved(entry: OfEntry, body: ReasonIn, act: OfAct) -> EntryOut:
    """Say that a mark or a proposal needs no hold, or that a clock does not matter."""
    check_waits(act.site, act.actor, entry)

    def do() -> EntryOut:
        return EntryOut(entry=resolve(act.desk, act.actor, entry, body.reason))

    return act.once(f"resolve {entry}", body, EntryOut, do)


def known(keeper: Keeper, *, released: bool) -> list[Hold]:
    """Return the holds that the actor may know of, oldest first."""
    shelf = keeper.shelf
    every = tuple(shelf.holds.values()) if released else standing_holds(shelf)
    return [each for each in every if may_see(keeper, each)]


def seen(keeper: Keeper, hold: str) -> Hold:
    """Return a hold that the actor may know of; else it is unknown, whether it is there or not."""
    found = keeper.shelf.holds.get(hold)
    if found is None or not may_see(keeper, found):
        raise CustodyError("hold_unknown", hold=hold)
    return found


def waiting(site: Site, actor: Actor) -> WaitingOut:
    """Return what waits for a word of somebody, as far as ``actor`` may know of it."""
    keeper, listing = begin_keeping(site.desk, actor), listing_for(site.desk, actor)
    named = list(islice(proposed(site, SegmentFilter(important=True)), LOOKED_LIMIT + 1))
    marked = waiting_marks(keeper, listing, named[:LOOKED_LIMIT])
    found = list(islice(marked, MARKS_LIMIT + 1))
    asked = [_proposal_out(each) for each in waiting_proposals(keeper)]
    return WaitingOut(
        provisional=[_mark_out(each) for each in found[:MARKS_LIMIT]],
        proposed=asked[:MARKS_LIMIT],
        more=max(len(found), len(asked)) > MARKS_LIMIT or len(named) > LOOKED_LIMIT,
    )


def check_waits(site: Site, actor: Actor, entry: int) -> None:
    """Raise for an entry that is not for these eyes as for one that waits for nothing."""
    listing = listing_for(site.desk, actor)
    found = _entry(site, entry)
    segments = [each for each in found.about if each.startswith("s:")] if found else []
    if not segments or not all(map(listing.may, segments)):
        raise UsageError("nothing_to_resolve", entry=entry)


def _entry(site: Site, index: int) -> Entry | None:
    try:
        return site.desk.ledger.entry(index)
    except EvidenceError:  # there is none yet
        return None


def _wanted(site: Site, actor: Actor, body: HoldIn) -> Wanted:
    for each in body.segments:
        check_listed(deciding_for(site, actor), each)
    return Wanted(
        body.reason,
        _scope(site, body),
        body.reference,
        body.words,
        _attachment(body.attachment) if body.attachment else None,
        body.answers,
    )


def _scope(site: Site, body: HoldIn) -> Scope:
    number = (body.case_number or "").strip()
    if sum(map(bool, (body.segments, number, body.of))) != 1:
        raise UsageError("hold_which")
    since, until = body.since, body.until
    if body.of:
        return Scope("window", of=body.of, since=since, until=until)
    if number:
        case = site.desk.ledger.pseudonym("c", number)
        return Scope("case", of=case, since=since, until=until)
    segments = tuple(dict.fromkeys(body.segments))
    return Scope("segments", segments, since=since, until=until)


def _attachment(said: AttachmentIn) -> Attachment:
    try:
        return Attachment(said.name, base64.b64decode(said.copy_base64, validate=True))
    except binascii.Error as error:
        raise UsageError("attachment_unusable", limit=rules.ATTACHMENT_LIMIT_BYTES) from error


def _facts(keeper: Keeper, hold: Hold) -> JsonObject:
    """Return the private words of a hold; none for who may not read them."""
    statement = keeper.desk.ledger.statement(hold.entry) if may_read(keeper, hold) else None
    return {**statement.facts} if statement else {}


def hold_out(keeper: Keeper, hold: Hold) -> HoldOut:
    """Return a hold, with its words where the actor may read them."""
    scope, facts = hold.scope, _facts(keeper, hold)
    return HoldOut(
        hold=hold.id,
        entry=hold.entry,
        reason=hold.reason,
        article=hold.article,
        kind=scope.kind,
        segments=list(scope.segments),
        of=scope.of,
        since=scope.since,
        until=scope.until,
        at=hold.at,
        by=hold.by,
        state="released" if hold.released else "release_proposed" if hold.proposed else "standing",
        proposed=hold.proposed,
        released=hold.released,
        readable=bool(facts),
        reference=optional_text(facts, "reference"),
        words=optional_text(facts, "words"),
        attachment=_attachment_out(facts),
    )


def _attachment_out(facts: JsonObject) -> AttachmentOut | None:
    if facts.get("attachment") is None:
        return None
    told = mapping(facts, "attachment")
    size = len(base64.b64decode(text(told, "bytes")))
    return AttachmentOut(name=text(told, "name"), size=size, sha256=text(told, "sha256"))


def _mark_out(mark: Mark) -> MarkOut:
    return MarkOut(entry=mark.sighting, segment=mark.segment, at=mark.at)


def _proposal_out(proposal: HoldProposal) -> HoldProposalOut:
    request = proposal.request
    return HoldProposalOut(
        entry=request.entry,
        request=request.id,
        purpose=request.purpose,
        reason=proposal.reason,
        at=request.at,
        segments=[span.segment for span in request.spans],
    )

"""Labels and gaps: what a recording is of, and why it broke off."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import OfSite, Signed
from api.models import INDEX_LIMIT, DockingId, EntryOut
from api.models_footage import (
    EntriesOut,
    ExplainIn,
    GapOut,
    GapsOut,
    LabelIn,
    UnlabelledOut,
    VerdictIn,
)
from api.once import Key, once
from api.site import Site
from custody import gaps as rules
from custody import mine
from custody.gaps import Explanation, Gap, gap
from custody.labels import Label, label
from custody.listing import listing_for
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor

router = APIRouter(tags=["labels"])
PLACES_LIMIT = 1_000_000
Seams = Annotated[int, Path(ge=0, le=INDEX_LIMIT)]
Place = Annotated[int, Path(ge=0, le=PLACES_LIMIT)]


@router.post("/labels", status_code=201)
def say(body: LabelIn, key: Key, who: Signed, site: OfSite) -> EntriesOut:
    """Say what some segments are of; a label that is there is corrected."""
    fields = body.model_dump(exclude={"segments", "officers"})
    said = Label(officers=body.officers, **fields)
    asked: JsonObject = {"path": "labels", "body": body.model_dump(mode="json")}

    def act() -> EntriesOut:
        entries = label(site.desk, who.actor, body.segments, said, site.items)
        return EntriesOut(entries=list(entries))

    return EntriesOut.model_validate(once(site, who, key, asked, act))


@router.get("/unlabelled")
def unlabelled(who: Signed, site: OfSite) -> UnlabelledOut:
    """List what one has recorded that has no complete label yet."""
    listed = mine.sightings_of(site.desk, who.actor.id)
    listing = listing_for(site.desk, who.actor)
    found = [each.mine.segment for each in mine.unlabelled(site.desk, listed, listing.may)]
    return UnlabelledOut(segments=found, more=listed.more)


@router.get("/gaps")
def gaps(
    who: Signed, site: OfSite, docking: Annotated[DockingId | None, Query()] = None
) -> GapsOut:
    """List the gaps of a docking, or of what one has recorded."""
    listing = listing_for(site.desk, who.actor)
    if docking is None:
        listed = mine.sightings_of(site.desk, who.actor.id)
        found = list(mine.gaps(site.desk, listed, listing.may))
    else:
        of_it = rules.gaps_of(site.desk.ledger, docking)
        found = [each for each in of_it if all(map(listing.may, each.segments))]
    return GapsOut(gaps=[_gap_out(each) for each in found])


@router.post("/gaps/{seams}/{seam}/explanation", status_code=201)
def explain(
    *, seams: Seams, seam: Place, body: ExplainIn, key: Key, who: Signed, site: OfSite
) -> EntryOut:
    """Say why a recording broke off."""
    found = gap_seen(site, who.actor, seams, seam)
    asked: JsonObject = {"path": f"explain {seams} {seam}", "body": body.model_dump(mode="json")}

    def act() -> EntryOut:
        why = Explanation(body.reason, body.words, body.spoken)
        return EntryOut(entry=rules.explain(site.desk, who.actor, found, why))

    return EntryOut.model_validate(once(site, who, key, asked, act))


@router.post("/gaps/{seams}/{seam}/verdict", status_code=201)
def answer(
    *, seams: Seams, seam: Place, body: VerdictIn, key: Key, who: Signed, site: OfSite
) -> EntryOut:
    """Accept an explanation, or give it back."""
    found = gap_seen(site, who.actor, seams, seam)
    asked: JsonObject = {"path": f"answer {seams} {seam}", "body": body.model_dump(mode="json")}

    def act() -> EntryOut:
        entry = rules.answer(site.desk, who.actor, found, body.verdict, body.words)
        return EntryOut(entry=entry)

    return EntryOut.model_validate(once(site, who, key, asked, act))


def gap_seen(site: Site, actor: Actor, seams: int, seam: int) -> Gap:
    """Return a gap between segments that the actor may list; any other one is unknown."""
    try:
        found = gap(site.desk.ledger, seams, seam)
    except (CustodyError, UsageError) as error:  # or there is no such entry at all
        raise CustodyError("gap_unknown", seams=seams, seam=seam) from error
    listing = listing_for(site.desk, actor)
    if not all(map(listing.may, found.segments)):
        raise CustodyError("gap_unknown", seams=seams, seam=seam)
    return found


def _gap_out(found: Gap) -> GapOut:
    return GapOut(
        docking=found.docking,
        seams=found.seams,
        seam=found.seam,
        kind=found.kind,
        ms=found.ms,
        before=found.before,
        after=found.after,
        state=found.state,
        explained=found.explained,
    )

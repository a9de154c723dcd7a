"""Finding segments: a list without any picture, and what the ledger says of one.

Names, parties and case numbers are searched for by POST: URLs end up in histories and logs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.auth import OfSite, Signed
from api.models import SegmentId
from api.models_segments import (
    LabelOut,
    LineOut,
    LinesOut,
    ListIn,
    NamedOut,
    SeamOut,
    SearchIn,
    SegmentOut,
    SightedOut,
)
from api.site import Site
from custody.dossier import Dossier, Joined, Sighted, dossier
from custody.entrance import Present
from custody.fields import integer, optional_text, text
from custody.finding import page_for
from custody.labels import Labelled
from custody.listing import Listing, listing_for
from custody.names import find_person, person_name, unit_name
from custody.register import read_register
from custody.seeking import recorded_by
from custody.tree import Tree
from evidence.codec import encode_entry
from evidence.errors import CustodyError
from evidence.ids import recorder_text
from evidence.people import Register
from evidence.proof import encode as encode_proof
from evidence.search import LabelRecord, Page, SegmentFilter, SegmentLine

router = APIRouter(tags=["segments"])
_MINE = frozenset({"after", "limit", "case_number", "officer", "serial"})  # not the catalogue's
Names = Callable[[str], str | None]


@router.get("/segments")
def listed(wanted: Annotated[ListIn, Query()], who: Signed, site: OfSite) -> LinesOut:
    """List segments, the newest first, by what names nobody; only what one may list."""
    return lines_out(site, who, wanted)


@router.post("/segments/search")
def search(wanted: SearchIn, who: Signed, site: OfSite) -> LinesOut:
    """Search segments, also by words of their labels; only what one may list.  Writes nothing."""
    return lines_out(site, who, wanted)


@router.get("/segments/{segment}")
def show(segment: SegmentId, who: Signed, site: OfSite) -> SegmentOut:
    """Tell what the ledger says of one segment; one that is not for these eyes is not there."""
    listing = listing_for(site.desk, who.actor)
    return segment_out(site, listing, segment, dossier(listing, segment, site.zone))


@router.get(
    "/segments/{segment}/proof",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "A C2SP tlog-proof"}},
)
def prove(segment: SegmentId, who: Signed, site: OfSite) -> Response:
    """Return the proof that the entry which sealed a segment stands in the ledger."""
    listing = listing_for(site.desk, who.actor)
    sealed = dossier(listing, segment, site.zone).sealed
    proof = encode_proof(Tree(site.desk.tiles).prove(sealed.seq))
    return Response(proof, media_type="text/plain; charset=utf-8")


@router.get("/segments/{segment}/entry", response_class=Response)
def entry(segment: SegmentId, who: Signed, site: OfSite) -> Response:
    """Return the entry that sealed a segment, byte for byte: what the proof is about."""
    listing = listing_for(site.desk, who.actor)
    sealed = dossier(listing, segment, site.zone).sealed
    return Response(encode_entry(sealed), media_type="application/json")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found.  ``next``: where to go on; None at the end."""

    lines: tuple[SegmentLine, ...]
    next: str | None
    listing: Listing


def found(site: Site, who: Present, wanted: ListIn) -> Found:
    """Return one page; the catalogue proposes, the ledger says who may list what."""
    listing, asked = listing_for(site.desk, who.actor), filter_of(site, wanted)

    def ask(limit: int, after: str | None) -> tuple[Sequence[SegmentLine], str | None]:
        proposed = _proposed(site, asked, limit, after)
        return proposed.items, proposed.after

    lines, following = page_for(listing, ask, name_of, wanted.limit, wanted.after)
    return Found(tuple(lines), following, listing)


def _proposed(site: Site, asked: SegmentFilter, limit: int, after: str | None) -> Page[SegmentLine]:
    search = site.catalogue.segments
    if asked.person is None:
        return search(asked, limit, after)
    return recorded_by(search, site.desk.ledger, asked, limit, after)


def filter_of(site: Site, wanted: ListIn) -> SegmentFilter:
    """Return what the catalogue is asked: a case by its pseudonym, an officer by their id.

    An officer whom nobody of ours is, is looked for as what a recorder claims.
    """
    asked = SegmentFilter(**wanted.model_dump(exclude=set(_MINE)))
    if not isinstance(wanted, SearchIn):
        return asked
    ledger, number = site.desk.ledger, wanted.case_number
    asked = replace(asked, case=ledger.pseudonym("c", number) if number else None)
    named = recorder_text(wanted.serial, None, None, None)
    if named is not None:
        asked = replace(asked, recorder=ledger.pseudonym("r", named))
    return asked if wanted.officer is None else _of_officer(site, asked, wanted.officer)


def _of_officer(site: Site, asked: SegmentFilter, officer: str) -> SegmentFilter:
    ledger = site.desk.ledger
    try:
        person = find_person(ledger, read_register(ledger), officer)
    except CustodyError as error:
        if error.word != "person_unknown":
            raise
        return replace(asked, officer=officer)
    return replace(asked, person=person)


def name_of(line: SegmentLine) -> str:
    """Return the id of a segment in a list."""
    return f"s:{line.sha256}"


def names_of(site: Site, register: Register) -> Names:
    """Return what tells a person's name, each read once."""

    @lru_cache(None)
    def name(person: str) -> str | None:
        return person_name(site.desk.ledger, register, person)

    return name


def lines_out(site: Site, who: Present, wanted: ListIn) -> LinesOut:
    """Return a page as a document."""
    page = found(site, who, wanted)
    names = names_of(site, page.listing.standing.register)
    rows = [line_out(line, page.listing, names) for line in page.lines]
    return LinesOut(segments=rows, next=page.next)


def line_out(line: SegmentLine, listing: Listing, names: Names) -> LineOut:
    """Return a row; its label only to who may see labels."""
    seen, held = line.sighting, line.label
    may = held is not None and listing.may(name_of(line), "see_label")
    return LineOut(
        segment=name_of(line),
        entry=line.entry,
        at=seen.at,
        claimed_at=seen.claimed_at,
        corrected_at=seen.corrected_at,
        duration_ms=line.duration_ms,
        size=line.size,
        kind=line.kind,
        slot=seen.slot,
        recorder=seen.recorder,
        docking=seen.docking,
        officer=seen.officer,
        important=seen.important,
        findings=list(dict.fromkeys(line.findings)),
        label=_held_out(held, names) if may and held else None,
    )


def _held_out(held: LabelRecord, names: Names) -> LabelOut:
    return LabelOut(
        entry=held.entry,
        item=held.item,
        step=held.step,
        no_case=held.no_case,
        complete=held.complete,
        sensitivity=held.sensitivity,
        people=[NamedOut(person=each, name=names(each)) for each in held.people],
        cause=held.cause,
        party=held.party,
        case_number=held.case_number,
        place=held.place,
        words=held.words,
    )


def segment_out(site: Site, listing: Listing, segment: str, told: Dossier) -> SegmentOut:
    """Return what is known of one segment."""
    names, body = names_of(site, listing.standing.register), told.sealed.body
    return SegmentOut(
        segment=segment,
        entry=told.sealed.seq,
        sealed_at=told.sealed.at,
        size=integer(body, "size"),
        kind=text(body, "kind"),
        container=optional_text(body, "container"),
        duration_ms=None if body.get("duration_ms") is None else integer(body, "duration_ms"),
        slices=told.slices,
        sightings=[_sighted_out(site, listing, each, names) for each in told.sightings],
        label=_label_out(told.label, names) if told.label else None,
        findings=list(told.findings),
        remarks=list(told.remarks),
        seams=[_seam_out(each) for each in told.seams],
        proof=f"/api/v1/segments/{segment}/proof",
    )


def _sighted_out(site: Site, listing: Listing, seen: Sighted, names: Names) -> SightedOut:
    whose, register = seen.belongs, listing.standing.register
    return SightedOut(
        entry=whose.sighting,
        docking=seen.docking,
        recorder=seen.recorder,
        claimed_at=seen.claimed_at,
        corrected_at=seen.corrected_at,
        person=whose.person,
        name=names(whose.person) if whose.person else None,
        unit=whose.unit,
        unit_name=unit_name(site.desk.ledger, register, whose.unit) if whose.unit else None,
        why=whose.why,
        certificate_expired=whose.expired,
    )


def _label_out(label: Labelled, names: Names) -> LabelOut:
    entry, facts = label.entry, label.facts or {}
    return LabelOut(
        entry=entry.seq,
        item=label.item,
        step=optional_text(entry.body, "step"),
        no_case=label.no_case,
        complete=label.complete,
        sensitivity=text(entry.body, "sensitivity"),
        people=[
            NamedOut(person=each, name=names(each))
            for each in sorted(entry.about)
            if each.startswith("p:")
        ],
        cause=optional_text(facts, "cause"),
        party=optional_text(facts, "party"),
        case_number=optional_text(facts, "case_number"),
        place=optional_text(facts, "place"),
        words=optional_text(facts, "words"),
    )


def _seam_out(each: Joined) -> SeamOut:
    return SeamOut(
        seams=each.seams,
        seam=each.seam,
        kind=each.kind,
        ms=each.ms,
        because=each.because,
        before=each.before,
        after=each.after,
    )

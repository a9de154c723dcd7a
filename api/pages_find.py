"""Pages to find segments: a form, a list without any picture, and what is known of one.

The form is posted: what is looked for may name somebody, and addresses are kept by browsers.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from api.auth import OfSite, Signed
from api.chosen import holder_of
from api.keep_told import kept_shown
from api.models import In, SegmentId
from api.models_footage import Code
from api.models_segments import Cursor, LineOut, SearchIn
from api.pages_enter import name_of
from api.rendering import language_of, page
from api.segments import Found, found, line_out, names_of, segment_out
from api.site import Site
from api.typed import Minute, minute
from api.visit import Here
from custody.dossier import dossier
from custody.labels import NO_CASE, NoCase
from custody.listing import listing_for
from evidence.asking import SPAN_LIMIT
from evidence.findings import Finding

router = APIRouter(include_in_schema=False)
PAGE = 20  # rows
TICKED_LIMIT = 200
KINDS = ("video", "audio", "photo", "log", "unknown", "empty")
Word = Annotated[str, Form(max_length=500)]
Coded = Code | Literal[""]


class FindForm(In):
    """What stands in the form; ``segments``: what is ticked, on this page and on those before."""

    since: Minute = ""
    until: Minute = ""
    officer: Word = ""
    case_number: Word = ""
    cause: Word = ""
    party: Word = ""
    words: Word = ""
    serial: Word = ""
    item: Coded = ""
    no_case: NoCase | Literal[""] = ""
    finding: Coded = ""
    kind: Coded = ""
    slot: Coded = ""
    important: bool = False
    unlabelled: bool = False
    after: Cursor | Literal[""] = ""
    segments: Annotated[tuple[SegmentId, ...], Form(max_length=TICKED_LIMIT)] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list.  ``holder``: who held the recorder, as the ledger says."""

    line: LineOut
    holder: str | None
    ticked: bool


@router.get("/find")
def find_page(request: Request, who: Signed, site: OfSite) -> Response:
    """Ask what to look for."""
    return _page(request, who, site, FindForm(), None)


@router.post("/find")
def find(
    request: Request, who: Signed, site: OfSite, form: Annotated[FindForm, Form()]
) -> Response:
    """Show a page of what one may list.  It writes nothing."""
    return _page(request, who, site, form, found(site, who, _wanted(site, form)))


@router.get("/find/{segment}")
def show(segment: SegmentId, here: Here) -> Response:
    """Show what the ledger says of one segment, and why it is kept and until when."""
    site, listing = here.site, listing_for(here.site.desk, here.who.actor)
    told = segment_out(site, listing, segment, dossier(listing, segment, site.zone))
    items, kept = _items(site, here.request), kept_shown(here, segment)
    return here.page("segment.html", s=told, items=items, kept=kept)


def _wanted(site: Site, form: FindForm) -> SearchIn:
    told = form.model_dump(exclude={"since", "until", "segments"})
    told = {
        name: value.strip() if isinstance(value, str) else value for name, value in told.items()
    }
    given = {name: value for name, value in told.items() if value}
    since = minute(site, form.since, "since")
    until = minute(site, form.until, "until", end=True)
    return SearchIn(since=since, until=until, limit=PAGE, **given)


def _page(
    request: Request, who: Signed, site: Site, form: FindForm, page_found: Found | None
) -> Response:
    rows = _rows(site, page_found, form) if page_found else []
    here = {row.line.segment for row in rows}
    return page(
        request,
        "find.html",
        who=name_of(site, who),
        form=form,
        rows=rows,
        searched=page_found is not None,
        after=page_found.next if page_found else None,
        elsewhere=[each for each in dict.fromkeys(form.segments) if each not in here],
        items=_items(site, request),
        findings=[str(each) for each in Finding],
        no_cases=NO_CASE,
        kinds=KINDS,
        most=SPAN_LIMIT,
    )


def _rows(site: Site, page_found: Found, form: FindForm) -> list[Row]:
    listing, ticked = page_found.listing, frozenset(form.segments)
    names = names_of(site, listing.standing.register)
    rows = []
    for each in page_found.lines:
        line = line_out(each, listing, names)
        sighting = site.desk.ledger.entry(each.sighting.entry)
        holder = holder_of(site, listing, sighting)
        rows.append(Row(line, holder, line.segment in ticked))
    return rows


def _items(site: Site, request: Request) -> dict[str, str]:
    """Return the names of items by their codes, in the language of the page."""
    chinese = language_of(request).startswith("zh")
    return {code: each.zh if chinese else each.en for code, each in site.items.items.items()}

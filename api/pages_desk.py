"""Pages of what was granted, to fetch it and to give it back; and the access log of auditors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import granted
from api.auth import OfSite, Signed
from api.chosen import chosen
from api.granted import Copy, copied
from api.models import GrantId, ReasonIn
from api.pages_enter import SEE_OTHER, name_of
from api.rendering import language_of, page, texts, words_of
from api.site import Site
from api.typed import Once, Text
from custody.accesslog import LogFilter, access_log
from custody.grants import grant_state, grants_of
from custody.names import person_name
from evidence.asking import SPAN_LIMIT

router = APIRouter(include_in_schema=False)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list of what happened."""

    at: datetime
    who: str
    what: str
    entry: int


@router.get("/grants")
def grants(request: Request, who: Signed, site: OfSite) -> Response:
    """List what was granted, with a button for each part that can be fetched."""
    found = grants_of(site.desk, who.actor.id)
    shown = [(each, chosen(site, who, each.spans)) for each in found]
    return page(request, "grants.html", who=name_of(site, who), grants=shown)


@router.post("/grants/{grant}/copies")
def fetch(
    *,
    grant: GrantId,
    who: Signed,
    site: OfSite,
    key: Once,
    span: Annotated[int, Form(ge=0, lt=SPAN_LIMIT)],
) -> Response:
    """Fetch one part of a grant: a use of it, with its entries."""
    return copied(site, who, Copy(grant, span, key))


@router.post("/grants/{grant}/withdrawal")
def end(grant: GrantId, who: Signed, site: OfSite, key: Once, reason: Text) -> Response:
    """End a grant: one's own, or one that one's unit has given."""
    granted.end(grant, ReasonIn(reason=reason), key, who, site)
    request = grant_state(site.desk, grant).request
    own = request.asker == who.actor.id
    return RedirectResponse("/grants" if own else f"/requests/{request.id}", SEE_OTHER)


@router.get("/log")
def log(request: Request, who: Signed, site: OfSite, before: int | None = None) -> Response:
    """Tell every question, answer, copy, sign-in and refusal, to auditors."""
    found = access_log(site.desk, who.actor, LogFilter(before=before, limit=PAGE))
    w = words_of(request)
    rows = [
        Line(
            row.entry.at,
            _name(site, row.entry.actor),
            w(f"event.{row.entry.type}"),
            row.entry.seq,
        )
        for row in found.rows
    ]
    return _rows(request, "log", who=name_of(site, who), rows=rows, more=found.next)


def _rows(request: Request, name: str, **shown: object) -> Response:
    heading = texts(language_of(request))[name]
    return page(request, "rows.html", heading=heading, **shown)


def _name(site: Site, person: str) -> str:
    return person_name(site.desk.ledger, site.entrance().register, person) or person

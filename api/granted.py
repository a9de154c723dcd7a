"""What was granted to somebody: seen, given back, and fetched, with an entry for every byte."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.auth import OfSite, Signed
from api.models import CopyIn, EntryOut, GrantId, GrantOut, GrantsOut, Index, Problem, ReasonIn
from api.once import Key, once
from api.shapes import PAGE_LIMIT, grant_out, page
from api.site import Site
from api.streaming import CopyResponse
from custody.access import Access
from custody.desk import Desk
from custody.entrance import Present
from custody.facts import over_request, standing_of
from custody.grants import GrantState, grant_state, grants_of, withdraw_grant
from custody.permission import refusals
from custody.ranges import Range, range_of
from custody.requests import people_of
from evidence.asking import Span
from evidence.errors import ConflictError, CustodyError, RefusedError, UsageError
from evidence.people import Actor

router = APIRouter(tags=["grants"])
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
Ranged = Annotated[str | None, Header(alias="Range", max_length=100)]
IfRange = Annotated[str | None, Header(alias="If-Range", max_length=200)]


@router.get("/grants")
def mine(
    who: Signed,
    site: OfSite,
    before: Annotated[Index | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
) -> GrantsOut:
    """List what was granted to who asks, newest first, and why some are none any more."""
    found = grants_of(site.desk, who.actor.id)
    rows, following = page([(each.decision, grant_out(each)) for each in found], before, limit)
    return GrantsOut(grants=rows, next=following)


@router.get("/grants/{grant}")
def show(grant: GrantId, who: Signed, site: OfSite) -> GrantOut:
    """Show one grant to its holder and to who may see its question."""
    return grant_out(_seen(site.desk, who.actor, grant))


@router.post("/grants/{grant}/withdrawal", status_code=201)
def end(grant: GrantId, body: ReasonIn, key: Key, who: Signed, site: OfSite) -> EntryOut:
    """End a grant at once; a running copy ends with it."""
    _seen(site.desk, who.actor, grant)
    asked = {"path": "withdraw_grant", "grant": grant, "reason": body.reason}

    def act() -> EntryOut:
        return EntryOut(entry=withdraw_grant(site.desk, who.actor, grant, body.reason))

    return EntryOut.model_validate(once(site, who, key, asked, act))


@router.post(
    "/grants/{grant}/copies",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The whole span"},
        206: {"content": {"application/octet-stream": {}}, "description": "A range of it"},
        416: {"model": Problem, "description": "No such bytes"},
    },
)
def copy(
    *,
    grant: GrantId,
    body: CopyIn,
    key: Key,
    who: Signed,
    site: OfSite,
    wanted: Ranged = None,
    condition: IfRange = None,
) -> Response:
    """Fetch one span of a grant, or one range of its bytes; each time is one use of it."""
    return copied(site, who, Copy(grant, body.span, key, wanted, condition))


@dataclass(frozen=True, slots=True)
class Copy:
    """What is fetched: one span of a grant.  ``key``: of this use; the others as in HTTP."""

    grant: str
    span: int
    key: str
    range: str | None = None
    if_range: str | None = None


def copied(site: Site, who: Present, asked: Copy) -> Response:
    """Return the answer that streams a span; its look is open in the ledger by then.

    Who is not the holder is refused on record, and told no more than that there is no such grant.
    """
    grant, access = asked.grant, Access(site.desk)
    try:
        found = access.claim(grant, who.actor)
        span = _span(found.spans, asked.span)
        if found.holder != who.actor.id:
            access.open(found, who.actor, [span])  # raises, after an entry
        part = _range(site.desk, span, asked.range, asked.if_range)
        _claim(site, who, asked)
        look = access.open(found, who.actor, [part.span])
    except RefusedError as error:
        if grant_state(site.desk, grant).request.asker != who.actor.id:
            raise CustodyError("grant_unknown", grant=grant) from error
        raise
    whole = part.length == part.size
    return CopyResponse(look, part, _headers(span, part, whole=whole), 200 if whole else 206)


def _claim(site: Site, who: Present, asked: Copy) -> None:
    """Take the key for this use: a copy that is sent again by accident is not a second use."""
    person, now, answers = who.actor.id, site.desk.clock.now(), site.accounts.answers
    fingerprint = f"copy {asked.grant} {asked.span} {asked.range}"
    if answers.claim(person, asked.key, fingerprint, now) is not None:
        raise ConflictError("idempotency_busy")
    answers.give(person, asked.key, b"{}")


def _span(spans: tuple[Span, ...], number: int) -> Span:
    if number >= len(spans):
        raise UsageError("span_outside", slices=len(spans))
    return spans[number]


def _range(desk: Desk, span: Span, wanted: str | None, condition: str | None) -> Range:
    """Return the one range that is wanted; several, or none that we understand: all of it."""
    match = _RANGE.fullmatch(wanted or "")
    if match is None or match.groups() == ("", "") or condition not in {None, etag_of(span)}:
        return range_of(desk, span, None, None)
    first, last = (int(each) if each else None for each in match.groups())
    return range_of(desk, span, first, last)


def etag_of(span: Span) -> str:
    """Return the strong validator of a span: a segment is its own SHA-256."""
    digest = span.segment.removeprefix("s:")
    return f'"{digest}"' if span.first is None else f'"{digest}-{span.first}-{span.last}"'


def _headers(span: Span, part: Range, *, whole: bool) -> dict[str, str]:
    digest = span.segment.removeprefix("s:")
    headers = {
        "ETag": etag_of(span),
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{digest[:16]}.bin"',
    }
    if not whole:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{part.size}"
    return headers


def _seen(desk: Desk, actor: Actor, grant: str) -> GrantState:
    """Return a grant for its holder and for who may see its question; else it is unknown."""
    state = grant_state(desk, grant)
    request = state.request
    situation = over_request(
        standing_of(desk, actor), request, people_of(desk.ledger, request), "see_request"
    )
    if request.asker != actor.id and refusals("see_request", situation):
        raise CustodyError("grant_unknown", grant=grant)
    return state

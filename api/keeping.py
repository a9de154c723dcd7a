"""Why segments are kept, what falls due, what cannot go and whose task that is, and by which rules.

The catalogue proposes segments; each is decided from its own entries, for who asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.admin_parts import UNCHANGED, tagged
from api.auth import OfSite, Signed
from api.models import SegmentId
from api.models_keep import (
    WITHIN_LIMIT_DAYS,
    BlockedOut,
    Day,
    DueOut,
    PoliciesOut,
    PolicyOut,
    PolicyProposalOut,
    RetentionOut,
    SumOut,
)
from api.shapes import PAGE_LIMIT
from api.site import Site
from custody.blocked import blocked_of
from custody.deciding import Decided, Deciding
from custody.kept_json import decided_json
from custody.policies import policy_json
from custody.shelf import read_shelf
from evidence.candidates import Wanted
from evidence.errors import RefusedError, UnknownSegmentError
from evidence.keeping import Policy, Proposal
from evidence.people import Actor
from evidence.search import PAGE_LIMIT as ASKED_ROWS
from evidence.search import SegmentFilter

router = APIRouter(tags=["keeping"])
PAGES_LIMIT = 10_000  # of the catalogue, in one list
LOOKED_LIMIT = 5000  # segments that one request decides: anybody may ask, and each takes its time
Within = Annotated[int, Query(ge=0, le=WITHIN_LIMIT_DAYS)]


@router.get("/segments/{segment}/retention")
def retention(
    segment: SegmentId, who: Signed, site: OfSite, on: Annotated[Day | None, Query()] = None
) -> RetentionOut:
    """Tell why a segment is kept and until when; ``on``: as it would be when that day begins."""
    now = datetime.combine(on, time(), site.zone) if on else None
    deciding = deciding_for(site, who.actor, now)
    return retention_out(deciding, kept(deciding, segment))


@router.get("/retention/due")
def due(
    who: Signed,
    site: OfSite,
    within_days: Within = 30,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_LIMIT,
) -> DueOut:
    """List what keeps no more after some days, the soonest first, and what forbids it to go."""
    deciding, looked = looking(site, who.actor)
    found = deciding.falls_due(timedelta(days=within_days), limit)
    return DueOut(
        within_days=within_days,
        at=deciding.now,
        count=found.count,
        bytes=found.bytes,
        due=[retention_out(deciding, each) for each in found.soonest],
        more=looked.more,
    )


@router.get("/retention/blocked")
def blocked(
    who: Signed, site: OfSite, by: Annotated[Literal["unit"] | None, Query()] = None
) -> BlockedOut:
    """Sum up what cannot go: for each reason how much, since when, and whose task it is."""
    deciding, looked = looking(site, who.actor)
    found = blocked_of(deciding, by_unit=by == "unit")
    rows = [SumOut.model_validate(found.json(place)) for place in found.sums]
    return BlockedOut(at=found.now, blocked=rows, hidden=found.hidden, more=looked.more)


@router.get("/policies", response_model=PoliciesOut, responses=UNCHANGED)
def policies(request: Request, who: Signed, site: OfSite) -> Response:
    """Tell by which rules things are kept: every version that holds or held, and what waits."""
    del who
    shelf = read_shelf(site.desk.ledger)
    held = [_policy_out(each) for each in shelf.policies]
    waits = [_proposal_out(each) for each in shelf.proposals.values()]
    return tagged(request, PoliciesOut(policies=held, proposals=waits))


@dataclass(slots=True)
class Looked:
    """What one request looks at, as the catalogue proposes it.  ``more``: there was more."""

    site: Site
    more: bool = False

    def __call__(self, wanted: Wanted | None) -> Iterator[str]:
        """Yield segments (s:…), at most ``LOOKED_LIMIT``."""
        site = self.site
        named = candidates(site, wanted) if wanted else proposed(site, SegmentFilter())
        for place, each in enumerate(named):
            if place == LOOKED_LIMIT:
                self.more = True
                return
            yield each


def looking(site: Site, actor: Actor, now: datetime | None = None) -> tuple[Deciding, Looked]:
    """Return what decides for ``actor``, and how far it has looked once it is done."""
    looked = Looked(site)
    return Deciding(site.desk, actor, site.zone, looked, now), looked


def deciding_for(site: Site, actor: Actor, now: datetime | None = None) -> Deciding:
    """Return what decides for ``actor``; the catalogue of the site proposes."""
    return looking(site, actor, now)[0]


def proposed(site: Site, wanted: SegmentFilter) -> Iterator[str]:
    """Yield the segments (s:…) that the catalogue knows as ``wanted``, newest first."""
    after: str | None = None
    for _ in range(PAGES_LIMIT):
        page = site.catalogue.segments(wanted, ASKED_ROWS, after)
        yield from (f"s:{each.sha256}" for each in page.items)
        if page.after is None:
            return
        after = page.after


def candidates(site: Site, wanted: Wanted) -> Iterator[str]:
    """Yield the segments (s:…) that may be what is wanted, the oldest first."""
    after: str | None = None
    for _ in range(PAGES_LIMIT):
        page = site.catalogue.candidates(wanted, after=after)
        yield from (f"s:{each}" for each in page.items)
        if page.after is None:
            return
        after = page.after


def check_listed(deciding: Deciding, segment: str) -> None:
    """Raise ``UnknownSegmentError`` for what is not there, and for what is not for these eyes.

    The latter after an entry of the refusal: an answer tells nobody that it is there.
    """
    try:
        deciding.listing.check(segment)
    except RefusedError as error:
        raise UnknownSegmentError("segment_unknown", segment=segment) from error


def kept(deciding: Deciding, segment: str) -> Decided:
    """Return why a segment is kept; raises as ``check_listed``.

    ``CustodyError`` (``segment_disposed``) where its bytes are gone.
    """
    check_listed(deciding, segment)
    return deciding.look(segment)


def retention_out(deciding: Deciding, decided: Decided) -> RetentionOut:
    """Return what was decided as a document."""
    told = {**decided_json(deciding, decided), "segment": decided.keeping.segment}
    return RetentionOut.model_validate(told)


def _policy_out(policy: Policy) -> PolicyOut:
    return PolicyOut(
        name=policy.name,
        version=policy.version,
        sha256=policy.sha256,
        entry=policy.entry or 0,
        replaced=policy.replaced,
        pack={**policy_json(policy)},
    )


def _proposal_out(proposal: Proposal) -> PolicyProposalOut:
    policy = proposal.policy
    return PolicyProposalOut(
        name=policy.name,
        version=policy.version,
        sha256=policy.sha256,
        entry=proposal.entry,
        by=proposal.by,
        at=proposal.at,
        pack={**policy_json(policy)},
    )

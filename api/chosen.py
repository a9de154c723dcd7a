"""Parts of recordings as pages name them: when, how long, whose; no picture, no byte is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.site import Site
from custody.entrance import Present
from custody.fields import integer, optional_text
from custody.footage import slices_of
from custody.history import chain
from custody.labels import label_of
from custody.listing import Listing, listing_for
from custody.names import person_name
from custody.tenure import SIGHTINGS, owner_of, recorded_at
from evidence.asking import Span
from evidence.entry import Entry


@dataclass(frozen=True, slots=True)
class Chosen:
    """One span.  ``known``: the rest is told, since the asker may list it; else ids alone."""

    number: int
    span: Span
    slices: int
    known: bool = False
    at: datetime | None = None
    ms: int | None = None
    holder: str | None = None
    case_number: str | None = None

    @property
    def short(self) -> str:
        """Return the beginning of the digest, as people compare it."""
        return self.span.segment[2:14]


def chosen(site: Site, who: Present, spans: Sequence[Span]) -> list[Chosen]:
    """Return what pages show of ``spans``.  Raises ``UnknownSegmentError``."""
    listing = listing_for(site.desk, who.actor)
    return [_one(site, listing, number, span) for number, span in enumerate(spans)]


def holder_of(site: Site, listing: Listing, sighting: Entry) -> str | None:
    """Return the name of who held the recorder, from the ledger; None: nobody is guessed."""
    person = owner_of(site.desk.ledger, sighting, listing.tenures).person
    register = listing.standing.register
    return person and (person_name(site.desk.ledger, register, person) or person)


def _one(site: Site, listing: Listing, number: int, span: Span) -> Chosen:
    ledger, segment = site.desk.ledger, span.segment
    slices = slices_of(ledger, segment)
    if not listing.may(segment):
        return Chosen(number, span, slices)
    entries = list(chain(segment, ledger))
    newest = next(each for each in entries if each.type in SIGHTINGS)
    sealed = next(each for each in entries if each.type == "segment.sealed")
    label = label_of(ledger, segment) if listing.may(segment, "see_label") else None
    length = sealed.body.get("duration_ms")
    return Chosen(
        number,
        span,
        slices,
        known=True,
        at=recorded_at(newest),
        ms=None if length is None else integer(sealed.body, "duration_ms"),
        holder=holder_of(site, listing, newest),
        case_number=optional_text(label.facts or {}, "case_number") if label else None,
    )

"""What the ledger says of one segment: whose it is, what it is of, what was noticed, what it joins.

No byte of it and no picture: those are footage (article 18).  The catalogue is not asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from custody.belonging import Belongs, Remarked, belongings, remarks
from custody.fields import integer, mapping, noted, optional_moment, optional_text, sequence, text
from custody.history import chain
from custody.labels import Labelled, label_of
from custody.listing import Listing
from custody.tenure import SIGHTINGS
from evidence.entry import Entry
from evidence.errors import RefusedError, UnknownSegmentError


@dataclass(frozen=True, slots=True)
class Sighted:
    """One place where it lay, whose it was there, and when it began by its clock and by ours."""

    docking: str
    recorder: str | None
    belongs: Belongs
    claimed_at: datetime | None
    corrected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Joined:
    """One seam at its sides.  A neighbour that the asker may not list is None, as one not here."""

    seams: int  # entry
    seam: int  # its place there
    kind: str
    ms: int | None
    because: str | None
    before: str | None  # s:…
    after: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of it.  ``label`` is None too for who may not see labels."""

    sealed: Entry
    slices: int
    sightings: tuple[Sighted, ...]  # oldest first
    label: Labelled | None
    findings: tuple[str, ...]  # codes, sorted
    remarks: tuple[Remarked, ...]
    seams: tuple[Joined, ...]  # oldest first


def dossier(listing: Listing, segment: str, zone: tzinfo) -> Dossier:
    """Return what is known of ``segment``; days of certificates are those of ``zone``.

    Raises ``UnknownSegmentError`` where it is not in custody, and the same, after an entry of the
    refusal, where the actor may not list it: an answer tells nobody that it is there.
    """
    try:
        listing.check(segment)
    except RefusedError as error:
        raise UnknownSegmentError("segment_unknown", segment=segment) from error
    ledger = listing.standing.desk.ledger
    belongs = belongings(ledger, segment, zone)
    entries = list(reversed(list(chain(segment, ledger))))
    seen = [each for each in entries if each.type in SIGHTINGS]
    label = label_of(ledger, segment) if listing.may(segment, "see_label") else None
    return Dossier(
        seen[0],
        integer(mapping(seen[0].body, "slices"), "count"),
        tuple(_sighted(entry, whose) for entry, whose in zip(seen, belongs, strict=True)),
        label,
        tuple(sorted(set[str]().union(*(noted(entry.body) for entry in seen)))),
        remarks(belongs, label),
        tuple(each for entry in entries for each in _joined(entry, segment, listing)),
    )


def _sighted(entry: Entry, belongs: Belongs) -> Sighted:
    place = mapping(entry.body, "sighting")
    recorders = (each for each in entry.about if each.startswith("r:"))
    return Sighted(
        text(place, "docking"),
        next(recorders, None),
        belongs,
        optional_moment(place, "claimed_at"),
        optional_moment(place, "corrected_at"),
    )


def _joined(entry: Entry, segment: str, listing: Listing) -> Iterator[Joined]:
    if entry.type != "seams.judged":
        return
    for place, value in enumerate(sequence(entry.body, "seams")):
        seam = mapping({"seams": value}, "seams")
        sides = optional_text(seam, "before"), optional_text(seam, "after")
        if segment in sides:
            ms = None if seam.get("ms") is None else integer(seam, "ms")
            before, after = (each if each and listing.may(each) else None for each in sides)
            because = optional_text(seam, "because")
            yield Joined(entry.seq, place, text(seam, "kind"), ms, because, before, after)

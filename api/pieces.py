"""A recording as a list or a form names it: when, whose, how long; never a picture of it."""

from dataclasses import dataclass
from datetime import datetime

from api.site import Site
from custody.belonging import belongings, remarks
from custody.fields import integer, mapping, optional_moment
from custody.history import chain
from custody.labels import Labelled, label_of
from custody.names import person_name
from custody.tenure import SIGHTINGS, recorded_at
from evidence.entry import Entry
from evidence.people import Register


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment.  Both times of its newest sighting: what the recorder claimed, and corrected."""

    segment: str
    docking: str
    recorded_at: datetime
    claimed_at: datetime | None
    corrected_at: datetime | None
    ms: int | None
    important: bool
    holders: tuple[str, ...]  # people's ids
    names: tuple[str, ...]
    noted: tuple[str, ...]  # codes, ``short.<code>``
    label: Labelled | None

    @property
    def short(self) -> str:
        """Return the beginning of the digest, as people compare it."""
        return self.segment[2:14]


def piece_of(site: Site, register: Register, segment: str, docking: str | None = None) -> Piece:
    """Return one segment, as it lay in ``docking`` where that is said.

    Raises ``UnknownSegmentError``.
    """
    ledger = site.desk.ledger
    belongs = belongings(ledger, segment, site.zone)
    entries = list(chain(segment, ledger))
    sightings = [each for each in entries if each.type in SIGHTINGS]
    seen = next((each for each in sightings if docking in each.about), sightings[0])
    told, label = mapping(seen.body, "sighting"), label_of(ledger, segment)
    holders = tuple(dict.fromkeys(each.person for each in belongs if each.person is not None))
    names = (person_name(ledger, register, each) or each for each in holders)
    return Piece(
        segment,
        next((each for each in seen.about if each.startswith("d:")), ""),
        recorded_at(seen),
        optional_moment(told, "claimed_at"),
        optional_moment(told, "corrected_at"),
        _length(entries),
        told.get("important") is True,
        holders,
        tuple(names),
        remarks(belongs, label),
        label,
    )


def _length(entries: list[Entry]) -> int | None:
    sealed = next((each for each in entries if each.type == "segment.sealed"), None)
    if sealed is None or sealed.body.get("duration_ms") is None:
        return None
    return integer(sealed.body, "duration_ms")

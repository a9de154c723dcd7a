"""Whose a segment is, shown to who may list it; in an open home it is nobody's."""

from dataclasses import dataclass
from datetime import tzinfo

from appliance.call import Call
from appliance.signed_in import actor
from appliance.words import Words, printable
from custody.belonging import Belongs, belongings
from custody.listing import Listing, listing_for
from custody.names import person_name, unit_name
from custody.register import founded


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """Whose one sighting is; ``why`` as in ``custody.tenure.Holder``."""

    sighting: int
    person: str | None
    name: str | None
    unit: str | None
    unit_name: str | None
    why: str
    certificate_expired: bool


def set_up(call: Call) -> bool:
    """Return whether people are set up here: then every look needs one of them."""
    return founded(call.services.desk.ledger)


def check_listed(call: Call, digest: str) -> Listing | None:
    """Return what the actor may list; None in an open home.  Raises ``RefusedError`` on record."""
    if not set_up(call):
        return None
    listing = listing_for(call.services.desk, actor(call))
    listing.check(f"s:{digest}")
    return listing


def owners(listing: Listing | None, digest: str, zone: tzinfo) -> tuple[OwnerLine, ...]:
    """Return whose every sighting of a segment is, the oldest first; days are those of ``zone``."""
    if listing is None:
        return ()
    found = belongings(listing.standing.desk.ledger, f"s:{digest}", zone)
    return tuple(_line(listing, each) for each in found)


def owner_told(line: OwnerLine, words: Words) -> str:
    """Return whose a sighting is in words; nobody is guessed."""
    unit = printable(line.unit_name or line.unit or "–")
    told = words("show.unresolved", unit=unit)
    if line.person is not None:
        told = words("show.owner", name=printable(line.name or line.person), unit=unit)
    head = f"#{line.sighting}  {told}"
    return f"{head}  {words('short.certificate_expired')}" if line.certificate_expired else head


def _line(listing: Listing, belongs: Belongs) -> OwnerLine:
    ledger, register = listing.standing.desk.ledger, listing.standing.register
    person, unit = belongs.person, belongs.unit
    return OwnerLine(
        sighting=belongs.sighting,
        person=person,
        name=person_name(ledger, register, person) if person else None,
        unit=unit,
        unit_name=unit_name(ledger, register, unit) if unit else None,
        why=belongs.why,
        certificate_expired=belongs.expired,
    )

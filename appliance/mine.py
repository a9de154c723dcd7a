"""Whose recordings a list is about, and from when on."""

from datetime import datetime

from appliance.call import Call
from appliance.commands_look import moment_of, zone_of
from appliance.signed_in import actor
from custody.listing import Listing, check_person, listing_for
from custody.names import find_person
from evidence.errors import UsageError


def whose(call: Call) -> tuple[str, Listing]:
    """Return whose list is asked for, and what the actor may list; raises ``RefusedError``."""
    who, desk = actor(call), call.services.desk
    listing = listing_for(desk, who)
    asked = call.arguments.person
    if not (asked or who.id.startswith("p:")):
        raise UsageError("mine_open")  # nobody has been set up: nobody recorded anything
    person = find_person(desk.ledger, listing.standing.register, asked) if asked else who.id
    check_person(listing, person)
    return person, listing


def since_of(call: Call) -> datetime | None:
    """Return from when on a list goes; None: as far back as it does by itself."""
    moment = moment_of(call.arguments.since, zone_of(call), end=False)
    return datetime.fromisoformat(moment) if moment else None

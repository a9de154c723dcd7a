"""The form of a hold: what was typed into it, as the API takes it."""

import base64
import binascii
from typing import Annotated, Literal

from fastapi import Form

from api.models import In, PersonId
from api.models_admin import UnitId
from api.models_keep import COPY_LIMIT, AttachmentIn, HoldIn, hold_said
from api.site import Site
from api.typed import Minute, Once, minute
from custody.facts import over_unit
from custody.holds import NAME_LIMIT
from custody.listing import listing_for, people_led
from custody.names import person_name, unit_name
from custody.permission import refusals
from evidence.errors import UsageError
from evidence.ids import recorder_text
from evidence.keeping import HELD_SEGMENTS_LIMIT, Reason
from evidence.people import Actor

LED_LIMIT = 500  # people, and units, to choose from
SEGMENTS_CHARACTERS = 6000
Word = Annotated[str, Form(max_length=500)]
Long = Annotated[str, Form(max_length=2000)]
Named = list[tuple[str, str]]  # id, name


class HoldForm(In):
    """What stands in the form: segments, or a case, or a window of one of three."""

    reason: Reason | Literal[""] = ""
    reference: Long = ""
    words: Long = ""
    segments: Annotated[str, Form(max_length=SEGMENTS_CHARACTERS)] = ""
    case_number: Word = ""
    officer: PersonId | Literal[""] = ""
    unit: UnitId | Literal[""] = ""
    serial: Word = ""
    since: Minute = ""
    until: Minute = ""
    paper_name: Annotated[str, Form(max_length=NAME_LIMIT)] = ""
    paper: Annotated[str, Form(max_length=COPY_LIMIT)] = ""  # base64url: nothing to escape
    answers: Annotated[str, Form(max_length=15, pattern="^[0-9]*$")] = ""
    key: Once


def windows(site: Site, actor: Actor) -> tuple[Named, Named]:
    """Return the people and the units for whose recordings the actor may place a hold, by name."""
    listing, ledger = listing_for(site.desk, actor), site.desk.ledger
    standing = listing.standing
    register = standing.register
    own = [actor.id] if actor.id in register.people else []
    people = [*own, *people_led(listing)][:LED_LIMIT]
    units = [u for u in register.units if not refusals("place_hold", over_unit(standing, u))]
    named = [(each, person_name(ledger, register, each) or each) for each in people]
    led = [(each, unit_name(ledger, register, each) or each) for each in units[:LED_LIMIT]]
    return sorted(named, key=lambda each: each[1]), sorted(led, key=lambda each: each[1])


def hold_in(site: Site, form: HoldForm) -> HoldIn:
    """Return what was typed as the API takes it; raises ``UsageError`` with the field to mend."""
    of = [each for each in (form.officer, form.unit, _recorder(site, form)) if each]
    if len(of) > 1:
        raise UsageError("hold_which")
    said = {
        "reason": form.reason,
        "reference": form.reference,
        "words": form.words,
        "segments": form.segments.split(),
        "case_number": form.case_number.strip() or None,
        "of": of[0] if of else None,
        "since": minute(site, form.since, "since"),
        "until": minute(site, form.until, "until", end=True),
        "attachment": _paper(form),
        "answers": int(form.answers) if form.answers else None,
    }
    return hold_said(said)


def _wrong(field: str) -> UsageError:
    return UsageError("hold_scope", field=field, limit=HELD_SEGMENTS_LIMIT)


def _recorder(site: Site, form: HoldForm) -> str | None:
    named = recorder_text(form.serial.strip(), None, None, None) if form.serial.strip() else None
    return site.desk.ledger.pseudonym("r", named) if named else None


def _paper(form: HoldForm) -> AttachmentIn | None:
    if not form.paper:
        return None
    try:
        content = base64.b64decode(form.paper + "=" * (-len(form.paper) % 4), "-_", validate=True)
    except binascii.Error as error:
        raise _wrong("paper") from error
    copy = base64.b64encode(content).decode()
    return AttachmentIn(name=form.paper_name.strip() or "paper", copy_base64=copy)

"""``hold``: what is kept beyond its period, and what waits for a person to say so."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from appliance import commands_case
from appliance.asking import segment_of, until_of
from appliance.call import Call
from appliance.commands_look import moment_of, zone_of
from appliance.holding import (
    block,
    hold_json,
    hold_rows,
    hold_words,
    mark_json,
    mark_rows,
    proposed_json,
    proposed_rows,
)
from appliance.output import Answer
from appliance.services import Filter
from appliance.signed_in import actor
from custody.holds import (
    ATTACHMENT_LIMIT_BYTES,
    Attachment,
    Wanted,
    may_see,
    place_hold,
    propose_release,
    refuse_release,
    release_hold,
    standing_holds,
)
from custody.keeping import begin_keeping
from custody.listing import listing_for
from custody.marks import resolve
from custody.names import find_person, find_unit
from custody.register import read_register
from custody.waiting import waiting_marks, waiting_proposals
from evidence.errors import CustodyError, UsageError, VaultUnavailableError
from evidence.json import JsonObject
from evidence.keeping import RELEASE_GROUNDS, Scope
from evidence.people import ORGANISATION

START_LEAST = 6  # digits of a hold's id that somebody types
PAGE = 1000
PAGES_LIMIT = 1000  # of marked segments that are gone through


def place(call: Call) -> Answer:
    """Place a hold on segments, a case, or a window of time."""
    asked, who = call.arguments, actor(call)
    wanted = Wanted(
        asked.reason,
        _scope(call),
        asked.reference,
        asked.words,
        _attachment(asked.attach),
        asked.answers,
    )
    placed = place_hold(call.services.desk, who, wanted)
    lines = [call.words("hold.placed", hold=placed.id, article=placed.article, entry=placed.entry)]
    return Answer({"hold": hold_json(placed)}, lines)


def _scope(call: Call) -> Scope:
    asked, ledger = call.arguments, call.services.desk.ledger
    since, until = _since(call), until_of(call, asked.until)
    windows = {"officer": asked.officer, "recorder": asked.recorder, "unit": asked.unit}
    named = next((name for name, text in windows.items() if text), None)
    if bool(asked.segments) == bool(named or asked.case):
        raise UsageError("hold_which")
    if named:
        return Scope("window", of=_window(call, named), since=since, until=until)
    if asked.case:
        return Scope("case", of=ledger.pseudonym("c", asked.case), since=since, until=until)
    segments = tuple(dict.fromkeys(segment_of(call, text) for text in asked.segments))
    return Scope("segments", segments, since=since, until=until)


def _window(call: Call, named: str) -> str:
    asked, ledger = call.arguments, call.services.desk.ledger
    if named == "recorder":
        return call.services.recorder(asked.recorder)
    register = read_register(ledger)
    if named == "officer":
        return find_person(ledger, register, asked.officer)
    return ORGANISATION if asked.unit == "." else find_unit(ledger, register, asked.unit)


def _since(call: Call) -> datetime | None:
    moment = moment_of(call.arguments.since, zone_of(call), end=False)
    return datetime.fromisoformat(moment) if moment else None


def _attachment(path: str | None) -> Attachment | None:
    """Return a file as it goes into the statement; its place on this machine stays here."""
    if path is None:
        return None
    file = Path(path)
    try:
        with file.open("rb") as opened:
            return Attachment(file.name, opened.read(ATTACHMENT_LIMIT_BYTES + 1))
    except OSError as error:
        raise VaultUnavailableError("file_unreadable", path=path) from error


def release(call: Call) -> Answer:
    """End a hold: the first person says why, the second one releases it."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    hold = _hold(call)
    if asked.ground is None:
        entry = release_hold(desk, who, hold)
        told = call.words("hold.released", hold=hold, entry=entry)
    else:
        ground = next(each for each in RELEASE_GROUNDS if each == asked.ground.replace("-", "_"))
        entry = propose_release(desk, who, hold, ground, asked.reference or "")
        told = call.words("hold.release_proposed", hold=hold, entry=entry)
    return Answer({"hold": hold, "entry": entry, "released": asked.ground is None}, [told])


def refuse(call: Call) -> Answer:
    """Refuse a proposed release: the hold stands."""
    who, hold = actor(call), _hold(call)
    entry = refuse_release(call.services.desk, who, hold, call.arguments.reason)
    return Answer(
        {"hold": hold, "entry": entry}, [call.words("hold.refused", hold=hold, entry=entry)]
    )


def _hold(call: Call) -> str:
    """Return the hold that begins as it was typed, among those that the actor may know of."""
    text = call.arguments.hold
    start = "h:" + text.lower().removeprefix("h:")
    keeper = begin_keeping(call.services.desk, actor(call))
    found = [
        each.id
        for each in keeper.shelf.holds.values()
        if each.id.startswith(start) and may_see(keeper, each)
    ]
    if len(start) < len("h:") + START_LEAST or len(found) != 1:
        raise CustodyError("hold_unknown", hold=text)
    return found[0]


def list_holds(call: Call) -> Answer:
    """List what is held, what holds until somebody decides, and what is proposed to be held."""
    who, desk = actor(call), call.services.desk
    keeper, listing = begin_keeping(desk, who), listing_for(desk, who)
    every = tuple(keeper.shelf.holds.values())
    known = every if call.arguments.released else standing_holds(keeper.shelf)
    holds = [each for each in known if may_see(keeper, each)]
    marks = list(waiting_marks(keeper, listing, _marked(call)))
    proposed = list(waiting_proposals(keeper))
    lines = [
        *block(call, "hold.standing", hold_rows(call, holds)),
        *block(call, "hold.provisional", mark_rows(call, marks)),
        *block(call, "hold.proposed", proposed_rows(call, proposed)),
    ]
    fields: JsonObject = {
        "holds": [{**hold_json(each), **hold_words(keeper, each)} for each in holds],
        "provisional": [mark_json(each) for each in marks],
        "proposed": [proposed_json(each) for each in proposed],
    }
    return Answer(fields, lines or [call.words("hold.none")])


def _marked(call: Call) -> Iterator[str]:
    """Yield the segments that the catalogue says are marked."""
    after: str | None = None
    for _ in range(PAGES_LIMIT):
        page = call.services.segments(Filter(important=True, limit=PAGE, after=after))
        yield from (f"s:{row.segment}" for row in page.segments)
        if page.next is None:
            return
        after = page.next


def resolve_it(call: Call) -> Answer:
    """Say that a mark or a proposal needs no hold."""
    asked = call.arguments
    entry = resolve(call.services.desk, actor(call), asked.entry, asked.reason)
    told = call.words("hold.resolved", of=asked.entry, entry=entry)
    return Answer({"of": asked.entry, "entry": entry}, [told])


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "hold place": place,
    "hold release": release,
    "hold refuse": refuse,
    "hold list": list_holds,
    "hold resolve": resolve_it,
    **commands_case.COMMANDS,
}

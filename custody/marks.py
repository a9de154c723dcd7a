"""What waits for a person: important marks, which hold until somebody decides, and proposals.

A mark of the officer keeps a segment by itself, without end: a person places a hold on it or says
why none is needed.  A question for litigation, a complaint or a court proposes a hold.  Each is
named by one entry: the sighting, or request.made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from custody.desk import Desk
from custody.facts import over_footage
from custody.fields import boolean, mapping, noted
from custody.footage import footage_of
from custody.history import chain
from custody.keeping import Keeper, begin_keeping, check_words
from custody.requests import load_request
from custody.tenure import SIGHTINGS, segment_of
from evidence.asking import Request
from evidence.entry import Entry, Private
from evidence.errors import CustodyError, UsageError
from evidence.findings import Finding
from evidence.json import JsonObject
from evidence.keeping import PROPOSES, Reason, Scope, Shelf
from evidence.people import Actor
from evidence.ports import Ledger

# A clock of which a person may say that it does not matter for this sighting.
CLOCKS = frozenset({Finding.CLOCK_RESET, Finding.FROM_THE_FUTURE, Finding.TIME_DISAGREES})


@dataclass(frozen=True, slots=True)
class Mark:
    """An important mark that nobody has decided: a provisional hold."""

    segment: str
    sighting: int  # entry
    at: datetime


@dataclass(frozen=True, slots=True)
class HoldProposal:
    """A question that proposes a hold, which nobody has answered."""

    request: Request
    reason: Reason


def marks_of(ledger: Ledger, shelf: Shelf, segment: str) -> tuple[Mark, ...]:
    """Return the marks of a segment that nobody has decided, oldest first."""
    found = [
        Mark(segment, entry.seq, entry.at)
        for entry in chain(segment, ledger)
        if entry.type in SIGHTINGS and is_marked(entry) and entry.seq not in shelf.answered
    ]
    return tuple(reversed(found))


def is_marked(sighting: Entry) -> bool:
    """Return whether the officer pressed the mark."""
    return boolean(mapping(sighting.body, "sighting"), "important")


def proposals_of(ledger: Ledger, shelf: Shelf, subject: str) -> Iterator[HoldProposal]:
    """Yield what the questions about ``subject`` (a unit, a segment, …) propose, newest first."""
    for entry in chain(subject, ledger):
        if entry.type == "request.made" and entry.seq not in shelf.answered:
            request = load_request(ledger, str(entry.body.get("request")))
            reason = PROPOSES.get(request.purpose)
            if reason is not None:
                yield HoldProposal(request, reason)


def resolve(desk: Desk, actor: Actor, entry: int, reason: str) -> int:
    """Say that a mark, a clock or a proposal needs no hold; return the index of the entry.

    ``entry``: the sighting or request.made.  Raises ``UsageError`` (``nothing_to_resolve``),
    ``CustodyError`` (``resolved_already``), ``RefusedError`` after an entry of its own.
    """
    keeper = begin_keeping(desk, actor)
    told = check_words(reason, "reason")
    waiting = _waiting(keeper, entry)
    segments = _segments_of(desk.ledger, waiting)
    over = over_footage(keeper.standing, footage_of(desk.ledger, segments))
    keeper.allow("resolve_mark", over, segments)
    if waiting.type == "request.made":
        subject = str(waiting.body.get("request"))
        body: JsonObject = {"request": entry, "answer": "not_needed"}
        kind = "proposal.declined"
    else:
        subject, kind = segments[0], "mark.resolved"
        body = {"sighting": entry, "answer": "not_needed"}
    return keeper.write(kind, (subject,), body, Private(subject, {"reason": told}))


def check_answers(keeper: Keeper, entry: int, scope: Scope) -> None:
    """Raise unless a hold of ``scope`` answers what stands in ``entry``: it catches all of it."""
    waiting = _waiting(keeper, entry)
    caught = {*scope.segments}
    case = waiting.body.get("case") if waiting.type == "request.made" else None
    of_case = scope.of is not None and scope.of == case
    if not (of_case or caught.issuperset(_segments_of(keeper.desk.ledger, waiting))):
        raise UsageError("hold_answers_other", entry=entry)


def _waiting(keeper: Keeper, index: int) -> Entry:
    """Return an entry that waits for a person's word."""
    entry = keeper.desk.ledger.entry(index)
    marked = entry.type in SIGHTINGS and (
        is_marked(entry) or not CLOCKS.isdisjoint(noted(entry.body))
    )
    if not (marked or (entry.type == "request.made" and entry.body.get("purpose") in PROPOSES)):
        raise UsageError("nothing_to_resolve", entry=index)
    answer = keeper.shelf.answered.get(index)
    if answer is not None:
        raise CustodyError("resolved_already", entry=index, answer=answer)
    return entry


def _segments_of(ledger: Ledger, waiting: Entry) -> tuple[str, ...]:
    if waiting.type == "request.made":
        request = load_request(ledger, str(waiting.body.get("request")))
        return tuple(span.segment for span in request.spans)
    return (segment_of(waiting),)

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
from custody.fields import boolean, mapping
from custody.footage import footage_of
from custody.history import chain
from custody.keeping import Keeper, begin_keeping, check_words
from custody.kept import facts_of
from custody.past import Past
from custody.requests import load_request
from custody.tenure import SIGHTINGS, segment_of
from evidence.asking import Request
from evidence.entry import Entry, Private
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.keeping import PROPOSES, Reason, Scope, Shelf
from evidence.people import Actor
from evidence.ports import Ledger


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
        if entry.type == "request.made" and entry.body.get("purpose") in PROPOSES:
            if entry.seq in shelf.answered:
                continue
            request = load_request(ledger, str(entry.body.get("request")))
            yield HoldProposal(request, PROPOSES[request.purpose])


def resolve(desk: Desk, actor: Actor, entry: int, reason: str) -> int:
    """Say that a mark or a proposal needs no hold, or a clock or a conflict does not matter.

    Return the index of the entry; one word about a sighting answers all that it waits with.

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
    if entry.type == "request.made":
        waits = entry.body.get("purpose") in PROPOSES
    else:
        waits = entry.type in SIGHTINGS and _needs_a_word(keeper, entry)
    if not waits:
        raise UsageError("nothing_to_resolve", entry=index)
    answer = keeper.shelf.answered.get(index)
    if answer is not None:
        raise CustodyError("resolved_already", entry=index, answer=answer)
    return entry


def _needs_a_word(keeper: Keeper, sighting: Entry) -> bool:
    """Return whether a sighting is marked, of a clock out of order, or of two recorders."""
    past = Past(keeper.desk.ledger)
    kept = facts_of(past, segment_of(sighting), keeper.shelf)
    (seen,) = (each for each in kept.sightings if each.entry == sighting.seq)
    return seen.important or seen.odd or seen.conflict is not None


def _segments_of(ledger: Ledger, waiting: Entry) -> tuple[str, ...]:
    if waiting.type == "request.made":
        request = load_request(ledger, str(waiting.body.get("request")))
        return tuple(span.segment for span in request.spans)
    return (segment_of(waiting),)

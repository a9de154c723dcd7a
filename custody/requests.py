"""Questions in the ledger: asked, withdrawn, objected to; read back from it and from nothing else.

The only module that makes a ``Request`` (``tests/test_architecture.py``).
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TypeVar

from custody.desk import Desk
from custody.facts import Standing, over_request, standing_of
from custody.fields import (
    integer,
    mapping,
    moment,
    optional_integer,
    optional_moment,
    optional_text,
    sequence,
    text,
)
from custody.footage import Footage, footage_of, span_json
from custody.history import chain
from custody.organising import roles_in
from custody.permission import Does, refusals
from custody.plans import WORDS_LIMIT, Plan, Wanted, plan_request
from custody.refused import refuse_on_record
from evidence.asking import ACTS, PURPOSES, Request, Span
from evidence.codec import encode_entry, format_time
from evidence.entry import Draft, Entry, Private
from evidence.errors import CustodyError, MalformedError, UsageError
from evidence.ids import RANDOM_BYTES, new_id
from evidence.json import Json, JsonObject
from evidence.merkle import leaf_hash
from evidence.people import Actor
from evidence.ports import Ledger

T = TypeVar("T", bound=str)

BACK_DAYS = 366  # an open question is younger: ``longest_days`` is at most this
_DECIDERS = frozenset({"head", "deputy"})


def ask(desk: Desk, actor: Actor, wanted: Wanted) -> Request:
    """Ask; return the question as it stands in the ledger.

    Raises as ``plan_request``, and ``RefusedError`` after an entry of its own where rows are in
    the way.
    """
    plan = plan_request(desk, actor, wanted)
    if plan.refusals:
        act = "request_release" if wanted.act == "release" else "request"
        refuse_on_record(desk, actor, act, plan.refusals, plan.footage.segments)
    request = new_id("q", secrets.token_bytes(RANDOM_BYTES))
    desk.ledger.append([_draft(request, actor, wanted, plan)])
    return load_request(desk.ledger, request)


def _draft(request: str, actor: Actor, wanted: Wanted, plan: Plan) -> Draft:
    deciding = plan.deciding
    body: JsonObject = {
        "request": request,
        "act": wanted.act,
        "purpose": wanted.purpose,
        "article": plan.purpose.article,
        "spans": span_json(wanted.spans),
        "until": format_time(wanted.until),
        "times": wanted.times,
        "unit": deciding.unit,
        "row": deciding.row,
        "path": deciding.path,
        "owners": deciding.owners,
        "case": plan.case,
        "hold": plan.hold,
        "provide_by": format_time(plan.provide_by) if plan.provide_by else None,
    }
    facts: JsonObject = {
        "case_number": wanted.case_number,
        "reason": wanted.reason,
        "recipient": wanted.recipient,
        "letter": wanted.letter.json() if wanted.letter else None,
    }
    case = (plan.case,) if plan.case else ()
    units = (deciding.unit, *deciding.owners)
    about = dict.fromkeys((request, actor.id, *units, *case, *plan.footage.segments))
    expect = {request: None}
    private = Private(request, facts)
    return Draft("request.made", actor.id, tuple(about), body, expect, private)


def load_request(ledger: Ledger, request: str) -> Request:
    """Return a question and what has become of it, from its own chain.

    Raises ``CustodyError`` (``question_unknown``), and ``MalformedError`` for entries that no
    writer of ours makes.
    """
    entries = list(chain(request, ledger))
    if not entries or entries[-1].type != "request.made":
        raise CustodyError("question_unknown", request=request)
    made = entries[-1]
    if made.body.get("request") != request or made.actor not in made.about:
        raise MalformedError("body_malformed", field="request")
    ends = (_END[entry.type](entry, request) for entry in reversed(entries) if entry.type in _END)
    state, decision = next(ends, ("open", None))
    return _request(made, state, decision)


State = tuple[str, int | None]


def _decided(entry: Entry, request: str) -> State:
    for each in sequence(entry.body, "requests"):
        if isinstance(each, Mapping) and each.get("request") == request:
            return ("approved" if optional_text(each, "grant") else "refused"), entry.seq
    raise MalformedError("body_malformed", field="requests")


def _withdrawn(entry: Entry, request: str) -> State:
    del entry, request
    return "withdrawn", None


# What ends a question.  The first of them counts: compare-and-swap lets there be only one.
_END: Mapping[str, Callable[[Entry, str], State]] = {
    "request.decided": _decided,
    "request.withdrawn": _withdrawn,
}


def _request(made: Entry, state: str, decision: int | None) -> Request:
    body = made.body
    return Request(
        id=text(body, "request"),
        entry=made.seq,
        leaf=leaf_hash(encode_entry(made)).hex(),
        at=made.at,
        asker=made.actor,
        act=_one_of(ACTS, body, "act"),
        purpose=_one_of(PURPOSES, body, "purpose"),
        spans=spans_of(body),
        until=moment(body, "until"),
        times=integer(body, "times"),
        unit=text(body, "unit"),
        row=text(body, "row"),
        path=texts(body, "path"),
        owners=texts(body, "owners"),
        hold=optional_integer(body, "hold"),
        provide_by=optional_moment(body, "provide_by"),
        state=_one_of(("open", "approved", "refused", "withdrawn"), {"state": state}, "state"),
        decision=decision,
    )


def withdraw(desk: Desk, actor: Actor, request: str, reason: str) -> int:
    """Take one's own question back; return the index of the entry.

    Raises ``ConflictError`` where it is answered at the same moment.
    """
    return _say(desk, actor, request, "withdraw", reason)


def object_to(desk: Desk, actor: Actor, request: str, reason: str) -> int:
    """Object, for the owning unit, to a retrieval from above: on record, it refuses nothing.

    Who is about to decide sees it: their decision expects that nothing was said since.
    """
    return _say(desk, actor, request, "object", reason)


_SAYS: Mapping[Does, str] = {"withdraw": "request.withdrawn", "object": "request.objected"}


def _say(desk: Desk, actor: Actor, request: str, act: Does, reason: str) -> int:
    check_reason(reason)
    last = desk.ledger.last(request)
    known = load_request(desk.ledger, request)
    standing = standing_of(desk, actor)
    found = refusals(act, over_request(standing, known, people_of(desk.ledger, known), act))
    if found:
        refuse_on_record(desk, actor, act, found, (request,))
    body: JsonObject = {"request": request}
    about, expect = (request, known.unit), {request: last}
    private = Private(request, {"reason": reason})
    draft = Draft(_SAYS[act], actor.id, about, body, expect, private)
    return desk.ledger.append([draft]).indexes[0]


def inbox(desk: Desk, actor: Actor) -> tuple[Request, ...]:
    """Return what ``actor`` may answer now, oldest first: open, and none in the way but a key."""
    standing = standing_of(desk, actor)
    return tuple(
        request for request in _recent(desk, _led(standing)) if _may_answer(standing, request)
    )


def told(desk: Desk, actor: Actor) -> tuple[Request, ...]:
    """Return the retrievals from above of which a unit led by ``actor`` is told, oldest first."""
    led = _led(standing_of(desk, actor))
    return tuple(
        request
        for request in _recent(desk, led)
        if request.row == "retrieval" and not led.isdisjoint(request.owners)
    )


def decided(desk: Desk, actor: Actor) -> tuple[Request, ...]:
    """Return what a unit led by ``actor`` has answered within ``BACK_DAYS``, oldest first."""
    led = _led(standing_of(desk, actor))
    return tuple(
        request
        for request in _recent(desk, led)
        if request.decision is not None and request.unit in led
    )


def asked_by(desk: Desk, person: str) -> tuple[Request, ...]:
    """Return what ``person`` has asked within ``BACK_DAYS``, oldest first."""
    found = _recent(desk, frozenset((person,)))
    return tuple(request for request in found if request.asker == person)


def earlier(desk: Desk, request: Request) -> tuple[Request, ...]:
    """Return what was asked before for any of the same segments within ``BACK_DAYS``.

    For who decides, oldest first; also what was refused.
    """
    found = _recent(desk, frozenset(span.segment for span in request.spans))
    return tuple(each for each in found if each.entry < request.entry)


def people_of(ledger: Ledger, request: Request) -> Footage:
    """Return whose the footage of a question is and who appears in it, as the ledger says now."""
    case = optional_text(ledger.entry(request.entry).body, "case")
    return footage_of(ledger, [span.segment for span in request.spans], case)


def _may_answer(standing: Standing, request: Request) -> bool:
    if request.state != "open":  # asked first: most are not
        return False
    footage = people_of(standing.desk.ledger, request)
    found = refusals("decide", over_request(standing, request, footage, "decide"))
    return {row.id for row in found} <= {"not_fresh"}


def _led(standing: Standing) -> frozenset[str]:
    """Return the units in which the actor is head or deputy."""
    units = {each.unit for each in standing.register.roles(standing.person, standing.now)}
    return frozenset(
        unit
        for unit in units
        if roles_in(standing.register, standing.person, unit, standing.now) & _DECIDERS
    )


def _recent(desk: Desk, subjects: frozenset[str]) -> list[Request]:
    """Return the questions about any of ``subjects`` within ``BACK_DAYS``, oldest first."""
    found = {each.seq: each for one in subjects for each in _made(desk, one)}
    return [load_request(desk.ledger, text(found[seq].body, "request")) for seq in sorted(found)]


def _made(desk: Desk, subject: str) -> Iterator[Entry]:
    earliest = desk.clock.now() - timedelta(days=BACK_DAYS)
    for entry in chain(subject, desk.ledger):
        if entry.at < earliest:
            return
        if entry.type == "request.made":
            yield entry


def spans_of(body: JsonObject) -> tuple[Span, ...]:
    """Return the field ``spans`` of a body, or raise ``MalformedError``."""
    return tuple(_span(each) for each in sequence(body, "spans"))


def _span(value: Json) -> Span:
    one = mapping({"spans": value}, "spans")
    ends = (None if one.get(name) is None else integer(one, name) for name in ("first", "last"))
    return Span(text(one, "segment"), *ends)


def texts(body: JsonObject, field: str) -> tuple[str, ...]:
    """Return a list of texts, or raise ``MalformedError``."""
    return tuple(text({field: each}, field) for each in sequence(body, field))


def check_reason(reason: str) -> None:
    """Raise ``UsageError`` for an empty reason or one that is too long."""
    if not reason.strip() or len(reason) > WORDS_LIMIT:
        raise UsageError("reason_missing", limit=WORDS_LIMIT)


def _one_of(known: tuple[T, ...], body: JsonObject, field: str) -> T:
    found = next((each for each in known if each == body.get(field)), None)
    if found is None:
        raise MalformedError("body_malformed", field=field)
    return found

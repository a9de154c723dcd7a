"""A grant, read back from the ledger each time: live now, or refused with every reason.

The only module that makes a ``Grant`` (``tests/test_architecture.py``).  Nothing is remembered:
what was withdrawn, used up, or signed by nobody a moment ago gives none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.answers import granted_spans
from custody.desk import Desk
from custody.facts import over_request, standing_of
from custody.fields import integer, moment, optional_text, sequence, text
from custody.history import chain
from custody.organising import roles_in
from custody.permission import Row, refusals, refuse
from custody.refused import refuse_on_record
from custody.register import read_register, register_at
from custody.requests import (
    BACK_DAYS,
    check_reason,
    load_request,
    people_of,
    spans_of,
)
from custody.signing import was_signed
from evidence.asking import Grant, Request, Span
from evidence.entry import Draft, Entry, Private
from evidence.errors import CustodyError, MalformedError
from evidence.json import JsonObject
from evidence.people import Actor, Register

# Why a decision in the ledger is no grant now.  Not rows of the table: the table knows only that
# there is none (``no_grant``); these say which.
WITHDRAWN = Row("grant_withdrawn", "18", frozenset())
EXPIRED = Row("grant_expired", "18", frozenset())
USED_UP = Row("grant_used_up", "18", frozenset())
HOLDER_GONE = Row("grant_holder_suspended", "18", frozenset())
NO_DECIDER = Row("grant_no_decider", "18", frozenset())
NOT_ASKED = Row("grant_not_asked", "18", frozenset())
FALSE_SIGNATURE = Row("grant_signature_false", "18", frozenset())
DEAD: tuple[Row, ...] = (
    WITHDRAWN,
    EXPIRED,
    USED_UP,
    HOLDER_GONE,
    NO_DECIDER,
    NOT_ASKED,
    FALSE_SIGNATURE,
)


@dataclass(frozen=True, slots=True)
class GrantState:
    """A grant as a list shows it: also one that is none any more, and why."""

    grant: str
    request: Request
    decision: int
    spans: tuple[Span, ...]
    until: datetime
    used: int
    times: int
    rows: tuple[Row, ...]  # () while it is live


def load_grant(desk: Desk, grant: str, register: Register | None = None) -> Grant:
    """Return a grant that is live now.

    ``register``: one of the same ledger that the caller has read before.  Raises ``CustodyError``
    (``grant_unknown``), ``RefusedError`` with every row of ``DEAD`` that holds.
    """
    now = read_register(desk.ledger, register)
    found = _read(desk, grant)
    rows = _dead(desk, found, now)
    if rows:
        refuse(found.request.act, rows)
    return found.live()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the chain of a grant says, whether it is live or not."""

    id: str
    decision: Entry
    request: Request
    used: int
    last: int
    withdrawn: bool

    def live(self) -> Grant:
        """Return the grant; it leaves this module only when nothing speaks against it."""
        body = self.decision.body
        return Grant(
            id=self.id,
            request=self.request.id,
            decision=self.decision.seq,
            holder=self.request.asker,
            act=self.request.act,
            spans=granted_spans(spans_of(body), self.request),
            until=moment(body, "until"),
            times=integer(body, "times"),
            used=self.used,
            last=self.last,
        )


def _read(desk: Desk, grant: str) -> _Found:
    entries = list(chain(grant, desk.ledger))
    if not entries or entries[-1].type != "request.decided":
        raise CustodyError("grant_unknown", grant=grant)
    decision = entries[-1]
    return _Found(
        grant,
        decision,
        load_request(desk.ledger, _request_of(decision, grant)),
        sum(entry.type == "copy.opened" for entry in entries),
        entries[0].seq,
        any(entry.type == "grant.withdrawn" for entry in entries),
    )


def _request_of(decision: Entry, grant: str) -> str:
    """Return the question that this grant answers, out of the decision."""
    for each in sequence(decision.body, "requests"):
        if isinstance(each, Mapping) and each.get("grant") == grant:
            return text(each, "request")
    raise MalformedError("body_malformed", field="requests")


def _dead(desk: Desk, found: _Found, register: Register) -> tuple[Row, ...]:
    """Return every reason why it is no grant now."""
    now, body = desk.clock.now(), found.decision.body
    holder = register.people.get(found.request.asker)
    said = {
        WITHDRAWN: found.withdrawn,
        EXPIRED: now >= moment(body, "until"),
        USED_UP: found.used >= integer(body, "times"),
        HOLDER_GONE: holder is None or holder.suspended,
        NO_DECIDER: not _was_decided(desk, found),
        NOT_ASKED: not _was_asked(found),
        FALSE_SIGNATURE: not _is_signed(desk, found.decision),
    }
    return tuple(row for row, so in said.items() if so)


def _was_decided(desk: Desk, found: _Found) -> bool:
    """Return whether who decided was a head or deputy of that unit then, and not the asker.

    Asked again of the organisation as it was: a decision may have met a revocation on its way.
    """
    decision, request = found.decision, found.request
    if request.decision != decision.seq or decision.actor == request.asker:
        return False
    then = register_at(desk.ledger, decision.seq)
    held = roles_in(then, decision.actor, request.unit, decision.at)
    return not held.isdisjoint({"head", "deputy"})


def _was_asked(found: _Found) -> bool:
    """Return whether the decision approves this very question, and gives no more than it asked.

    Its spans need no look: a grant has those that lie in the question (``granted_spans``).
    """
    body, request = found.decision.body, found.request
    named = {"request": request.id, "entry": request.entry, "leaf": request.leaf}
    return (
        (body.get("answer"), body.get("act")) == ("approve", request.act)
        and {**named, "grant": found.id} in sequence(body, "requests")
        and moment(body, "until") <= request.until
        and integer(body, "times") <= request.times
    )


def _is_signed(desk: Desk, decision: Entry) -> bool:
    """Return whether the approver's own signature holds, by the keys of the ledger alone."""
    then = register_at(desk.ledger, decision.seq)
    return was_signed(decision, then, desk.rules, desk.hosts)


def withdraw_grant(desk: Desk, actor: Actor, grant: str, reason: str) -> int:
    """End a grant at once; return the index of the entry.  A running look ends with it.

    No ``expect``: it must hold against any number of uses at the same moment.
    """
    check_reason(reason)
    found = _read(desk, grant)
    standing = standing_of(desk, actor)
    footage = people_of(desk.ledger, found.request)
    rows = refusals(
        "withdraw_grant", over_request(standing, found.request, footage, "withdraw_grant")
    )
    if rows:
        refuse_on_record(desk, actor, "withdraw_grant", rows, (grant,))
    body: JsonObject = {"grant": grant}
    request = found.request
    about = tuple(dict.fromkeys((grant, request.id, request.asker)))
    private = Private(request.id, {"reason": reason})
    draft = Draft("grant.withdrawn", actor.id, about, body, private=private)
    return desk.ledger.append([draft]).indexes[0]


def grant_state(desk: Desk, grant: str) -> GrantState:
    """Return a grant, live or dead, and why; raises ``CustodyError`` for an unknown one."""
    return _state(desk, grant, read_register(desk.ledger))


def grant_of(desk: Desk, request: Request) -> GrantState | None:
    """Return what was granted on a question, live or dead; None where nothing was."""
    if request.decision is None:
        return None
    answered = sequence(desk.ledger.entry(request.decision).body, "requests")
    rows = (each for each in answered if isinstance(each, Mapping))
    grants = (optional_text(each, "grant") for each in rows if each.get("request") == request.id)
    grant = next(grants, None)
    return grant_state(desk, grant) if grant else None


def grants_of(desk: Desk, person: str) -> tuple[GrantState, ...]:
    """Return what was granted to ``person`` within ``BACK_DAYS``, newest first, dead ones too."""
    register = read_register(desk.ledger)
    return tuple(_state(desk, grant, register) for grant in _granted(desk, person))


def _granted(desk: Desk, person: str) -> Iterator[str]:
    earliest = desk.clock.now() - timedelta(days=BACK_DAYS)
    for entry in chain(person, desk.ledger):
        if entry.at < earliest:
            return
        if entry.type == "request.decided":
            yield from _grants_to(desk, entry, person)


def _grants_to(desk: Desk, decision: Entry, person: str) -> Iterator[str]:
    for each in sequence(decision.body, "requests"):
        grant = optional_text(each, "grant") if isinstance(each, Mapping) else None
        if grant and load_request(desk.ledger, _request_of(decision, grant)).asker == person:
            yield grant


def _state(desk: Desk, grant: str, register: Register) -> GrantState:
    found = _read(desk, grant)
    rows = _dead(desk, found, register)
    live = found.live()
    return GrantState(
        grant,
        found.request,
        live.decision,
        live.spans,
        live.until,
        live.used,
        live.times,
        rows,
    )

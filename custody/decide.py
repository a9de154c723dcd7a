"""The answer of a head, with their own signature over exactly this answer.

``propose`` says what would be signed; ``decide`` writes it, by compare-and-swap on every question:
of two heads at once one decides, and an objection or a withdrawal in between is seen before.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from custody.answers import answered
from custody.desk import Desk
from custody.facts import Standing, over_request, standing_of
from custody.fields import optional_text, text
from custody.footage import span_json
from custody.permission import Does, Row, Situation, refusals
from custody.refused import refuse_on_record
from custody.requests import check_reason, load_request, people_of
from custody.rules import check_adopted
from custody.signing import SALT_BYTES, challenge_of, check_signed
from evidence.approval import signature_of
from evidence.asking import Approval, Request, Span
from evidence.canonical import encode
from evidence.codec import format_time
from evidence.entry import ABOUT_LIMIT, Draft, Private
from evidence.errors import ConflictError, UsageError
from evidence.ids import RANDOM_BYTES, new_id
from evidence.json import JsonObject
from evidence.people import Actor

BODY_LIMIT_BYTES = 8 * 1024  # without signature and about: the entry has 16 KiB for everything


@dataclass(frozen=True, slots=True)
class Answer:
    """What a head says.  None: as it was asked; nothing can be made wider than that.

    ``spans`` narrow all the questions at once: each is granted what lies in its own.
    """

    answer: Literal["approve", "refuse"]
    requests: tuple[str, ...]  # q:…, at most ten, of one case
    reason: str = ""  # a refusal must have one, and so must looks that are hidden
    spans: tuple[Span, ...] | None = None
    until: datetime | None = None
    times: int | None = None
    confidential_until: datetime | None = None  # of whoever is in it; auditors see it


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer, word for word, before it is signed.  ``challenge``: the 32 bytes to sign."""

    draft: Draft
    challenge: bytes
    requests: tuple[Request, ...]


def propose(desk: Desk, actor: Actor, answer: Answer) -> Proposal:
    """Return the entry that would be written and what its approver signs.

    Raises ``RefusedError`` after an entry of its own where a row is in the way, a missing
    signature and an old proof apart; ``UsageError`` for an answer that the questions do not allow.
    """
    expect = {request: desk.ledger.last(request) for request in answer.requests}
    requests = tuple(load_request(desk.ledger, request) for request in answer.requests)
    found = _in_the_way(standing_of(desk, actor), requests, _act(answer.answer), {"signed"})
    mendable = [row for row in found if row.id != "not_fresh"]
    if mendable:
        refuse_on_record(desk, actor, _act(answer.answer), mendable, answer.requests)
    bare = answer.answer == "approve" and answer.confidential_until is None
    check_reason(answer.reason or ("-" if bare else ""))
    draft = _draft(desk, actor, answer, requests, expect)
    return Proposal(draft, challenge_of(draft), requests)


def _draft(
    desk: Desk,
    actor: Actor,
    answer: Answer,
    requests: Sequence[Request],
    expect: Mapping[str, int | None],
) -> Draft:
    granted = answered(desk, answer, requests)  # refuses what no answer can cover, none too
    first = requests[0]
    grants = [_new_grant(answer) for _ in requests]
    pairs = list(zip(requests, grants, strict=True))
    hidden = answer.confidential_until
    body: JsonObject = {
        "answer": answer.answer,
        "act": first.act,
        "requests": [
            {"request": q.id, "entry": q.entry, "leaf": q.leaf, "grant": g} for q, g in pairs
        ],
        "spans": span_json(granted.spans),
        "until": format_time(granted.until),
        "times": granted.times,
        "approver": actor.id,
        "row": first.row,
        "path": first.path,
        "rules": desk.rules.sha256,
        "confidential_until": format_time(hidden) if hidden else None,
        "signature": None,
    }
    named = [name for q, g in pairs for name in (q.id, q.asker, g) if name]
    segments = [span.segment for q in requests for span in q.spans]
    about = tuple(dict.fromkeys((actor.id, first.unit, *named, *segments)))
    if len(about) > ABOUT_LIMIT or len(encode(body)) > BODY_LIMIT_BYTES:
        raise UsageError("decision_too_large", requests=len(requests), segments=len(segments))
    salt = secrets.token_hex(SALT_BYTES)
    private = Private(first.id, {"reason": answer.reason}, salt=salt)
    return Draft("request.decided", actor.id, about, body, expect, private)


def _new_grant(answer: Answer) -> str | None:
    if answer.answer == "refuse":
        return None
    return new_id("g", secrets.token_bytes(RANDOM_BYTES))


def decide(desk: Desk, actor: Actor, proposal: Proposal, approval: Approval | None = None) -> int:
    """Write the answer; return the index of its entry.

    Everything is asked again, of the ledger as it is now.  Raises ``RefusedError`` after an entry
    of its own, ``ProofError`` (also after an entry) for an approval that is none,
    ``ConflictError`` where a question moved on since it was proposed, or the rules did.
    """
    draft = proposal.draft
    answer, ids = text(draft.body, "answer"), tuple(draft.expect)
    requests = tuple(load_request(desk.ledger, request) for request in ids)
    standing = standing_of(desk, actor)
    check_adopted(desk, standing.register)
    if draft.body.get("rules") != desk.rules.sha256:
        raise ConflictError("rules_changed")
    act = _act(answer)
    signed = check_signed(standing, draft, approval, "approve", ids)
    own = {"signed"} if signed and actor.id == draft.actor else set[str]()
    found = _in_the_way(standing, requests, act, own)
    if found:
        refuse_on_record(desk, actor, act, found, ids)
    if approval is not None:
        draft = replace(draft, body={**draft.body, "signature": signature_of(approval)})
    return desk.ledger.append([draft]).indexes[0]


def _in_the_way(
    standing: Standing, requests: Sequence[Request], act: Does, more: set[str]
) -> list[Row]:
    """Return every row that is in the way for any of the questions, each once."""
    found: dict[str, Row] = {}
    for request in requests:
        footage = people_of(standing.desk.ledger, request)
        situation = over_request(standing, request, footage, act)
        facts = situation.facts | more
        found |= {row.id: row for row in refusals(act, Situation(situation.roles, facts))}
    return list(found.values())


def _act(answer: str) -> Does:
    return "approve" if answer == "approve" else "decide"


def reason_of(desk: Desk, decision: int) -> str | None:
    """Return the reason of a decision, or None where its statement is destroyed."""
    statement = desk.ledger.statement(decision)
    return optional_text(statement.facts, "reason") if statement else None

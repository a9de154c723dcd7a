"""A disposal is proposed by one person and approved by another, with time to undo after it.

Between the proposal and the approval lies the warning: whoever may see the list has that long to
place a hold.  Anybody of these may undo it until the last of it is done.  Whether a segment may go
is decided here when it is proposed, and again when the keeper comes to it (``custody/destroy.py``).
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from custody.desk import Desk
from custody.disposals import list_root, load_disposal
from custody.facts import over_footage, standing_of
from custody.fields import integer
from custody.footage import footage_of
from custody.history import chain
from custody.judging import Look
from custody.keeping import Keeper, check_words
from custody.permission import Does, Situation
from custody.signing import SALT_BYTES, challenge_of, check_signed
from evidence.approval import signature_of
from evidence.asking import Approval
from evidence.codec import format_time
from evidence.disposal import DISPOSAL_LIMIT, PART_SEGMENTS, Disposal, Now
from evidence.entry import Draft, Private
from evidence.errors import ConflictError, CustodyError, UnknownSegmentError, UsageError
from evidence.ids import RANDOM_BYTES, new_id
from evidence.json import JsonObject
from evidence.keeping import KEEPING
from evidence.people import Actor
from evidence.ports import Ledger

STALE = timedelta(minutes=30)  # from looking at an approval to writing it; see custody/lawful.py


def propose_disposal(
    desk: Desk, actor: Actor, look: Look, segments: Sequence[str], reason: str, *, now: Now
) -> Disposal:
    """Propose that ``segments`` are destroyed; return the disposal as it stands in the ledger.

    Raises ``RefusedError`` after an entry of its own; ``CustodyError`` (``not_disposable``: how
    many, the first of them, and why) where one of them must stay; ``UsageError``;
    ``ConflictError`` where somebody wrote about the keeping meanwhile.
    """
    listed = tuple(sorted(set(segments)))
    if not 0 < len(listed) == len(segments) <= DISPOSAL_LIMIT:
        raise UsageError("segments_malformed", limit=DISPOSAL_LIMIT)
    check_words(reason, "reason")
    _allow(Keeper(standing_of(desk, actor), look.shelf), "propose_disposal", listed)
    _check_due(look, listed, now)
    warning = max(policy.warning_days for policy in look.shelf.in_force())
    disposal = new_id("x", secrets.token_bytes(RANDOM_BYTES))
    body: JsonObject = {
        "disposal": disposal,
        "parts": -(-len(listed) // PART_SEGMENTS),
        "count": len(listed),
        "bytes": sum(_size(desk.ledger, each) for each in listed),
        "root": list_root(listed),
        "law": sorted({each.standard.article for each in look.shelf.in_force()}),
        "policies": [each.entry for each in look.shelf.in_force()],
        "warning_until": format_time(now.at + timedelta(days=warning)),
        "now": format_time(now.at),
        "source": now.source,
    }
    desk.ledger.append(list(_parts(actor, look, disposal, listed, (body, reason))))
    return load_disposal(desk.ledger, disposal)


@dataclass(frozen=True, slots=True)
class Approving:
    """An approval, word for word, before it is signed.  ``challenge``: the 32 bytes to sign."""

    draft: Draft
    challenge: bytes
    disposal: Disposal
    now: Now  # by which its warning was over
    at: datetime  # when it was looked at


def propose_approval(
    desk: Desk, actor: Actor, look: Look, disposal: str, reason: str, *, now: Now
) -> Approving:
    """Return the approval of what another person has proposed, for ``actor`` to sign.

    Raises ``RefusedError`` after an entry of its own where a row is in the way, a missing
    signature and an old proof apart; ``CustodyError``: ``disposal_settled``, ``warning_open``.
    """
    found = load_disposal(desk.ledger, disposal)
    check_words(reason, "reason")
    keeper = Keeper(standing_of(desk, actor), look.shelf)
    mendable = frozenset({"signed", "fresh"})
    _allow(keeper, "approve_disposal", found.segments, _facts(found, actor, mendable))
    _check_open(found, now)
    undo = max(policy.undo_days for policy in look.shelf.in_force())
    body: JsonObject = {
        "disposal": disposal,
        "proposed": found.entry,
        "count": len(found.segments),
        "bytes": found.bytes,
        "root": found.root,
        "undo_until": format_time(now.at + timedelta(days=undo)),
        "now": format_time(now.at),
        "source": now.source,
        "signature": None,
    }
    draft = _draft(actor, found, "disposal.approved", (body, reason))
    return Approving(draft, challenge_of(draft), found, now, desk.clock.now())


def approve_disposal(
    desk: Desk, actor: Actor, look: Look, approving: Approving, approval: Approval | None = None
) -> Disposal:
    """Write the approval; return the disposal as it stands then.

    Everything is asked again, of the ledger as it is now.  Raises as ``propose_approval``,
    ``RefusedError`` also where it is not signed, ``ProofError`` (after an entry) for a signature
    that is none, and ``ConflictError`` where somebody has touched the disposal meanwhile, or where
    it was looked at too long ago (``approval_stale``): its time to undo would have begun before it.
    """
    draft, segments = approving.draft, approving.disposal.segments
    if desk.clock.now() - approving.at > STALE:
        raise ConflictError("approval_stale", disposal=approving.disposal.id)
    keeper = Keeper(standing_of(desk, actor), look.shelf)
    signed = check_signed(keeper.standing, draft, approval, "approve_disposal", segments)
    found = load_disposal(desk.ledger, approving.disposal.id)
    own = frozenset({"signed"} if signed and actor.id == draft.actor else ())
    _allow(keeper, "approve_disposal", segments, _facts(found, actor, own))
    _check_open(found, approving.now)
    if approval is not None:
        draft = replace(draft, body={**draft.body, "signature": signature_of(approval)})
    desk.ledger.append([draft])
    return load_disposal(desk.ledger, found.id)


def _facts(found: Disposal, actor: Actor, more: frozenset[str]) -> frozenset[str]:
    return more | ({"asker"} if found.by == actor.id else set())


def _check_open(found: Disposal, now: Now) -> None:
    """Raise where a disposal cannot be approved: it is settled, or its warning runs."""
    if found.state != "proposed":
        raise CustodyError("disposal_settled", disposal=found.id, state=found.state)
    if now.at < found.warning_until:
        until = format_time(found.warning_until)
        raise CustodyError("warning_open", until=until, now=format_time(now.at), source=now.source)


def undo_disposal(desk: Desk, actor: Actor, look: Look, disposal: str, reason: str) -> Disposal:
    """Undo a disposal: nothing more of it goes.  Raises as ``approve_disposal``."""
    found = load_disposal(desk.ledger, disposal)
    check_words(reason, "reason")
    _allow(Keeper(standing_of(desk, actor), look.shelf), "undo_disposal", found.segments)
    if found.state not in {"proposed", "approved"}:
        raise CustodyError("disposal_settled", disposal=disposal, state=found.state)
    said: tuple[JsonObject, str] = ({"disposal": disposal}, reason)
    desk.ledger.append([_draft(actor, found, "disposal.undone", said)])
    return load_disposal(desk.ledger, disposal)


def _allow(
    keeper: Keeper, act: Does, segments: Sequence[str], facts: frozenset[str] = frozenset()
) -> None:
    """Refuse what is not allowed over all of ``segments``; ``facts``: what only the act knows."""
    over = over_footage(keeper.standing, footage_of(keeper.desk.ledger, segments))
    keeper.allow(act, Situation(over.roles, over.facts | facts), segments)


def _check_due(look: Look, segments: Sequence[str], now: Now) -> None:
    """Raise where one of ``segments`` must stay."""
    kept: list[tuple[str, list[str]]] = []
    for segment in segments:
        keeping = look.judge(segment, now)
        if not keeping.due(now.at):
            codes = [str(each.code) for each in keeping.blockers]
            kept.append((segment, codes or ["kept"]))
    if kept:
        first, codes = kept[0]
        raise CustodyError("not_disposable", count=len(kept), segment=first, because=codes)


def _parts(
    actor: Actor, look: Look, disposal: str, listed: Sequence[str], said: tuple[JsonObject, str]
) -> Iterator[Draft]:
    body, reason = said
    for part, begin in enumerate(range(0, len(listed), PART_SEGMENTS)):
        first = part == 0
        yield Draft(
            "disposal.proposed",
            actor.id,
            (disposal, KEEPING, *listed[begin : begin + PART_SEGMENTS]),
            {**body, "act": disposal, "part": part},
            {disposal: None, KEEPING: look.index} if first else {},
            Private(disposal, {"reason": reason}) if first else None,
        )


def _draft(actor: Actor, found: Disposal, kind: str, said: tuple[JsonObject, str]) -> Draft:
    """Return one entry about a disposal that nobody touches after it was looked at."""
    body, reason = said
    about, expect = (found.id, KEEPING), {found.id: found.last}
    private = Private(found.id, {"reason": reason}, salt=secrets.token_hex(SALT_BYTES))
    return Draft(kind, actor.id, about, body, expect, private)


def _size(ledger: Ledger, segment: str) -> int:
    for entry in chain(segment, ledger):
        if entry.type == "segment.sealed":
            return integer(entry.body, "size")
    raise UnknownSegmentError(
        "segment_unknown", segment=segment
    )  # pragma: no cover - judged before

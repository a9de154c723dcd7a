"""Holds: placed for a reason of article 17 on segments, a case or a window; ended by two people.

A hold catches what is docked or labelled only later.  长期 has no end in the regulation: one ends
because it was placed in error, or because the archive period of the case is over, and the grace
begins anew.  That the case is closed is no ground.
"""

import hashlib
import secrets
from base64 import b64encode
from dataclasses import dataclass

from custody.desk import Desk
from custody.fields import text
from custody.keeping import Keeper, begin_keeping, check_words
from custody.marks import check_answers
from custody.permission import Row, Situation, refusals
from custody.reach import over_scope
from custody.shelf import WINDOWS, read_shelf
from evidence.codec import format_time
from evidence.entry import Private
from evidence.errors import CustodyError, UsageError
from evidence.ids import RANDOM_BYTES, check_subject, new_id
from evidence.json import JsonObject
from evidence.keeping import (
    HELD_SEGMENTS_LIMIT,
    REASONS,
    RELEASE_GROUNDS,
    Hold,
    Reason,
    ReleaseGround,
    Scope,
    Shelf,
)
from evidence.people import Actor

ATTACHMENT_LIMIT_BYTES = 256 << 10
NAME_LIMIT = 255  # characters of the name of an attachment


@dataclass(frozen=True, slots=True)
class Attachment:
    """A copy of a paper: its bytes go into the statement, its name is only what it was called."""

    name: str
    content: bytes

    def json(self) -> JsonObject:
        """Return what stands in the statement."""
        digest = hashlib.sha256(self.content).hexdigest()
        return {
            "name": self.name,
            "bytes": b64encode(self.content).decode(),
            "sha256": digest,
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hold that somebody wants to place.

    ``reference``: by what it is known outside (a letter, a case).  ``answers``: the sighting with
    the mark, or the request.made, which this decides.
    """

    reason: Reason
    scope: Scope
    reference: str
    words: str = ""
    attachment: Attachment | None = None
    answers: int | None = None


def place_hold(desk: Desk, actor: Actor, wanted: Wanted) -> Hold:
    """Place a hold; return it as it stands in the ledger.

    Raises ``UsageError`` for what cannot be held, ``UnknownSegmentError``, ``RefusedError`` after
    an entry of its own, ``ConflictError`` where somebody wrote about the keeping meanwhile.
    """
    scope = wanted.scope
    _check_scope(scope)
    keeper = begin_keeping(desk, actor)
    facts = _facts(wanted)
    named = scope.segments or (scope.of or "",)
    keeper.allow("place_hold", over_scope(keeper.standing, scope, every=False), named)
    if wanted.answers is not None:
        check_answers(keeper, wanted.answers, scope)
    hold = new_id("h", secrets.token_bytes(RANDOM_BYTES))
    body: JsonObject = {
        "hold": hold,
        "reason": wanted.reason,
        "article": article_of(keeper.shelf, wanted.reason),
        "scope": _scope_json(scope),
        "answers": wanted.answers,
    }
    keeper.write("hold.placed", (hold, *named), body, Private(hold, facts))
    return read_shelf(desk.ledger, keeper.shelf).holds[hold]


def propose_release(
    desk: Desk, actor: Actor, hold: str, ground: ReleaseGround, reference: str
) -> int:
    """Propose to end a hold; another person releases it.  Return the index of the entry."""
    keeper, known = _standing(desk, actor, hold)
    if ground not in RELEASE_GROUNDS:
        raise UsageError("release_ground", ground=ground)
    told = check_words(reference, "reference")
    keeper.allow("release_hold", _over(keeper, known), _subjects(known))
    if known.proposed is not None:
        raise CustodyError("release_proposed", hold=known.id, entry=known.proposed)
    body: JsonObject = {"hold": known.id, "ground": ground}
    private = Private(known.id, {"reference": told})
    return keeper.write("hold.release_proposed", (known.id,), body, private)


def release_hold(desk: Desk, actor: Actor, hold: str) -> int:
    """End a hold as another person proposed; a fresh grace begins.  Return the index."""
    keeper, known = _standing(desk, actor, hold)
    proposed = _proposed(known)
    proposal = desk.ledger.entry(proposed)
    own = _is_own(keeper, proposed)
    keeper.allow("release_hold", _over(keeper, known), _subjects(known), asker=own)
    ground = text(proposal.body, "ground")
    body: JsonObject = {"hold": known.id, "proposed": proposed, "ground": ground}
    return keeper.write("hold.released", (known.id,), body)


def refuse_release(desk: Desk, actor: Actor, hold: str, reason: str) -> int:
    """Refuse a proposed release, or take one's own back: the hold stands as before."""
    keeper, known = _standing(desk, actor, hold)
    proposed = _proposed(known)
    told = check_words(reason, "reason")
    keeper.allow("release_hold", _over(keeper, known), _subjects(known))
    body: JsonObject = {"hold": known.id, "proposed": proposed}
    return keeper.write(
        "hold.release_refused", (known.id,), body, Private(known.id, {"reason": told})
    )


def in_the_way(keeper: Keeper, hold: Hold) -> tuple[Row, ...]:
    """Return every row that keeps the actor from ending a hold now; nothing is written down."""
    own = hold.proposed is not None and _is_own(keeper, hold.proposed)
    over = _over(keeper, hold)
    facts = over.facts | ({"asker"} if own else set())
    return refusals("release_hold", Situation(over.roles, facts))


def standing_holds(shelf: Shelf) -> tuple[Hold, ...]:
    """Return the holds that nobody has released, oldest first."""
    return tuple(each for each in shelf.holds.values() if each.released is None)


def may_see(keeper: Keeper, hold: Hold) -> bool:
    """Return whether the actor may know of a hold: whoever could have placed it."""
    return keeper.may("place_hold", over_scope(keeper.standing, hold.scope, every=False))


def may_read(keeper: Keeper, hold: Hold) -> bool:
    """Return whether the actor may read by what it is known outside, and why.

    Who placed it, and who leads, oversees or audits what it catches: a complaint may name who
    complained, and that is not for whom it is about.
    """
    situation = over_scope(keeper.standing, hold.scope, every=False)
    stands_aside = "involved" in situation.facts or "own" in situation.facts
    leads = not situation.roles <= {"officer", "admin"} and not stands_aside
    return hold.by == keeper.person or (leads and keeper.may("place_hold", situation))


def article_of(shelf: Shelf, reason: Reason) -> str:
    """Return the article by which a reason holds: of the pack in force, else article 17."""
    told = (policy.reasons.get(reason) for policy in shelf.in_force())
    return next((each for each in told if each), f"17({REASONS.index(reason) + 1})")


def _standing(desk: Desk, actor: Actor, hold: str) -> tuple[Keeper, Hold]:
    """Return a hold that nobody has released; raises ``CustodyError``."""
    keeper = begin_keeping(desk, actor)
    known = keeper.shelf.holds.get(hold)
    if known is None:
        raise CustodyError("hold_unknown", hold=hold)
    if known.released is not None:
        raise CustodyError("hold_released", hold=hold, entry=known.released)
    return keeper, known


def _is_own(keeper: Keeper, proposed: int) -> bool:
    return keeper.desk.ledger.entry(proposed).actor == keeper.person


def _proposed(hold: Hold) -> int:
    if hold.proposed is None:
        raise CustodyError("release_not_proposed", hold=hold.id)
    return hold.proposed


def _over(keeper: Keeper, hold: Hold) -> Situation:
    return over_scope(keeper.standing, hold.scope, every=True)


def _subjects(hold: Hold) -> tuple[str, ...]:
    return (hold.id,)


def _check_scope(scope: Scope) -> None:
    """Raise ``UsageError`` (``hold_scope``) for what is no scope of ours, with its field."""
    segments, of = scope.segments, scope.of or ""
    if scope.kind == "segments":
        wrong = {
            "segments": not 0 < len(set(segments)) == len(segments) <= HELD_SEGMENTS_LIMIT,
            "of": scope.of is not None,
            "since": scope.since is not None or scope.until is not None,
        }
    else:
        window = scope.kind == "window"
        wrong = {
            "segments": bool(segments),
            "of": not of.startswith(WINDOWS if window else "c:"),
            "since": window is (scope.since is None),
            "until": scope.until is not None
            and (scope.since is None or scope.until <= scope.since),
        }
    field = next((name for name, so in wrong.items() if so), None)
    if field is not None:
        raise UsageError("hold_scope", field=field, limit=HELD_SEGMENTS_LIMIT)
    for each in segments or (of,):
        check_subject(each)


def _facts(wanted: Wanted) -> JsonObject:
    """Return the private facts of a hold; raises ``UsageError`` for one that is too long."""
    if wanted.reason not in REASONS:
        raise UsageError("hold_reason", reason=wanted.reason)
    attachment = wanted.attachment
    if attachment is not None and not _fits(attachment):
        raise UsageError("attachment_unusable", limit=ATTACHMENT_LIMIT_BYTES)
    return {
        "reference": check_words(wanted.reference, "reference"),
        "words": check_words(wanted.words, "words") if wanted.words else "",
        "attachment": attachment.json() if attachment else None,
    }


def _fits(attachment: Attachment) -> bool:
    name, size = attachment.name, len(attachment.content)
    return 0 < len(name) <= NAME_LIMIT and 0 < size <= ATTACHMENT_LIMIT_BYTES


def _scope_json(scope: Scope) -> JsonObject:
    return {
        "kind": scope.kind,
        "segments": list(scope.segments) or None,
        "of": scope.of,
        "since": format_time(scope.since) if scope.since else None,
        "until": format_time(scope.until) if scope.until else None,
    }

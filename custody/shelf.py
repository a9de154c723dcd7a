"""The shelf: policies, holds, answers, closed cases, attested days, set-back clocks: one chain.

Every entry about them names ``KEEPING``, so its chain is all that was ever decided about keeping;
the fold runs from the oldest on.  The only module that makes a ``Shelf`` and a ``Hold``, and that
gives a ``Policy`` the entry by which it holds.  Where two people are needed and both are the same
one, nothing has happened: no writer of ours makes such an entry, and the audit names it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from custody import fields
from custody.history import chain
from custody.policies import policy_of
from custody.raised import answered_by, cleared_by, take
from evidence.entry import Entry
from evidence.errors import IntegrityError, MalformedError, UsageError
from evidence.keeping import (
    KEEPING,
    REASONS,
    SCOPES,
    Acknowledged,
    Attested,
    Hold,
    Policy,
    Proposal,
    Raised,
    Scope,
    SetBack,
    Shelf,
)
from evidence.ports import Ledger

WINDOWS = ("p:", "r:", "u:")  # kinds of subjects that have a window


def read_shelf(ledger: Ledger, known: Shelf | None = None) -> Shelf:
    """Return the keeping of this station as it is now.

    ``known`` is a shelf of the same ledger: only what came after it is read.  Raises
    ``IntegrityError`` (``shelf_foreign``: ``known`` is of another ledger; ``history_…``) and
    ``MalformedError`` for an entry that no writer of ours makes.
    """
    return _fold(ledger, _since(ledger, known), known)


def shelf_after(ledger: Ledger, known: Shelf | None, entries: list[Entry]) -> Shelf:
    """Return the keeping after ``entries`` about it, oldest first, that follow ``known``.

    None: before the first of them there was nothing.  Raises ``MalformedError``.
    """
    return _fold(ledger, entries, known)


def day_of(body: Mapping[str, object], name: str) -> date:
    """Return the field of a body that is a day (``2026-11-22``), or raise ``MalformedError``."""
    text = body.get(name)
    try:
        day = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # other forms of ISO 8601 are no day of ours
        raise MalformedError("body_malformed", field=name)
    return day


def _since(ledger: Ledger, known: Shelf | None) -> list[Entry]:
    """Return the entries after ``known``, oldest first."""
    found: list[Entry] = []
    seen = None if known is None else known.index
    for entry in chain(KEEPING, ledger):
        if seen is not None and entry.seq <= seen:
            break
        found.append(entry)
    before = found[-1].about[KEEPING] if found else ledger.last(KEEPING)
    if seen is not None and seen != before:
        raise IntegrityError("shelf_foreign", entry=seen)
    return found[::-1]


@dataclass(slots=True)
class _Draft:
    """The shelf while it is being folded."""

    ledger: Ledger
    policies: list[Policy] = field(default_factory=list)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    catching: dict[str, tuple[str, ...]] = field(default_factory=dict)
    answered: dict[int, int] = field(default_factory=dict)
    closed: dict[str, date] = field(default_factory=dict)
    attested: list[Attested] = field(default_factory=list)
    raised: dict[str, Raised] = field(default_factory=dict)
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    cleared: dict[int, int] = field(default_factory=dict)
    set_back: list[SetBack] = field(default_factory=list)


def _fold(ledger: Ledger, entries: list[Entry], known: Shelf | None) -> Shelf:
    start = known or Shelf(None)
    draft = _Draft(
        ledger,
        list(start.policies),
        dict(start.proposals),
        dict(start.holds),
        dict(start.catching),
        dict(start.answered),
        dict(start.closed),
        list(start.attested),
        dict(start.raised),
        dict(start.acknowledged),
        dict(start.cleared),
        list(start.set_back),
    )
    for entry in entries:
        step = STEPS.get(entry.type)
        if step is not None:  # disposals and weeks name the keeping too
            step(draft, entry)
    return Shelf(
        entries[-1].seq if entries else start.index,
        tuple(draft.policies),
        draft.proposals,
        draft.holds,
        draft.catching,
        draft.answered,
        draft.closed,
        tuple(draft.attested),
        draft.raised,
        draft.acknowledged,
        draft.cleared,
        tuple(draft.set_back),
    )


def _proposed(draft: _Draft, entry: Entry) -> None:
    try:
        policy = policy_of(fields.mapping(entry.body, "policy"))
    except UsageError as error:
        raise MalformedError("shelf_malformed", entry=entry.seq) from error
    if policy.sha256 != fields.digest(entry.body, "sha256"):
        raise MalformedError("shelf_malformed", entry=entry.seq)
    draft.proposals[entry.seq] = Proposal(policy, entry.seq, entry.actor, entry.at)


def _adopted(draft: _Draft, entry: Entry) -> None:
    """Let a pack hold; the version before it stays on the shelf: it was promised."""
    proposal = draft.proposals.get(fields.integer(entry.body, "proposed"))
    if proposal is None:
        raise MalformedError("shelf_malformed", entry=entry.seq)
    if proposal.by == entry.actor:
        return
    del draft.proposals[proposal.entry]
    new = replace(proposal.policy, entry=entry.seq)
    for place, each in enumerate(draft.policies):
        if each.name == new.name and each.replaced is None:
            draft.policies[place] = replace(each, replaced=entry.seq)
    draft.policies.append(new)


def _withdrawn(draft: _Draft, entry: Entry) -> None:
    draft.proposals.pop(fields.integer(entry.body, "proposed"), None)


def _placed(draft: _Draft, entry: Entry) -> None:
    body, hold = entry.body, fields.text(entry.body, "hold")
    reason = next((each for each in REASONS if each == body.get("reason")), None)
    if reason is None or hold in draft.holds or hold not in entry.about:
        raise MalformedError("shelf_malformed", entry=entry.seq)
    scope = _scope(entry)
    article = fields.text(body, "article")
    draft.holds[hold] = Hold(hold, entry.seq, reason, article, scope, entry.at, entry.actor)
    for name in scope.segments or (scope.of or "",):
        draft.catching[name] = (*draft.catching.get(name, ()), hold)
    if body.get("answers") is not None:
        draft.answered.setdefault(fields.integer(body, "answers"), entry.seq)


def _scope(entry: Entry) -> Scope:
    told = fields.mapping(entry.body, "scope")
    kind = next((each for each in SCOPES if each == told.get("kind")), None)
    if kind is None:
        raise MalformedError("shelf_malformed", entry=entry.seq)
    listed = () if told.get("segments") is None else fields.sequence(told, "segments")
    segments = tuple(fields.text({"segments": each}, "segments") for each in listed)
    of = fields.optional_text(told, "of")
    since, until = (fields.optional_moment(told, name) for name in ("since", "until"))
    named = segments if kind == "segments" else (of or "",)
    starts = {"segments": ("s:",), "case": ("c:",), "window": WINDOWS}[kind]
    if not named or not all(each.startswith(starts) and each in entry.about for each in named):
        raise MalformedError("shelf_malformed", entry=entry.seq)
    return Scope(kind, segments, of, since, until)


def _release_proposed(draft: _Draft, entry: Entry) -> None:
    hold = _hold(draft, entry)
    draft.holds[hold.id] = replace(hold, proposed=entry.seq)


def _released(draft: _Draft, entry: Entry) -> None:
    hold, proposed = _hold(draft, entry), fields.integer(entry.body, "proposed")
    if hold.proposed != proposed or hold.released is not None:
        raise MalformedError("shelf_malformed", entry=entry.seq)
    if draft.ledger.entry(proposed).actor != entry.actor:
        draft.holds[hold.id] = replace(hold, released=entry.seq, released_at=entry.at)


def _release_refused(draft: _Draft, entry: Entry) -> None:
    hold = _hold(draft, entry)
    draft.holds[hold.id] = replace(hold, proposed=None)


def _hold(draft: _Draft, entry: Entry) -> Hold:
    hold = draft.holds.get(fields.text(entry.body, "hold"))
    if hold is None:
        raise MalformedError("shelf_malformed", entry=entry.seq)
    return hold


def _mark_resolved(draft: _Draft, entry: Entry) -> None:
    draft.answered.setdefault(fields.integer(entry.body, "sighting"), entry.seq)


def _declined(draft: _Draft, entry: Entry) -> None:
    draft.answered.setdefault(fields.integer(entry.body, "request"), entry.seq)


def _closed(draft: _Draft, entry: Entry) -> None:
    draft.closed[fields.text(entry.body, "case")] = day_of(entry.body, "closed_on")


def _reopened(draft: _Draft, entry: Entry) -> None:
    draft.closed.pop(fields.text(entry.body, "case"), None)


def _attested(draft: _Draft, entry: Entry) -> None:
    """Note who said which day; of two people who say the same, the later one is the second."""
    day, by = day_of(entry.body, "day"), entry.actor
    named = None if entry.body.get("first") is None else fields.integer(entry.body, "first")
    first = next((each for each in draft.attested if each.entry == named), None)
    if named is not None and first is None:
        raise MalformedError("shelf_malformed", entry=entry.seq)
    second = first is not None and not first.second and first.day == day and first.by != by
    draft.attested.append(Attested(day, entry.seq, by, second))


def _raised(draft: _Draft, entry: Entry) -> None:
    take(draft.raised, entry)


def _acknowledged(draft: _Draft, entry: Entry) -> None:
    """Take an answer; one that says that the bytes are sound counts so only after an audit."""
    same, told = answered_by(entry)
    take(draft.raised, entry)
    known = draft.acknowledged.get(same)
    if known is None or known.alarm <= told.alarm:
        draft.acknowledged[same] = told
    cleared = cleared_by(draft.ledger, entry)
    if cleared is not None:
        draft.cleared[cleared] = entry.seq


def _set_back(draft: _Draft, entry: Entry) -> None:
    draft.set_back.append(SetBack(entry.seq, fields.moment(entry.body, "before")))


STEPS: Mapping[str, Callable[[_Draft, Entry], None]] = MappingProxyType(
    {
        "policy.proposed": _proposed,
        "policy.adopted": _adopted,
        "policy.withdrawn": _withdrawn,
        "hold.placed": _placed,
        "hold.release_proposed": _release_proposed,
        "hold.released": _released,
        "hold.release_refused": _release_refused,
        "mark.resolved": _mark_resolved,
        "proposal.declined": _declined,
        "case.closed": _closed,
        "case.reopened": _reopened,
        "time.attested": _attested,
        "alarm.raised": _raised,
        "alarm.acknowledged": _acknowledged,
        "clock.accepted": _set_back,
    }
)

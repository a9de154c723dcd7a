"""Gaps and their explanations (article 12): the officer explains, the supervisor answers.

A gap is a seam at which a running recording broke off, a number is missing, or a file was cut; a
pause that the officer made is none.  Its name is the entry seams.judged and its place in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from custody.desk import Desk
from custody.facts import over_footage, standing_of
from custody.fields import integer, mapping, optional_text, sequence, text
from custody.footage import footage_of
from custody.history import chain
from custody.permission import Does, Row, Situation, refusals
from custody.refused import refuse_on_record
from custody.scan import scan
from custody.tree import Tree
from evidence.entry import Draft, Entry, Private
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor
from evidence.ports import Ledger

Reason = Literal["equipment", "damage", "battery", "storage", "weather", "other"]  # 等客观原因
REASONS: tuple[Reason, ...] = get_args(Reason)
Verdict = Literal["accepted", "returned"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
State = Literal["open", "explained", "accepted", "returned"]

NEEDS_WORDS = frozenset({"gap", "hole", "truncated"})  # kinds of seams
WORDS_LIMIT = 2000  # characters of an explanation


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap, and what was said about it.  ``explained``: entry of the newest explanation."""

    docking: str
    seams: int  # entry
    seam: int  # its place there
    kind: str
    ms: int | None
    before: str | None  # s:…
    after: str | None
    state: State
    explained: int | None
    at: datetime  # of that entry: when it was judged

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the segments at its sides."""
        return tuple(each for each in (self.before, self.after) if each is not None)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why it broke off.  ``spoken``: the reason was said aloud when recording went on."""

    reason: Reason
    words: str = ""
    spoken: bool = False


def gaps_of(ledger: Ledger, docking: str) -> tuple[Gap, ...]:
    """Return every gap of a docking in the order of its seams, with what was said about it."""
    entries = list(chain(docking, ledger))
    said = _said(entries)
    found: list[Gap] = []
    for entry in reversed(entries):
        if entry.type == "seams.judged":
            found += _gaps_in(entry, docking, said)
    return tuple(found)


def gaps_beside(segment: str, entries: Sequence[Entry]) -> tuple[Gap, ...]:
    """Return the gaps at the sides of a segment out of the entries about it, newest first.

    What is said about a gap names the segments at its sides, so their own chains tell all of it.
    """
    said = _said(entries)
    judged = ((entry, entry.about) for entry in entries if entry.type == "seams.judged")
    dockings = ((entry, next(s for s in about if s.startswith("d:"))) for entry, about in judged)
    found = (each for entry, docking in dockings for each in _gaps_in(entry, docking, said))
    return tuple(each for each in found if segment in each.segments)


def gap(ledger: Ledger, seams: int, seam: int) -> Gap:
    """Return one gap by its name.  Raises ``CustodyError`` (``gap_unknown``)."""
    entry = ledger.entry(seams)
    docking = next((each for each in entry.about if each.startswith("d:")), None)
    if entry.type == "seams.judged" and docking is not None:
        for each in gaps_of(ledger, docking):
            if (each.seams, each.seam) == (seams, seam):
                return each
    raise CustodyError("gap_unknown", seams=seams, seam=seam)


def explain(desk: Desk, actor: Actor, wanted: Gap, why: Explanation) -> int:
    """Say why it broke off; return the index of the entry.

    Raises ``UsageError`` without words where the reason needs them, or when it is accepted
    already; ``RefusedError``; ``ConflictError`` where something was said meanwhile.
    """
    needs = why.reason == "other" or not why.spoken  # not said aloud: explained in writing
    if why.reason not in REASONS or len(why.words) > WORDS_LIMIT:
        raise UsageError("explanation_malformed", limit=WORDS_LIMIT)
    if needs and not why.words.strip():
        raise UsageError("explanation_missing")
    if wanted.state == "accepted":
        raise UsageError("gap_settled", seams=wanted.seams, seam=wanted.seam)
    _allow(desk, actor, wanted, "explain_gap")
    body: JsonObject = {
        "seams": wanted.seams,
        "seam": wanted.seam,
        "reason": why.reason,
        "spoken": why.spoken,
    }
    private = Private(wanted.docking, {"words": why.words})
    return _append(desk, wanted, ("gap.explained", actor.id), body, private)


def answer(desk: Desk, actor: Actor, wanted: Gap, verdict: Verdict, words: str = "") -> int:
    """Accept or return the newest explanation; return the index of the entry.

    Who returns says why.  Nobody answers their own explanation.
    """
    if verdict not in VERDICTS or len(words) > WORDS_LIMIT:
        raise UsageError("explanation_malformed", limit=WORDS_LIMIT)
    if verdict == "returned" and not words.strip():
        raise UsageError("explanation_missing")
    if wanted.state != "explained" or wanted.explained is None:
        raise UsageError("gap_not_explained", seams=wanted.seams, seam=wanted.seam)
    _allow(desk, actor, wanted, "answer_gap")
    body: JsonObject = {"explained": wanted.explained, "answer": verdict}
    private = Private(wanted.docking, {"words": words})
    return _append(desk, wanted, ("gap.answered", actor.id), body, private)


def in_the_way(desk: Desk, actor: Actor, wanted: Gap, act: Does) -> tuple[Row, ...]:
    """Return every row in the way of explaining a gap, or of answering its explanation."""
    situation = over_footage(standing_of(desk, actor), footage_of(desk.ledger, wanted.segments))
    explained = None if act != "answer_gap" else wanted.explained
    own = explained is not None and desk.ledger.entry(explained).actor == actor.id
    facts = situation.facts | ({"asker"} if own else set())
    return refusals(act, Situation(situation.roles, facts))


def said_of(ledger: Ledger, wanted: Gap) -> tuple[Entry, ...]:
    """Return every explanation of a gap and every answer to one, oldest first."""
    found: dict[int, Entry] = {}
    for entry in reversed(list(chain(wanted.docking, ledger))):
        if entry.type == "gap.explained":
            name = integer(entry.body, "seams"), integer(entry.body, "seam")
            ours = name == (wanted.seams, wanted.seam)
        else:
            ours = entry.type == "gap.answered" and integer(entry.body, "explained") in found
        if ours:
            found[entry.seq] = entry
    return tuple(found.values())


def to_answer(desk: Desk, actor: Actor, since: datetime) -> Iterator[Gap]:
    """Yield the gaps whose explanation ``actor`` may answer, the newest explanation first.

    Explained since then, straight from the tree: no list of somebody's people is needed.
    """
    told: set[tuple[int, int]] = set()
    for entry in scan(Tree(desk.tiles), frozenset({"gap.explained"}), since=since):
        name = integer(entry.body, "seams"), integer(entry.body, "seam")
        if name not in told:
            told.add(name)
            found = gap(desk.ledger, *name)
            if found.state == "explained" and not in_the_way(desk, actor, found, "answer_gap"):
                yield found


def _allow(desk: Desk, actor: Actor, wanted: Gap, act: Does) -> None:
    found = in_the_way(desk, actor, wanted, act)
    if found:
        refuse_on_record(desk, actor, act, found, wanted.segments)


def _append(
    desk: Desk, wanted: Gap, what: tuple[str, str], body: JsonObject, private: Private
) -> int:
    """Write it where nothing was said about this gap since ``wanted`` was read."""
    last = desk.ledger.last(wanted.docking)
    now = gap(desk.ledger, wanted.seams, wanted.seam)
    if (now.state, now.explained) != (wanted.state, wanted.explained):
        raise UsageError("gap_settled", seams=wanted.seams, seam=wanted.seam)
    about = tuple(dict.fromkeys((wanted.docking, *wanted.segments)))
    kind, actor = what
    draft = Draft(kind, actor, about, body, {wanted.docking: last}, private)
    return desk.ledger.append([draft]).indexes[0]


Word = tuple[State, int | None]
Said = Mapping[tuple[int, int], Word]
OPEN: Word = ("open", None)


def _said(entries: Sequence[Entry]) -> Said:
    """Return the newest word on each gap, and the entry of its newest explanation."""
    said: dict[tuple[int, int], Word] = {}
    names: dict[int, tuple[int, int]] = {}
    for entry in reversed(entries):
        if entry.type == "gap.explained":
            name = integer(entry.body, "seams"), integer(entry.body, "seam")
            names[entry.seq], said[name] = name, ("explained", entry.seq)
        elif entry.type == "gap.answered":
            explained = integer(entry.body, "explained")
            accepted = text(entry.body, "answer") == "accepted"
            if explained in names:
                said[names[explained]] = ("accepted" if accepted else "returned", explained)
    return said


def _gaps_in(entry: Entry, docking: str, said: Said) -> Iterator[Gap]:
    for place, value in enumerate(sequence(entry.body, "seams")):
        seam = mapping({"seams": value}, "seams")
        kind = text(seam, "kind")
        if kind in NEEDS_WORDS:
            state, explained = said.get((entry.seq, place), OPEN)
            ms = None if seam.get("ms") is None else integer(seam, "ms")
            before, after = optional_text(seam, "before"), optional_text(seam, "after")
            yield Gap(
                docking, entry.seq, place, kind, ms, before, after, state, explained, entry.at
            )

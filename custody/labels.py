"""What a recording is of, said by who recorded it (article 16); a correction is a new entry.

A label is complete with officers, item, cause and party, or as one of ``NO_CASE``: so that nobody
invents a cause for a patrol.  The time of recording needs no hand: the ledger has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, get_args

from custody.desk import Desk
from custody.facts import over_footage, standing_of
from custody.fields import boolean, optional_text
from custody.footage import Footage, footage_of, slices_of
from custody.history import chain
from custody.items import ItemList, item_of
from custody.permission import refusals
from custody.refused import refuse_on_record
from evidence.entry import Draft, Entry, Private
from evidence.errors import UsageError
from evidence.json import JsonObject
from evidence.people import Actor, Register
from evidence.ports import Ledger

NoCase = Literal["patrol", "mistake", "not_duty"]  # 巡查, 误启动, 非执法 (article 21(4): a finding)
NO_CASE: tuple[NoCase, ...] = get_args(NoCase)
Sensitivity = Literal["none", "privacy", "business_secret", "state_secret"]  # article 19
SENSITIVITIES: tuple[Sensitivity, ...] = get_args(Sensitivity)

OFFICERS_LIMIT = 20  # of one recording
SEGMENTS_LIMIT = 200  # of one act
WORDS_LIMIT = 500  # characters of each text


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody says of a recording.  ``officers``: people's ids; two are usual."""

    officers: tuple[str, ...] = ()
    item: str | None = None  # a code of the adopted list
    step: str | None = None
    no_case: NoCase | None = None
    cause: str | None = None  # 案由
    party: str | None = None  # 当事人
    case_number: str | None = None
    place: str | None = None
    words: str | None = None
    sensitivity: Sensitivity = "none"

    @property
    def complete(self) -> bool:
        """Return whether article 16 asks for nothing more."""
        told = self.officers and self.item and self.cause and self.party
        return self.no_case is not None or bool(told)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label as the ledger has it.  ``facts`` is None once the segment's key is destroyed."""

    entry: Entry
    complete: bool
    no_case: str | None
    item: str | None
    facts: JsonObject | None


def label(
    desk: Desk, actor: Actor, segments: Sequence[str], said: Label, items: ItemList
) -> tuple[int, ...]:
    """Say of every one of ``segments`` what it is of; return the indexes of the entries.

    A segment that has a label is corrected: the new entry names the old one, which stays readable.
    All or none: raises ``ConflictError`` where something was written about one of them meanwhile,
    ``RefusedError`` where a row is in the way, ``UsageError`` for a label that says nothing or too
    much, and for an item of another list than the adopted one.  A state secret raises an alarm in
    the same act: from then on nothing of it leaves.
    """
    _check_said(said, items)
    if not 0 < len(set(segments)) == len(segments) <= SEGMENTS_LIMIT:
        raise UsageError("segments_malformed", limit=SEGMENTS_LIMIT)
    standing = standing_of(desk, actor)
    _check_officers(standing.register, said.officers)
    _check_adopted(standing.register, said, items)
    footage = footage_of(desk.ledger, segments)
    found = refusals("label", over_footage(standing, footage))
    if found:
        refuse_on_record(desk, actor, "label", found, segments)
    return _write(desk, actor, footage, said, items)


def label_of(ledger: Ledger, segment: str) -> Labelled | None:
    """Return the label that holds, or None; that of a former stay in custody holds no more."""
    held = _held(ledger, segment)
    if held is None:
        return None
    body, statement = held.body, ledger.statement(held.seq)
    return Labelled(
        held,
        boolean(body, "complete"),
        optional_text(body, "no_case"),
        optional_text(body, "item"),
        statement.facts if statement else None,
    )


def labels_of(ledger: Ledger, segment: str) -> tuple[Entry, ...]:
    """Return every label that a segment ever had, oldest first."""
    found = [entry for entry in chain(segment, ledger) if entry.type == "segment.labelled"]
    return tuple(reversed(found))


def _check_said(said: Label, items: ItemList) -> None:
    texts = (said.cause, said.party, said.case_number, said.place, said.words)
    if any(each is not None and not 0 < len(each.strip()) <= WORDS_LIMIT for each in texts):
        raise UsageError("label_text", limit=WORDS_LIMIT)
    if said.no_case and (said.item or said.cause or said.party or said.case_number):
        raise UsageError("label_both")
    if not (said.no_case or said.item or said.cause or said.party or said.case_number):
        raise UsageError("label_empty")
    if said.step is not None and said.item is None:
        raise UsageError("step_unknown", step=said.step, known="-")
    if said.item is not None:
        item_of(items, said.item, said.step)


def _check_officers(register: Register, officers: Sequence[str]) -> None:
    if len(set(officers)) != len(officers) or len(officers) > OFFICERS_LIMIT:
        raise UsageError("officers_malformed", limit=OFFICERS_LIMIT)
    for officer in officers:
        if officer not in register.people:
            raise UsageError("person_unknown", text=officer)


def _check_adopted(register: Register, said: Label, items: ItemList) -> None:
    """Refuse an item of a list that is not the adopted one; before any was adopted, each holds."""
    held = register.adopted.get("items")
    if said.item is not None and held is not None and held.sha256 != items.sha256:
        raise UsageError("items_not_adopted", name=items.name, version=items.version)


def _write(
    desk: Desk, actor: Actor, footage: Footage, said: Label, items: ItemList
) -> tuple[int, ...]:
    case = desk.ledger.pseudonym("c", said.case_number) if said.case_number else None
    body: JsonObject = {
        "act": footage.segments[0],
        "items": {"name": items.name, "version": items.version} if said.item else None,
        "item": said.item,
        "step": said.step,
        "no_case": said.no_case,
        "complete": said.complete,
        "sensitivity": said.sensitivity,
    }
    facts: JsonObject = {
        "officers": list(said.officers),
        "cause": said.cause,
        "party": said.party,
        "case_number": said.case_number,
        "place": said.place,
        "words": said.words,
    }
    named = (*said.officers, *((case,) if case else ()))
    drafts = [_draft(desk, actor, (each, *named), body, facts) for each in footage.segments]
    if said.sensitivity == "state_secret":
        drafts += [_alarm(actor, segment) for segment in footage.segments]
    return desk.ledger.append(drafts).indexes[: len(footage.segments)]


def _draft(
    desk: Desk, actor: Actor, about: tuple[str, ...], said: JsonObject, facts: JsonObject
) -> Draft:
    segment = about[0]
    slices_of(desk.ledger, segment)  # raises where it is disposed of: it would get a new key
    last, held = desk.ledger.last(segment), _held(desk.ledger, segment)
    body: JsonObject = {**said, "corrects": held.seq if held else None}
    private = Private(segment, facts)
    return Draft("segment.labelled", actor.id, about, body, {segment: last}, private)


def _alarm(actor: Actor, segment: str) -> Draft:
    body: JsonObject = {"alarm": "state_secret", "facts": {}}
    return Draft("alarm.raised", actor.id, (segment,), body)


def _held(ledger: Ledger, segment: str) -> Entry | None:
    """Return the newest label: every later one corrects the one before it.

    Not of a former stay: its words are destroyed, and what was docked again is labelled anew.
    """
    life = takewhile(lambda entry: entry.type != "segment.disposed", chain(segment, ledger))
    return next((e for e in life if e.type == "segment.labelled"), None)

"""The form of a label: what was typed, what is wrong with it and where, and the label it says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Form

from api.models import In
from api.models_footage import LabelIn
from api.site import Site, Words
from custody.items import ItemList
from custody.labels import OFFICERS_LIMIT, WORDS_LIMIT, Labelled, NoCase, Sensitivity
from custody.names import find_person, person_facts
from evidence.entry import Entry, Statement
from evidence.errors import CustodyError
from evidence.people import Register

TEXTS = ("cause", "party", "case_number", "place", "words")
OFFICERS_CHARACTERS = 1000
_BETWEEN = re.compile(r"[,，、;；\n]")


class LabelFields(In):
    """What stands in the form.  ``what``: an item, or item/step."""

    officers: str = ""
    what: str = ""
    no_case: NoCase | Literal[""] = ""
    cause: str = ""
    party: str = ""
    case_number: str = ""
    place: str = ""
    words: str = ""
    sensitivity: Sensitivity = "none"


class LabelForm(LabelFields):
    """What was sent: ``key`` is good for one label (``api/once.py``)."""

    key: Annotated[str, Form(pattern="^[0-9A-Za-z_-]{8,64}$")]


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that a recording can be of.  ``group``: the item of which it is a step."""

    value: str
    name: str
    group: str | None = None


def choices(items: ItemList, language: str) -> list[Choice]:
    """Return the items of the list in its own order, each followed by its steps."""
    found = []
    for code, item in items.items.items():
        name = item.zh if language.startswith("zh") else item.en
        found.append(Choice(code, name))
        found += [Choice(f"{code}/{step}", f"{name} · {step}", name) for step in item.steps]
    return found


def filled(site: Site, register: Register, labelled: Labelled) -> LabelFields:
    """Return the form as a label fills it, to correct it or to say the same once more."""
    facts, body = labelled.facts or {}, labelled.entry.body
    officers = facts.get("officers")
    people = officers if isinstance(officers, list) else []
    step, item = body.get("step"), body.get("item")
    what = f"{item}/{step}" if step else str(item or "")
    told = {name: str(facts.get(name) or "") for name in TEXTS}
    whole = {
        **told,
        "officers": typed_names(site, register, [str(each) for each in people]),
        "what": what,
        "no_case": body.get("no_case") or "",
        "sensitivity": body.get("sensitivity") or "none",
    }
    return LabelFields.model_validate(whole)


def typed_names(site: Site, register: Register, people: list[str]) -> str:
    """Return people as somebody would type them: by what finds exactly them."""
    return ", ".join(_typed(site, register, each) for each in people)


def _typed(site: Site, register: Register, person: str) -> str:
    facts = person_facts(site.desk.ledger, register, person)
    for text in (facts.number, facts.name) if facts else ():
        try:
            if text and find_person(site.desk.ledger, register, text) == person:
                return text
        except CustodyError:
            continue  # more than one is called so
    return person


def mistakes_of(site: Site, form: LabelFields, t: Mapping[str, str], w: Words) -> dict[str, str]:
    """Return what is wrong, by field: what to do there.  Officers are looked at elsewhere."""
    found: dict[str, str] = {}
    for name in TEXTS:
        if len(getattr(form, name).strip()) > WORDS_LIMIT:
            found[name] = w("error.label_text", limit=WORDS_LIMIT)
    of_a_case = any(each.strip() for each in (form.what, form.cause, form.party, form.case_number))
    if form.what and form.what not in {each.value for each in choices(site.items, "zh-CN")}:
        found["what"] = t["item_gone"]
    elif form.no_case and of_a_case:
        found["no_case"] = w("error.label_both")
    elif not form.no_case and not of_a_case:
        found["what"] = t["label_nothing"]
    return found


def officers_of(
    site: Site, register: Register, form: LabelFields, t: Mapping[str, str]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return who was typed, or what is wrong with it."""
    typed = [each.strip() for each in _BETWEEN.split(form.officers[:OFFICERS_CHARACTERS])]
    people = []
    for each in typed[: OFFICERS_LIMIT + 1]:
        try:
            people += [find_person(site.desk.ledger, register, each)] if each else []
        except CustodyError as error:
            return (), {"officers": f"{t['officer_' + error.word.partition('_')[2]]} {each}"}
    found = tuple(dict.fromkeys(people))
    if len(typed) > OFFICERS_LIMIT or len(form.officers) > OFFICERS_CHARACTERS:
        return (), {"officers": t["officers_many"]}
    return found, {}


def said_in(form: LabelFields, segments: list[str], officers: tuple[str, ...]) -> LabelIn:
    """Return the label as the API takes it; nothing of it is wrong any more."""
    item, _, step = form.what.partition("/")
    texts = {name: getattr(form, name).strip() or None for name in TEXTS}
    return LabelIn(
        segments=segments,
        officers=officers,
        item=item or None,
        step=step or None,
        no_case=form.no_case or None,
        sensitivity=form.sensitivity,
        **texts,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One label of the past, in the words of then; its statement may be destroyed."""

    entry: Entry
    by: str
    officers: tuple[str, ...]
    item: str | None
    facts: Mapping[str, object] | None


def facts_of(statement: Statement | None) -> Mapping[str, object] | None:
    """Return what a statement says, or None once its key is destroyed."""
    return statement.facts if statement else None


def item_then(entry: Entry, items: ItemList, language: str) -> str | None:
    """Return what an item was called: by today's list only where it is the list of then."""
    code, step, then = (entry.body.get(name) for name in ("item", "step", "items"))
    if code is None:
        return None
    name, held = str(code), then if isinstance(then, Mapping) else {}
    if (held.get("name"), held.get("version")) == (items.name, items.version):
        item = items.items.get(name)
        name = (item.zh if language.startswith("zh") else item.en) if item else name
    elif held:
        name = f"{name} ({held.get('name')} {held.get('version')})"
    return f"{name} · {step}" if step else name

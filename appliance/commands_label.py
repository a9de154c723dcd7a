"""``label``, ``items``, ``unlabelled``: what a recording is of, and what has no label yet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo

from appliance import commands_gap
from appliance.asking import segment_of
from appliance.call import Call
from appliance.commands_look import SHORT, local, zone_of
from appliance.items import items_file, load_items
from appliance.mine import since_of, whose
from appliance.output import Answer, table
from appliance.signed_in import actor
from appliance.words import Words
from custody import labels, mine
from custody.belonging import belongings, remarks
from custody.enrol import adopt_rules
from custody.items import Item, ItemList, item_of
from custody.labels import SEGMENTS_LIMIT, Label, NoCase, Sensitivity
from custody.mine import Mine, Unlabelled
from custody.names import find_person
from custody.recordings import of_docking, of_recording
from custody.register import read_register
from evidence.codec import format_time
from evidence.errors import UsageError
from evidence.json import JsonObject


def label(call: Call) -> Answer:
    """Say what segments are of: some, all of a docking, or all of one recording."""
    who = actor(call)
    segments = _segments(call)
    said = _said(call)
    items = load_items(items_file(call.settings))
    entries = labels.label(call.services.desk, who, segments, said, items)
    key = "label.done" if said.complete else "label.incomplete"
    lines = [call.words(key, count=len(entries), first=entries[0])]
    return Answer(
        {"segments": _bare(segments), "entries": list(entries), "complete": said.complete}, lines
    )


def _segments(call: Call) -> tuple[str, ...]:
    asked, ledger = call.arguments, call.services.desk.ledger
    wider = asked.docking or asked.recording
    if bool(wider) == bool(asked.segments):
        raise UsageError("label_which")
    if asked.docking:
        return of_docking(ledger, call.services.docking(asked.docking), SEGMENTS_LIMIT)
    if asked.recording:
        return of_recording(ledger, segment_of(call, asked.recording), SEGMENTS_LIMIT)
    return tuple(dict.fromkeys(segment_of(call, text) for text in asked.segments))


def _said(call: Call) -> Label:
    asked, ledger = call.arguments, call.services.desk.ledger
    register = read_register(ledger) if asked.officer else None
    officers = [find_person(ledger, register, each) for each in asked.officer] if register else []
    told = asked.no_case.replace("-", "_") if asked.no_case else None
    no_case: NoCase | None = next((each for each in labels.NO_CASE if each == told), None)
    kind = asked.sensitivity.replace("-", "_")
    sensitivity: Sensitivity = next(each for each in labels.SENSITIVITIES if each == kind)
    return Label(
        officers=tuple(dict.fromkeys(officers)),
        item=asked.item,
        step=asked.step,
        no_case=no_case,
        cause=asked.cause,
        party=asked.party,
        case_number=asked.case,
        place=asked.place,
        words=asked.words,
        sensitivity=sensitivity,
    )


def list_items(call: Call) -> Answer:
    """List the items of the list that is configured, and whether it is the adopted one."""
    items = load_items(items_file(call.settings))
    rows = [[code, _name(item, call.words), item.article] for code, item in items.items.items()]
    head = [call.words(f"column.{name}") for name in ("item", "name", "article")]
    lines = [_told(call, items), *table([head, *rows], columns=call.terminal.columns)]
    shown = {code: _item(item) for code, item in items.items.items()}
    return Answer({**_list(call, items), "items": shown}, lines)


def show_item(call: Call) -> Answer:
    """Show what an item wants to be in the picture."""
    items = load_items(items_file(call.settings))
    item, words = item_of(items, call.arguments.item, None), call.words
    facts = [("item", item.code), ("name", _name(item, words)), ("article", item.article)]
    facts += [("scope", words(f"scope.{item.scope}")), ("period", item.period or "–")]
    lines = table([[words(f"column.{name}"), value] for name, value in facts])
    lines += [words("items.picture"), *(f"  {each}" for each in item.picture)]
    if item.steps:
        lines += [words("items.steps"), *(f"  {each}" for each in item.steps)]
    return Answer({**_list(call, items), "item": _item(item)}, lines)


def adopt_items(call: Call) -> Answer:
    """Write down that the configured list holds from now on."""
    items = load_items(items_file(call.settings))
    told = {"name": items.name, "version": items.version, "sha256": items.sha256}
    entry = adopt_rules(call.services.desk, actor(call), rules="items", **told)
    return Answer({"entry": entry, **told}, [call.words("items.adopted", entry=entry, **told)])


def _list(call: Call, items: ItemList) -> dict[str, str | bool]:
    return {
        "name": items.name,
        "version": items.version,
        "sha256": items.sha256,
        "adopted": _is_adopted(call, items),
    }


def _is_adopted(call: Call, items: ItemList) -> bool:
    held = read_register(call.services.desk.ledger).adopted.get("items")
    return held is not None and held.sha256 == items.sha256


def _told(call: Call, items: ItemList) -> str:
    key = "items.holds" if _is_adopted(call, items) else "items.not_adopted"
    return call.words(key, name=items.name, version=items.version)


def _name(item: Item, words: Words) -> str:
    return item.zh if words.language.startswith("zh") else item.en


def _item(item: Item) -> JsonObject:
    return {
        "item": item.code,
        "zh": item.zh,
        "en": item.en,
        "article": item.article,
        "scope": item.scope,
        "picture": list(item.picture),
        "steps": list(item.steps),
        "period": item.period,
    }


def unlabelled(call: Call) -> Answer:
    """List what a person recorded that has no complete label."""
    person, listing = whose(call)
    since = since_of(call)
    listed = mine.sightings_of(call.services.desk, person, since)
    found = list(mine.unlabelled(call.services.desk, listed, listing.may))
    zone = zone_of(call)
    rows = [(each, _remarks(call, each, zone)) for each in found]
    lines = _shown(call, rows, zone)
    if listed.more:
        lines.append(call.words("mine.more"))
    shown = [_json(each, noted) for each, noted in rows]
    return Answer({"person": person, "more": listed.more, "segments": shown}, lines)


def _remarks(call: Call, found: Unlabelled, zone: tzinfo) -> tuple[str, ...]:
    belongs = belongings(call.services.desk.ledger, found.mine.segment, zone)
    own = ("important",) if found.mine.important else ()
    return (*own, *remarks(belongs, found.label))


def _shown(
    call: Call, rows: Sequence[tuple[Unlabelled, tuple[str, ...]]], zone: tzinfo
) -> list[str]:
    words = call.words
    if not rows:
        return [words("unlabelled.none")]
    head = [words(f"column.{name}") for name in ("segment", "recorded_at", "docking", "noticed")]
    cells = [_row(each.mine, noted, words, zone) for each, noted in rows]
    return table([head, *cells], columns=call.terminal.columns)


def _row(found: Mine, noted: Iterable[str], words: Words, zone: tzinfo) -> list[str]:
    return [
        found.segment[2 : 2 + SHORT],
        local(format_time(found.recorded_at), zone),
        found.docking[: 2 + SHORT],
        words("list.comma").join(words(f"short.{code}") for code in noted),
    ]


def _json(found: Unlabelled, noted: Iterable[str]) -> JsonObject:
    return {
        "segment": found.mine.segment[2:],
        "docking": found.mine.docking,
        "entry": found.mine.entry,
        "recorded_at": format_time(found.mine.recorded_at),
        "important": found.mine.important,
        "label": found.label.entry.seq if found.label else None,
        "findings": [each for each in noted if each != "important"],
    }


def _bare(segments: Iterable[str]) -> list[str]:
    return [each.removeprefix("s:") for each in segments]


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "label": label,
    "items list": list_items,
    "items show": show_item,
    "items adopt": adopt_items,
    "unlabelled": unlabelled,
    **commands_gap.COMMANDS,
}

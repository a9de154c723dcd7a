"""What a message about alarms says: codes, numbers of entries, times and ids, in both languages.

No fact of an alarm, no name, no path and no address: whoever reads that mailbox learns that
something is wrong at this station, and looks for the rest where their rights are asked for.
"""

from collections.abc import Iterator
from datetime import datetime

from appliance.settings import Settings
from appliance.words import Words, load_words
from custody.outbox import Item, Message
from evidence.codec import format_time
from evidence.json import JsonObject

LANGUAGES = ("zh-CN", "en")  # first the one of most who read it
VERSION = 1


def subject_of(settings: Settings, message: Message, *, test: bool) -> str:
    """Return the subject of a mail."""
    key = "alarm_told.subject_test" if test else "alarm_told.subject"
    station, count = settings.config.station.station, len(message.items) + message.more
    told = (words(key, station=station, count=count) for words in _languages(settings))
    return " / ".join(told)


def text_of(settings: Settings, message: Message, *, test: bool) -> str:
    """Return the text of a mail."""
    station = settings.config.station
    lines: list[str] = []
    for words in _languages(settings):
        lines += ["", *_told(words, message, station.origin, test=test)]
    return "\n".join(lines[1:]) + "\n"


def _told(words: Words, message: Message, origin: str, *, test: bool) -> Iterator[str]:
    yield words("alarm_told.test" if test else "alarm_told.head", origin=origin)
    for each in message.items:
        yield from _item(words, each)
    if message.more:
        yield words("alarm_told.more", count=message.more)
    if not test:
        yield words("alarm_told.where")


def _item(words: Words, item: Item) -> Iterator[str]:
    if item.entry is None or item.at is None:
        yield words("alarm_told.way", told=code_told(words, item.code), count=item.count)
        return
    at = format_time(item.at)
    told = code_told(words, item.code)
    yield words("alarm_told.item", told=told, entry=item.entry, at=at, count=item.count)
    yield from (f"  {each}" for each in item.subjects)


def code_told(words: Words, code: str) -> str:
    """Return an alarm's code in words, or the code itself."""
    return words(f"alarm_code.{code}") if words.has(f"alarm_code.{code}") else code


def document(settings: Settings, message: Message, now: datetime, *, test: bool) -> JsonObject:
    """Return what a webhook gets (docs/formats.md)."""
    station = settings.config.station
    return {
        "version": VERSION,
        "id": message.id,
        "origin": station.origin,
        "station": station.station,
        "at": format_time(now),
        "test": test,
        "alarms": [_row(each) for each in message.items],
        "more": message.more,
    }


def _row(item: Item) -> JsonObject:
    return {
        "code": item.code,
        "entry": item.entry,
        "first": item.first,
        "count": item.count,
        "at": format_time(item.at) if item.at else None,
        "subjects": list(item.subjects),
    }


def _languages(settings: Settings) -> list[Words]:
    """Return the language of the station; both where it has none."""
    asked = settings.config.station.language
    return [load_words(each) for each in LANGUAGES if asked in {"", each}]

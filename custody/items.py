"""What a recording is of: a list of items (``config/items/*.toml``), as data, checked strictly.

A label names the list, its version and the item, so that a later list changes no older label.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from evidence.errors import UsageError
from evidence.json import Json, JsonObject

Scope = Literal["whole", "key"]  # 全过程, 重要环节

ITEMS_LIMIT = 200  # of one list
TEXTS_LIMIT = 40  # steps, or things that must be in the picture
_KEYS = frozenset(("name", "version", "item"))
_ITEM_KEYS = frozenset(("zh", "en", "article", "scope", "picture", "steps", "period"))
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PERIOD = re.compile(r"[1-9][0-9]? (?:months|years)|permanent|as the case file")


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of activity.  ``period``: how long it is kept where the item says so itself."""

    code: str
    zh: str
    en: str
    article: str
    scope: Scope
    picture: tuple[str, ...]  # what must be in it
    steps: tuple[str, ...] = ()
    period: str | None = None


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of items.  ``sha256`` names exactly this file in the ledger."""

    name: str
    version: str
    sha256: str
    items: Mapping[str, Item]


def parse_items(data: JsonObject, sha256: str) -> ItemList:
    """Return the list of a parsed file whose bytes have this SHA-256 (hex).

    Raises ``UsageError`` (``items_file``) with the key at fault.
    """
    _known(data, _KEYS, "")
    rows = data.get("item")
    if not isinstance(rows, Mapping) or not 0 < len(rows) <= ITEMS_LIMIT:
        raise _wrong("item")
    items = {code: _item(code, row) for code, row in rows.items()}
    return ItemList(_text(data, "name", ""), _text(data, "version", ""), sha256, items)


def item_of(items: ItemList, code: str, step: str | None) -> Item:
    """Return an item of the list, or raise ``UsageError`` for one, or a step, that it lacks."""
    found = items.items.get(code)
    if found is None:
        raise UsageError("item_unknown", item=code, known=", ".join(items.items))
    if step is not None and step not in found.steps:
        raise UsageError("step_unknown", step=step, known=", ".join(found.steps) or "-")
    return found


def _item(code: str, row: Json) -> Item:
    where = f"item.{code}."
    if not _CODE.fullmatch(code) or not isinstance(row, Mapping):
        raise _wrong(where)
    _known(row, _ITEM_KEYS, where)
    scope = next((each for each in get_args(Scope) if each == row.get("scope")), None)
    if scope is None:
        raise _wrong(where + "scope")
    return Item(
        code,
        _text(row, "zh", where),
        _text(row, "en", where),
        _text(row, "article", where),
        scope,
        _texts(row, "picture", where),
        _texts(row, "steps", where) if "steps" in row else (),
        _period(row, where),
    )


def _period(row: JsonObject, where: str) -> str | None:
    if "period" not in row:
        return None
    text = _text(row, "period", where)
    if not _PERIOD.fullmatch(text):
        raise _wrong(where + "period")
    return text


def _texts(row: JsonObject, key: str, where: str) -> tuple[str, ...]:
    values = row.get(key)
    if not isinstance(values, list) or not 0 < len(values) <= TEXTS_LIMIT:
        raise _wrong(where + key)
    return tuple(_text({key: value}, key, where) for value in values)


def _text(row: JsonObject, key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(where + key)
    return value


def _known(row: JsonObject, keys: frozenset[str], where: str) -> None:
    strange = sorted(row.keys() - keys)
    if strange:
        raise _wrong(where + strange[0])


def _wrong(key: str) -> UsageError:
    return UsageError("items_file", key=key)

"""A file of ``config/access``: who decides, for what may be asked.  Data, checked strictly."""

from collections.abc import Mapping
from typing import Literal, get_args

from custody.desk import AccessRules, Deciding, Desk, PurposeRule
from evidence.asking import PURPOSES
from evidence.errors import UsageError
from evidence.json import Json, JsonObject
from evidence.people import Register

Because = Literal[
    "own_unit",  # the head of the unit that owns the recording and asks
    "other_unit",  # the head of the unit that owns it; another one asks
    "retrieval",  # the asker's own head: the bureau above asks
    "above",  # the next head above: the head asks, or appears in it
    "deputy",  # nobody is above: a deputy named by an entry
]
ROWS: tuple[Because, ...] = get_args(Because)

STEP_UP_LIMIT_S = 3600
DAYS_LIMIT = 366
HOLD_REASONS = 5  # article 17 has five

_KEYS = frozenset(
    (
        "name",
        "version",
        "step_up_s",
        "password_only",
        "provide_days",
        "longest_days",
        "deciding",
        "purpose",
    )
)
_PURPOSE_KEYS = frozenset(("article", "hold", "letter"))


def parse_access_rules(data: JsonObject, sha256: str, *, demo_keys: bool = False) -> AccessRules:
    """Return the rules of a parsed file whose bytes have this SHA-256 (hex).

    ``demo_keys`` is no rule: whether this is the demo, the configuration says.  Raises
    ``UsageError`` (``access_rules``) with the key at fault: unknown, missing, or of another form.
    """
    _known(data, _KEYS, "")
    deciding, purposes = _table(data, "deciding"), _table(data, "purpose")
    if deciding.keys() != set(ROWS):
        raise _wrong("deciding")
    _known(purposes, frozenset(PURPOSES), "purpose.")
    return AccessRules(
        _text(data, "name"),
        _text(data, "version"),
        sha256,
        {row: _deciding(row, _table(deciding, row)) for row in ROWS},
        {code: _purpose(code, _table(purposes, code)) for code in purposes},
        _number(data, "step_up_s", STEP_UP_LIMIT_S),
        _flag(data, "password_only"),
        demo_keys,
        _number(data, "provide_days", DAYS_LIMIT),
        _number(data, "longest_days", DAYS_LIMIT),
    )


def check_adopted(desk: Desk, register: Register) -> None:
    """Raise ``UsageError`` where the ledger names other rules than those that are configured.

    Before the first adoption the configured ones hold: there is none to differ from.
    """
    adopted = register.adopted.get("access")
    if adopted is not None and adopted.sha256 != desk.rules.sha256:
        raise UsageError("rules_not_adopted", adopted=adopted.name, entry=adopted.entry)


def _deciding(row: str, table: JsonObject) -> Deciding:
    _known(table, frozenset(("article",)), f"deciding.{row}.")
    return Deciding(row, _text(table, "article"))


def _purpose(code: str, table: JsonObject) -> PurposeRule:
    _known(table, _PURPOSE_KEYS, f"purpose.{code}.")
    hold = _number(table, "hold", HOLD_REASONS) if "hold" in table else None
    letter = _flag(table, "letter") if "letter" in table else False
    return PurposeRule(code, _text(table, "article"), hold, letter)


def _known(table: JsonObject, keys: frozenset[str], where: str) -> None:
    strange = sorted(table.keys() - keys)
    if strange:
        raise _wrong(where + strange[0])


def _table(data: JsonObject, key: str) -> JsonObject:
    value = data.get(key)
    if not isinstance(value, Mapping):
        raise _wrong(key)
    return value


def _text(data: JsonObject, key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise _wrong(key)
    return value


def _number(data: JsonObject, key: str, limit: int) -> int:
    value: Json = data.get(key)
    if type(value) is not int or not 0 < value <= limit:  # not isinstance: True is an int
        raise _wrong(key)
    return value


def _flag(data: JsonObject, key: str) -> bool:
    value = data.get(key)
    if type(value) is not bool:
        raise _wrong(key)
    return value


def _wrong(key: str) -> UsageError:
    return UsageError("access_rules", key=key)

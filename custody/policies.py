"""A policy pack (``config/policies/*.toml``): how long what is kept, as data, checked strictly.

A pack is adopted into the ledger whole, so its JSON form is the form of the file: what is left out
there is left out here, and its SHA-256 is that of the canonical JSON, not of the file's bytes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from custody.items import ItemList
from evidence.canonical import encode
from evidence.errors import UsageError
from evidence.json import Json, JsonObject
from evidence.keeping import REASONS, Period, Policy, Reason, Rule, Start, parse_period

RULES_LIMIT = 60  # of one pack
ITEMS_LIMIT = 200  # of one rule
TEXT_LIMIT = 200  # characters of an article or a sentence
DAYS_LIMIT = 3660  # of a grace, a warning, …
PACK_LIMIT_BYTES = 12 * 1024  # of canonical JSON: it stands in one entry (16 KiB)

_DAYS = ("grace_days", "warning_days", "undo_days", "label_days")
_KEYS = frozenset(
    ("name", "version", "standard", "rule", "reason", "case_file", "grace_because", *_DAYS)
)
_STANDARD_KEYS = frozenset(("article", "period"))
_RULE_KEYS = _STANDARD_KEYS | {"list", "items", "from"}
_STARTS: Mapping[str, Start] = {"recorded": "recorded", "case closed": "case_closed"}
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")


def policy_of(data: JsonObject) -> Policy:
    """Return the pack of a parsed file, or of the body of an entry: one form, one check.

    Raises ``UsageError``: ``policy_file`` with the key at fault (unknown, missing, of another
    form), ``policy_too_long``.
    """
    _known(data, _KEYS, "")
    rules = _rules(_table(data, "rule") if "rule" in data else {})
    case_file = _period(data, "case_file", "") if "case_file" in data else None
    _check_case_file(rules, case_file)
    policy = Policy(
        _match(data, "name", _NAME),
        _match(data, "version", _VERSION),
        "",
        _standard(_table(data, "standard")),
        rules,
        _reasons(_table(data, "reason") if "reason" in data else {}),
        case_file,
        grace_days=_number(data, "grace_days", least=0),
        grace_because=_text(data, "grace_because", ""),
        warning_days=_number(data, "warning_days"),
        undo_days=_number(data, "undo_days"),
        label_days=_number(data, "label_days"),
    )
    return _named(policy)


def policy_json(policy: Policy) -> JsonObject:
    """Return the pack as the ledger carries it; ``policy_of`` reads it again, and equal."""
    standard = policy.standard
    data: dict[str, Json] = {
        "name": policy.name,
        "version": policy.version,
        "standard": {"article": standard.article, "period": str(standard.period)},
        "grace_because": policy.grace_because,
        **{name: getattr(policy, name) for name in _DAYS},
    }
    if policy.rules:
        data["rule"] = {rule.id: _rule_json(rule) for rule in policy.rules}
    if policy.reasons:
        data["reason"] = {str(code): article for code, article in policy.reasons.items()}
    if policy.case_file is not None:
        data["case_file"] = str(policy.case_file)
    return data


def check_items(policy: Policy, items: ItemList) -> None:
    """Raise where the rules of ``policy`` about this list of items do not fit it.

    ``UsageError``: ``policy_item`` for an item that the list lacks, ``policy_item_period`` for one
    that says for itself how long it is kept, and no rule says the same.
    """
    rules = [rule for rule in policy.rules if rule.list == items.name]
    for rule in rules:
        for code in rule.items:
            if code not in items.items:
                raise UsageError("policy_item", rule=rule.id, item=code, list=items.name)
    for code, item in items.items.items():
        said = {str(rule.period) for rule in rules if code in rule.items}
        if item.period is not None and item.period not in said:
            raise UsageError("policy_item_period", item=code, list=items.name, period=item.period)


def _named(policy: Policy) -> Policy:
    """Return it with its digest: of the canonical JSON, whatever file it came from."""
    data = encode(policy_json(policy))
    if len(data) > PACK_LIMIT_BYTES:
        raise UsageError("policy_too_long", limit=PACK_LIMIT_BYTES, length=len(data))
    return replace(policy, sha256=sha256(data).hexdigest())


def _standard(table: JsonObject) -> Rule:
    """Return the rule for everything: it counts from the recording, so it counts months."""
    where = "standard."
    _known(table, _STANDARD_KEYS, where)
    period = _period(table, "period", where)
    return Rule("standard", _text(table, "article", where), period)


def _rules(tables: JsonObject) -> tuple[Rule, ...]:
    if len(tables) > RULES_LIMIT:
        raise _wrong("rule")
    return tuple(_rule(name, _table(tables, name, "rule.")) for name in sorted(tables))


def _rule(name: str, table: JsonObject) -> Rule:
    where = f"rule.{name}."
    if not _NAME.fullmatch(name) or name == "standard":
        raise _wrong(where)
    _known(table, _RULE_KEYS, where)
    if ("list" in table) != ("items" in table):  # a code means something in one list only
        raise _wrong(where + "list")
    period = _any_period(table, where)
    return Rule(
        name,
        _text(table, "article", where),
        period,
        _items(table, where) if "items" in table else (),
        _match(table, "list", _NAME, where) if "list" in table else None,
        _start(table, period, where),
    )


def _rule_json(rule: Rule) -> JsonObject:
    data: dict[str, Json] = {"article": rule.article, "period": str(rule.period)}
    if rule.list is not None:
        data |= {"list": rule.list, "items": list(rule.items)}
    if rule.start == "case_closed" and rule.period.kind != "case_file":
        data["from"] = "case closed"
    return data


def _start(table: JsonObject, period: Period, where: str) -> Start:
    """Return what the period counts from; that of a case file says so itself."""
    if period.kind == "case_file":
        if "from" in table:
            raise _wrong(where + "from")
        return "case_closed"
    start = _STARTS.get(_text(table, "from", where)) if "from" in table else "recorded"
    if start is None:
        raise _wrong(where + "from")
    return start


def _check_case_file(rules: Sequence[Rule], case_file: Period | None) -> None:
    """Refuse a pack that says "as the case file", and not how long that is; or the reverse."""
    if any(rule.period.kind == "case_file" for rule in rules) != (case_file is not None):
        raise _wrong("case_file")


def _reasons(table: JsonObject) -> Mapping[Reason, str]:
    _known(table, frozenset(REASONS), "reason.")
    return {each: _text(table, each, "reason.") for each in REASONS if each in table}


def _items(table: JsonObject, where: str) -> tuple[str, ...]:
    values = table.get("items")
    if not isinstance(values, list) or not 0 < len(values) <= ITEMS_LIMIT:
        raise _wrong(where + "items")
    codes = tuple(_match({"items": each}, "items", _NAME, where) for each in values)
    if len(set(codes)) < len(codes):
        raise _wrong(where + "items")
    return codes


def _any_period(table: JsonObject, where: str) -> Period:
    try:
        return parse_period(_text(table, "period", where))
    except UsageError as error:
        raise _wrong(where + "period") from error


def _period(data: JsonObject, key: str, where: str) -> Period:
    """Return a period that says for itself how long it is."""
    period = _any_period({"period": data.get(key)}, where)
    if period.kind == "case_file":
        raise _wrong(where + key)
    return period


def _known(table: JsonObject, keys: frozenset[str], where: str) -> None:
    strange = sorted(table.keys() - keys)
    if strange:
        raise _wrong(where + strange[0])


def _table(data: JsonObject, key: str, where: str = "") -> JsonObject:
    value = data.get(key)
    if not isinstance(value, Mapping):
        raise _wrong(where + key)
    return value


def _match(data: JsonObject, key: str, form: re.Pattern[str], where: str = "") -> str:
    value = data.get(key)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise _wrong(where + key)
    return value


def _text(data: JsonObject, key: str, where: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= TEXT_LIMIT:
        raise _wrong(where + key)
    return value


def _number(data: JsonObject, key: str, least: int = 1) -> int:
    value: Json = data.get(key)
    if type(value) is not int or not least <= value <= DAYS_LIMIT:  # not isinstance: True is an int
        raise _wrong(key)
    return value


def _wrong(key: str) -> UsageError:
    return UsageError("policy_file", key=key)

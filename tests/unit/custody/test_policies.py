"""Policy packs: what ships says how long, by which article; a mistake is refused and named."""

import tomllib
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

import pytest

from custody.items import parse_items
from custody.policies import PACK_LIMIT_BYTES, check_items, policy_json, policy_of
from evidence.canonical import decode, encode
from evidence.errors import UsageError
from evidence.keeping import REASONS, Period

CONFIG = Path(__file__).parents[3] / "config"
SHIPPED = sorted((CONFIG / "policies").glob("*.toml"))
DATA = tomllib.loads((CONFIG / "policies" / "periods.toml").read_text("utf-8"))
ITEMS = tomllib.loads((CONFIG / "items" / "periods.toml").read_text("utf-8"))


def shipped(name):
    return policy_of(tomllib.loads((CONFIG / "policies" / f"{name}.toml").read_text("utf-8")))


def changed(path, value):
    data = deepcopy(DATA)
    *way, last = path.split(".")
    place = data
    for step in way:
        place = place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


def test_three_packs_ship():
    assert [path.stem for path in SHIPPED] == ["jinzhong", "mps", "periods"]


def test_jinzhong_keeps_six_calendar_months_and_long_term_by_five_reasons():
    policy = shipped("jinzhong")
    assert (policy.standard.period, policy.standard.article) == (Period("months", 6), "17")
    assert policy.reasons == {r: f"17({n})" for n, r in enumerate(REASONS, 1)}
    assert (policy.grace_days, policy.label_days) == (90, 3)


def test_the_ministry_keeps_by_four_reasons_and_none_is_a_dispute():
    policy = shipped("mps")
    assert policy.standard.period == Period("months", 6)
    assert set(policy.reasons) == set(REASONS) - {"dispute"}


def test_the_pack_of_the_item_list_says_of_every_item_what_the_list_says():
    policy, items = shipped("periods"), parse_items(ITEMS, "0" * 64)
    check_items(policy, items)
    said = {code: str(rule.period) for rule in policy.rules for code in rule.items}
    assert said == {code: item.period for code, item in items.items.items()}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_pack_goes_through_the_ledger_and_comes_back_equal(path):
    policy = policy_of(tomllib.loads(path.read_text("utf-8")))
    data = encode(policy_json(policy))
    assert policy.sha256 == sha256(data).hexdigest()
    assert policy_of(decode(data)) == policy


def test_the_digest_names_the_rules_and_not_the_bytes_of_the_file():
    turned = {key: DATA[key] for key in reversed(DATA)}
    assert policy_of(turned).sha256 == policy_of(DATA).sha256
    explicit = changed("rule.evidence.from", "recorded")
    assert policy_of(explicit).sha256 == policy_of(DATA).sha256
    assert policy_of(changed("grace_days", 91)).sha256 != policy_of(DATA).sha256


def test_a_rule_may_count_from_the_day_on_which_the_case_was_closed():
    data = changed("rule.evidence.from", "case closed")
    policy = policy_of(data)
    starts = {rule.id: rule.start for rule in policy.rules}
    assert starts["evidence"] == starts["case-file"] == "case_closed"
    assert starts["major"] == "recorded"
    assert policy_of(policy_json(policy)) == policy
    assert policy_of(data).sha256 != policy_of(DATA).sha256


def test_a_pack_needs_neither_rules_nor_reasons():
    data = {key: DATA[key] for key in DATA if key not in {"rule", "case_file"}}
    policy = policy_of(data)
    assert (policy.rules, policy.reasons, policy.case_file) == ((), {}, None)
    assert policy_of(policy_json(policy)) == policy


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("grace", 90, "grace"),
        ("name", None, "name"),
        ("name", "Jinzhong", "name"),
        ("name", 7, "name"),
        ("version", 1, "version"),
        ("version", "", "version"),
        ("grace_days", -1, "grace_days"),
        ("grace_days", True, "grace_days"),
        ("grace_days", 1.5, "grace_days"),
        ("grace_days", 3661, "grace_days"),
        ("grace_because", " ", "grace_because"),
        ("grace_because", "x" * 201, "grace_because"),
        ("warning_days", 0, "warning_days"),
        ("undo_days", "7", "undo_days"),
        ("label_days", None, "label_days"),
        ("standard", None, "standard"),
        ("standard", "6 months", "standard"),
        ("standard.period", "180 days", "standard.period"),
        ("standard.period", "as the case file", "standard.period"),
        ("standard.period", None, "standard.period"),
        ("standard.article", "", "standard.article"),
        ("standard.items", ["a"], "standard.items"),
        ("rule", 7, "rule"),
        ("rule", {f"r{n}": {} for n in range(61)}, "rule"),
        ("rule.standard", {}, "rule.standard."),
        ("rule.Evil", {}, "rule.Evil."),
        ("rule.daily", 7, "rule.daily"),
        ("rule.daily.how", 7, "rule.daily.how"),
        ("rule.daily.list", None, "rule.daily.list"),
        ("rule.daily.items", None, "rule.daily.list"),
        ("rule.daily.items", [], "rule.daily.items"),
        ("rule.daily.items", "daily_check", "rule.daily.items"),
        ("rule.daily.items", ["a", "a"], "rule.daily.items"),
        ("rule.daily.items", ["A"], "rule.daily.items"),
        ("rule.daily.list", "No", "rule.daily.list"),
        ("rule.daily.article", None, "rule.daily.article"),
        ("rule.daily.period", "a year", "rule.daily.period"),
        ("rule.daily.from", "birth", "rule.daily.from"),
        ("rule.case-file.from", "case closed", "rule.case-file.from"),
        ("case_file", "as the case file", "case_file"),
        ("case_file", None, "case_file"),
        ("rule", {}, "case_file"),
        ("reason", 7, "reason"),
        ("reason.curiosity", "17", "reason.curiosity"),
        ("reason.dispute", 17, "reason.dispute"),
    ],
)
def test_a_pack_with_a_mistake_is_refused_and_the_key_is_named(path, value, key):
    with pytest.raises(UsageError) as caught:
        policy_of(changed(path, value))
    assert (caught.value.word, caught.value.facts) == ("policy_file", {"key": key})


def test_a_pack_that_no_entry_can_carry_is_refused():
    items = [f"item_{n:026}" for n in range(200)]
    rules = {
        f"rule{n}": {"article": "17", "period": "2 years", "list": "long", "items": items}
        for n in range(2)
    }
    data = {key: DATA[key] for key in DATA if key != "case_file"} | {"rule": rules}
    with pytest.raises(UsageError) as caught:
        policy_of(data)
    assert caught.value.word == "policy_too_long"
    assert caught.value.facts["length"] > PACK_LIMIT_BYTES


def test_a_rule_for_an_item_that_the_list_lacks_is_found():
    items = parse_items(ITEMS, "0" * 64)
    with pytest.raises(UsageError) as caught:
        check_items(policy_of(changed("rule.daily.items", ["daily_check", "dayly"])), items)
    facts = {"rule": "daily", "item": "dayly", "list": "periods"}
    assert (caught.value.word, caught.value.facts) == ("policy_item", facts)


def test_an_item_that_says_how_long_and_has_no_such_rule_is_found():
    items = parse_items(ITEMS, "0" * 64)
    with pytest.raises(UsageError) as caught:
        check_items(policy_of(changed("rule.evidence.period", "1 years")), items)
    facts = {"item": "evidence", "list": "periods", "period": "2 years"}
    assert (caught.value.word, caught.value.facts) == ("policy_item_period", facts)


def test_a_pack_says_nothing_about_the_items_of_another_list():
    other = parse_items({**ITEMS, "name": "other", "item": {"x": no_period()}}, "0" * 64)
    check_items(policy_of(DATA), other)


def no_period():
    return {key: value for key, value in ITEMS["item"]["evidence"].items() if key != "period"}


def test_a_rule_may_be_for_everything():
    policy = policy_of(changed("rule.everything", {"article": "17", "period": "1 years"}))
    rule = next(each for each in policy.rules if each.id == "everything")
    assert (rule.items, rule.list) == ((), None)
    assert policy_of(policy_json(policy)) == policy

import tomllib
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

import pytest

from custody.rules import ROWS, check_adopted, parse_access_rules
from evidence.asking import PURPOSES
from evidence.errors import UsageError
from evidence.people import Adopted, Register

SHIPPED = Path(__file__).parents[3] / "config" / "access" / "jinzhong.toml"
DATA = tomllib.loads(SHIPPED.read_text("utf-8"))
DIGEST = sha256(SHIPPED.read_bytes()).hexdigest()


def changed(path, value):
    data = deepcopy(DATA)
    *way, last = path.split(".")
    place = data
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


def test_the_rules_that_ship_name_an_article_for_every_row_and_every_purpose():
    rules = parse_access_rules(DATA, DIGEST)
    assert (rules.name, rules.sha256) == ("jinzhong", DIGEST)
    assert set(rules.deciding) == set(ROWS)
    assert set(rules.purposes) == set(PURPOSES)
    assert all(row.article for row in (*rules.deciding.values(), *rules.purposes.values()))


def test_the_rules_that_ship_propose_the_holds_of_article_17():
    purposes = parse_access_rules(DATA, DIGEST).purposes
    holds = {code: rule.hold for code, rule in purposes.items() if rule.hold}
    expected = {"litigation": 2, "complaint": 2, "review": 5, "court": 1, "transfer": 1}
    assert holds == expected
    letters = {code for code, rule in purposes.items() if rule.letter}
    assert letters == {"court", "transfer", "discipline"}


def test_the_rules_that_ship_ask_for_the_approvers_own_signature():
    rules = parse_access_rules(DATA, DIGEST)
    assert not rules.password_only
    assert not rules.demo_keys
    assert parse_access_rules(DATA, DIGEST, demo_keys=True).demo_keys


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("auto_approve", True, "auto_approve"),
        ("deciding.nobody", {"article": "18"}, "deciding"),
        ("deciding.retrieval", None, "deciding"),
        ("deciding.retrieval", "18", "retrieval"),
        ("deciding.retrieval.article", "", "article"),
        ("deciding.retrieval.automatic", True, "deciding.retrieval.automatic"),
        ("deciding", 7, "deciding"),
        ("purpose.curiosity", {"article": "18"}, "purpose.curiosity"),
        ("purpose.case.hold", 6, "hold"),
        ("purpose.case.hold", True, "hold"),
        ("purpose.case.letter", 1, "letter"),
        ("purpose.case.article", None, "article"),
        ("purpose.case.how", "x", "purpose.case.how"),
        ("name", None, "name"),
        ("version", 1, "version"),
        ("step_up_s", 0, "step_up_s"),
        ("step_up_s", 3601, "step_up_s"),
        ("password_only", None, "password_only"),
        ("provide_days", "3", "provide_days"),
    ],
)
def test_rules_with_a_mistake_are_refused_and_the_key_is_named(path, value, key):
    with pytest.raises(UsageError) as caught:
        parse_access_rules(changed(path, value), DIGEST)
    assert (caught.value.word, caught.value.facts) == ("access_rules", {"key": key})


class _Desk:
    rules = parse_access_rules(DATA, DIGEST)


def test_rules_hold_only_where_the_ledger_names_exactly_these():
    check_adopted(_Desk, Register(0))
    check_adopted(_Desk, Register(9, adopted={"access": Adopted("jinzhong", "1", DIGEST, 9)}))
    other = Register(9, adopted={"access": Adopted("jinzhong", "1", "0" * 64, 9)})
    with pytest.raises(UsageError) as caught:
        check_adopted(_Desk, other)
    assert caught.value.word == "rules_not_adopted"

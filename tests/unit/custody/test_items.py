"""Lists of items: those that ship are read, and every mistake names its key."""

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from custody.items import item_of, parse_items
from evidence.errors import UsageError

SHIPPED = sorted((Path(__file__).parents[3] / "config" / "items").glob("*.toml"))
ROW = {"zh": "检查", "en": "Check", "article": "8(1)", "scope": "key", "picture": ["现场"]}


def parsed(**changes):
    data = {"name": "test", "version": "1", "item": {"check": dict(ROW)}} | changes
    return parse_items(data, "0" * 64)


def with_row(**changes):
    return parsed(item={"check": ROW | changes})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_read_and_is_named_as_its_file(path):
    content = path.read_bytes()
    items = parse_items(tomllib.loads(content.decode()), sha256(content).hexdigest())
    assert items.name == path.stem
    assert items.sha256 == sha256(content).hexdigest()
    assert all(each.picture and each.article for each in items.items.values())


def test_the_eight_kinds_of_article_8_and_what_article_9_adds_are_there():
    path = next(path for path in SHIPPED if path.stem == "jinzhong")
    items = parse_items(tomllib.loads(path.read_text("utf-8")), "0" * 64).items
    articles = " ".join(each.article for each in items.values())
    assert all(f"8({number})" in articles for number in range(1, 9))
    assert all(f"9({number})" in articles for number in range(1, 9))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"strange": 1}, "strange"),
        ({"name": ""}, "name"),
        ({"version": 1}, "version"),
        ({"item": {}}, "item"),
        ({"item": None}, "item"),
        ({"item": {"Bad Code": ROW}}, "item.Bad Code."),
        ({"item": {"check": 1}}, "item.check."),
    ],
)
def test_a_list_that_is_wrong_is_refused_with_the_key(changes, key):
    with pytest.raises(UsageError) as caught:
        parsed(**changes)
    assert (caught.value.word, caught.value.facts) == ("items_file", {"key": key})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strange", 1),
        ("scope", "half"),
        ("zh", " "),
        ("en", None),
        ("article", 8),
        ("picture", []),
        ("picture", "现场"),
        ("picture", [1]),
        ("steps", []),
        ("period", "6 weeks"),
        ("period", "0 years"),
        ("period", 6),
    ],
)
def test_an_item_that_is_wrong_is_refused_with_the_key(name, value):
    with pytest.raises(UsageError) as caught:
        with_row(**{name: value})
    assert caught.value.facts == {"key": f"item.check.{name}"}


@pytest.mark.parametrize("period", ["6 months", "2 years", "permanent", "as the case file"])
def test_an_item_may_say_how_long_it_is_kept(period):
    assert with_row(period=period).items["check"].period == period
    assert parsed().items["check"].period is None


def test_an_item_or_a_step_that_the_list_lacks_is_refused_with_what_it_has():
    items = with_row(steps=["之前"])
    assert item_of(items, "check", "之前").code == "check"
    assert item_of(items, "check", None).steps == ("之前",)
    with pytest.raises(UsageError) as caught:
        item_of(items, "chekc", None)
    assert caught.value.facts == {"item": "chekc", "known": "check"}
    with pytest.raises(UsageError) as caught:
        item_of(items, "check", "之后")
    assert caught.value.facts == {"step": "之后", "known": "之前"}
    with pytest.raises(UsageError) as caught:
        item_of(parsed(), "check", "之后")
    assert caught.value.facts["known"] == "-"

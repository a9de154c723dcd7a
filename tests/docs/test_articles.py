"""``docs/articles.md`` claims nothing that is not here, and leaves no article out."""

import re
from dataclasses import dataclass

import pytest

from appliance.parser import COMMANDS
from tests.docs.tree import ROOT, existing_tests, named_tests

TEXT = (ROOT / "docs/articles.md").read_text(encoding="utf-8")
REGULATION = (ROOT / "docs/regulation.md").read_text(encoding="utf-8")
STATES = ("done", "partly", "later", "not ours")
ISSUES = ('"Ask and approve"', '"Keep by the law"', '"Hard ground"', "later")
DUTIES = 20
NUMERALS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Row:
    """One article or duty: its heading, its state, and what stands below."""

    name: str
    state: str
    text: str

    @property
    def quotation(self):
        return re.findall(r"^> (.*)$", self.text, re.MULTILINE)

    @property
    def commands(self):
        """Return the commands named in code marks, without their program."""
        return re.findall(r"`dockseal ([a-z]+(?:-[a-z]+)*(?: [a-z]+)*)", self.text)


def rows(text):
    parts = re.split(r"^### (.*)$", text, flags=re.MULTILINE)[1:]
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        name, _, state = heading.rpartition(" · ")
        yield Row(name, state, body.split("\n## ")[0])


def numeral(number):
    """Return 1 … 99 as the regulation writes it."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十"
    return head + (NUMERALS[ones - 1] if ones else "")


def faults(row):
    """Return what is wrong with one row, in words."""
    if row.state not in STATES:
        yield f"unknown state {row.state}"
    if len(row.quotation) != 1:
        yield "one quotation, please"
    if row.name.startswith("第") and not all(part in REGULATION for part in row.quotation):
        yield "this does not stand in the regulation"
    yield from missing_parts(row)
    for command in row.commands:
        if not any(command in (name, name.split()[0]) for name in COMMANDS):
            yield f"no command {command}"
    for test in sorted(set(named_tests(row.text)) - existing_tests()):
        yield f"no test {test}"


def missing_parts(row):
    comes = re.findall(r"Comes: (\"[^\"]+\"|later)", row.text)
    if row.state in {"done", "partly"} and not (row.commands and named_tests(row.text)):
        yield "what is done names a command and a test"
    if row.state in {"partly", "later"} and not comes:
        yield "what is missing names the issue that brings it"
    if row.state == "done" and comes:
        yield "what is done misses nothing"
    if any(issue not in ISSUES for issue in comes):
        yield f"unknown issue {comes}"
    if row.state == "not ours" and "* Because: " not in row.text:
        yield "not ours, because …"
    if not re.search(r"^\* [^\x00-\x7f]", row.text, re.MULTILINE):
        yield "in Chinese too, please"


@pytest.mark.parametrize("row", list(rows(TEXT)), ids=lambda row: row.name.split(" · ")[-1])
def test_a_row_claims_only_what_is_here(row):
    assert not list(faults(row))


def test_every_article_of_the_regulation_has_a_row_in_order():
    named = [row.name for row in rows(TEXT) if row.name.startswith("第")]
    assert named == [f"第{numeral(number)}条 · Article {number}" for number in range(1, 24)]
    assert len(re.findall(r"^第.{1,3}条", REGULATION, re.MULTILINE)) == len(named)


def test_every_further_duty_has_a_row_in_order():
    named = [row.name.split(" · ")[0] for row in rows(TEXT) if row.name.startswith("D")]
    assert named == [f"D{number}" for number in range(1, DUTIES + 1)]


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("· done", "· perfect", "unknown state perfect"),
        ("全过程留痕", "全部留痕", "this does not stand in the regulation"),
        ("`dockseal history`", "`dockseal erase`", "no command erase"),
        ("* Command:", "* Comes: later. Command:", "what is done misses nothing"),
        ("· done", "· later", "what is missing names the issue that brings it"),
        ("· done", "· not ours", "not ours, because …"),
        (".py::test_", ".py::test_no_", "no test "),
        ("* 我们做的", "* We", "in Chinese too, please"),
    ],
)
def test_a_row_that_claims_too_much_is_found(good, bad, fault):
    first = "### " + TEXT.split("\n### ")[1]
    assert good in first
    row = next(rows(first.replace(good, bad, 1)))
    assert any(told.startswith(fault) for told in faults(row))

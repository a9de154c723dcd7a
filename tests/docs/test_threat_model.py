"""``docs/threat-model.md`` claims no defence without its test, and no gap without its reason."""

import re

import pytest

from tests.docs.tree import ROOT, existing_tests, named_tests

TEXT = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
ADVERSARIES = ("officer", "thief", "hostile", "shell", "root", "catalogue's password", "clock",
               "signing key", "administrator", "impostor", "network", "vendor")  # fmt: skip
LOST = ("signing.key", "station.secret", "keys.sqlite", "statements.sqlite", "lock.sqlite",
        "disk of the vault", "catalogue", "accounts.sqlite", "ca.key", "whole box",
        "recorder")  # fmt: skip


def rows(text):
    """Return the rows of all tables, without their heads."""
    lines = [line for line in text.split("\n") if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    heads = {number for number, line in enumerate(lines) if re.fullmatch(r"[|-]+", line)}
    return [row for number, row in enumerate(cells) if not {number, number + 1} & heads]


def stands(row, tests):
    """Return whether the last cell names tests that are there, or says why there is none."""
    held = row[-1]
    named = named_tests(held)
    if named:
        return set(named) <= tests
    return re.match(r"(not yet|cannot): \w", held) is not None


def parts(heading):
    return re.split(rf"^{heading} .*$", TEXT, flags=re.MULTILINE)[1:]


@pytest.fixture(scope="module")
def tests():
    return existing_tests()


def test_every_row_names_its_test_or_says_why_not(tests):
    assert len(rows(TEXT)) > 50
    assert [row for row in rows(TEXT) if not stands(row, tests)] == []


@pytest.mark.parametrize("held", ["", "we are careful", "`tests/unit/test_x.py::test_nothing`",
                                  "not yet:", "later"])  # fmt: skip
def test_a_row_that_claims_without_a_test_is_found(held, tests):
    planted = rows(f"| attempt | what happens | held by |\n|---|---|---|\n| a | b | {held} |")
    assert len(planted) == 1
    assert not stands(planted[0], tests)


def test_every_adversary_and_every_loss_has_its_rows():
    headings = re.findall(r"^### (.*)$", TEXT, re.MULTILINE)
    assert len(headings) == len(ADVERSARIES)
    for name, heading, part in zip(ADVERSARIES, headings, parts("###"), strict=True):
        assert name in heading
        assert rows(part.split("\n## ")[0])
    lost = [row[0] for row in rows(TEXT.partition("## What the loss")[2])]
    for name in LOST:
        assert any(name in each for each in lost), name

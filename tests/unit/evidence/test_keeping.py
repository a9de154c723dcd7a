"""How long, as a text and back; and the words that everything else is said with."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from evidence.errors import UsageError
from evidence.ids import check_subject
from evidence.keeping import (
    KEEPING,
    PROPOSES,
    REASONS,
    Blocker,
    Keeping,
    Period,
    Policy,
    Reason,
    Rule,
    Shelf,
    parse_period,
)

ACCESS = Path(__file__).parents[3] / "config" / "access" / "jinzhong.toml"
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("6 months", Period("months", 6)),
        ("99 months", Period("months", 99)),
        ("2 years", Period("years", 2)),
        ("permanent", Period("permanent")),
        ("as the case file", Period("case_file")),
    ],
)
def test_a_period_is_read_and_says_itself_again(text, period):
    assert parse_period(text) == period
    assert str(period) == text


@pytest.mark.parametrize(
    "text",
    ["", "6", "months", "0 months", "06 months", "100 years", "180 days", "1 month", "6 months ",
     "6  months", "-6 months", "6 months\n", "Permanent", "as the case", "٦ months"],
)  # fmt: skip
def test_what_is_no_period_is_refused(text):
    with pytest.raises(UsageError) as caught:
        parse_period(text)
    assert (caught.value.word, caught.value.facts) == ("period_malformed", {"text": text})


def test_the_keeping_is_a_subject_of_the_ledger():
    assert check_subject(KEEPING) == KEEPING


def test_the_regulation_has_five_reasons():
    assert get_args(Reason) == REASONS
    assert len(REASONS) == 5


def test_a_purpose_proposes_the_reason_that_the_rules_of_access_name():
    purposes = tomllib.loads(ACCESS.read_text("utf-8"))["purpose"]
    named = {code: row["hold"] for code, row in purposes.items() if "hold" in row}
    assert {code: REASONS.index(reason) + 1 for code, reason in PROPOSES.items()} == named


@pytest.mark.parametrize(
    ("grace_until", "blockers", "due"),
    [
        (NOW, (), True),
        (NOW + timedelta(milliseconds=1), (), False),
        (None, (), False),
        (NOW, (Blocker("unlabelled", "officer", NOW, None),), False),
    ],
)
def test_due_is_only_what_has_an_end_and_nothing_against_it(grace_until, blockers, due):
    assert Keeping("s:", (), NOW, grace_until, blockers).due(NOW) is due


STANDARD = Rule("standard", "17", Period("months", 6))
DAYS = {"grace_days": 90, "grace_because": "46", "warning_days": 30, "undo_days": 7}
OLD = Policy("a", "1", "0" * 64, STANDARD, (), {}, None, **DAYS, label_days=3, entry=5, replaced=9)
NEW = Policy("a", "2", "1" * 64, STANDARD, (), {}, None, **DAYS, label_days=3, entry=9)


def test_a_pack_holds_until_the_next_version_and_its_promise_stays():
    shelf = Shelf(9, (OLD, NEW))
    assert shelf.in_force() == (NEW,)
    assert shelf.promised(3) == (OLD, NEW)
    assert shelf.promised(8) == (OLD, NEW)
    assert shelf.promised(9) == (NEW,)

"""Gaps: the officer explains, the supervisor answers, and nobody answers their own words."""

from datetime import timedelta

import pytest

from custody.gaps import (
    Explanation,
    Gap,
    answer,
    explain,
    gap,
    gaps_of,
    in_the_way,
    said_of,
    to_answer,
)
from evidence.errors import CustodyError, RefusedError, UsageError
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, PEOPLE, docked, person
from tests.fakes.house import House

DOCKING = "d:" + f"{1:032x}"
BATTERY = Explanation("battery", "电量不足", spoken=True)


@pytest.fixture
def bureau():
    return with_gaps()


def with_gaps(house=None):
    made, segments = docked(house)
    rows = [
        seam(segments[0], segments[1], "gap"),
        seam(segments[1], segments[2], "pause"),
        seam(segments[2], None, "truncated", ms=None),
    ]
    about = (DOCKING, *segments)
    body = {"act": "seams", "part": 0, "parts": 1, "seams": rows}
    made.write("seams.judged", about, body, by="sys:ingest")
    return made


def seam(before, after, kind, ms=62_000):
    lines = [0, None if after is None else 1]
    pair = {"before": before, "after": after, "lines": lines}
    return {**pair, "kind": kind, "ms": ms, "because": None}


def gaps(bureau):
    return gaps_of(bureau.ledger, DOCKING)


def explained(bureau, why=BATTERY, by="officer"):
    return explain(bureau.desk, bureau.actor(by), gaps(bureau)[0], why)


def answered(bureau, verdict, words="", by="supervisor"):
    return answer(bureau.desk, bureau.actor(by), gaps(bureau)[0], verdict, words)


def test_a_pause_is_no_gap_and_a_file_that_was_cut_is_one(bureau):
    found = gaps(bureau)
    assert [(each.seam, each.kind, each.state) for each in found] == [
        (0, "gap", "open"),
        (2, "truncated", "open"),
    ]
    assert len(found[0].segments) == 2
    assert len(found[1].segments) == 1
    assert gap(bureau.ledger, found[1].seams, 2) == found[1]


def test_the_officer_explains_and_the_supervisor_accepts(bureau):
    first = explained(bureau)
    assert (gaps(bureau)[0].state, gaps(bureau)[0].explained) == ("explained", first)
    answered(bureau, "accepted")
    assert gaps(bureau)[0].state == "accepted"
    assert gaps(bureau)[1].state == "open"
    with pytest.raises(UsageError, match="gap_settled"):
        explained(bureau)


def test_what_is_returned_is_explained_anew(bureau):
    explained(bureau)
    answered(bureau, "returned", "哪一块电池?")
    assert gaps(bureau)[0].state == "returned"
    second = explained(bureau, Explanation("battery", "2 号电池", spoken=True))
    assert (gaps(bureau)[0].state, gaps(bureau)[0].explained) == ("explained", second)


def test_the_words_stand_in_the_statement_and_not_in_the_entry(bureau):
    entry = bureau.ledger.entry(explained(bureau))
    assert entry.body["reason"] == "battery"
    assert "电量" not in str(entry.body)
    assert bureau.ledger.statement(entry.seq).facts == {"words": "电量不足"}


@pytest.mark.parametrize(
    ("why", "word"),
    [
        (Explanation("other", "", spoken=True), "explanation_missing"),
        (Explanation("weather", " "), "explanation_missing"),
        (Explanation("weather", "x" * 2001), "explanation_malformed"),
        (Explanation("laziness", "x"), "explanation_malformed"),
    ],
)
def test_what_was_not_said_aloud_is_explained_in_writing(bureau, why, word):
    with pytest.raises(UsageError) as caught:
        explained(bureau, why)
    assert caught.value.word == word
    assert gaps(bureau)[0].state == "open"


def test_said_aloud_is_enough_for_the_reasons_of_the_regulation(bureau):
    explained(bureau, Explanation("storage", "", spoken=True))
    assert gaps(bureau)[0].state == "explained"


@pytest.mark.parametrize("name", ["mate", "supervisor", "head", "west_officer", "admin"])
def test_who_did_not_record_it_explains_nothing(bureau, name):
    with pytest.raises(RefusedError):
        explained(bureau, by=name)
    assert bureau.house.entries("access.refused")[-1].actor == person(name)


def test_nobody_answers_their_own_explanation(bureau):
    explained(bureau)
    bureau.role("officer", "supervisor", EAST)
    with pytest.raises(RefusedError) as caught:
        answered(bureau, "accepted", by="officer")
    assert ("own_question", "18") in caught.value.facts["rows"]


@pytest.mark.parametrize(
    ("verdict", "words", "word"),
    [
        ("returned", " ", "explanation_missing"),
        ("returned", "x" * 2001, "explanation_malformed"),
        ("perhaps", "", "explanation_malformed"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(bureau, verdict, words, word):
    explained(bureau)
    with pytest.raises(UsageError) as caught:
        answered(bureau, verdict, words)
    assert caught.value.word == word


def test_what_nobody_has_explained_is_not_answered(bureau):
    with pytest.raises(UsageError, match="gap_not_explained"):
        answered(bureau, "accepted")


def test_all_that_was_said_about_a_gap_stands_in_its_history_and_nothing_else(bureau):
    first = explained(bureau)
    back = answered(bureau, "returned", "哪一块电池?")
    again = explained(bureau)
    other = explain(bureau.desk, bureau.actor("officer"), gaps(bureau)[1], BATTERY)
    bureau.write("gap.answered", (DOCKING,), {"explained": 1, "answer": "accepted"})
    one, two = gaps(bureau)
    assert [each.seq for each in said_of(bureau.ledger, one)] == [first, back, again]
    assert [each.seq for each in said_of(bureau.ledger, two)] == [other]


@pytest.mark.parametrize(
    ("act", "may"),
    [("explain_gap", {"officer"}), ("answer_gap", {"supervisor", "searcher"})],
)
def test_who_may_speak_about_a_gap_is_known_before_they_try(bureau, act, may):
    explained(bureau)
    found = gaps(bureau)[0]
    ask = {name: in_the_way(bureau.desk, bureau.actor(name), found, act) for name in PEOPLE}
    assert {name for name, rows in ask.items() if not rows} == may
    assert bureau.house.entries("access.refused") == []


def test_an_explanation_is_no_own_question_to_who_explains_once_more(bureau):
    explained(bureau)
    assert in_the_way(bureau.desk, bureau.actor("officer"), gaps(bureau)[0], "explain_gap") == ()


def test_what_waits_for_an_answer_is_listed_to_who_may_give_it(tmp_path):
    bureau = with_gaps(House(tmp_path))
    begin = bureau.now
    for place in (0, 1, 0):
        explain(bureau.desk, bureau.actor("officer"), gaps(bureau)[place], BATTERY)

    def waits(name, since=begin):
        return [each.seam for each in to_answer(bureau.desk, bureau.actor(name), since)]

    assert waits("supervisor") == [0, 2], "each once, the newest explanation first"
    assert waits("officer") == waits("head") == waits("west_supervisor") == []
    assert waits("supervisor", begin + timedelta(days=1)) == []
    answer(bureau.desk, bureau.actor("supervisor"), gaps(bureau)[0], "accepted")
    assert waits("supervisor") == [2]
    bureau.house.close()


def test_two_answers_at_once_are_one(bureau):
    explained(bureau)
    old = gaps(bureau)[0]
    answered(bureau, "accepted")
    with pytest.raises(UsageError, match="gap_settled"):
        answer(bureau.desk, bureau.actor("supervisor"), old, "returned", "late")


def test_an_answer_to_nothing_that_is_known_changes_nothing(bureau):
    body = {"explained": 1, "answer": "accepted"}
    bureau.write("gap.answered", (DOCKING,), body, by="sys:ingest")
    assert gaps(bureau)[0].state == "open"


def test_a_gap_that_is_not_there_is_unknown(bureau):
    seams = gaps(bureau)[0].seams
    for entry, place in ((seams, 1), (seams, 9), (0, 0)):
        with pytest.raises(CustodyError, match="gap_unknown"):
            gap(bureau.ledger, entry, place)


def test_the_sides_of_a_gap_that_are_in_custody():
    assert Gap("d:1", 1, 0, "hole", None, None, None, "open", None, NOON).segments == ()

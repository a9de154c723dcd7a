"""The permission table, cell by cell.

A truth table of all words is an integer of 2 ** 25 bits: bit k is the answer in the situation whose
words are the one bits of k.  So every cell is asked of, and every invariant holds in every one,
in a second.  That ``refusals`` gives the answers of these integers is asked for each act in every
situation of the words that its rows mention: no other word can change its answer.
"""

import hashlib
import itertools
import re
from functools import cache, reduce
from operator import and_, or_
from pathlib import Path

import pytest

from custody.permission import (
    ANSWERS,
    ASKING,
    BOX,
    DOES,
    FACTS,
    FOOTAGE,
    KEEPING,
    MAY,
    NEVER,
    ORGANISING,
    SECONDED,
    WORDS,
    Situation,
    check,
    refusals,
)
from evidence.errors import RefusedError
from evidence.people import ROLES

ORDER = (*ROLES, *FACTS)
CELLS = 1 << len(ORDER)
ALL = (1 << CELLS) - 1
FINGERPRINT = "e28212494abe0333"


@cache
def column(word):
    """The truth table of one word: blocks of 2 ** k zeros and ones."""
    half = 1 << ORDER.index(word)
    block, width = ((1 << half) - 1) << half, half * 2
    while width < CELLS:
        block |= block << width
        width *= 2
    return block


def speaks(row):
    """Where a row speaks."""
    clauses = (reduce(and_, map(column, sorted(clause)), ALL) for clause in row.when)
    lacking = (column(word) for word in row.lacks)
    return reduce(and_, (ALL ^ each for each in lacking), reduce(or_, clauses, 0))


SPEAKS = {}


def where(row):
    if row not in SPEAKS:
        SPEAKS[row] = speaks(row)
    return SPEAKS[row]


def answers(act, never=NEVER, may=MAY):
    """The cells of an act in which the answer is yes."""
    allowed = reduce(or_, (where(row) for row in may if act in row.acts), 0)
    refused = reduce(or_, (where(row) for row in never if act in row.acts), 0)
    return allowed & (ALL ^ refused)


@cache
def table(act):
    return answers(act)


def test_every_cell_of_the_table_is_as_it_was_when_it_was_last_agreed():
    digest = hashlib.sha256()
    for act in DOES:
        digest.update(act.encode())
        digest.update(table(act).to_bytes(CELLS // 8, "little"))
    assert digest.hexdigest()[:16] == FINGERPRINT, "the table has changed: say so in docs/access.md"


def mentioned(act):
    rows = [row for row in (*NEVER, *MAY) if act in row.acts]
    return sorted(set().union(*(row.lacks.union(*row.when) for row in rows)))


@pytest.mark.parametrize("act", DOES)
def test_the_rows_are_asked_as_the_table_says_in_every_situation_they_can_tell_apart(act):
    words = mentioned(act)
    yes = table(act)
    for chosen in itertools.product((False, True), repeat=len(words)):
        known = frozenset(word for word, there in zip(words, chosen, strict=True) if there)
        cell = sum(1 << ORDER.index(word) for word in known)
        rows = refusals(act, Situation(known & set(ROLES), known & set(FACTS)))
        assert (not rows) == bool(yes >> cell & 1)


@pytest.mark.parametrize("row", [*NEVER, *MAY], ids=lambda row: row.id)
def test_no_row_is_dead(row):
    never = tuple(each for each in NEVER if each is not row)
    may = tuple(each for each in MAY if each is not row)
    changed = {act for act in row.acts if answers(act, never, may) != table(act)}
    assert changed == row.acts, "a row that changes nothing for an act that it names"


def holds(acts, *needed, without=()):
    """In every cell where one of ``acts`` is allowed, all of ``needed`` and none of ``without``."""
    for act in acts:
        for word in needed:
            assert not table(act) & (ALL ^ column(word)), (act, word)
        for word in without:
            assert not table(act) & column(word), (act, word)


def test_no_footage_leaves_without_a_grant_in_any_cell():
    holds(FOOTAGE, "grant", "posted")


def test_an_administrator_comes_near_no_footage_no_label_and_no_purpose_in_any_cell():
    knowing = {"see_listing", "see_label", "see_request", "see_access", "see_audit"}
    saying = {"label", "explain_gap", "answer_gap", "resolve_holder", "withdraw_grant"}
    holds(FOOTAGE | ASKING | ANSWERS | knowing | saying, without=("admin",))


def test_nobody_answers_their_own_question_nor_one_in_which_they_appear_in_any_cell():
    holds(ANSWERS, "fresh", without=("asker", "involved", "settled"))


def test_nothing_is_approved_without_the_approvers_own_signature_in_any_cell():
    holds({"approve"}, "signed", "fresh")


def test_only_a_head_or_their_deputy_decides_in_any_cell():
    for act in ANSWERS:
        assert not table(act) & (ALL ^ (column("head") | column("deputy")))


def test_the_suspended_may_nothing_in_any_cell():
    holds(DOES, without=("suspended", "unfounded"))


def test_whoever_holds_nothing_may_only_take_back_and_care_for_their_own_keys():
    nobody = reduce(and_, (ALL ^ column(role) for role in ROLES)) & (ALL ^ column("posted"))
    nobody &= ALL ^ column("elsewhere")
    still = {act for act in DOES if table(act) & nobody}
    assert still == {
        "withdraw",
        "withdraw_grant",
        "see_request",
        "manage_keys",
        "revoke_key",
        "manage_sessions",
    }


def test_organising_needs_a_fresh_proof_in_any_cell():
    holds(ORGANISING, "fresh")


def test_nobody_ends_a_keeping_alone_nor_without_a_fresh_proof_in_any_cell():
    holds(KEEPING, "fresh", without=("admin",))
    holds(SECONDED, without=("asker",))


def test_whoever_appears_in_footage_takes_no_reason_for_keeping_it_away_in_any_cell():
    holds({"release_hold", "resolve_mark", "clear_alarm"}, without=("involved",))


def test_who_may_list_a_segment_may_place_a_hold_on_it_in_every_cell():
    assert table("place_hold") == table("see_listing") == table("see_retention")


def test_a_state_secret_is_neither_asked_for_nor_approved_nor_seen_in_any_cell():
    holds(FOOTAGE | ASKING | {"approve"}, without=("secret",))


def test_an_administrator_may_what_is_of_the_box():
    for act in BOX:
        assert table(act) & column("admin"), act


def test_a_refusal_names_every_row_in_the_way_with_its_article():
    head = Situation(frozenset({"head"}), frozenset({"asker", "involved"}))
    with pytest.raises(RefusedError) as caught:
        check("approve", head)
    assert caught.value.facts["act"] == "approve"
    assert caught.value.facts["rows"] == [
        ("own_question", "18"),
        ("involved", "18, 21"),
        ("not_fresh", "18"),
        ("not_signed", "18"),
    ]


def test_where_nothing_allows_it_the_rows_that_could_are_named_too():
    rows = refusals("label", Situation(frozenset({"head"})))
    assert [row.id for row in rows] == ["may_label"]
    check("label", Situation(frozenset({"supervisor"})))


def test_every_row_has_a_name_of_its_own_an_article_and_known_words():
    rows = [*NEVER, *MAY]
    assert len({row.id for row in rows}) == len(rows)
    for row in rows:
        assert row.article
        assert row.acts
        assert row.lacks.union(*row.when) <= WORDS
    assert all(any(act in row.acts for row in MAY) for act in DOES)


def test_the_handbook_shows_every_row_with_its_article_and_no_other():
    text = (Path(__file__).parents[3] / "docs" / "access.md").read_text("utf-8")
    table = text.partition("| never |")[2]
    shown = re.findall(r"^\| `(\w+)` \| .* \| ([^|]+) \|$", table, re.MULTILINE)
    assert shown == [(row.id, row.article) for row in (*NEVER, *MAY)]


def test_a_planted_row_that_lets_an_asker_decide_is_found(monkeypatch):
    rest = tuple(row for row in NEVER if row.id != "own_question")
    monkeypatch.setitem(globals(), "table", lambda act: answers(act, rest))
    with pytest.raises(AssertionError):
        test_nobody_answers_their_own_question_nor_one_in_which_they_appear_in_any_cell()

"""Pairs of signs: what is contained is found, what is not is not, in every length."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.grams import WORDS_LIMIT, grams, in_grams, phrase, runs


def found(text, words):
    """Ask a real FTS5 table whether ``words`` are in ``text``."""
    asked = phrase(words)
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("CREATE VIRTUAL TABLE t USING fts5(g, tokenize='unicode61')")
        base.execute("INSERT INTO t VALUES (?)", (grams([text]),))
        return bool(asked) and base.execute("SELECT 1 FROM t WHERE t MATCH ?", (asked,)).fetchall()


def test_the_pairs_of_a_run_end_with_its_last_sign():
    assert grams(["城市管理", None, "A1"]) == "城市 市管 管理 理 a1 1"


@pytest.mark.parametrize(
    "words", ["城", "城管", "管执法", "城管执法", "法", "执法 城管", "城管，执法"]
)
def test_words_of_every_length_are_found(words):
    assert found("城管执法", words)


@pytest.mark.parametrize("words", ["拆", "拆除", "城执", "管城", "城管执行", "法城", "城管 拆除"])
def test_what_is_not_there_is_not_found(words):
    assert not found("城管执法", words)


def test_a_word_does_not_reach_across_a_sign_between():
    assert not found("占道，经营", "道经")
    assert found("占道，经营", "占道经营"[:2])


def test_width_and_case_do_not_matter():
    assert found("川A12345 Ｓhop", "ａ１２")
    assert found("shop", "SHOP")


@pytest.mark.parametrize("words", ['"', "*", "NEAR(", "a AND", "-", "'; DROP", "g:", "^", "OR NOT"])
def test_nothing_that_somebody_types_is_read_as_a_question(words):
    found("城管执法", words)


def test_words_without_a_letter_ask_for_nothing():
    assert phrase(" -*\"' ") == ""


def test_only_so_many_words_are_asked_for():
    assert phrase("ab " * 100).count("AND") == WORDS_LIMIT - 1


SIGNS = st.text(alphabet="城管执法行政ab1 ，", max_size=12)


@given(SIGNS, SIGNS)
def test_a_word_is_found_exactly_where_a_run_contains_it(text, words):
    asked = list(runs(words))
    expected = asked and all(any(word in run for run in runs(text)) for word in asked)
    assert bool(found(text, words)) == bool(expected)
    needles = list(in_grams(words))
    padded = f" {grams([text])} "
    assert bool(needles and all(each in padded for each in needles)) == bool(expected)

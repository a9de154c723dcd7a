"""The port ``Catalogue``: one suite for the fake and for SQLite, in a file and in memory."""

from dataclasses import replace

import pytest

from evidence.errors import ConflictError, MalformedError
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.histories import batches, every_type, some
from vault.catalogue import SqlCatalogue
from vault.sql import sqlite_url

MAKERS = {
    "fake": lambda _path: FakeCatalogue(),
    "file": lambda path: SqlCatalogue(sqlite_url(path / "catalogue.sqlite")),
    "memory": lambda _path: SqlCatalogue("sqlite://"),
}


@pytest.fixture(params=MAKERS)
def catalogue(request, tmp_path):
    made = MAKERS[request.param](tmp_path)
    made.maker = request.param
    yield made
    made.close()


def test_a_new_catalogue_has_applied_nothing(catalogue):
    assert catalogue.applied() == 0


def test_applying_nothing_changes_nothing(catalogue):
    before = list(catalogue.dump())
    catalogue.apply([])
    assert list(catalogue.dump()) == before


def test_every_type_of_entry_leaves_its_row(catalogue):
    pairs = every_type()
    catalogue.apply(pairs)
    assert catalogue.applied() == len(pairs)
    types = {row["entry"]: row["type"] for name, row in catalogue.dump() if name == "events"}
    assert types == {entry.seq: entry.type for entry, _ in pairs}


@pytest.mark.parametrize("first", [1, 7])
def test_a_gap_is_refused_and_nothing_is_applied(catalogue, first):
    pairs = every_type()
    with pytest.raises(ConflictError, match="catalogue_gap"):
        catalogue.apply(pairs[first:])
    assert catalogue.applied() == 0


def test_an_entry_is_not_applied_twice(catalogue):
    pairs = every_type()
    catalogue.apply(pairs)
    before = list(catalogue.dump())
    with pytest.raises(ConflictError, match="catalogue_gap"):
        catalogue.apply(pairs[-1:])
    assert list(catalogue.dump()) == before


def test_a_gap_inside_a_batch_applies_nothing_of_it(catalogue):
    pairs = every_type()
    with pytest.raises(ConflictError, match="catalogue_gap"):
        catalogue.apply([*pairs[:5], *pairs[6:]])
    assert catalogue.applied() == 0


def test_a_type_that_no_one_knows_applies_nothing_of_its_batch(catalogue):
    pairs = every_type()
    before = list(catalogue.dump())
    entry, statement = pairs[6]
    unknown = (replace(entry, type="segment.eaten"), statement)
    with pytest.raises(MalformedError, match="entry_malformed"):
        catalogue.apply([*pairs[:6], unknown])
    assert catalogue.applied() == 0
    assert list(catalogue.dump()) == before


@pytest.mark.parametrize("size", [1, 100])
def test_an_entry_that_has_not_its_form_keeps_no_other_from_being_found(catalogue, size):
    pairs = every_type()
    entry, statement = pairs[4]
    odd = [*pairs[:4], (replace(entry, body={}), statement), *pairs[5:]]
    for batch in batches(odd, size):
        catalogue.apply(batch)
    assert catalogue.applied() == len(pairs)
    rows = list(catalogue.dump())
    assert [row["entry"] for name, row in rows if name == "unreadable"] == [entry.seq]
    assert {row["entry"] for name, row in rows if name == "events"} == set(range(len(pairs)))


def test_after_a_refusal_the_right_entries_go_on(catalogue):
    pairs = every_type()
    catalogue.apply(pairs[:9])
    with pytest.raises(ConflictError):
        catalogue.apply(pairs[10:])
    catalogue.apply(pairs[9:])
    assert catalogue.applied() == len(pairs)


@pytest.mark.parametrize("size", [1, 3])
def test_however_the_entries_are_cut_the_rows_are_the_same(catalogue, size, tmp_path):
    pairs = some(4, [3, 5, 2])
    for batch in batches(pairs, size):
        catalogue.apply(batch)
    (tmp_path / "other").mkdir()
    at_once = MAKERS[catalogue.maker](tmp_path / "other")
    at_once.apply(pairs)
    assert list(catalogue.dump()) == list(at_once.dump())
    at_once.close()

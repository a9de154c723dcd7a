"""The sums of the catalogue are those of a walk through all entries; nothing is counted twice."""

from collections import Counter
from datetime import timedelta

import pytest

from custody.raised import code_of, same_of
from evidence.candidates import Figure
from evidence.errors import VaultUnavailableError
from tests.fakes.histories import some
from vault.catalogue import SqlCatalogue
from vault.fields import moment
from vault.figures import FigureReader
from vault.search import CatalogueReader
from vault.sql import sqlite_url

PAIRS = some(5, [6, 9, 30, 12])
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    return reader(tmp_path_factory.mktemp("figures"), PAIRS)


def reader(folder, pairs):
    url = sqlite_url(folder / "catalogue.sqlite")
    catalogue = SqlCatalogue(url)
    catalogue.apply(pairs)
    catalogue.close()
    return FigureReader(url)


def walked(kind, pairs=PAIRS):
    return [entry for entry, _ in pairs if entry.type == kind]


def told(growth):
    return growth.bytes, growth.segments, dict(growth.dockings), dict(growth.alarms)


def sums(pairs):
    ended, raised = walked("docking.ended", pairs), walked("alarm.raised", pairs)
    return (
        sum(each.body["bytes"] for each in ended),
        sum(each.body["sealed"] for each in ended),
        dict(Counter(each.body["outcome"] for each in ended)),
        dict(Counter(each.body["alarm"] for each in raised)),
    )


def test_everything_is_counted_from_the_beginning(figures):
    grown = figures.growth(0)
    assert told(grown) == sums(PAIRS)
    assert grown.applied == len(PAIRS)
    assert grown.bytes > 0
    assert grown.alarms


@pytest.mark.parametrize("cut", range(0, len(PAIRS), 7))
def test_from_an_entry_on_only_what_came_since_is_counted(figures, cut):
    assert told(figures.growth(cut)) == sums(PAIRS[cut:])


def test_alarms_that_nobody_answered_are_counted_by_their_code(figures):
    answered = {}
    for entry in walked("alarm.acknowledged"):
        answered[entry.body["same"]] = max(answered.get(entry.body["same"], 0), entry.body["alarm"])
    groups = {same_of(each): each for each in walked("alarm.raised")}  # the newest of each
    still = [each for same, each in groups.items() if answered.get(same, -1) < each.seq]
    assert figures.open_alarms() == Counter(code_of(each) for each in still)
    assert still


def test_a_catalogue_that_is_behind_takes_nothing_back(tmp_path):
    behind = reader(tmp_path, PAIRS[:20])
    grown = behind.growth(len(PAIRS))
    assert (grown.applied, *told(grown)) == (len(PAIRS), 0, 0, {}, {})


def test_the_newest_audit_is_the_last_one_that_was_written(figures, tmp_path):
    newest = walked("audit.done")[-1]
    found = figures.last_audit()
    assert (moment(found.at_ms), found.findings) == (newest.at, newest.body["findings"])
    assert reader(tmp_path, PAIRS[:2]).last_audit() is None


@pytest.mark.parametrize("days", [0, 1, 3, 400])
def test_what_came_into_custody_is_counted_by_days_ago(figures, days):
    sealed = walked("segment.sealed")
    now = sealed[-1].at + days * DAY
    found = figures.takings(now, 7)
    expected = [[0, 0] for _ in range(7)]
    for entry in sealed:
        ago = (now - entry.at) // DAY
        if ago < 7:
            expected[ago][0] += 1
            expected[ago][1] += entry.body["size"]
    assert [list(day) for day in found.days] == expected
    assert moment(found.first_ms) == sealed[0].at
    assert found.kept == Figure(len(sealed), sum(each.body["size"] for each in sealed))


def test_what_was_sealed_ahead_of_our_clock_counts_as_of_today(figures):
    sealed = walked("segment.sealed")
    found = figures.takings(sealed[0].at - 30 * DAY, 7)
    assert found.days[0] == (len(sealed), sum(each.body["size"] for each in sealed))


def test_an_empty_custody_has_taken_nothing_in(tmp_path):
    found = reader(tmp_path, PAIRS[:1]).takings(PAIRS[0][0].at, 7)
    assert (found.days, found.kept, found.first_ms) == (((0, 0),) * 7, Figure(), None)


def test_what_each_reason_blocks_is_what_the_catalogue_tells_of_it(figures, tmp_path):
    now = walked("segment.sealed")[-1].at
    url = sqlite_url(tmp_path / "catalogue.sqlite")
    reader(tmp_path, PAIRS)
    found = figures.blocked(now)
    assert found == CatalogueReader(url).blocked(now)
    assert found["unlabelled"].count > 0


def test_a_catalogue_that_is_not_there_says_so(tmp_path):
    with pytest.raises(VaultUnavailableError, match="catalogue_missing"):
        FigureReader(sqlite_url(tmp_path / "none.sqlite")).growth(0)

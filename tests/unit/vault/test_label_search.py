"""Segments are found by the label that holds, and by the words in it, also by two signs."""

from datetime import timedelta

import pytest

from evidence.entry import Private
from evidence.search import SegmentFilter
from tests.fakes.desk_histories import C, P, facts_of, label_of
from tests.fakes.histories import History, without_keys
from vault import label_queries
from vault.catalogue import SqlCatalogue, rebuild
from vault.projection import project_all
from vault.search import CatalogueReader
from vault.sql import sqlite_url

MATE, OTHER_CASE = "p:" + "e" * 32, "c:" + "f" * 64


class Labels:
    """A history of six segments, labelled by name; ``finds`` asks a real catalogue."""

    def __init__(self, path):
        self.path = path
        self.history = History(3)
        self.history.start()
        while len(self.history.sealed) < 6:
            self.history.docking(3)
        self.names = list(self.history.sealed)[:6]
        self.url = sqlite_url(path / "catalogue.sqlite")

    def label(self, name, people=(P,), case=None, facts=None, **said):
        subject = f"s:{self.names[name]}"
        about = (subject, *people, *([case] if case else ()))
        private = Private(subject, facts_of(**(facts or {})))
        self.history.add("segment.labelled", about, label_of(**said), private)
        self.history.now += timedelta(minutes=1)

    def reader(self, pairs=None):
        catalogue = SqlCatalogue(self.url)
        catalogue.apply((pairs or self.history.pairs)[catalogue.applied() :])
        catalogue.close()
        return CatalogueReader(self.url)

    def finds(self, pairs=None, limit=100, **wanted):
        reader, after, found = self.reader(pairs), None, []
        while True:
            page = reader.segments(SegmentFilter(**wanted), limit, after)
            found += [line.sha256 for line in page.items]
            after = page.after
            if after is None:
                reader.close()
                return [self.names.index(each) for each in found if each in self.names]


@pytest.fixture
def labels(tmp_path):
    made = Labels(tmp_path)
    made.label(0, case=C, item="check", complete=True,
               facts={"cause": "占道经营", "party": "张某", "case_number": "2026-7"})  # fmt: skip
    made.label(1, people=(P, MATE), item="check", facts={"cause": "违法建设", "place": "拆除现场"})
    made.label(2, no_case="patrol", complete=True, facts={"words": "城管巡查 Shop 12"})
    made.label(3, case=OTHER_CASE, item="seizure", complete=True, facts={"party": "李某"})
    made.label(3, case=C, item="sealing", complete=True, facts={"party": "王某"})
    return made


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"item": "check"}, {0, 1}),
        ({"item": "seizure"}, set()),  # corrected since
        ({"item": "sealing"}, {3}),
        ({"no_case": "patrol"}, {2}),
        ({"case": C}, {0, 3}),
        ({"case": OTHER_CASE}, set()),
        ({"person": MATE}, {1}),
        ({"person": P}, {0, 1, 2, 3}),
        ({"unlabelled": True}, {1, 4, 5}),
        ({"words": "占道"}, {0}),
        ({"words": "道经"}, {0}),
        ({"words": "拆除"}, {1}),
        ({"words": "拆"}, {1}),
        ({"words": "城管"}, {2}),
        ({"words": "城管 shop"}, {2}),
        ({"words": "管城"}, set()),
        ({"words": "某"}, {0, 3}),
        ({"words": "李某"}, set()),
        ({"words": "2026-7"}, {0}),
        ({"words": " , "}, set()),
        ({"cause": "经营"}, {0}),
        ({"cause": "拆除"}, set()),  # of the place
        ({"party": "王"}, {3}),
        ({"party": "王某", "item": "sealing", "case": C}, {3}),
        ({"party": "王某", "item": "check"}, set()),
        ({"unlabelled": True, "person": P}, {1}),
    ],
)
@pytest.mark.parametrize("how", [(1, 1000), (100, 1000), (2, -1)])
def test_segments_are_found_by_the_label_that_holds(labels, wanted, expected, how, monkeypatch):
    """Whether few labels lead, or (-1) they are never few and the list is walked in its order."""
    limit, led = how
    monkeypatch.setattr(label_queries, "LED_LIMIT", led)
    found = labels.finds(limit=limit, **wanted)
    assert len(set(found)) == len(found)
    assert set(found) == expected


def test_labels_are_found_together_with_all_else(labels):
    reader = labels.reader()
    (line,) = reader.segments(SegmentFilter(item="sealing")).items
    seen = line.sighting
    for wanted in ({"docking": seen.docking}, {"slot": seen.slot}, {"officer": seen.officer}):
        assert labels.finds(item="sealing", **wanted) == [3]
        assert labels.finds(party="王某", **wanted) == [3]
    assert labels.finds(party="王某", until=seen.at) == []
    assert labels.finds(party="王某", since=seen.at) == [3]
    reader.close()


def test_a_line_shows_the_label_that_holds(labels):
    reader = labels.reader()
    (line,) = reader.segments(SegmentFilter(item="sealing")).items
    held = line.label
    assert (held.item, held.party, held.people, held.case) == ("sealing", "王某", (P,), C)
    assert (held.complete, held.cause, held.sensitivity) == (True, None, "none")
    assert reader.segment(line.sha256).line.label == held
    reader.close()


def test_pages_of_labels_are_in_the_order_of_all_lists(labels):
    every = [each for each in labels.finds() if each < 4]
    assert labels.finds(limit=1, person=P) == every


def test_without_keys_no_word_is_found_but_the_label_is(labels):
    pairs = without_keys(labels.history.pairs)
    assert labels.finds(pairs, words="占道") == []
    assert set(labels.finds(pairs, item="check")) == {0, 1}
    reader = labels.reader(pairs)
    (line,) = reader.segments(SegmentFilter(item="sealing")).items
    assert (line.label.party, line.label.people) == (None, (P,))
    reader.close()


def test_a_rebuilt_catalogue_finds_the_same_words(labels):
    before = labels.finds(words="某")
    rebuild(labels.url, [project_all(labels.history.pairs)])
    assert labels.finds(words="某") == before

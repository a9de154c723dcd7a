"""Who works for many waits for many, and never for nothing: the writer, and the feed."""

from threading import Event, Thread

import pytest

from evidence.entry import Receipt
from tests.unit.vault.ledgers import draft, young
from tests.unit.vault.test_server import Pages
from vault import feed, writer
from vault.feed import CatalogueFeed
from vault.writer import Writer

LONG_S = 3600


class Store:
    """A store that only remembers how many calls came together."""

    stopped = None

    def __init__(self):
        self.together = []
        self.reached = Event()

    def append_many(self, calls):
        self.together.append(len(calls))
        if self.together[-3:] == [4, 4, 4]:
            self.reached.set()
        return [Receipt((0,), 1) for _ in calls]

    def settle(self):
        pass


def test_callers_who_ask_again_at_once_share_every_batch(monkeypatch):
    monkeypatch.setattr(writer, "_GATHERING_S", 0.5)
    store = Store()
    made = Writer(store, lambda: None)

    def call():
        while not store.reached.is_set():
            made.append([draft()])

    threads = [Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert store.reached.wait(20)
    for thread in threads:
        thread.join()
    made.close()


def test_who_is_alone_waits_for_nobody(monkeypatch):
    monkeypatch.setattr(writer, "_GATHERING_S", LONG_S)
    store = Store()
    made = Writer(store, lambda: None)
    for _ in range(10):
        made.append([draft()])
    made.close()
    assert store.together[:10] == [1] * 10


@pytest.fixture
def store(tmp_path):
    made = young(tmp_path)
    yield made
    made.close()


@pytest.mark.timeout(30)
def test_while_entries_come_the_catalogue_stands_back_until_somebody_asks(store, monkeypatch):
    monkeypatch.setattr(feed, "QUIET_S", LONG_S)
    monkeypatch.setattr(feed, "LAG_S", LONG_S)
    catalogue = Pages()
    made = CatalogueFeed(store, catalogue)
    for _ in range(3):
        store.append([draft()])
        made.wake()
    assert catalogue.applied() <= 1  # what was there when it began
    assert made.wait(3, 20) == 4
    made.close()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", ["QUIET_S", "LAG_S"])
def test_a_catalogue_that_nobody_asks_is_behind_for_a_while_only(store, monkeypatch, name):
    monkeypatch.setattr(feed, "QUIET_S", LONG_S if name == "LAG_S" else 0.01)
    monkeypatch.setattr(feed, "LAG_S", LONG_S if name == "QUIET_S" else 0.01)
    there = Event()

    class Telling(Pages):
        def apply(self, entries):
            super().apply(entries)
            if self.applied() == 2:
                there.set()

    made = CatalogueFeed(store, Telling())
    store.append([draft()])
    made.wake()
    assert there.wait(20)
    made.close()

"""What the catalogue proposes of alarms: each kind once, with what stands of it."""

from evidence.entry import Draft
from evidence.keeping import same_alarm
from tests.fakes.ledger import MemoryLedger
from vault.catalogue import SqlCatalogue
from vault.search import CatalogueReader
from vault.sql import sqlite_url


def test_alarms_that_say_the_same_are_one_row_until_they_are_answered(tmp_path):
    ledger = MemoryLedger()
    told, other = "s:" + "a" * 64, "s:" + "b" * 64

    def raised(about, code="slice_differs"):
        body = {"alarm": code, "facts": {}}
        draft = Draft("alarm.raised", "sys:audit", (about,), body)
        return ledger.append([draft]).indexes[0]

    def answered(alarm, code="slice_differs"):
        about = next(iter(ledger.entry(alarm).about))
        body = {"alarm": alarm, "same": same_alarm(code, (about,)), "answer": "known"}
        ledger.append([Draft("alarm.acknowledged", "p:" + "1" * 32, (), {**body, "audit": None})])

    first, second, third = raised(told), raised(other), raised(told)
    rows = [(each.first, each.newest, each.count) for each in proposed(ledger, tmp_path / "a")]
    assert rows == [(first, third, 2), (second, second, 1)]
    answered(first)
    rows = [(each.first, each.newest, each.count) for each in proposed(ledger, tmp_path / "b")]
    assert rows == [(third, third, 1), (second, second, 1)]
    answered(third)
    assert [each.newest for each in proposed(ledger, tmp_path / "c")] == [second]
    everything = proposed(ledger, tmp_path / "d", every=True)
    assert [(each.first, each.newest, each.count) for each in everything] == [
        (first, third, 2),
        (second, second, 1),
    ]
    again = raised(told)
    pages = proposed(ledger, tmp_path / "e", limit=1)
    assert [(each.code, each.newest, each.count) for each in pages] == [
        ("slice_differs", again, 1),
        ("slice_differs", second, 1),
    ]


def proposed(ledger, path, limit=100, *, every=False):
    """All alarms of a catalogue of ``ledger``, page after page."""
    catalogue = SqlCatalogue(sqlite_url(path))
    catalogue.apply([(each, ledger.statement(each.seq)) for each in ledger.entries()])
    catalogue.close()
    asked, after = CatalogueReader(sqlite_url(path)), None
    found = []
    while True:
        page = asked.alarms(every=every, limit=limit, after=after)
        found += page.items
        after = page.after
        if after is None:
            asked.close()
            return found

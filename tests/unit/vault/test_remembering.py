"""Entries are asked for once; everything that can change is asked for each time."""

import pytest

from evidence.entry import Draft, Private
from evidence.errors import UsageError
from tests.fakes.ledger import MemoryLedger
from vault.remembering import RememberingLedger

SEGMENT = "s:" + "ab" * 32


class Counting(MemoryLedger):
    def __init__(self):
        self.asked = []
        super().__init__()

    def entry(self, index):
        self.asked.append(index)
        return super().entry(index)


def made(limit=100):
    ledger = Counting()
    return ledger, RememberingLedger(ledger, limit)


def write(ledger, reason):
    body, private = {"alarm": "a", "facts": {}}, Private(SEGMENT, {"r": reason})
    draft = Draft("alarm.raised", "sys:audit", (SEGMENT,), body, {}, private)
    return ledger.append([draft]).indexes[0]


def test_an_entry_is_asked_for_once_and_is_what_was_written():
    ledger, remembering = made()
    index = write(remembering, "one")
    ledger.asked.clear()
    first, again = remembering.entry(index), remembering.entry(index)
    assert first is again
    assert first == MemoryLedger.entry(ledger, index)
    assert ledger.asked == [index]


def test_no_more_than_the_limit_is_kept():
    ledger, remembering = made(2)
    for index in [write(remembering, str(n)) for n in range(3)] * 2:
        remembering.entry(index)
    assert len(ledger.asked) >= 6


def test_the_newest_entry_about_a_subject_is_asked_for_each_time():
    _, remembering = made()
    first = write(remembering, "one")
    assert remembering.last(SEGMENT) == first
    second = write(remembering, "two")
    assert remembering.last(SEGMENT) == second
    assert remembering.entry(second).about[SEGMENT] == first


def test_a_statement_whose_key_was_destroyed_is_gone_at_once():
    ledger, remembering = made()
    index = write(remembering, "one")
    assert remembering.statement(index).facts == {"r": "one"}
    ledger.statements.clear()
    assert remembering.statement(index) is None


def test_an_entry_that_is_not_there_yet_is_found_when_it_is():
    _, remembering = made()
    with pytest.raises(UsageError):
        remembering.entry(1)
    assert remembering.entry(write(remembering, "one")).seq == 1

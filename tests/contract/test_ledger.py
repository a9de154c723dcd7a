"""The port ``Ledger``: one suite for the fake, the store on disk, and the client of the process."""

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest

from evidence.codec import encode_statement, roll_root
from evidence.entry import Draft, Private
from evidence.errors import ConflictError, MalformedError, UsageError
from evidence.ids import check_subject
from tests.fakes.clock import FixedClock
from tests.fakes.ledger import MemoryLedger
from tests.unit.vault.ledgers import DOCKING, OTHER, draft, young
from vault.client import LedgerClient
from vault.remembering import RememberingLedger
from vault.server import LedgerServer

SEGMENT = "s:" + "ab" * 32


@contextmanager
def fake(_path, clock):
    yield MemoryLedger(clock=clock)


@contextmanager
def on_disk(path, clock):
    store = young(path, clock)
    yield store
    store.close()


@contextmanager
def over_the_socket(path, clock):
    server = LedgerServer(young(path, clock), path / "ledger.sock")
    thread = Thread(target=server.run)
    thread.start()
    client = LedgerClient(path / "ledger.sock")
    yield client
    client.close()
    server.stop()
    thread.join()


@contextmanager
def remembered(path, clock):
    with over_the_socket(path, clock) as client:
        yield RememberingLedger(client)


MAKERS = {"fake": fake, "disk": on_disk, "socket": over_the_socket, "remembered": remembered}


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture(params=MAKERS)
def ledger(request, tmp_path, clock):
    with MAKERS[request.param](tmp_path, clock) as made:
        yield made


def test_a_new_ledger_says_in_entry_0_whose_it_is(ledger):
    entry = ledger.entry(0)
    assert (entry.type, entry.seq, entry.about) == ("ledger.started", 0, {})
    assert set(entry.body) == {"origin", "vkey", "software"}


def test_a_receipt_says_where_the_entries_stand(ledger):
    first = ledger.append([draft(n=1), draft(n=2)])
    second = ledger.append([draft(n=3)])
    assert (first.indexes, second.indexes) == ((1, 2), (3,))
    assert second.size == 4
    assert [ledger.entry(index).body["n"] for index in (1, 2, 3)] == [1, 2, 3]


def test_an_entry_carries_what_the_draft_said_and_what_the_ledger_knows(ledger, clock):
    ledger.append([Draft("alarm.raised", "sys:keeper", (DOCKING,), {"alarm": "x", "n": [1]})])
    entry = ledger.entry(1)
    assert (entry.type, entry.actor, entry.station) == ("alarm.raised", "sys:keeper", "station-1")
    assert (entry.seq, entry.at, entry.statement) == (1, clock.now(), None)
    assert entry.body == {"alarm": "x", "n": [1]}


def test_each_entry_names_the_one_before_it_about_the_same_subject(ledger):
    ledger.append([draft((DOCKING,)), draft((DOCKING, OTHER))])
    ledger.append([draft((OTHER,))])
    assert ledger.entry(1).about == {DOCKING: None}
    assert ledger.entry(2).about == {DOCKING: 1, OTHER: None}
    assert ledger.entry(3).about == {OTHER: 2}
    assert (ledger.last(DOCKING), ledger.last(OTHER)) == (2, 3)


def test_nobody_has_spoken_about_a_new_subject(ledger):
    assert ledger.last(SEGMENT) is None


def test_an_expectation_that_holds_is_no_obstacle(ledger):
    ledger.append([draft(expect={DOCKING: None})])
    ledger.append([draft(expect={DOCKING: 1})])
    assert ledger.last(DOCKING) == 2


@pytest.mark.parametrize("seen", [None, 0, 2])
def test_an_expectation_that_does_not_hold_refuses_the_whole_call(ledger, seen):
    ledger.append([draft()])
    with pytest.raises(ConflictError, match="ledger_moved_on"):
        ledger.append([draft((OTHER,)), draft(expect={DOCKING: seen})])
    assert (ledger.last(DOCKING), ledger.last(OTHER)) == (1, None)
    with pytest.raises(UsageError, match="entry_unknown"):
        ledger.entry(2)


def test_an_expectation_speaks_of_the_ledger_before_the_call(ledger):
    ledger.append([draft(), draft(expect={DOCKING: None})])
    assert ledger.last(DOCKING) == 2


MALFORMED = {
    "no subject": draft(("x:1",)),
    "a segment named in capitals": draft(("s:" + "AB" * 32,)),
    "a subject twice": draft((DOCKING, DOCKING)),
    "101 subjects": draft(tuple(f"d:{number:032x}" for number in range(101))),
    "an actor that is a name": replace(draft(), actor="Zhang San"),
    "a type of nobody's": replace(draft(), type="segment.eaten"),
    "more than 16 KiB": draft(text="x" * 17000),
    "a number that no reader keeps": draft(n=2**53),
    "an expectation of a stranger": draft(expect={OTHER: None}),
    "a statement of a stranger": draft(private=Private(OTHER, {"name": "x"})),
    "a roll of its own beside lines": draft(
        private=Private(DOCKING, {}, ({"line": 0},)), roll={"count": 9}
    ),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_draft_that_makes_no_entry_is_refused_with_its_whole_call(ledger, fault):
    with pytest.raises(MalformedError):
        ledger.append([draft((OTHER,)), MALFORMED[fault]])
    assert ledger.last(OTHER) is None
    assert ledger.append([draft()]).indexes == (1,)


def test_a_fraction_never_gets_into_an_entry(ledger):
    with pytest.raises(MalformedError):
        ledger.append([draft(n=0.5)])


@pytest.mark.parametrize("count", [0, 257])
def test_a_call_of_no_draft_or_of_too_many_is_refused(ledger, count):
    with pytest.raises(UsageError, match="append_length"):
        ledger.append([draft()] * count)


def test_the_longest_call_is_one_batch(ledger):
    receipt = ledger.append([draft()] * 256)
    assert receipt.indexes == tuple(range(1, 257))


@pytest.mark.parametrize("kind", ["ledger.started", "clock.accepted"])
def test_what_only_the_ledger_says_of_itself_cannot_be_appended(ledger, kind):
    with pytest.raises(UsageError, match="entry_reserved"):
        ledger.append([replace(draft(), type=kind)])


def test_an_entry_commits_to_its_statement_and_says_nothing_of_it(ledger):
    facts = {"officer": "012345", "path": "DCIM/秘密.mp4"}
    ledger.append([draft(private=Private(DOCKING, facts))])
    entry, statement = ledger.entry(1), ledger.statement(1)
    assert statement.facts == facts
    assert entry.statement.of == statement.of == DOCKING
    assert entry.statement.sha256 == hashlib.sha256(encode_statement(statement)).hexdigest()
    assert "012345" not in str(entry)


def test_two_equal_statements_have_different_commitments(ledger):
    private = Private(DOCKING, {"officer": "012345"})
    ledger.append([draft(private=private), draft(private=private)])
    assert ledger.entry(1).statement != ledger.entry(2).statement


def test_a_statement_that_came_with_its_salt_is_taken_once(ledger):
    """A signature stands over the salt: the second act would be signed by nobody."""
    private = Private(DOCKING, {"reason": "the case needs it"}, salt="7" * 64)
    ledger.append([draft(private=private)])
    with pytest.raises(MalformedError, match="statement_repeated"):
        ledger.append([draft((OTHER,)), draft(private=private)])
    assert ledger.last(OTHER) is None
    other = replace(private, salt="8" * 64)
    with pytest.raises(MalformedError, match="statement_repeated"):
        ledger.append([draft(private=other), draft(private=other)])
    ledger.append([draft(private=other)])
    assert ledger.statement(2).salt == other.salt


def test_a_roll_is_counted_rooted_and_each_line_salted(ledger):
    lines = ({"line": 0, "path": "a"}, {"line": 1, "path": "a"})
    ledger.append([draft(private=Private(DOCKING, {}, lines), files=2)])
    statement = ledger.statement(1)
    assert [line["path"] for line in statement.lines] == ["a", "a"]
    assert len({line["salt"] for line in statement.lines}) == 2
    roll = {"count": 2, "root": roll_root(statement.lines)}
    assert ledger.entry(1).body == {"files": 2, "roll": roll}


def test_an_entry_without_a_statement_has_none(ledger):
    assert ledger.statement(0) is None


@pytest.mark.parametrize("index", [-1, 1, 2**40])
def test_an_entry_beyond_the_end_is_refused(ledger, index):
    with pytest.raises(UsageError, match="entry_unknown"):
        ledger.entry(index)


def test_time_never_goes_back(ledger, clock):
    ledger.append([draft()])
    before = clock.now()
    clock.forward(seconds=-59)
    ledger.append([draft()])
    assert ledger.entry(2).at == before


def test_a_pseudonym_is_a_subject_that_does_not_show_its_text(ledger):
    one, again = ledger.pseudonym("r", "A1234567"), ledger.pseudonym("r", "A1234567")
    assert check_subject(one) == again
    assert one != ledger.pseudonym("r", "A1234568")
    assert "A1234567" not in one

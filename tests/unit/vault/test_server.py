"""The ledger process: many callers, one writer; it answers everybody and dies when it must."""

import errno
import os
import socket
import time
from contextlib import contextmanager
from threading import Thread

import pytest

from evidence.errors import (
    EvidenceError,
    FsyncFailedError,
    IntegrityError,
    LedgerUnavailableError,
    MalformedError,
    UsageError,
    VaultUnavailableError,
)
from tests.fakes.clock import FixedClock
from tests.unit.vault.ledgers import (
    DOCKING,
    Breaker,
    check_tree,
    draft,
    new_docking,
    reopen,
    secret_draft,
    young,
)
from vault import durable, feed, server, wire
from vault.client import LedgerClient
from vault.server import LedgerServer
from vault.wire import receive_frame, send_frame, socket_address


class Pages:
    """A catalogue that only remembers in which pages it was fed."""

    def __init__(self):
        self.pages = []
        self.failing = False

    def applied(self):
        return sum(len(page) for page in self.pages)

    def apply(self, entries):
        if self.failing:
            raise VaultUnavailableError("catalogue_unavailable")
        assert entries[0][0].seq == self.applied()
        self.pages.append(entries)


@contextmanager
def serving(store, path, catalogue=None, linger_s=None):
    """Serve in a thread; what ``run`` raises is raised when the block ends."""
    raised = []

    def run():
        try:
            made.run()
        except (EvidenceError, ArithmeticError) as error:
            raised.append(error)

    made = LedgerServer(store, path, catalogue, linger_s=linger_s)
    thread = Thread(target=run)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join()
    for error in raised:
        raise error


@pytest.fixture
def socket_path(tmp_path):
    return tmp_path / "ledger.sock"


@pytest.fixture
def client(socket_path):
    made = LedgerClient(socket_path, deadline_s=20)
    yield made
    made.close()


def raw(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    with socket_address(path) as address:
        sock.connect(address)
    return sock


def test_callers_at_the_same_time_share_checkpoints_and_each_gets_its_own_place(
    tmp_path, socket_path, client
):
    steps = Breaker()
    indexes = []

    def call():
        for _ in range(10):
            indexes.extend(client.append([draft((new_docking(),))]).indexes)

    with serving(young(tmp_path, steps=steps), socket_path):
        threads = [Thread(target=call) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(indexes) == list(range(1, 161))
    assert steps.seen.count("ledger.lock") < 160
    assert len(check_tree(tmp_path)) == 161


def test_the_socket_is_for_the_group_and_gone_afterwards(tmp_path, socket_path):
    with serving(young(tmp_path), socket_path):
        assert socket_path.stat().st_mode & 0o777 == 0o660
    assert not socket_path.exists()


def test_a_path_longer_than_the_kernels_108_bytes_is_served(tmp_path):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    client = LedgerClient(deep / "ledger.sock")
    with serving(young(tmp_path), deep / "ledger.sock"):
        assert client.append([draft()]).indexes == (1,)
        client.close()


def test_a_socket_that_a_dead_process_left_is_taken_over(tmp_path, socket_path, client):
    dead = socket.socket(socket.AF_UNIX)
    with socket_address(socket_path) as address:
        dead.bind(address)
    dead.close()
    with serving(young(tmp_path), socket_path):
        assert client.last(DOCKING) is None


def test_with_nobody_there_an_idle_server_goes_and_lets_go_of_the_ledger(
    tmp_path, socket_path, client, monkeypatch
):
    monkeypatch.setattr(server, "_TICK_S", 0.01)
    made = LedgerServer(young(tmp_path), socket_path, linger_s=0.1)
    thread = Thread(target=made.run)
    thread.start()
    client.append([draft()])
    client.close()
    thread.join(20)
    assert not thread.is_alive()
    reopen(tmp_path).close()


def test_as_long_as_somebody_is_connected_the_server_stays(
    tmp_path, socket_path, client, monkeypatch
):
    monkeypatch.setattr(server, "_TICK_S", 0.01)
    made = LedgerServer(young(tmp_path), socket_path, linger_s=0.05)
    thread = Thread(target=made.run)
    thread.start()
    client.append([draft()])
    time.sleep(0.3)
    assert client.append([draft()]).indexes == (2,)
    client.close()
    thread.join(20)


def test_a_server_that_goes_takes_no_name_away_that_is_not_its_own(tmp_path, socket_path, client):
    """A home was removed and made anew at the same place while the old process lingered."""
    with serving(young(tmp_path / "old"), socket_path):
        socket_path.rename(socket_path.with_suffix(".old"))
        again = LedgerServer(young(tmp_path / "new"), socket_path)
        thread = Thread(target=again.run)
        thread.start()
    assert client.append([draft()]).indexes == (1,)
    client.close()
    again.stop()
    thread.join(20)
    assert not socket_path.exists()


def test_what_was_asked_before_the_stop_is_answered(tmp_path, socket_path):
    with serving(young(tmp_path), socket_path) as made:
        sock = raw(socket_path)
        send_frame(sock, {"v": 1, "ask": "last", "subject": DOCKING})
        assert receive_frame(sock) == {"ok": {"index": None}}
        send_frame(sock, {"v": 1, "ask": "append", "drafts": wire.drafts_json([draft()])})
        made.stop()
        assert receive_frame(sock) == {"ok": {"indexes": [1], "size": 2}}
        sock.close()
    assert len(check_tree(tmp_path)) == 2


def test_a_failed_sync_ends_the_process_and_every_caller_hears_of_it(
    tmp_path, socket_path, client, monkeypatch
):
    store = young(tmp_path)

    def failing(_descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    told = []
    with pytest.raises(FsyncFailedError), serving(store, socket_path):  # noqa: PT012 - as it is lived
        client.last(DOCKING)
        monkeypatch.setattr(durable.os, "fsync", failing)
        for _ in range(3):  # it is on its way out: refused, then not even reached
            with pytest.raises(LedgerUnavailableError) as error:
                client.append([draft()])
            told.append(error.value.word)
    assert told[0] == "ledger_stopped"
    assert len(check_tree(tmp_path)) == 1


def test_a_fault_of_ours_ends_the_process_and_nobody_waits_for_ever(
    tmp_path, socket_path, client, monkeypatch
):
    store = young(tmp_path)
    monkeypatch.setattr(store, "append_many", lambda _: 1 // 0)
    unknown = pytest.raises(LedgerUnavailableError, match="ledger_outcome_unknown")
    with pytest.raises(ZeroDivisionError), serving(store, socket_path), unknown:
        client.append([draft()])


def test_a_fault_in_one_answer_is_nobody_elses(tmp_path, socket_path, client, monkeypatch):
    store = young(tmp_path)
    with serving(store, socket_path):
        monkeypatch.setattr(store, "last", lambda _: 1 // 0)
        with pytest.raises(LedgerUnavailableError, match="ledger_fault"):
            client.last(DOCKING)
        assert client.append([draft()]).indexes == (1,)


BAD_REQUESTS = {
    "another version": {"v": 2, "ask": "checkpoint"},
    "nothing asked": {"v": 1},
    "a key": {"v": 1, "ask": "key", "subject": DOCKING},
    "a list for a name": {"v": 1, "ask": []},
    "no subject": {"v": 1, "ask": "last"},
    "a truth for a number": {"v": 1, "ask": "entry", "index": True},
    "no drafts": {"v": 1, "ask": "append"},
    "a draft that is none": {"v": 1, "ask": "append", "drafts": [{}]},
    "private facts that are none": {
        "v": 1,
        "ask": "append",
        "drafts": [{**wire.drafts_json([draft()])[0], "private": {"of": DOCKING}}],
    },
    "numbers as subjects": {
        "v": 1,
        "ask": "append",
        "drafts": [{**wire.drafts_json([draft()])[0], "about": [1]}],
    },
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with serving(young(home), home / "ledger.sock"):
        yield home / "ledger.sock"


@pytest.mark.parametrize("fault", BAD_REQUESTS)
def test_a_request_that_makes_no_sense_is_answered_and_the_connection_stays(running, fault):
    with raw(running) as sock:
        send_frame(sock, BAD_REQUESTS[fault])
        assert receive_frame(sock)["error"]["kind"] == "MalformedError"
        send_frame(sock, {"v": 1, "ask": "checkpoint"})
        assert "note" in receive_frame(sock)["ok"]


BAD_FRAMES = {
    "more than the limit": (wire.FRAME_LIMIT_BYTES + 1).to_bytes(4, "big"),
    "no JSON": b"\0\0\0\2{]",
    "not canonical": b'\0\0\0\x08{"v": 1}',
    "no object": b"\0\0\0\2[]",
    "nothing": b"\0\0\0\0",
}


@pytest.mark.parametrize("fault", BAD_FRAMES)
def test_what_is_no_frame_is_answered_and_the_connection_closed(running, fault):
    with raw(running) as sock:
        sock.sendall(BAD_FRAMES[fault])
        assert receive_frame(sock)["error"]["word"] == "frame_malformed"
        assert receive_frame(sock) is None


@pytest.mark.parametrize("cut", [b"\0", b"\0\0\0\5{"])
def test_a_client_that_goes_in_the_middle_hurts_nobody(running, cut):
    with raw(running) as sock:
        sock.sendall(cut)
    with raw(running) as sock:
        send_frame(sock, {"v": 1, "ask": "checkpoint"})
        assert "ok" in receive_frame(sock)


def test_a_client_that_stops_in_the_middle_is_not_waited_for(running, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE_S", 0.05)
    with raw(running) as sock:
        sock.sendall(b"\0\0")
        assert receive_frame(sock) is None


def test_a_client_too_many_is_turned_away_with_a_word(running, monkeypatch):
    monkeypatch.setattr(server, "CLIENT_LIMIT", 1)
    with raw(running) as first:
        send_frame(first, {"v": 1, "ask": "checkpoint"})
        receive_frame(first)
        with raw(running) as second:
            assert receive_frame(second)["error"]["word"] == "ledger_crowded"


def test_an_answer_too_long_for_a_frame_is_told(running, monkeypatch):
    monkeypatch.setattr(wire, "FRAME_LIMIT_BYTES", 120)
    with raw(running) as sock:
        send_frame(sock, {"v": 1, "ask": "checkpoint"})
        assert receive_frame(sock)["error"]["word"] == "frame_too_long"


def test_the_clock_is_accepted_over_the_socket(tmp_path, socket_path, client):
    clock = FixedClock()
    with serving(young(tmp_path, clock), socket_path):
        with pytest.raises(UsageError, match="clock_not_behind"):
            client.accept_clock("sys:local")
        clock.forward(hours=-1)
        with pytest.raises(LedgerUnavailableError, match="clock_went_back"):
            client.append([draft()])
        assert client.accept_clock("sys:local").indexes == (1, 2)
        assert client.append([draft()]).indexes == (3,)


def test_the_catalogue_is_fed_in_order_with_statements(tmp_path, socket_path, client):
    catalogue = Pages()
    with serving(young(tmp_path), socket_path, catalogue):
        client.append([secret_draft(officer="1"), draft()])
        assert client.wait_catalogue(2) == 3
    fed = [pair for page in catalogue.pages for pair in page]
    assert [entry.seq for entry, _ in fed] == [0, 1, 2]
    assert [bool(statement) for _, statement in fed] == [False, True, False]


def test_a_catalogue_catches_up_at_the_start_page_by_page(
    tmp_path, socket_path, client, monkeypatch
):
    monkeypatch.setattr(feed, "PAGE_ENTRIES", 2)
    store = young(tmp_path)
    store.append([draft()] * 6)
    catalogue = Pages()
    with serving(store, socket_path, catalogue):
        assert client.wait_catalogue(6) == 7
    assert [len(page) for page in catalogue.pages] == [2, 2, 2, 1]


def test_a_catalogue_that_is_down_delays_searching_and_not_sealing(
    tmp_path, socket_path, client, monkeypatch
):
    monkeypatch.setattr(feed, "RETRY_S", 0.2)
    catalogue = Pages()
    with serving(young(tmp_path), socket_path, catalogue):
        client.wait_catalogue(0)
        catalogue.failing = True
        assert client.append([draft()]).indexes == (1,)
        with pytest.raises(VaultUnavailableError, match="catalogue_down"):
            client.wait_catalogue(1)
        assert client.append([draft()]).indexes == (2,)
        catalogue.failing = False
        time.sleep(0.3)
        assert client.wait_catalogue(2) == 3


def test_a_lost_statement_does_not_stop_the_catalogue(tmp_path, socket_path, client, monkeypatch):
    store = young(tmp_path)
    store.append([secret_draft(officer="1")])

    def lost(commitments):
        return [IntegrityError("statement_missing") for _ in commitments]

    monkeypatch.setattr(store, "papers_of", lost)
    with serving(store, socket_path, Pages()):
        assert client.wait_catalogue(1) == 2


def test_a_catalogue_of_another_ledger_is_told(tmp_path, socket_path, client):
    catalogue = Pages()
    catalogue.applied = lambda: 99
    told = pytest.raises(VaultUnavailableError, match="catalogue_down")
    with serving(young(tmp_path), socket_path, catalogue), told:
        client.wait_catalogue(100)


def test_who_waits_for_an_entry_that_never_comes_is_told(tmp_path, socket_path, client):
    told = pytest.raises(VaultUnavailableError, match="catalogue_behind")
    with serving(young(tmp_path), socket_path, Pages()), told:
        client.wait_catalogue(9, timeout_s=0.05)


def test_without_a_catalogue_nobody_waits(running):
    client = LedgerClient(running)
    with pytest.raises(VaultUnavailableError, match="catalogue_down"):
        client.wait_catalogue(0)
    client.close()


def test_a_request_that_is_too_long_is_refused_before_it_is_sent(running, monkeypatch):
    monkeypatch.setattr(wire, "FRAME_LIMIT_BYTES", 1000)
    client = LedgerClient(running)
    with pytest.raises(MalformedError, match="frame_too_long"):
        client.append([draft(text="x" * 1000)])
    client.close()


def test_requests_that_come_at_once_are_answered_in_their_order(running):
    asked = [
        {"v": 1, "ask": "append", "drafts": wire.drafts_json([draft((new_docking(),))])},
        {"v": 1, "ask": "last", "subject": new_docking()},
        {"v": 2, "ask": "append", "drafts": []},
        {"v": 1, "ask": "append", "drafts": wire.drafts_json([draft((new_docking(),))])},
    ]
    with raw(running) as sock:
        sock.sendall(b"".join(map(wire.frame_of, asked)))
        frames = wire.Frames(sock)
        told = [frames.next() for _ in asked]
    assert [next(iter(each)) for each in told] == ["ok", "ok", "error", "ok"]
    assert told[1] == {"ok": {"index": None}}
    assert told[3]["ok"]["indexes"] == [told[0]["ok"]["indexes"][0] + 1]


def test_a_client_that_takes_no_answer_is_let_go_and_the_others_are_answered(running):
    refused = wire.frame_of({"v": 2, "ask": "append", "drafts": []})
    client = LedgerClient(running, deadline_s=20)
    with raw(running) as deaf, pytest.raises(BrokenPipeError):
        deaf.sendall(refused * 10_000)
    assert client.append([draft((new_docking(),))]).size
    client.close()

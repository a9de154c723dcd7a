"""A client says what it knows: not reached, not known, or what the ledger said."""

import socket
from pathlib import Path
from threading import Thread

import pytest

from evidence import errors
from evidence.errors import EvidenceError, IntegrityError, LedgerUnavailableError
from tests.unit.vault.ledgers import DOCKING, draft, young
from vault.client import LedgerClient
from vault.server import LedgerServer
from vault.wire import KINDS, error_answer, raise_error, receive_frame, send_frame, socket_address


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sock"


@pytest.fixture
def client(path):
    made = LedgerClient(path, deadline_s=20)
    yield made
    made.close()


@pytest.fixture
def answering(path):
    """A server that answers each request by the next of the given functions."""
    listener = socket.socket(socket.AF_UNIX)
    with socket_address(path) as address:
        listener.bind(address)
    listener.listen(8)
    threads = []

    def start(*answers):
        def run():
            for answer in answers:
                with listener.accept()[0] as sock:
                    answer(sock)

        threads.append(Thread(target=run))
        threads[0].start()

    yield start
    for thread in threads:
        thread.join(20)
    listener.close()


def hang_up(sock):
    receive_frame(sock)


def answer(value):
    def answering(sock):
        receive_frame(sock)
        send_frame(sock, value)

    return answering


def answer_raw(data):
    def answering(sock):
        receive_frame(sock)
        sock.sendall(data)

    return answering


def test_where_no_process_listens_nothing_was_reached(client):
    with pytest.raises(LedgerUnavailableError, match="ledger_unreachable"):
        client.append([draft()])


def test_a_connection_cut_before_the_answer_leaves_an_append_unknown(client, answering):
    answering(hang_up)
    with pytest.raises(LedgerUnavailableError, match="ledger_outcome_unknown"):
        client.append([draft()])


def test_a_question_that_changes_nothing_is_never_unknown(client, answering):
    answering(hang_up)
    with pytest.raises(LedgerUnavailableError, match="ledger_unreachable"):
        client.last(DOCKING)


@pytest.mark.parametrize("data", [b"\0", b"\0\0\0\x09{", b"\0\0\0\2{]", b"\xff\xff\xff\xff"])
def test_an_answer_cut_or_garbled_leaves_an_append_unknown(client, answering, data):
    answering(answer_raw(data))
    with pytest.raises(LedgerUnavailableError, match="ledger_outcome_unknown"):
        client.append([draft()])


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(path, answering):
    impatient = LedgerClient(path, deadline_s=0.05)
    answering(lambda sock: sock.recv(1 << 20) and sock.recv(1))
    with pytest.raises(LedgerUnavailableError, match="ledger_outcome_unknown"):
        impatient.append([draft()])


STRANGE = [
    {},
    {"ok": []},
    {"ok": {"indexes": 1, "size": 2}},
    {"error": "no"},
    {"error": {"kind": "ConflictError"}},
]


@pytest.mark.parametrize("value", STRANGE, ids=str)
def test_an_answer_of_another_form_is_told(client, answering, value):
    answering(answer(value))
    with pytest.raises(IntegrityError, match="answer_malformed"):
        client.append([draft()])


def test_answers_of_the_wrong_type_are_told(client, answering):
    answering(answer({"ok": {"index": "1"}}), answer({"ok": {"id": 1}}))
    with pytest.raises(IntegrityError, match="answer_malformed"):
        client.last(DOCKING)
    client.close()
    with pytest.raises(IntegrityError, match="answer_malformed"):
        client.pseudonym("r", "x")


def test_a_connection_is_used_again_and_replaced_when_the_process_was(tmp_path, path, client):
    for number in (1, 2):
        store = young(tmp_path / str(number))
        made = LedgerServer(store, path)
        thread = Thread(target=made.run)
        thread.start()
        assert client.append([draft()]).indexes == (1,)
        first = client._idle[0]
        assert client.append([draft()]).indexes == (2,)
        assert client._idle == [first]
        made.stop()
        thread.join()


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_an_error_arrives_as_the_class_it_was(kind):
    with pytest.raises(kind) as told:
        raise_error(error_answer(kind("some_word", n=1, path=Path("/x"))))
    assert type(told.value) is kind
    assert (told.value.word, told.value.facts) == ("some_word", {"n": 1, "path": "/x"})


def test_every_error_that_a_ledger_may_answer_with_is_in_the_table():
    """What is not there happens on the client's own side, or stops the process."""
    ours = {"FsyncFailedError", "EvidenceError", "VaultError"}
    others = {
        "UnknownSegmentError",
        "CertificateError",
        "DeviceError",
        "UnpluggedError",
        "DeadlineError",
        "UnreadableError",
        "UnknownRecorderError",
        "EraseError",
        "ParserError",
        "RefusedError",  # of custody, before the ledger is asked
        "NotSignedInError",
    }
    every = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, EvidenceError)
    }
    assert every - ours - others == set(KINDS)


def test_an_error_of_no_known_class_arrives_as_unavailable():
    with pytest.raises(LedgerUnavailableError, match="fsync_failed"):
        raise_error(error_answer(errors.FsyncFailedError("fsync_failed")))
    with pytest.raises(LedgerUnavailableError, match="new_word"):
        raise_error({"error": {"kind": "NewError", "word": "new_word", "facts": {}}})

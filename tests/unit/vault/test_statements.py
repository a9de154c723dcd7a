"""What stands behind an entry is readable only with its subject's key, and only in its place."""

import secrets
import sqlite3
from hashlib import sha256

import pytest

from evidence.codec import encode_statement
from evidence.entry import Commitment, Statement
from evidence.errors import IntegrityError, VaultUnavailableError
from vault.keys import FileKeys
from vault.statements import StatementStore, Unsealed

ONE, TWO = "s:" + "1" * 64, "s:" + "2" * 64


@pytest.fixture
def keys(tmp_path):
    FileKeys.create(tmp_path / "keys.sqlite")
    made = FileKeys(tmp_path / "keys.sqlite")
    yield made
    made.close()


@pytest.fixture
def store(tmp_path, keys):
    StatementStore.create(tmp_path / "statements.sqlite")
    made = StatementStore(tmp_path / "statements.sqlite", keys)
    yield made
    made.close()


def put(store, keys, *subjects):
    """Keep one statement for each subject; return (statement, commitment) pairs."""
    kept = []
    for subject in subjects:
        statement = Statement(subject, secrets.token_hex(32), {"officer": "012345"})
        digest = sha256(encode_statement(statement)).hexdigest()
        kept.append((statement, Commitment(subject, digest)))
    batch = [Unsealed(7, commitment, encode_statement(statement)) for statement, commitment in kept]
    store.put(batch, keys.make(subjects))
    return kept


def change(store, sql, *values):
    connection = sqlite3.connect(store.path)
    with connection:
        connection.execute(sql, values)
    connection.close()


def forget(keys):
    connection = sqlite3.connect(keys.path)
    with connection:
        connection.execute("DELETE FROM keys")
    connection.close()


def test_a_statement_is_found_by_its_commitment(store, keys):
    for statement, commitment in put(store, keys, ONE, TWO):
        assert store.get(commitment) == statement


def test_nothing_of_a_statement_lies_in_clear(store, keys):
    put(store, keys, ONE)
    store.close()
    for path in store.path.parent.iterdir():
        assert b"012345" not in path.read_bytes()


def test_equal_facts_do_not_look_equal(store, keys):
    put(store, keys, ONE, ONE)
    rows = sqlite3.connect(store.path)
    nonces, sealed = zip(*rows.execute("SELECT nonce, sealed FROM statements"), strict=True)
    rows.close()
    assert len(set(nonces)) == len(set(sealed)) == 2
    assert {len(nonce) for nonce in nonces} == {12}


def test_without_its_key_a_statement_is_gone(store, keys):
    ((_, commitment),) = put(store, keys, ONE)
    forget(keys)
    assert store.get(commitment) is None


def test_a_lost_statement_whose_key_is_there_is_told(store, keys):
    ((_, commitment),) = put(store, keys, ONE)
    change(store, "DELETE FROM statements")
    with pytest.raises(IntegrityError, match="statement_missing"):
        store.get(commitment)


TAMPERING = {
    "a bit of the text": "UPDATE statements SET sealed=x'00' || substr(sealed, 2)",
    "a text that is cut": "UPDATE statements SET sealed=substr(sealed, 1, 20)",
    "nothing left of it": "UPDATE statements SET sealed=x''",
    "another nonce": "UPDATE statements SET nonce=zeroblob(12)",
    "a nonce that is none": "UPDATE statements SET nonce=x''",
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_a_changed_row_is_told(store, keys, tampering):
    ((_, commitment),) = put(store, keys, ONE)
    change(store, TAMPERING[tampering])
    with pytest.raises(IntegrityError, match="statement_damaged"):
        store.get(commitment)


def test_two_rows_of_one_subject_cannot_change_places(store, keys):
    (_, first), (_, second) = put(store, keys, ONE, ONE)
    change(store, "UPDATE statements SET sha256=randomblob(32) WHERE id=2")
    change(store, "UPDATE statements SET sha256=? WHERE id=1", bytes.fromhex(second.sha256))
    with pytest.raises(IntegrityError, match="statement_damaged"):
        store.get(second)
    with pytest.raises(IntegrityError, match="statement_missing"):
        store.get(first)


def test_a_row_under_the_right_key_with_other_plain_bytes_is_told(store, keys):
    commitment = Commitment(ONE, sha256(b"what the entry says").hexdigest())
    store.put([Unsealed(0, commitment, b"something else")], keys.make([ONE]))
    with pytest.raises(IntegrityError, match="statement_damaged"):
        store.get(commitment)


def test_a_batch_is_kept_whole_or_not_at_all(store, keys):
    ((statement, commitment),) = put(store, keys, ONE)
    other = Unsealed(8, Commitment(TWO, "22" * 32), b"{}")
    again = Unsealed(8, commitment, encode_statement(statement))
    with pytest.raises(VaultUnavailableError, match="database_failed"):
        store.put([other, again], keys.make([ONE, TWO]))
    assert list(store.commitments()) == [(7, commitment)]


def test_the_audit_can_place_every_statement(store, keys, monkeypatch):
    monkeypatch.setattr("vault.statements._PAGE_ROWS", 2)
    kept = put(store, keys, ONE, TWO, ONE, TWO, ONE)
    assert list(store.commitments()) == [(7, commitment) for _, commitment in kept]


def test_a_statement_survives_the_process(store, keys):
    ((statement, commitment),) = put(store, keys, ONE)
    again = StatementStore(store.path, keys)
    assert again.get(commitment) == statement
    again.close()

"""Secrets are random, durable, nobody else's, and never made twice."""

import sqlite3
from hashlib import sha256

import pytest

from evidence.errors import MalformedError, UsageError, VaultUnavailableError
from evidence.note import open_note, sign_note
from vault.keys import (
    FileKeys,
    load_signer,
    load_station_secret,
    make_signing_key,
    make_station_secret,
    pseudonym,
)

ONE, TWO = "s:" + "1" * 64, "s:" + "2" * 64


@pytest.fixture
def keys(tmp_path):
    FileKeys.create(tmp_path / "keys.sqlite")
    made = FileKeys(tmp_path / "keys.sqlite")
    yield made
    made.close()


def test_a_subject_has_no_key_before_one_is_made(keys):
    assert keys.key(ONE) is None


def test_each_subject_has_a_key_of_its_own_and_keeps_it(keys):
    made = keys.make([ONE, TWO])
    assert keys.make([TWO, ONE]) == made
    assert len(set(made.values())) == 2
    assert {len(key) for key in made.values()} == {32}
    assert keys.key(ONE) == made[ONE]


def test_a_subject_named_twice_in_a_batch_gets_one_key(keys):
    assert keys.make([ONE, ONE]) == {ONE: keys.key(ONE)}


def test_a_key_survives_the_process(keys):
    made = keys.make([ONE])
    again = FileKeys(keys.path)
    assert again.key(ONE) == made[ONE]
    again.close()


def test_no_batch_without_a_missing_key_waits_for_the_disk(keys):
    keys.make([ONE])
    written = keys.path.with_name("keys.sqlite-wal").stat().st_size
    keys.make([ONE])
    assert keys.path.with_name("keys.sqlite-wal").stat().st_size == written


def test_a_key_that_is_deleted_leaves_no_copy_in_a_free_page(keys):
    key = keys.make([ONE])[ONE]
    keys.close()
    assert key in keys.path.read_bytes()
    again = FileKeys(keys.path)
    again._connection.execute("DELETE FROM keys")
    again.close()
    assert key not in keys.path.read_bytes()


def test_a_key_store_that_others_can_read_is_refused(keys):
    keys.path.chmod(0o640)
    with pytest.raises(VaultUnavailableError, match="secret_exposed"):
        FileKeys(keys.path)


def test_a_key_of_another_length_is_never_used(keys):
    keys.make([ONE])
    keys._connection.execute("UPDATE keys SET key='short'")
    with pytest.raises(VaultUnavailableError, match="secret_damaged"):
        keys.key(ONE)


def test_a_missing_key_store_is_never_made_silently(tmp_path):
    with pytest.raises(VaultUnavailableError, match="secret_missing"):
        FileKeys(tmp_path / "keys.sqlite")


def test_a_key_store_that_is_locked_by_another_is_told(keys, monkeypatch):
    monkeypatch.setattr("vault.database.BUSY_TIMEOUT_S", 0.0)
    short = FileKeys(keys.path)
    other = sqlite3.connect(keys.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(VaultUnavailableError, match="database_failed"):
        short.make([ONE])
    other.close()
    short.close()


def test_a_signing_key_is_made_once_and_signs(tmp_path):
    path = tmp_path / "signing.key"
    make_signing_key(path)
    first = path.read_bytes()
    with pytest.raises(UsageError, match="signing_key_exists"):
        make_signing_key(path)
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o600
    signer = load_signer(path, "test.example/dock/1/1")
    assert open_note(sign_note("text\n", signer), [signer.verifier]) == "text\n"


@pytest.mark.parametrize("damage", [b"", b"not base64!\n", b"AAAA\n", b"\xff" * 44, b"A" * 300])
def test_a_damaged_signing_key_is_refused(tmp_path, damage):
    path = tmp_path / "signing.key"
    path.touch(mode=0o600)
    path.write_bytes(damage)
    with pytest.raises(VaultUnavailableError, match=r"secret_damaged|file_too_large"):
        load_signer(path, "test.example/dock/1/1")


def test_a_signing_key_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "signing.key"
    make_signing_key(path)
    path.chmod(0o644)
    with pytest.raises(VaultUnavailableError, match="secret_exposed"):
        load_signer(path, "test.example/dock/1/1")


def test_the_station_secret_is_made_once(tmp_path):
    path = tmp_path / "station.secret"
    make_station_secret(path)
    secret = load_station_secret(path)
    make_station_secret(path)
    assert load_station_secret(path) == secret
    assert len(secret) == 32
    path.write_bytes(secret[:31])
    with pytest.raises(VaultUnavailableError, match="secret_damaged"):
        load_station_secret(path)


def test_a_pseudonym_is_the_hmac_of_rfc_2104():
    secret, text = b"k" * 32, "A1234567"
    inner = sha256(bytes(0x36 ^ byte for byte in secret.ljust(64, b"\0")) + text.encode())
    outer = sha256(bytes(0x5C ^ byte for byte in secret.ljust(64, b"\0")) + inner.digest())
    assert pseudonym(secret, "r", text) == f"r:{outer.hexdigest()}"


@pytest.mark.parametrize("kind", ["", "R", "rr", ":"])
def test_a_pseudonym_of_no_kind_is_refused(kind):
    with pytest.raises(MalformedError, match="id_malformed"):
        pseudonym(b"k" * 32, kind, "A1234567")

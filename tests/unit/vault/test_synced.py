"""What the vault calls durable has been synced, in an order in which no power cut takes all."""

import errno
import hashlib
import os
import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence.codec import encode_statement
from evidence.disposal import Tombstone
from evidence.entry import Commitment, Statement
from evidence.errors import FsyncFailedError
from vault.durable import Syncs
from vault.keys import FileKeys
from vault.objects import LocalObjects
from vault.remover import LocalRemover
from vault.staged import ALIGN_BYTES, read_past_cache
from vault.statements import StatementStore, Unsealed

KEY = "ab" * 16
CONTENT = b"evidence" * 5000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def journal(monkeypatch, tmp_path):
    """Names below the vault in the order in which they are synced, and removed."""
    told = []
    sync, unlink = os.fsync, os.unlink

    def synced(descriptor):
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        told.append("sync " + os.path.relpath(path, tmp_path))
        sync(descriptor)

    def unlinked(path, **options):
        told.append("unlink " + os.path.relpath(path, tmp_path))
        unlink(path, **options)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "unlink", unlinked)
    return told


def staged_in(objects, content=CONTENT):
    staged = objects.stage(KEY, expected_size=len(content))
    staged.append(content)
    return staged


def test_a_staged_file_and_its_name_are_synced(tmp_path, journal):
    staged = staged_in(LocalObjects(tmp_path, reserve_bytes=0))
    journal.clear()
    staged.sync()
    assert journal == [f"sync staging/{KEY}", "sync staging"]
    staged.close()


def test_an_object_is_durable_before_its_staged_name_goes(tmp_path, journal):
    objects = LocalObjects(tmp_path, reserve_bytes=0)
    staged = staged_in(objects)
    staged.sync()
    journal.clear()
    objects.place(staged, SHA)
    folder = f"objects/{SHA[:2]}"
    assert f"sync {folder}" in journal
    assert journal.index(f"sync {folder}") < journal.index(f"unlink staging/{KEY}")
    assert journal.index("sync objects") < journal.index(f"sync {folder}")


def test_after_a_sync_that_failed_there_is_no_other(tmp_path, monkeypatch):
    asked = []

    def failing(descriptor):
        asked.append(descriptor)
        raise OSError(errno.EIO, "planted")

    syncs = Syncs()
    with (tmp_path / "one").open("wb") as file:
        monkeypatch.setattr(os, "fsync", failing)
        with pytest.raises(FsyncFailedError):
            syncs.file(file.fileno(), tmp_path / "one")
        monkeypatch.undo()
        monkeypatch.setattr(os, "fsync", asked.append)
        for again in (
            lambda: syncs.file(file.fileno(), tmp_path),
            lambda: syncs.directory(tmp_path),
        ):
            with pytest.raises(FsyncFailedError):
                again()
    assert len(asked) == 1


def test_a_short_direct_write_is_completed(tmp_path, monkeypatch):
    write = os.pwrite

    def short(descriptor, view, offset):
        # Both kinds: one that ends at a block, and one that does not.
        return write(
            descriptor, view[: 3 * ALIGN_BYTES] if len(view) % 2 == 0 else view[:1], offset
        )

    monkeypatch.setattr(os, "pwrite", short)
    staged = staged_in(LocalObjects(tmp_path, reserve_bytes=0), content := os.urandom(100_001))
    staged.sync()
    assert b"".join(staged.read_back()) == content
    staged.close()


def test_the_page_cache_is_dropped_before_reading_back(tmp_path, monkeypatch):
    """Where direct reads are refused, the medium is asked only once its cached pages are gone."""
    path, told = tmp_path / "file", []
    path.write_bytes(CONTENT)
    advise, read = os.posix_fadvise, os.preadv

    def advised(descriptor, offset, length, advice):
        told.append((offset, length, advice))
        advise(descriptor, offset, length, advice)

    def seen(*arguments):
        told.append("read")
        return read(*arguments)

    monkeypatch.setattr(os, "posix_fadvise", advised)
    monkeypatch.setattr(os, "preadv", seen)
    monkeypatch.setattr("vault.staged._set_direct", lambda _descriptor, *, on: on and False)
    assert b"".join(read_past_cache(path)) == CONTENT
    assert told[:2] == [(0, 0, os.POSIX_FADV_DONTNEED), "read"]


def test_a_statement_is_bound_to_its_subject_and_its_commitment(tmp_path):
    """The associated data is what the format says: no other reader of ours would open it."""
    FileKeys.create(tmp_path / "keys")
    StatementStore.create(tmp_path / "statements")
    keys = FileKeys(tmp_path / "keys")
    store = StatementStore(tmp_path / "statements", keys)
    subject = "s:" + "1" * 64
    plain = encode_statement(Statement(subject, "ab" * 32, {"officer": "000001"}))
    commitment = Commitment(subject, hashlib.sha256(plain).hexdigest())
    made = keys.make([subject])
    store.put([Unsealed(1, commitment, plain)], made)
    connection = sqlite3.connect(store.path)
    ((nonce, sealed),) = connection.execute("SELECT nonce, sealed FROM statements").fetchall()
    connection.close()
    bound = b"\0".join([b"dockseal statement v1", subject.encode(), commitment.sha256.encode()])
    assert AESGCM(made[subject]).decrypt(nonce, sealed, bound) == plain
    store.close()
    keys.close()


@pytest.mark.parametrize("there", [True, False], ids=["there", "gone already"])
def test_what_was_removed_stays_removed_whoever_was_cut_before(tmp_path, journal, there):
    """Where nothing is there, another run may have been cut between the removal and its sync."""
    vault = LocalObjects(tmp_path, reserve_bytes=0)
    vault.put(CONTENT)
    folder = tmp_path / "objects" / SHA[:2]
    if not there:
        (folder / SHA).unlink()
    journal.clear()
    answer = LocalRemover(tmp_path).remove(Tombstone(f"s:{SHA}", 7, "x:" + "d" * 32))
    assert answer == ("removed" if there else "absent")
    assert journal[-1] == f"sync objects/{SHA[:2]}"

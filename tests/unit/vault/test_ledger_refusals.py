"""When lock and tree tell two histories, nothing is signed and nothing is repaired."""

import shutil
import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import (
    EvidenceError,
    IntegrityError,
    LedgerForkError,
    LedgerUnavailableError,
    MalformedError,
    ObjectConflictError,
    ProofError,
    UsageError,
    VaultUnavailableError,
)
from tests.fakes.clock import FixedClock
from tests.unit.vault.ledgers import (
    FOUNDING,
    Breaker,
    check_tree,
    create,
    draft,
    new_docking,
    reopen,
    young,
)
from vault.founding import Founding
from vault.ledger import LedgerStore
from vault.places import places_of


@pytest.fixture
def home(tmp_path):
    """A ledger of 300 entries, closed."""
    store = young(tmp_path / "home")
    store.append([draft()] * 200)
    store.append([draft()] * 99)
    store.close()
    return tmp_path / "home"


@pytest.fixture
def places(home):
    return places_of(home)


@contextmanager
def refused(home, error, word):
    """Hold that the block's damage is refused, and that refusing changed nothing."""
    yield
    before = contents(home)
    with pytest.raises(error) as told:
        reopen(home)
    assert told.value.word == word
    assert contents(home) == before


def contents(home):
    """Every byte of the home; SQLite's shared memory comes and goes."""
    found = (path for path in home.rglob("*") if path.is_file() and "-" not in path.suffix)
    return {path: path.read_bytes() for path in found}


def copy(home, to):
    shutil.copytree(home, to)
    return to


def grown(home, size):
    store = reopen(home)
    store.append([draft((new_docking(),)) for _ in range(size)])
    store.close()


def test_a_tree_that_was_put_back_from_a_backup_is_refused(home, places, tmp_path):
    backup = copy(places.ledger, tmp_path / "backup")
    grown(home, 5)
    with refused(home, LedgerForkError, "ledger_staging_missing"):
        shutil.rmtree(places.ledger)
        backup.rename(places.ledger)


def test_a_lock_that_was_put_back_from_a_backup_is_refused(home, places, tmp_path):
    backup = shutil.copy(places.lock, tmp_path / "lock")
    grown(home, 5)
    with refused(home, LedgerForkError, "ledger_lock_behind"):
        shutil.copy(backup, places.lock)


def test_a_second_branch_of_the_same_size_is_refused(home, places, tmp_path):
    other = copy(home, tmp_path / "other")
    grown(home, 5)
    grown(other, 5)
    with refused(home, LedgerForkError, "ledger_forked"):
        shutil.copy(places_of(other).ledger / "checkpoint", places.ledger / "checkpoint")


def test_a_missing_lock_is_refused_and_never_made_again(home, places):
    with refused(home, LedgerForkError, "ledger_lock_missing"):
        places.lock.unlink()
    assert not places.lock.exists()


def test_the_lock_may_lie_outside_the_home_and_is_asked_there(tmp_path):
    home, lock = tmp_path / "home", tmp_path / "medium" / "lock.sqlite"
    lock.parent.mkdir()
    places = places_of(home, lock)
    LedgerStore.create(places, FOUNDING, FixedClock()).close()
    assert lock.exists()
    assert not (places.private / "lock.sqlite").exists()
    with pytest.raises(LedgerForkError, match="ledger_lock_missing"):
        reopen(home)  # whoever forgets where it is has no ledger


def test_a_signed_batch_whose_staging_is_gone_is_refused(home, places):
    steps = Breaker(step="ledger.lock", applied=True)
    store = reopen(home, steps=steps)
    with pytest.raises(LedgerUnavailableError):
        store.append([draft()])
    store.close()
    with refused(home, LedgerForkError, "ledger_staging_missing"):
        for path in places.staging.iterdir():
            path.unlink()


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def flip(path):
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def lead_outside(path):
    path.rename(path.with_name(path.name.replace(",0,", ",..,")))


def say_too_many(path):
    path.rename(path.with_name(path.name.replace(".2.", ".3.")))


DAMAGED_STAGING = {
    "a tile cut": ("tile,0,001.p,45", cut, "tile_length"),
    "a bundle cut": ("tile,entries,001.p,45", cut, "bundle_length"),
    "a bit of a tile": ("tile,0,001.p,45", flip, "ledger_tiles_differ"),
    "a bit of a bundle": ("tile,entries,001.p,45", flip, "ledger_tiles_differ"),
    "a path outside": ("tile,0,001.p,45", lead_outside, "tile_path"),
    "another count": ("tile,0,001.p,45", say_too_many, "ledger_staging_missing"),
    "a bundle gone": ("tile,entries,001.p,45", Path.unlink, "ledger_staging_missing"),
}


@pytest.mark.parametrize("fault", DAMAGED_STAGING)
def test_a_damaged_staging_is_refused(home, places, fault):
    tile, damage, word = DAMAGED_STAGING[fault]
    steps = Breaker(step="ledger.lock", applied=True)
    store = reopen(home, steps=steps)
    with pytest.raises(LedgerUnavailableError):
        store.append([draft()])
    store.close()
    (staged,) = places.staging.glob(f"*.{tile}")
    damage(staged)
    with pytest.raises(IntegrityError, match=word):
        reopen(home)


def test_other_bytes_under_the_name_of_a_staged_tile_are_refused(home, places):
    steps = Breaker(step="ledger.lock", applied=True)
    store = reopen(home, steps=steps)
    with pytest.raises(LedgerUnavailableError):
        store.append([draft()])
    store.close()
    (places.ledger / "tile" / "entries" / "001.p" / "45").write_bytes(b"other")
    with pytest.raises(ObjectConflictError, match="object_conflict"):
        reopen(home)
    assert (places.ledger / "tile" / "entries" / "001.p" / "45").read_bytes() == b"other"


DAMAGED = {
    "a tile cut": ("tile/0/001.p/44", lambda data: data[:-1], "tile_length"),
    "a tile swapped": ("tile/0/001.p/44", lambda data: data[32:] + data[:32], "differ"),
    "a tile of level 1 changed": ("tile/1/000.p/1", lambda _: bytes(32), "differ"),
    "the last entry changed": ("tile/entries/001.p/44", lambda data: data[:-1] + b"!", "differ"),
    "the last bundle cut": ("tile/entries/001.p/44", lambda data: data[:-1], "bundle_length"),
    "the last bundle gone": ("tile/entries/001.p/44", None, "ledger_file_missing"),
    "the last tile gone": ("tile/0/001.p/44", None, "ledger_file_missing"),
    "a checkpoint unsigned": ("checkpoint", lambda data: data[:-9] + b"AAAA====\n", "base64"),
    "a checkpoint changed": ("checkpoint", lambda data: data.replace(b"300", b"299"), "wrong"),
    "a checkpoint emptied": ("checkpoint", lambda _: b"", "note_malformed"),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_right_edge_is_seen_at_the_start(home, places, fault):
    name, damage, word = DAMAGED[fault]
    path = places.ledger / name
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    with pytest.raises(IntegrityError, match=word):
        reopen(home)


@pytest.mark.parametrize(
    "sql",
    ["UPDATE head SET size=301", "UPDATE head SET size=400, root=zeroblob(32)"],
)
def test_a_lock_whose_row_is_not_what_it_signed_is_refused(home, places, sql):
    connection = sqlite3.connect(places.lock)
    with connection:
        connection.execute(sql)
    connection.close()
    with pytest.raises(LedgerForkError, match="ledger_lock_damaged"):
        reopen(home)


@pytest.mark.parametrize("note", ["text", "test.example/dock/station-1/1\n300\nAAAA\n\n"])
def test_a_lock_without_a_signed_note_is_refused(home, places, note):
    connection = sqlite3.connect(places.lock)
    with connection:
        connection.execute("UPDATE head SET size=size+1, note=?", (note,))
    connection.close()
    with pytest.raises(EvidenceError) as told:
        reopen(home)
    assert isinstance(told.value, IntegrityError | UsageError)


def test_a_second_writer_is_refused_while_the_first_lives(home):
    store = reopen(home)
    with pytest.raises(LedgerUnavailableError, match="ledger_busy"):
        reopen(home)
    store.close()
    reopen(home).close()


def test_a_writer_behind_our_back_is_found_at_the_next_batch(home, places):
    """The writer's lock was taken away by hand: the compare-and-swap still holds."""
    store = reopen(home)
    places.writer.unlink()
    other = reopen(home)
    other.append([draft()])
    with pytest.raises(LedgerForkError, match="ledger_index_ahead"):
        store.append([draft()])
    with pytest.raises(LedgerUnavailableError, match="ledger_outcome_unknown"):
        store.append([draft((new_docking(),))])
    assert isinstance(store.stopped, LedgerForkError)
    assert len(check_tree(home)) == 301
    other.close()
    store.close()


def test_the_lock_of_another_ledger_is_refused(home, places, tmp_path):
    other = replace(FOUNDING, origin="test.example/dock/station-2/1")
    LedgerStore.create(places_of(tmp_path / "other"), other, FixedClock()).close()
    with refused(home, UsageError, "origin_differs"):
        shutil.copy(places_of(tmp_path / "other").lock, places.lock)


@pytest.mark.usefixtures("home")
def test_another_origin_than_the_ledgers_is_refused(places):
    founding = Founding("test.example/dock/station-2/1", "station-2", "test 1")
    with pytest.raises(UsageError, match="origin_differs"):
        LedgerStore.open(places, founding, FixedClock())


def test_another_signing_key_is_refused(home, places, tmp_path):
    create(tmp_path / "other").close()
    with refused(home, VaultUnavailableError, "vkey_differs"):
        shutil.copy(places_of(tmp_path / "other").signing_key, places.signing_key)


def test_another_signing_key_with_its_own_vkey_is_refused(home, places, tmp_path):
    create(tmp_path / "other").close()
    others = places_of(tmp_path / "other")
    with refused(home, ProofError, "note_unsigned"):
        shutil.copy(others.signing_key, places.signing_key)
        shutil.copy(others.vkey, places.vkey)


def test_a_ledger_is_founded_once(home):
    with pytest.raises(UsageError, match="ledger_exists"):
        create(home)


def test_where_nothing_was_founded_nothing_is_opened_or_made(tmp_path):
    with pytest.raises(UsageError, match="ledger_missing"):
        reopen(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_ledger_is_founded_over_a_tree_that_lost_its_lock(home, places):
    places.vkey.unlink()
    places.lock.unlink()
    with pytest.raises(LedgerForkError, match="ledger_lock_missing"):
        create(home)


def test_a_ledger_that_lost_its_vkey_is_not_founded_again(home, places):
    places.vkey.unlink()
    with pytest.raises(LedgerForkError, match="ledger_vkey_missing"):
        create(home)


@pytest.mark.parametrize("station", ["", "../x", "a b", "站"])
def test_a_station_that_cannot_stand_in_an_entry_founds_nothing(station):
    with pytest.raises(MalformedError, match="station_malformed"):
        Founding("test.example/dock/x/1", station, "test 1")

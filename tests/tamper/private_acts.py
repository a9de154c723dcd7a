"""What root can do to statements, keys, secrets, lock database, index and catalogue at rest."""

import secrets
import shutil
from dataclasses import replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from custody.configuration import declare
from evidence.ids import configuration_id
from tests.fakes.house import FOUNDING
from tests.tamper.acts import Act, At, act
from tests.tamper.forge import Forger
from tests.tamper.homes import later
from vault.keys import load_signer, make_signing_key

STATEMENTS, KEYS = "private/statements.sqlite", "private/keys.sqlite"
LOCK, INDEX = "private/lock.sqlite", "private/index.sqlite"
CATALOGUE = "catalogue.sqlite"
OTHER = "d:" + "0d" * 16
SETTINGS = {"ingest.seam_tolerance_ms": 1500, "vault.sm3": False}


def change(home, name, sql, *values):
    """Change a database by hand; at least one row must be hit."""
    with home.database(name) as connection:
        assert connection.execute(sql, values).rowcount > 0


def stated(home, kind="segment.sealed"):
    return home.entries(kind)[0]


def blob(entry):
    return bytes.fromhex(entry.statement.sha256)


def of(entry):
    return At(entry.seq, entry.statement.of)


# --- statements -------------------------------------------------------------------------------


@act("statement_missing", "catalogue_differs")
def a_statement_is_removed(home):
    entry = stated(home)
    change(home, STATEMENTS, "DELETE FROM statements WHERE sha256=?", blob(entry))
    return of(entry)


@act("statement_damaged", "catalogue_differs")
def two_statements_change_places(home):
    first, second = home.entries("segment.sealed")[:2]
    with home.database(STATEMENTS) as connection:
        select = "SELECT nonce, sealed FROM statements WHERE sha256=?"
        rows = [connection.execute(select, (blob(each),)).fetchone() for each in (first, second)]
        for entry, row in zip((second, first), rows, strict=True):
            update = "UPDATE statements SET nonce=?, sealed=? WHERE sha256=?"
            connection.execute(update, (*row, blob(entry)))
    return of(first)


@act("statement_damaged", "catalogue_differs")
def a_statement_is_encrypted_anew_with_other_words(home):
    entry = stated(home, "docking.opened")
    commitment = entry.statement
    with home.opened() as store:
        plain = store._statements.get(commitment)
    with home.database(KEYS) as connection:
        select = "SELECT key FROM keys WHERE subject=?"
        key = connection.execute(select, (commitment.of,)).fetchone()[0]
    nonce = secrets.token_bytes(12)
    binding = b"\0".join(
        (b"dockseal statement v1", commitment.of.encode(), commitment.sha256.encode())
    )
    words = str(plain.facts).encode()
    sealed = AESGCM(key).encrypt(nonce, words, binding)
    update = "UPDATE statements SET nonce=?, sealed=? WHERE sha256=?"
    change(home, STATEMENTS, update, nonce, sealed, blob(entry))
    return of(entry)


@act("statement_misplaced")
def a_statement_is_said_to_be_of_another_entry(home):
    entry = stated(home)
    change(home, STATEMENTS, "UPDATE statements SET seq=seq+1 WHERE sha256=?", blob(entry))
    return At(entry.seq)


@act("statement_misplaced")
def a_statement_is_said_to_be_of_another_subject(home):
    entry = stated(home)
    change(home, STATEMENTS, "UPDATE statements SET of=? WHERE sha256=?", OTHER, blob(entry))
    return At(entry.seq)


@act("statements_unlisted")
def a_statement_gets_a_number_that_no_reader_takes(home):
    entry = stated(home)
    change(home, STATEMENTS, "UPDATE statements SET id=? WHERE sha256=?", 2**62, blob(entry))
    return At()


@act("statement_missing", "catalogue_differs")
def all_statements_are_removed(home):
    change(home, STATEMENTS, "DELETE FROM statements")
    return of(stated(home))


@act("ledger_refuses")
def the_store_of_statements_is_removed(home):
    (home.path / STATEMENTS).unlink()
    return At()


@act("statement_damaged", "catalogue_differs statements_unlisted")
def the_pages_of_the_store_of_statements_are_garbage(home):
    path = home.path / STATEMENTS
    content = path.read_bytes()
    path.write_bytes(content[:4096] + bytes(len(content) - 4096))
    return of(stated(home))


# --- keys and secrets -------------------------------------------------------------------------


@act("key_missing", "catalogue_differs")
def the_key_of_a_subject_is_removed(home):
    entry = stated(home)
    change(home, KEYS, "DELETE FROM keys WHERE subject=?", entry.statement.of)
    return of(entry)


@act("statement_damaged", "catalogue_differs")
def the_key_of_a_subject_is_changed(home):
    entry = stated(home)
    update = "UPDATE keys SET key=? WHERE subject=?"
    change(home, KEYS, update, bytes(32), entry.statement.of)
    return of(entry)


@act("statement_damaged", "catalogue_differs")
def the_key_of_a_subject_is_cut(home):
    entry = stated(home)
    update = "UPDATE keys SET key=substr(key, 2) WHERE subject=?"
    change(home, KEYS, update, entry.statement.of)
    return of(entry)


@act("ledger_refuses")
def the_key_store_is_removed(home):
    (home.path / KEYS).unlink()
    return At()


@act("ledger_refuses")
def the_key_store_is_opened_to_others(home):
    (home.path / KEYS).chmod(0o644)
    return At()


@act("ledger_refuses")
def the_signing_key_is_removed(home):
    home.places.signing_key.unlink()
    return At()


@act("ledger_refuses")
def the_signing_key_is_exchanged(home):
    home.places.signing_key.unlink()
    make_signing_key(home.places.signing_key)
    return At()


@act("recorder_differs")
def the_station_secret_is_exchanged(home):
    home.places.station_secret.write_bytes(bytes(32))
    entry = stated(home, "docking.opened")
    return At(entry.seq, next(each for each in entry.about if each.startswith("r:")))


@act("ledger_refuses")
def the_station_secret_is_removed(home):
    home.places.station_secret.unlink()
    return At()


@act("signature_wrong", "ledger_refuses start_wrong")
def the_verifier_key_is_exchanged(home):
    other = home.path / "other.key"
    make_signing_key(other)
    key = load_signer(other, FOUNDING.origin).verifier
    home.paths.vkey.write_text(f"{key.text}\n")
    return At()


# --- the lock database ------------------------------------------------------------------------


@act("ledger_refuses")
def the_lock_database_is_removed(home):
    (home.path / LOCK).unlink()
    return At()


@act("ledger_refuses")
def the_lock_database_is_put_back(home):
    shutil.copy(home.older / LOCK, home.path / LOCK)
    return At()


def rewrite_lock(home, column, value):
    """Change the one row, past the triggers that would not have it."""
    with home.database(LOCK) as connection:
        connection.execute("DROP TRIGGER head_grows")
        connection.execute("DROP TRIGGER head_stays")
        connection.execute(f"UPDATE head SET {column}=?", (value,))  # noqa: S608 - of this module


@act("ledger_refuses")
def the_size_in_the_lock_database_is_changed(home):
    rewrite_lock(home, "size", 1)
    return At()


@act("ledger_refuses")
def the_root_in_the_lock_database_is_changed(home):
    rewrite_lock(home, "root", bytes(32))
    return At()


@act("ledger_refuses")
def the_note_in_the_lock_database_is_changed(home):
    rewrite_lock(home, "note", b"all is well\n")
    return At()


@act("ledger_refuses")
def the_row_of_the_lock_database_is_removed(home):
    with home.database(LOCK) as connection:
        connection.execute("DROP TRIGGER head_stays")
        connection.execute("DELETE FROM head")
    return At()


@act("ledger_refuses")
def the_lock_database_is_garbage(home):
    (home.path / LOCK).write_bytes(b"garbage" * 1000)
    return At()


# --- the index --------------------------------------------------------------------------------


def subject(home):
    return f"s:{stated(home).body['sha256']}"


@act("index_differs")
def a_subject_of_the_index_points_at_an_older_entry(home):
    name = subject(home)
    change(home, INDEX, "UPDATE subjects SET last=0 WHERE subject=?", name)
    return At(None, name)


@act("index_differs")
def a_subject_is_taken_out_of_the_index(home):
    name = subject(home)
    change(home, INDEX, "DELETE FROM subjects WHERE subject=?", name)
    return At(None, name)


@act("index_invents")
def the_index_knows_a_subject_that_the_ledger_does_not(home):
    change(home, INDEX, "INSERT INTO subjects VALUES (?, 3)", OTHER)
    return At()


@act("index_unreadable")
def the_pages_of_the_index_are_garbage(home):
    with home.database(INDEX) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name='subjects'")
        page = root.fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    path = home.path / INDEX
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)
    return At()


# --- the catalogue ----------------------------------------------------------------------------


@act("catalogue_differs")
def a_row_of_the_catalogue_is_changed(home):
    entry = stated(home)
    change(home, CATALOGUE, "UPDATE segments SET size=1 WHERE entry=?", entry.seq)
    return At(entry.seq)


@act("catalogue_differs")
def a_name_in_the_catalogue_is_changed(home):
    entry = stated(home)
    change(home, CATALOGUE, "UPDATE sighting_private SET officer='9' WHERE entry=?", entry.seq)
    return At(entry.seq)


@act("catalogue_differs")
def a_row_of_the_catalogue_is_removed(home):
    entry = stated(home)
    change(home, CATALOGUE, "DELETE FROM segments WHERE entry=?", entry.seq)
    return At(entry.seq)


@act("catalogue_differs")
def a_row_is_added_to_the_catalogue(home):
    insert = "INSERT INTO seams (entry, n, docking, kind) VALUES (20, 0, ?, 'contiguous')"
    change(home, CATALOGUE, insert, OTHER)
    return At(20)


@act("catalogue_differs")
def a_row_of_an_entry_to_come_is_added_to_the_catalogue(home):
    insert = "INSERT INTO seams (entry, n, docking, kind) VALUES (?, 0, ?, 'contiguous')"
    change(home, CATALOGUE, insert, 10**9, OTHER)
    return At(10**9)


@act("catalogue_differs")
def a_value_of_another_kind_is_put_into_the_catalogue(home):
    entry = stated(home)
    change(home, CATALOGUE, "UPDATE segments SET size='many' WHERE entry=?", entry.seq)
    return At(entry.seq)


@act("catalogue_unreadable")
def the_catalogue_says_that_it_is_ahead(home):
    change(home, CATALOGUE, "UPDATE meta SET applied=applied+5")
    return At()


@act("catalogue_unreadable")
def the_catalogue_says_that_it_is_behind(home):
    change(home, CATALOGUE, "UPDATE meta SET applied=applied-5")
    return At()


@act("catalogue_unreadable")
def a_table_of_the_catalogue_is_removed(home):
    with home.database(CATALOGUE) as connection:
        connection.execute("DROP TABLE sightings")
    return At()


@act("catalogue_unreadable")
def the_catalogue_is_garbage(home):
    (home.path / CATALOGUE).write_bytes(b"garbage" * 1000)
    return At()


# --- configuration and clock ------------------------------------------------------------------


@act("configuration_differs")
def the_configuration_names_another_station(home):
    origin = FOUNDING.origin.replace("station-1", "station-2")
    home.founding = replace(FOUNDING, origin=origin, station="station-2")
    return At()


@act("ledger_refuses")
def the_configuration_names_another_lock_database(home):
    home.lock = home.path / "elsewhere.sqlite"
    return At()


@act("configuration_undeclared")
def a_tolerance_is_changed_that_the_ledger_has_otherwise(home):
    with home.opened() as store:
        index = declare(SETTINGS, "dockseal test", FOUNDING.station, store)
    home.settings = {**SETTINGS, "ingest.seam_tolerance_ms": 60_000}
    return At(index, configuration_id(FOUNDING.station))


@act("body_malformed")
def a_change_of_the_configuration_is_written_down_as_another(home):
    with home.opened() as store:
        declare(SETTINGS, "dockseal test", FOUNDING.station, store)
        index = declare({**SETTINGS, "vault.sm3": True}, "dockseal test", FOUNDING.station, store)
    forger = Forger(home)
    forger.change_body(index, changed=["limits.max_depth"])
    forger.put_back()
    return At(index)


@act("from_the_future", "audit_unrecorded")
def the_clock_is_set_back(home):
    home.clock = later(-24)
    return At(0)


@act("audit_unrecorded", "from_the_future")
def the_clock_is_set_back_so_that_nothing_is_written_any_more(home):
    the_clock_is_set_back.do(home)
    return At()


ACTS = tuple(each for each in vars().values() if isinstance(each, Act))

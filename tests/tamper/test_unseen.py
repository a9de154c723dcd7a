"""What cannot be seen from inside a home: the audit says so, and a kept checkpoint sees it.

And what is harmless: what is made again at the next start, and what nothing rests on.
"""

import secrets
import shutil
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence.codec import encode_statement
from evidence.errors import LedgerForkError, MalformedError, UsageError
from evidence.merkle import leaf_hash, root_hash
from tests.tamper import vault_acts
from tests.tamper.forge import Forger
from tests.tamper.private_acts import INDEX, KEYS, OTHER, STATEMENTS
from vault.founding import signed_head
from vault.keys import load_signer, make_signing_key

SAID = {"no_witness", "no_known_checkpoint"}


@pytest.fixture
def kept(home, tmp_path):
    """The checkpoint that an auditor took along before anything was done."""
    path = tmp_path / "kept.checkpoint"
    path.write_bytes(home.note)
    return path


def the_whole_home_is_put_back_from_an_older_copy(home):
    shutil.rmtree(home.path)
    shutil.copytree(home.older, home.path)


def history_is_rewritten_and_signed_with_the_stolen_key(home):
    forger = Forger(home)
    index = next(each.seq for each in home.entries("segment.sealed"))
    body = home.entries()[index].body
    times = {"claimed_at": "2026-11-20T02:00:00.000Z", "corrected_at": None}
    forger.change_body(index, sighting={**body["sighting"], **times})
    forger.put_back()


def the_tail_is_cut_off_with_everything_that_it_speaks_of(home):
    forger = Forger(home)
    last = home.entries("segment.sealed")[-1]
    forger.leaves = forger.leaves[: last.seq]
    forger.put_back()
    for name in (last.body["sha256"], last.body["slices"]["sha256"]):
        home.object(name).unlink()


def an_inconvenient_entry_is_taken_out_of_the_end(home):
    forger = Forger(home)
    forger.leaves.pop(-2)
    forger.relink()
    forger.put_back()


def a_statement_is_replaced_with_the_entry_that_commits_to_it(home):
    entry = home.entries("docking.opened")[0]
    old = entry.statement
    with home.opened() as store:
        statement = store._statements.get(old)
    told = {**statement.facts, "officer": "999999"}
    plain = encode_statement(replace(statement, facts=told))
    digest = sha256(plain).hexdigest()
    with home.database(KEYS) as connection:
        select = "SELECT key FROM keys WHERE subject=?"
        key = connection.execute(select, (old.of,)).fetchone()[0]
    nonce = secrets.token_bytes(12)
    binding = b"\0".join((b"dockseal statement v1", old.of.encode(), digest.encode()))
    with home.database(STATEMENTS) as connection:
        update = "UPDATE statements SET sha256=?, nonce=?, sealed=? WHERE sha256=?"
        sealed = AESGCM(key).encrypt(nonce, plain, binding)
        values = (bytes.fromhex(digest), nonce, sealed, bytes.fromhex(old.sha256))
        assert connection.execute(update, values).rowcount == 1
    forger = Forger(home)
    forger.change(entry.seq, statement={"of": old.of, "sha256": digest})
    forger.put_back()


def the_whole_ledger_is_signed_with_a_key_of_somebody_else(home):
    forger = Forger(home)
    home.places.signing_key.unlink()
    make_signing_key(home.places.signing_key)
    forger.signer = load_signer(home.places.signing_key, forger.signer.verifier.name)
    home.places.vkey.write_text(f"{forger.signer.verifier.text}\n")
    forger.change_body(0, vkey=forger.signer.verifier.text)
    forger.put_back()


UNSEEN = {
    the_whole_home_is_put_back_from_an_older_copy: "rolled_back",
    history_is_rewritten_and_signed_with_the_stolen_key: "history_rewritten",
    the_tail_is_cut_off_with_everything_that_it_speaks_of: "rolled_back",
    an_inconvenient_entry_is_taken_out_of_the_end: "rolled_back",
    a_statement_is_replaced_with_the_entry_that_commits_to_it: "history_rewritten",
    the_whole_ledger_is_signed_with_a_key_of_somebody_else: "known_foreign",
}


@pytest.mark.parametrize("spoil", UNSEEN, ids=lambda each: each.__name__)
def test_what_cannot_be_seen_from_inside_is_said(home, spoil):
    spoil(home)
    report = home.audit("slices")
    assert report.findings == ()
    assert set(report.remarks) >= SAID
    assert report.verdicts["witnessed"] == "not_checked"


@pytest.mark.parametrize("spoil", UNSEEN, ids=lambda each: each.__name__)
def test_a_kept_checkpoint_sees_it(home, kept, spoil):
    spoil(home)
    report = home.audit("presence", known=kept)
    assert [each.code for each in report.findings] == [UNSEEN[spoil]]
    assert "no_known_checkpoint" not in report.remarks


def test_a_kept_checkpoint_accuses_nobody_of_growing(home, kept):
    home.audit("presence")
    home.audit("presence")
    report = home.audit("presence", known=kept)
    assert report.clean
    kept.write_text(report.checkpoint)
    assert home.audit("presence", known=kept).clean


def test_statements_of_a_tail_that_was_cut_off_are_remarked(home):
    the_tail_is_cut_off_with_everything_that_it_speaks_of(home)
    assert "stray_statements" in home.audit("presence").remarks


@pytest.mark.parametrize(
    ("spoil", "level", "remark"),
    [
        (vault_acts.an_object_is_cut, "presence", "names_only"),
        (vault_acts.one_bit_of_an_object_is_flipped, "size", "sizes_only"),
    ],
)
def test_what_a_shallow_level_does_not_see_is_said(home, spoil, level, remark):
    spoil.do(home)
    report = home.audit(level)
    assert report.clean
    assert remark in report.remarks


def the_index_is_removed(home):
    (home.path / INDEX).unlink()


def the_index_is_garbage(home):
    (home.path / INDEX).write_bytes(b"garbage" * 1000)


def the_index_says_that_it_is_ahead(home):
    with home.database(INDEX) as connection:
        connection.execute("UPDATE applied SET size=size+5")
        connection.execute("UPDATE subjects SET last=0")


def the_catalogue_is_removed(home):
    home.paths.catalogue.unlink()


@pytest.mark.parametrize(
    "spoil",
    [the_index_is_removed, the_index_is_garbage, the_index_says_that_it_is_ahead,
     the_catalogue_is_removed],
)  # fmt: skip
def test_what_is_made_again_at_the_next_start_is_right_again(home, spoil):
    spoil(home)
    assert home.audit().clean


def a_key_is_added_that_no_statement_needs(home):
    with home.database(KEYS) as connection:
        connection.execute("INSERT INTO keys VALUES (?, ?)", (OTHER, bytes(32)))


def a_batch_lies_in_the_staging_that_nobody_signed(home):
    (home.places.staging / f"400-{'ab' * 32}").write_bytes(b"x")


def bytes_lie_in_the_staging_of_the_vault(home):
    (home.path / "vault/staging" / ("ab" * 16)).write_bytes(b"x")


@pytest.mark.parametrize(
    "spoil",
    [a_key_is_added_that_no_statement_needs, a_batch_lies_in_the_staging_that_nobody_signed,
     bytes_lie_in_the_staging_of_the_vault],
)  # fmt: skip
def test_what_nothing_rests_on_is_not_accused(home, spoil):
    spoil(home)
    assert home.audit().clean


def test_without_a_verifier_key_nothing_is_proven_and_the_audit_refuses(home):
    home.paths.vkey.unlink()
    with pytest.raises(LedgerForkError, match="ledger_vkey_missing"):
        home.audit()
    home.paths.vkey.write_text("all is well\n")
    with pytest.raises(MalformedError, match="vkey_malformed"):
        home.audit()


def test_where_there_is_no_ledger_the_audit_makes_nothing(home):
    shutil.rmtree(home.path)
    with pytest.raises(UsageError, match="ledger_missing"):
        home.audit()
    assert not home.path.exists()


@pytest.mark.parametrize("content", [None, b"", b"all is well\n", b"\xff\n\n", b"a\nb\nc\n\nd\n"])
def test_a_file_that_is_no_checkpoint_proves_nothing_and_is_refused(home, tmp_path, content):
    path = tmp_path / "kept"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match="no_checkpoint_here"):
        home.audit(known=path)


def test_a_checkpoint_that_was_kept_of_another_ledger_convicts(home, tmp_path):
    make_signing_key(tmp_path / "key")
    signer = load_signer(tmp_path / "key", "house.example/dock/station-2/1")
    head = signed_head(signer, 1, root_hash([leaf_hash(b"x")]))
    (tmp_path / "kept").write_bytes(head.note)
    report = home.audit("presence", known=tmp_path / "kept")
    assert [each.code for each in report.findings] == ["known_foreign"]
    assert report.verdicts["signed"] == "no"

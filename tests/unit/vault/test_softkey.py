"""A key in a file signs decisions of the demo; nobody else's file may hold it."""

import pytest

from evidence.approval import check_approval
from evidence.asking import Approval
from evidence.errors import ProofError, UsageError, VaultUnavailableError
from evidence.people import Key
from vault.softkey import load_soft_key, make_soft_key

HEAD = "p:" + "1" * 32
DIGEST = bytes(range(32))


def checked(key, envelope, digest=DIGEST):
    registered = Key(5, HEAD, "software/1", "sign", "", key.public, "")
    approval = Approval(key.fmt, 5, envelope)
    check_approval(approval, registered, digest, (), actor=HEAD, software=True)


def test_what_a_soft_key_signs_verifies_and_nothing_else_does(tmp_path):
    key = make_soft_key(tmp_path / "head.key")
    checked(key, key.envelope(DIGEST))
    with pytest.raises(ProofError, match="approval_signature"):
        checked(key, key.envelope(DIGEST), bytes(32))


def test_a_soft_key_is_the_same_after_it_was_loaded_again(tmp_path):
    key = make_soft_key(tmp_path / "head.key")
    again = load_soft_key(tmp_path / "head.key")
    assert again.public == key.public
    checked(key, again.envelope(DIGEST))


def test_two_keys_differ(tmp_path):
    assert make_soft_key(tmp_path / "a").public != make_soft_key(tmp_path / "b").public


def test_a_key_that_is_there_is_never_made_anew(tmp_path):
    make_soft_key(tmp_path / "head.key")
    with pytest.raises(UsageError, match="signing_key_exists"):
        make_soft_key(tmp_path / "head.key")


def test_a_key_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "head.key"
    make_soft_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(VaultUnavailableError, match="secret_exposed"):
        load_soft_key(path)


@pytest.mark.parametrize("content", [b"", b"AAAA\n", b"no base64"])
def test_a_damaged_key_is_refused(tmp_path, content):
    path = tmp_path / "head.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(VaultUnavailableError, match="secret_damaged"):
        load_soft_key(path)

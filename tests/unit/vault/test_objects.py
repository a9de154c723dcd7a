"""The local vault at the places where a cut or an insider could hurt."""

import hashlib
import os

import pytest

from evidence.errors import DigestMismatchError, VaultUnavailableError
from vault import staged as staged_module
from vault.objects import LocalObjects

KEY = "ab" * 16
CONTENT = b"evidence" * 5000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def objects(tmp_path):
    return LocalObjects(tmp_path, reserve_bytes=0)


def stage(objects, content=CONTENT):
    staged = objects.stage(KEY, expected_size=len(content))
    staged.truncate(0)
    staged.append(content)
    staged.sync()
    return staged


def test_an_object_in_custody_is_read_only(objects, tmp_path):
    objects.place(stage(objects), SHA)
    assert (tmp_path / "objects" / SHA[:2] / SHA).stat().st_mode & 0o222 == 0


def test_a_cut_between_link_and_unlink_never_lets_the_object_be_written_through(objects, tmp_path):
    stage(objects).close()
    target = tmp_path / "objects" / SHA[:2] / SHA
    target.parent.mkdir()
    os.link(tmp_path / "staging" / KEY, target)
    again = objects.stage(KEY, expected_size=1)
    again.append(b"poison")
    again.sync()
    assert target.read_bytes() == CONTENT


def test_a_cut_between_read_only_and_link_leaves_the_key_usable(objects, tmp_path):
    stage(objects).close()
    (tmp_path / "staging" / KEY).chmod(0o444)
    objects.place(stage(objects), SHA)
    assert b"".join(objects.read(SHA)) == CONTENT


def test_a_staging_name_that_is_a_symbolic_link_is_refused(objects, tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"mine")
    (tmp_path / "staging" / KEY).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VaultUnavailableError):
        objects.stage(KEY, expected_size=1)
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"


def test_a_file_system_without_direct_writes_gets_buffered_ones(objects, monkeypatch):
    monkeypatch.setattr(staged_module, "_set_direct", lambda _descriptor, *, on: on and False)
    objects.place(stage(objects), SHA)
    assert b"".join(bytes(view) for view in objects.read_back(SHA)) == CONTENT


def test_a_rotten_roll_is_not_taken_for_stored(objects, tmp_path):
    name = objects.put(b"roll\n")
    path = tmp_path / "objects" / name[:2] / name
    path.chmod(0o644)
    path.write_bytes(b"rot!\n")
    with pytest.raises(DigestMismatchError):
        objects.put(b"roll\n")


def test_names_tell_what_is_none_of_ours(objects, tmp_path):
    objects.place(stage(objects), SHA)
    (tmp_path / "objects" / SHA[:2] / "stray").write_bytes(b"?")
    (tmp_path / "objects" / "loose").write_bytes(b"?")
    assert set(objects.names()) == {SHA, f"{SHA[:2]}/stray", "loose/"}

"""Bytes go under a tombstone, durably, and no other name leads to them afterwards."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from evidence.disposal import Tombstone
from evidence.errors import MalformedError, VaultUnavailableError
from vault.objects import LocalObjects
from vault.remover import STEPS, LocalRemover

FILM, OTHER = b"film " * 1000, b"other " * 1000
DISPOSAL = "x:" + "d" * 32


def tombstone(content):
    return Tombstone(f"s:{sha256(content).hexdigest()}", 7, DISPOSAL)


@pytest.fixture
def objects(tmp_path):
    vault = LocalObjects(tmp_path, reserve_bytes=0)
    vault.put(FILM)
    vault.put(OTHER)
    return vault


def test_the_bytes_go_and_their_neighbours_stay(tmp_path, objects):
    assert LocalRemover(tmp_path).remove(tombstone(FILM)) == "removed"
    assert list(objects.names()) == [sha256(OTHER).hexdigest()]


def test_a_second_removal_finds_nothing_and_is_fine(tmp_path, objects):
    remover = LocalRemover(tmp_path)
    assert list(objects.names())
    assert [remover.remove(tombstone(FILM)) for _ in range(2)] == ["removed", "absent"]
    assert remover.remove(tombstone(b"never here")) == "absent"


def test_what_a_cut_left_in_the_staging_goes_too(tmp_path, objects):
    name = sha256(FILM).hexdigest()
    staged = tmp_path / "staging" / ("a" * 32)
    os.link(tmp_path / "objects" / name[:2] / name, staged)
    (tmp_path / "staging" / ("b" * 32)).write_bytes(b"on its way in")
    assert LocalRemover(tmp_path).remove(tombstone(FILM)) == "removed"
    assert not staged.exists()
    assert (tmp_path / "staging" / ("b" * 32)).exists()
    assert objects.size(name) is None


def test_what_comes_and_goes_in_the_staging_meanwhile_keeps_nothing(tmp_path, objects, monkeypatch):
    name = sha256(FILM).hexdigest()
    staged = tmp_path / "staging" / ("a" * 32)
    os.link(tmp_path / "objects" / name[:2] / name, staged)
    listed = Path.iterdir

    def before(self):
        """List also what a docking has published since."""
        return [*listed(self), self / ("c" * 32)]

    monkeypatch.setattr(Path, "iterdir", before)
    assert LocalRemover(tmp_path).remove(tombstone(FILM)) == "removed"
    assert not staged.exists()
    assert objects.size(name) is None


def test_a_name_that_is_no_digest_leads_nowhere(tmp_path, objects):
    with pytest.raises(MalformedError):
        LocalRemover(tmp_path).remove(Tombstone("s:../../../etc/passwd", 7, DISPOSAL))
    assert len(list(objects.names())) == 2


def test_every_step_is_named_and_a_folder_that_cannot_be_written_is_told(tmp_path, objects):
    name = sha256(FILM).hexdigest()
    os.link(tmp_path / "objects" / name[:2] / name, tmp_path / "staging" / ("a" * 32))
    seen = []

    class Steps:
        def __init__(self, step):
            seen.append(step)

        def __enter__(self):
            return None

        def __exit__(self, *_told):
            return None

    LocalRemover(tmp_path, Steps).remove(tombstone(FILM))
    assert tuple(seen) == STEPS
    other = sha256(OTHER).hexdigest()
    (tmp_path / "objects" / other[:2] / other).unlink()
    (tmp_path / "objects" / other[:2] / other).mkdir()
    with pytest.raises(VaultUnavailableError):
        LocalRemover(tmp_path).remove(tombstone(OTHER))
    assert objects.size(name) is None

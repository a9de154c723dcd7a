"""Entries are read from the public tree by place, by range, and only in their true form."""

import pytest

from evidence.errors import (
    IntegrityError,
    MalformedError,
    ProofError,
    UsageError,
    VaultUnavailableError,
)
from evidence.note import Signer, parse_vkey
from evidence.tiles import Tile
from tests.unit.vault.ledgers import create, draft
from vault import reader as module
from vault.keys import load_signer, make_signing_key
from vault.places import places_of
from vault.reader import LedgerReader

SIZE = 300


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    store = create(home)
    store.append([draft(n=number) for number in range(1, 200)])
    store.append([draft(n=number) for number in range(200, SIZE)])
    store.close()
    return home


@pytest.fixture
def reader(home):
    return LedgerReader(places_of(home).ledger)


@pytest.mark.parametrize("index", [1, 199, 255, 256, 299])
def test_an_entry_is_found_by_its_place(reader, index):
    assert reader.entry(index, SIZE).body["n"] == index


@pytest.mark.parametrize(
    ("start", "stop"), [(1, 1), (1, 2), (1, 256), (256, 300), (250, 260), (1, 300)]
)
def test_a_range_is_read_across_bundles(reader, start, stop):
    numbers = [entry.body["n"] for entry in reader.entries(start, stop, SIZE)]
    assert numbers == list(range(start, stop))


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 301)])
def test_a_range_beyond_the_tree_is_refused(reader, start, stop):
    with pytest.raises(UsageError, match="entry_unknown"):
        list(reader.leaves(start, stop, SIZE))


@pytest.mark.parametrize("index", [-1, 300])
def test_a_place_beyond_the_tree_is_refused(reader, index):
    with pytest.raises(UsageError, match="entry_unknown"):
        reader.leaf(index, SIZE)


def test_one_bundle_is_kept_and_only_one(reader, monkeypatch):
    reads = []
    real = module.read_limited
    monkeypatch.setattr(
        module, "read_limited", lambda path, limit: (reads.append(path), real(path, limit))[1]
    )
    list(reader.leaves(0, SIZE, SIZE))
    assert len(reads) == 2
    for index in range(256, SIZE):
        reader.leaf(index, SIZE)
    assert len(reads) == 2
    reader.leaf(0, SIZE)
    assert len(reads) == 3


def test_the_checkpoint_is_opened_with_its_key_and_no_other(home, reader, tmp_path):
    key = parse_vkey(places_of(home).vkey.read_text().removesuffix("\n"))
    assert reader.checkpoint([key]).size == SIZE
    make_signing_key(tmp_path / "key")
    other: Signer = load_signer(tmp_path / "key", key.name)
    with pytest.raises(ProofError, match="note_unsigned"):
        reader.checkpoint([other.verifier])


def test_an_empty_place_has_no_checkpoint_and_no_tile(tmp_path):
    reader = LedgerReader(tmp_path)
    assert reader.checkpoint([]) is None
    with pytest.raises(IntegrityError, match="ledger_file_missing"):
        reader.tile(Tile(0, 0, 1))


def write_bundle(tmp_path, data):
    path = tmp_path / "tile" / "entries" / "000.p"
    path.mkdir(parents=True)
    (path / "1").write_bytes(data)
    return LedgerReader(tmp_path)


def test_an_entry_in_anothers_place_is_told(reader, tmp_path):
    leaf = reader.leaf(7, SIZE)
    displaced = write_bundle(tmp_path, len(leaf).to_bytes(2, "big") + leaf)
    with pytest.raises(IntegrityError, match="entry_displaced"):
        displaced.entry(0, 1)
    with pytest.raises(IntegrityError, match="entry_displaced"):
        list(displaced.entries(0, 1, 1))


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\5{}", b"\0\2{}{}", b"\0\2{}"])
def test_a_bundle_that_is_none_is_told(tmp_path, data):
    with pytest.raises(MalformedError):
        write_bundle(tmp_path, data).entry(0, 1)


def test_a_file_larger_than_any_bundle_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FILE_LIMIT_BYTES", 3)
    with pytest.raises(VaultUnavailableError, match="file_too_large"):
        write_bundle(tmp_path, b"\0\2{}").entry(0, 1)

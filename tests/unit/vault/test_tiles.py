import os

import pytest

from custody.verify import verify_tree
from evidence.errors import VaultUnavailableError
from evidence.note import parse_vkey
from evidence.tiles import ENTRY_FORMAT_LIMIT
from tests.unit.custody.book import KEY, Book
from tests.unit.vault.ledgers import create, draft, new_docking
from vault.tiles import TreeFolder


def written(directory, book):
    for path, content in book.files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)
    return TreeFolder(directory)


def test_a_ledger_in_a_folder_is_read_as_it_lies_there(tmp_path):
    book = Book()
    tree = written(tmp_path, book)
    assert tree.checkpoint() == book.files["checkpoint"]
    assert {path: tree.read(path) for path in tree.names()} == {
        path: content for path, content in book.files.items() if path != "checkpoint"
    }
    assert verify_tree(tree, KEY).count == 0


def test_a_ledger_that_the_writer_wrote_is_found_clean(tmp_path):
    ledger = create(tmp_path)
    dockings = [new_docking() for _ in range(5)]
    for number in range(90):
        ledger.append([draft((dockings[number % 5],))] * (1 + number % 7))
    key = parse_vkey((tmp_path / "vkey").read_text().strip())
    report = verify_tree(TreeFolder(tmp_path / "ledger"), key)
    assert report.findings == ()
    assert {subject: ledger.last(subject) for subject in dockings} == report.last
    assert report.size == ledger.size > 256
    ledger.close()


def test_what_is_not_there_is_none(tmp_path):
    tree = written(tmp_path, Book())
    assert tree.read("tile/0/001") is None
    assert tree.read("checkpoint/000") is None
    assert TreeFolder(tmp_path / "nowhere").checkpoint() is None


def test_a_file_longer_than_any_tile_is_not_read_to_its_end(tmp_path):
    tree = written(tmp_path, Book())
    limit = 256 * (ENTRY_FORMAT_LIMIT + 2)
    with (tmp_path / "tile/0/000.p/1").open("wb") as file:
        file.truncate(1 << 40)
    assert len(tree.read("tile/0/000.p/1")) == limit + 1
    assert verify_tree(tree, KEY).count


def test_a_folder_that_is_not_there_cannot_be_listed(tmp_path):
    with pytest.raises(VaultUnavailableError):
        list(TreeFolder(tmp_path / "nowhere").names())


PLANTED = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a link": lambda path: path.symlink_to("vkey"),
    "a link to itself": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_what_is_no_file_is_no_tile_and_nobody_waits_for_it(tmp_path, plant):
    tree = written(tmp_path, Book())
    (tmp_path / "vkey").write_text("x")
    (tmp_path / "checkpoint").unlink()
    plant(tmp_path / "checkpoint")
    assert tree.checkpoint() is None


def test_a_folder_that_may_not_be_read_is_a_fault_of_the_vault(tmp_path):
    tree = written(tmp_path, Book())
    with pytest.raises(VaultUnavailableError):
        tree.read("x" * 300)  # no file system takes such a name

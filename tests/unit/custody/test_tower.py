from hashlib import sha256

import pytest

from custody.shelves import AHEAD_LIMIT
from custody.tower import Tower, root_at
from custody.verify import verify_tree
from evidence.merkle import root_hash
from evidence.tiles import Tile, grow
from tests.unit.custody.book import KEY, Book

LEAVES = [sha256(b"%d" % number).digest() for number in range(65_536 + 300)]


def built(size):
    told = {}
    tower = Tower(lambda tile, content: told.update({tile: content}))
    for first in range(0, size, 256):
        tower.add(LEAVES[first : min(first + 256, size)])
    return tower, told


@pytest.mark.parametrize("size", [65_536, 65_836])
def test_a_tower_tells_every_upper_tile_as_it_is_written(size):
    tower, told = built(size)
    tower.finish()
    leaves = LEAVES[:size]
    upper = {tile: content for tile, content in grow(0, [b""] * size, leaves, bytes) if tile.level}
    assert told == upper
    assert Tile(1, 0) in told
    assert tower.size == size
    assert tower.root() == root_hash(leaves)


def test_a_copied_tower_goes_on_alone():
    tower, told = built(512)
    apart = {}
    other = tower.copy(lambda tile, content: apart.update({tile: content}))
    other.add(LEAVES[512:600])
    other.finish()
    assert (tower.size, other.size, told) == (512, 600, {})
    assert list(apart) == [Tile(1, 0, 2)]
    assert tower.root() == root_hash(LEAVES[:512])
    assert root_at(600, tower, LEAVES[512:768]) == other.root()


def test_a_tower_without_leaves_is_empty():
    tower, _ = built(0)
    assert (tower.size, tower.root()) == (0, root_hash([]))


def test_files_without_end_beyond_the_signed_size_are_named_up_to_a_limit():
    book = Book()
    book.files |= {Tile(0, number).path: b"" for number in range(1, AHEAD_LIMIT + 9)}
    assert verify_tree(book.tiles, KEY).count == AHEAD_LIMIT

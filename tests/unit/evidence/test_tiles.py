import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import MalformedError
from evidence.merkle import leaf_hash, root_hash
from evidence.tiles import (
    Tile,
    all_tiles,
    decode_bundle,
    encode_bundle,
    entries_path,
    grow,
    new_tiles,
    parse_path,
    restore,
    split_tile,
    tile_path,
)


class Tree:
    """A public tree in memory that polices: a tile is written once, and read only if written."""

    def __init__(self):
        self.size = 0
        self.leaves = []
        self.files = {}

    def append(self, entries):
        leaves = [leaf_hash(each) for each in entries]
        for tile, content in grow(self.size, entries, leaves, self.read):
            assert content, "never an empty tile"
            assert tile.path not in self.files, "never written twice"
            self.files[tile.path] = content
        self.size += len(entries)
        self.leaves += leaves

    def read(self, tile):
        assert tile.width < 256, "only partial tiles are asked for"
        return self.files[tile.path]


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", Tile(0, 0)),
        ("tile/0/x001/x234/067", Tile(0, 1234067)),  # the example of the specification
        ("tile/0/x001/x234/067.p/8", Tile(0, 1234067, 8)),
        ("tile/5/999.p/255", Tile(5, 999, 255)),
        ("tile/63/x001/000", Tile(63, 1000)),
        ("tile/entries/x001/x234/067", Tile(None, 1234067)),
        ("tile/entries/000.p/1", Tile(None, 0, 1)),
    ],
)
def test_paths_are_those_of_the_specification(path, tile):
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/entry/000",
        "tile/8/0/000",
        "tile/0/../000",
    ],
)
def test_a_path_has_one_spelling(path):
    with pytest.raises(MalformedError):
        parse_path(path)


def test_nothing_has_no_path():
    for bad in ((0, -1, 256), (0, 0, 0), (0, 0, 257)):
        with pytest.raises(MalformedError):
            tile_path(*bad)
    with pytest.raises(MalformedError):
        entries_path(-1)


def test_a_tree_of_70000_has_the_tiles_of_the_specification():
    tiles = list(all_tiles(70_000))
    assert [tile for tile in tiles if tile.level == 0] == [
        *(Tile(0, index) for index in range(273)),
        Tile(0, 273, 112),
    ]
    assert [tile for tile in tiles if tile.level == 1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert [tile for tile in tiles if tile.level == 2] == [Tile(2, 0, 1)]
    assert len(tiles) == 274 * 2 + 2 + 1


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above():
    assert [tile.path for tile in all_tiles(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]


def test_a_tree_that_does_not_grow_has_no_new_tiles():
    assert list(new_tiles(0, 0)) == list(new_tiles(300, 300)) == []
    with pytest.raises(MalformedError):
        list(new_tiles(2, 1))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=5))
def test_a_tree_grown_in_batches_is_the_tree_grown_at_once(batches):
    batched, once, number = Tree(), Tree(), 0
    for count in batches:
        before, entries = batched.size, [b"%d" % each for each in range(number, number + count)]
        written = set(batched.files)
        batched.append(entries)
        assert set(batched.files) - written == {
            tile.path for tile in new_tiles(before, batched.size)
        }
        number += count
    once.append([b"%d" % each for each in range(number)])
    assert once.files.items() <= batched.files.items()
    assert restore(number, batched.read).root() == root_hash(once.leaves)


def test_upper_levels_hold_the_roots_of_full_tiles_only():
    tree = Tree()
    tree.append([b"%d" % each for each in range(65_536 + 257)])
    for level, index, width in ((1, 0, 256), (1, 1, 1), (2, 0, 1)):
        hashes = split_tile(tree.files[tile_path(level, index, width)], width)
        step = 256**level
        for at, each in enumerate(hashes, index * 256):
            assert each == root_hash(tree.leaves[at * step : (at + 1) * step])


def test_a_partial_tile_of_the_wrong_length_stops_the_growth():
    with pytest.raises(MalformedError):
        list(grow(3, [b"x"], [leaf_hash(b"x")], lambda tile: b"x" * (tile.width * 32 - 1)))


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_a_bundle_gives_its_entries_back(entries):
    data = encode_bundle(entries)
    assert decode_bundle(data, len(entries)) == entries
    for wrong, count in (
        (data + b"\0", len(entries)),
        (data[:-1], len(entries)),
        (data, len(entries) + 1),
        (data, len(entries) - 1),
    ):
        if wrong and count >= 0:
            with pytest.raises(MalformedError):
                decode_bundle(wrong, count)


def test_an_entry_longer_than_its_length_can_say_is_refused():
    assert encode_bundle([b"x" * 65_535])[:2] == b"\xff\xff"
    with pytest.raises(MalformedError):
        encode_bundle([b"x" * 65_536])


def test_a_bundle_that_claims_more_than_it_holds_is_refused():
    for data in (b"\xff", b"\x00\x05abc", b"\x00\x01a\x00"):
        with pytest.raises(MalformedError):
            decode_bundle(data, data.count(b"\x00"))

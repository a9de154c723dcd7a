"""Rolls of slices that no entry names: those of sealed segments have their place."""

import pytest

from custody.holdings import Level
from custody.unplaced import sealed_of
from evidence.media import Cut
from evidence.slices import SliceHasher, roll
from tests.unit.custody.book import KEY, codes
from tests.unit.custody.shift import FILES, NAMES, whole_shift

STRANGER = "5e" * 32


def spare_of(content, step=400):
    """Return name and bytes of the roll that another docking would have cut ``content`` into."""
    cuts = [Cut(at, min(step, len(content) - at), False, None, None, 0)
            for at in range(0, len(content), step)]  # fmt: skip
    hasher = SliceHasher(cuts)
    hasher.update(memoryview(content))
    made, data = roll(hasher.finish()[1])
    return made.sha256, data


@pytest.mark.parametrize("level", Level)
def test_a_second_roll_of_a_sealed_segment_has_its_place(level):
    """A docking was cut before its entry, and the next one cut the file otherwise."""
    shift = whole_shift()
    name, data = spare_of(FILES[0])
    shift.objects.objects[name] = data
    assert shift.audit(level).clean


def test_a_roll_of_bytes_that_nobody_sealed_is_named():
    """Of another size, of other bytes, and of bytes that differ in the last slice only."""
    almost = FILES[0][:-1] + bytes([FILES[0][-1] ^ 1])
    for content in (FILES[0][:-1], bytes(3000), almost):
        shift = whole_shift()
        name, data = spare_of(content)
        shift.objects.objects[name] = data
        assert codes(shift.audit().findings) == ["object_unplaced"]


def test_what_only_looks_like_a_roll_is_named():
    name, data = spare_of(FILES[0])
    for there, content in ((name, data + b"\n"), (STRANGER, data), (STRANGER, b"")):
        shift = whole_shift()
        shift.objects.objects[there] = content
        assert codes(shift.audit().findings) == ["object_unplaced"]


def test_a_roll_that_anybody_can_write_to_is_named():
    shift = whole_shift()
    name, data = spare_of(FILES[0])
    shift.objects.objects[name] = data
    shift.objects.unguarded = lambda sha256: "writable" if sha256 == name else None
    assert codes(shift.audit().findings) == ["object_unplaced"]


def test_a_second_roll_of_a_segment_that_is_gone_is_named_with_it():
    shift = whole_shift()
    name, data = spare_of(FILES[0])
    shift.objects.objects[name] = data
    del shift.objects.objects[NAMES[0]]
    assert set(codes(shift.audit().findings)) == {"object_missing", "object_unplaced"}


def test_a_stranger_beside_a_tree_that_cannot_be_read_is_named():
    shift = whole_shift()
    name, data = spare_of(FILES[0])
    shift.objects.objects[name] = data
    shift.book.publish()
    sources = shift.sources(tiles=Unreadable(shift.book.tiles))
    found = list(sealed_of(sources.tiles, KEY, {3000}))
    assert found == []


class Unreadable:
    """A tree whose checkpoint is signed by nobody."""

    def __init__(self, tiles):
        self._tiles = tiles

    def checkpoint(self):
        return b"x"

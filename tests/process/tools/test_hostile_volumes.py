import struct

import pytest

from tests.process.tools.media import run
from tests.tools import spoil
from tests.tools.hostile import ALL, BROKEN, FILM, LAWFUL, NEXT, RAW_NAMES, hostile, lawful
from tests.tools.spoil import mutated

NEEDS = ("fsck.vfat", "fsck.exfat")
# The checkers look at neither of these: dates, and long names that belong to no short one.
UNSEEN = {"impossible_dates", "orphaned_long_names", "nothing_at_all"}


def checker(image):
    with image.open("rb") as source:
        return "fsck.exfat" if source.read(11)[3:8] == b"EXFAT" else "fsck.vfat"


@pytest.mark.parametrize("name", LAWFUL)
def test_a_large_but_lawful_volume_is_clean(tmp_path, name):
    image = hostile(name, tmp_path)
    assert run(checker(image), "-n", image).returncode == 0


@pytest.mark.parametrize("name", sorted(ALL.keys() - LAWFUL.keys() - UNSEEN))
def test_a_damaged_volume_is_found_damaged_by_others_too(tmp_path, name):
    image = hostile(name, tmp_path)
    assert run(checker(image), "-n", image).returncode != 0


def test_a_cyclic_chain_comes_back_to_its_beginning(tmp_path):
    path = hostile("cyclic_chain", tmp_path)
    layout = lawful("fat32", tmp_path / "same.img")
    run_of_film = layout.node(FILM).runs[0]
    last = run_of_film.first + run_of_film.count - 1
    link = spoil.peek(path, layout.fat_offset + 4 * last, 4)
    assert struct.unpack("<I", link)[0] == run_of_film.first


def test_a_size_of_2_63_stands_in_a_set_with_a_right_checksum(tmp_path):
    path = hostile("size_2_63", tmp_path)
    layout = lawful("exfat", tmp_path / "same.img")
    at = layout.node(FILM).entry_offset
    assert spoil.peek(path, at + 32 + 24, 8) == struct.pack("<Q", 1 << 63)
    fresh = tmp_path / "fresh.img"
    spoil.copy_sparse(path, fresh)
    spoil.edit_set(layout, FILM, 0, b"\x85")  # sealing again changes nothing where it was right
    assert layout.path.read_bytes() == lawful("exfat", tmp_path / "third.img").path.read_bytes()


def test_the_names_of_the_hostile_volume_have_at_most_255_units():
    assert max(len(raw.units) for raw in RAW_NAMES.values()) == 255


def test_a_mutation_is_repeated_by_its_seed_and_differs_from_the_next(tmp_path):
    source = lawful("exfat", tmp_path / "card.img").path
    first, again, other = (
        mutated(source, seed, tmp_path / f"{number}.img").read_bytes()
        for number, seed in enumerate((7, 7, 8))
    )
    assert first == again
    assert len({first, other, source.read_bytes()}) == 3


def test_a_mutated_copy_stays_sparse(tmp_path):
    source = lawful("fat32", tmp_path / "card.img").path
    copy = mutated(source, 3, tmp_path / "copy.img")
    assert copy.stat().st_size == source.stat().st_size
    assert copy.stat().st_blocks * 512 < 1 << 20


def test_two_files_may_claim_the_same_bytes(tmp_path):
    layout = lawful("fat32", tmp_path / "same.img")
    image = hostile("overlapping_files", tmp_path)
    entries = [spoil.short_entry(layout.node(path)) for path in (FILM, NEXT)]
    starts = [spoil.peek(image, at + 26, 2) for at in entries]
    assert starts[0] == starts[1]
    assert layout.node(FILM).runs != layout.node(BROKEN).runs

"""A thousand spoilt volumes: listed or refused, and never read beyond their end."""

import pytest

from appliance.births import CradleKeeper
from appliance.children import FencedParsers
from drivers.limits import ListingLimits
from drivers.registry import open_recorder
from evidence.errors import DeviceError
from tests.hostile import grind
from tests.hostile.grinding import ground
from tests.tools.hostile import hostile
from tests.tools.spoil import mutated
from tests.unit.drivers.made import SHANGHAI

CASES, PARTS = 1_000, 2
FENCED = 60
MEMORY_MIB = 512


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_mutated_volumes_are_listed_or_refused(part, tmp_path):
    each = CASES // PARTS
    counts = ground("volumes", range(part * each, (part + 1) * each), tmp_path, 120)
    assert counts["listed"] + counts["refused"] == each
    assert counts["listed"] > each // 2, "mutants that are all refused test nothing"
    assert counts["memory_mib"] < MEMORY_MIB


def test_mutated_volumes_through_the_real_fence_are_listed_or_refused(tmp_path):
    keeper = CradleKeeper()
    parsers = FencedParsers(cradle=keeper.descriptor())
    grounds = [hostile(name, tmp_path) for name in grind.GROUND]
    words = set()
    for seed in range(FENCED):
        path = mutated(grounds[seed % len(grounds)], seed, tmp_path / "mutant.img")
        try:
            words.add(listed(path, parsers))
        except DeviceError as error:
            words.add(error.facts.get("because", error.word))
    parsers.close()
    keeper.close()
    assert "listed" in words
    assert not words & {"parser_crashed", "parser_answer", "parser_deadline", "parser_memory"}


def listed(path, parsers):
    recorder = open_recorder(path, parsers=parsers, zone=SHANGHAI, limits=ListingLimits())
    try:
        for file in recorder.listing().files:
            assert read(recorder, file) <= file.size <= path.stat().st_size
    finally:
        recorder.close()
    return "listed"


def read(recorder, file):
    try:
        return sum(map(len, recorder.read(file)))
    except DeviceError:
        return 0


class Generous:
    """A recorder that gives more than it says."""

    def read(self, _file):
        yield b"xx"


class File:
    path, size = "a.mp4", 1


def test_the_grinder_notices_a_file_that_gives_too_much():
    with pytest.raises(grind.Promise, match="gave 2 of 1"):
        grind._read(Generous(), [File()], 100)
    File.size = 200
    with pytest.raises(grind.Promise):
        grind._read(Generous(), [File()], 100)

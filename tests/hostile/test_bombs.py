"""Files of kilobytes that ask for gigabytes or hours, through the real fence."""

import time
from pathlib import Path

import pytest

from appliance.births import CradleKeeper
from appliance.children import FencedParsers, ParserLimits
from evidence.findings import Finding
from evidence.slices import check_cuts
from ingest.probe import probe
from tests.hostile.bombs import BOMBS, bomb
from tests.unit.appliance.sources import BytesSource

CASE_LIMIT_S = 20.0  # of a busy machine; alone it is two
MEMORY_KIB = 96 * 1024  # of one child, the code that it shares included
LIMITS = ParserLimits(cpu_s=20, total_s=CASE_LIMIT_S)

KINDS = {"jpeg": "photo", "png": "photo", "log": "log", "wav": "audio", "mp3": "audio",
         "flac": "audio", "ogg": "audio"}  # fmt: skip
# What a bomb is told by, where it is told by more than its damage.
TOLD = {
    "jpeg_65535": [(65_535, 65_535)],
    "png_2_31": [(0x7FFFFFFF, 0x7FFFFFFF)],
    "png_65535_deflated": [(65_535, 65_535)],
}
LIMITED = {
    "mp4_four_billion_samples": "too_many_samples",
    "mp4_of_empty_boxes": "too_many_boxes",
    "mp4_of_tracks": "too_many_tracks",
    "mp4_fragment_of_millions": "too_many_samples",
}


@pytest.fixture(scope="module")
def parsers():
    keeper = CradleKeeper()
    ours = FencedParsers(LIMITS, cradle=keeper.descriptor())
    yield ours
    ours.close()
    keeper.close()


def highest_memory_kib():
    """Return the most memory that the idle child ever had; it has parsed and lives on."""
    [pid] = children_of_cradles()
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def children_of_cradles():
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
            command = Path(f"/proc/{parent}/cmdline").read_bytes()
        except OSError:
            continue
        if b"appliance.cradle" in command and is_ours(parent):
            yield int(stat.parent.name)


def is_ours(pid):
    own = Path("/proc/self/stat").read_text().split()[0]
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == own


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_does_not_go_off(parsers, name):
    data = bomb(name)
    began = time.monotonic()
    media = probe(BytesSource(data), f"{name}.mp4", parsers)
    assert time.monotonic() - began < CASE_LIMIT_S
    check_cuts(media.cuts, len(data))
    assert media.kind == KINDS.get(name.partition("_")[0], "video")
    assert media.parser != "none/1", media.noted
    sizes = [(track.width, track.height) for track in media.tracks if track.width]
    assert sizes == TOLD.get(name, sizes)
    limits = [n.facts["because"] for n in media.noted if n.finding is Finding.PROBE_FAILED]
    assert limits == ([LIMITED[name]] if name in LIMITED else [])
    assert highest_memory_kib() < MEMORY_KIB
    parsers.close()

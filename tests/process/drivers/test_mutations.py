"""Volumes spoilt at random: the parser may fall, its parent may not; all is listed or refused.

A parser in C is run in a process of its own here, too: if it falls, the seed is printed.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.errors import DeviceError, UnknownRecorderError
from tests.tools import hostile
from tests.unit.drivers.made import listed

ROOT = Path(__file__).parent.parent.parent.parent
EACH = 50  # mutants of each of four volumes
SCRIPT = """
import json, sys
from pathlib import Path
from evidence.errors import DeviceError
from tests.tools.spoil import mutated
from tests.unit.drivers.made import opened

source, folder, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
done = {"listed": 0, "refused": 0, "unreadable": 0}
for seed in range(count):
    print(seed, file=sys.stderr)
    path = mutated(source, seed, folder / "mutant.img")
    recorder = None
    try:
        recorder = opened(path)
        files = recorder.listing().files
        done["listed"] += 1
    except DeviceError:
        done["refused"] += 1
        files = ()
    for file in files:
        try:
            given = sum(map(len, recorder.read(file)))
            assert given <= file.size <= path.stat().st_size, (seed, file)
        except DeviceError:
            done["unreadable"] += 1
    if recorder:
        recorder.close()
print(json.dumps(done))
"""


@pytest.mark.parametrize("name", ["lawful_fat32", "lawful_exfat", "names", "names_exfat"])
def test_mutated_volumes_are_listed_or_refused_and_never_read_beyond_their_end(name, tmp_path):
    source = hostile.hostile(name, tmp_path)
    command = [sys.executable, "-W", "error", "-c", SCRIPT, source, tmp_path, str(EACH)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    counts = json.loads(done.stdout)
    assert counts["listed"] + counts["refused"] == EACH
    assert counts["listed"] > EACH // 2, "mutants that are all refused test nothing"


REFUSED = {
    "zero_cluster_size",
    "odd_cluster_size",
    "zero_sector_size",
    "no_fats",
    "huge_cluster_shift",
    "zero_clusters_exfat",
    "root_out_of_range_exfat",
}
NO_DISK = {"not_a_volume", "nothing_at_all"}


LISTED = set(hostile.ALL) - REFUSED - NO_DISK - {"ten_thousand_entries_exfat"}


@pytest.mark.parametrize("name", sorted(LISTED))
def test_a_hostile_volume_is_listed(name, tmp_path):
    files = listed(hostile.hostile(name, tmp_path)).files
    assert len(files) >= (0 if name == "root_out_of_range" else 5)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_volume_without_sense_is_refused_with_a_word(name, tmp_path):
    with pytest.raises(DeviceError, match="volume_refused"):
        listed(hostile.hostile(name, tmp_path))


@pytest.mark.parametrize("name", sorted(NO_DISK))
def test_what_is_no_volume_is_taken_by_no_driver(name, tmp_path):
    with pytest.raises(UnknownRecorderError, match="path_unknown"):
        listed(hostile.hostile(name, tmp_path))

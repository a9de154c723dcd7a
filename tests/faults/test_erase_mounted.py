"""Files of an exFAT card erased through a mount, each step broken: nothing goes that nobody named.

A volume that stays mounted is the worst place to tidy up in: whatever is removed there is removed
from the recorder.
"""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from drivers.answer import Facts
from drivers.ways import ExfatFuse, Medium
from tests.faults import erasing
from tests.faults.plant import Plant
from tests.faults.rows import MOUNTED

EXFAT = Medium(Path("card"), False, Facts("exFAT", "exFAT:0000-0000", 0, 1, 1, 1))
CAN_MOUNT = ExfatFuse().lacks(EXFAT) is None  # root, exfat-fuse and /dev/fuse
TWICE = ("losetup", "unlink")  # attach and detach; two files
CASES = [
    (row, nth)
    for row in (MOUNTED if CAN_MOUNT else ())
    for nth in ((1, 2) if row.split()[0] in TWICE else (1,))
]


@pytest.fixture
def card(tmp_path, monkeypatch):
    """Make a card of which nothing stays mounted, whatever a test breaks."""
    erasing.made(tmp_path / "card.img", "fuse", monkeypatch)
    yield tmp_path / "card.img"
    for line in Path("/proc/mounts").read_text().splitlines():
        device, folder, *_ = line.split()
        if _backs(device, tmp_path):
            subprocess.run(["/bin/umount", folder], check=True)
            Path(folder).rmdir()
    for device in Path("/dev").glob("loop[0-9]*"):
        if _backs(device, tmp_path):
            subprocess.run(["/sbin/losetup", "--detach", device], check=True)


def _backs(device, folder):
    with suppress(OSError):
        backing = Path("/sys/block") / Path(device).name / "loop" / "backing_file"
        return backing.read_text().startswith(str(folder))
    return False


@pytest.mark.parametrize("applied", [False, True], ids=["failed", "done"])
@pytest.mark.parametrize(("row", "nth"), CASES)
def test_a_broken_step_of_an_erase_takes_nothing_else_with_it(card, row, nth, applied):
    erasing.broken(card, Plant(row, nth, applied=applied))


def test_every_step_of_an_erase_is_in_the_table(card):
    if CAN_MOUNT:
        assert erasing.steps(card) == set(MOUNTED)

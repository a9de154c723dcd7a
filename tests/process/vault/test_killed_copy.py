"""A process that serves a copy is killed; the next start says what had left."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from custody.closing import recover
from tests.fakes.desk import FILES, desk_of, docked
from tests.fakes.grants import granted
from tests.fakes.house import House
from vault.meter import FileMeter

ROOT = Path(__file__).parents[3]
BYTES = {0: 0, 2: 2 << 20, 9: sum(len(content) for content in FILES.values())}
SCRIPT = """
import sys, time
from dataclasses import replace
from pathlib import Path
from custody.access import Access
from custody.grants import load_grant
from evidence.people import Actor
from tests.fakes.desk import desk_of
from tests.fakes.house import House
from vault.meter import FileMeter

root, grant, slices = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
house = House(root)
desk = replace(desk_of(house), meter=FileMeter(root / "meter"))
granted = load_grant(desk, grant)
look = Access(desk).open(granted, Actor(granted.holder))
pieces = iter(look)
for _ in range(slices):
    next(pieces)
print("taken", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("slices", BYTES)
def test_a_killed_process_hides_nothing_of_what_had_left(tmp_path, slices):
    bureau, segments = docked(House(tmp_path))
    grant = granted(bureau, *segments)
    bureau.house.close()
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), grant.id, str(slices)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as served:
        assert served.stdout.readline() == b"taken\n"
        served.send_signal(signal.SIGKILL)
    house = House(tmp_path)
    desk = replace(desk_of(house), meter=FileMeter(tmp_path / "meter"))
    (opened,) = house.entries("copy.opened")
    assert recover(desk) == (opened.seq,)
    (closed,) = house.entries("copy.closed")
    left = sum(each["last"] - each["first"] + 1 for each in closed.body["spans"])
    assert (closed.body["how"], left) == ("recovered", slices)
    assert closed.body["bytes"] == BYTES[slices]
    assert recover(desk) == ()
    assert list((tmp_path / "meter").iterdir()) == []
    house.close()

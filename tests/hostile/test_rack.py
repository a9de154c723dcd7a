"""Hostile cards side by side, by the real command: one process each, one cradle, one ledger."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hostile.homes import names_not_ours, tree
from tests.tools.hostile import hostile

DOCKSEAL = Path(sys.executable).with_name("dockseal")
CARDS = (
    "cyclic_chain",
    "directory_in_itself_exfat",
    "overlapping_files",
    "claim_4gib_in_1mb",
    "size_2_63",
    "huge_cluster_shift",
    "deep_tree",
    "lawful_exfat",
)
ENDED = {"huge_cluster_shift": "failed", "lawful_exfat": "complete"}
SLOT_KIB = 64 * 1024  # of the process of one slot, shared code included
DEADLINE_S = 150


@pytest.mark.timeout(2 * DEADLINE_S)
def test_hostile_cards_side_by_side_harm_neither_each_other_nor_anything_else(tmp_path):
    images = [hostile(name, tmp_path) for name in CARDS]
    home = tmp_path / "home"
    before = tree(tmp_path)

    told, highest = docked(home, images)

    assert tree(tmp_path, without=[home]) == before
    assert names_not_ours(home) == []
    outcomes = {Path(each["path"]).stem: each["outcome"] for each in told["docked"]}
    assert set(outcomes) == set(CARDS)
    assert {name: outcomes[name] for name in ENDED} == ENDED
    assert set(outcomes.values()) <= {"complete", "left_behind", "failed"}
    assert len(highest) == len(CARDS)
    assert max(highest.values()) < SLOT_KIB
    audit = command(home, "audit")
    assert (audit["clean"], audit["exit"]) == (True, 0)


def command(home, *arguments):
    line = [DOCKSEAL, "--home", home, "--json", "--quiet", *arguments]
    return json.loads(subprocess.run(line, capture_output=True, check=False).stdout)


def docked(home, images):
    """Return the document of the docking, and the most memory that each slot's process had."""
    line = [DOCKSEAL, "--home", home, "--json", "--quiet", "dock", *images]
    highest = {}
    until = time.monotonic() + DEADLINE_S
    with (
        (home.parent / "told.json").open("w+b") as told,
        subprocess.Popen(line, stdout=told, stderr=subprocess.DEVNULL) as docking,
    ):
        while docking.poll() is None:
            assert time.monotonic() < until, "a hostile card hangs the command"
            highest.update(slots_of(docking.pid))
            time.sleep(0.02)
        told.seek(0)
        document = json.loads(told.read())
    (home.parent / "told.json").unlink()
    return document, highest


def slots_of(parent):
    """Return the high-water mark of each slot that ``parent`` started, by process, in KiB."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(stat[1]) != parent or b"appliance.slot" not in (folder / "cmdline").read_bytes():
                continue
            status = (folder / "status").read_text()
        except (OSError, IndexError):
            continue
        if "VmHWM:" in status:
            found[int(folder.name)] = int(status.partition("VmHWM:")[2].split()[0])
    return found


def test_the_watch_of_memory_sees_nothing_where_nothing_docks():
    assert slots_of(os.getpid()) == {}

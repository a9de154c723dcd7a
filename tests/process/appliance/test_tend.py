"""The keeper's round over a real home whose disk is full: nothing is deleted to make room."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.roundfile import read_round

PROGRAM = Path(sys.executable).with_name("dockseal")
FULL = {"DOCKSEAL_VAULT_RESERVE_BYTES": str(2**50)}


def run(home, *arguments, code=0, **environment):
    told = {"PATH": os.environ["PATH"], "DOCKSEAL_LEDGER_LINGER_S": "20", **environment}
    command = [str(PROGRAM), "--home", str(home), *map(str, arguments), "--json"]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def vault(home):
    """Return every file of the vault with its digest."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((home / "vault").rglob("*"))
        if path.is_file()
    }


def card(folder, name):
    (folder / name).mkdir()
    (folder / name / f"{name}.mp4").write_bytes(os.urandom(100_000))
    return folder / name


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tend")
    run(folder / "home", "dock", card(folder, "first"))
    return folder / "home"


def test_a_round_of_a_home_with_room_finds_nothing_to_do(home):
    before = vault(home)
    found = run(home, "tend")["round"]
    assert (found["failed"], found["short"], found["disposals"]) == ({}, False, {})
    assert found["counted"]["kept"] == {"count": 1, "bytes": 100_000}
    assert found["counted"]["blocked"]["unlabelled"] == {"count": 1, "bytes": 100_000}
    assert found["space"]["taken"][0] == {"days_ago": 0, "count": 1, "bytes": 100_000}
    assert read_round(home / "run") == {"v": 1, **found}
    assert vault(home) == before


def test_a_full_disk_raises_an_alarm_takes_nothing_in_and_gives_nothing_up(home, tmp_path):
    before = vault(home)
    assert len(before) >= 2
    for _ in range(2):
        found = run(home, "tend", **FULL)["round"]
        assert (found["space"]["days"], found["short"], found["failed"]) == (0, True, {})
    refused = run(home, "dock", card(tmp_path, "second"), code=5, **FULL)["docked"][0]
    assert (refused["sealed"], refused["because"]) == (0, "no_space_left")
    assert run(home, "space", **FULL)["space"]["days"] == 0
    assert vault(home) == before
    told = run(home, "metrics", "--once")["metrics"]
    assert 'dockseal_alarms_total{alarm="space_short"} 1.0' in told
    assert 'dockseal_alarms_open{alarm="space_short"} 1.0' in told
    assert "dockseal_space_left_seconds 0.0" in told
    assert run(home, "audit", **FULL)["clean"]

"""The whole house by its command line: what is thrown away comes back, no checker repairs."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.demo import build_demo
from tests.tools.scenes import Scale
from vault.catalogue import SqlCatalogue
from vault.sql import sqlite_url

PROGRAM = Path(sys.executable).with_name("dockseal")
TINY = Scale(width=160, height=90, rate=10, duration_ms=10_000)
STOPS_SOON = {"DOCKSEAL_LEDGER_LINGER_S": "1"}


def run(home, *arguments, code=0):
    command = [str(PROGRAM), *map(str, arguments), "--home", str(home), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def docked(tmp_path_factory):
    """A home into which both recorders of the demo were docked, and the recorders."""
    folder = tmp_path_factory.mktemp("house")
    recorders = build_demo(folder / "recorders", scale=TINY)
    run(folder / "home", "dock", *recorders)
    return folder / "home", recorders


def rows(home):
    catalogue = SqlCatalogue(sqlite_url(home / "catalogue.sqlite"))
    try:
        return list(catalogue.dump())
    finally:
        catalogue.close()


def files(home, *, but=()):
    """Return the digest of every file of a home but those that an audit's own entry changes."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not any(part in but for part in path.relative_to(home).parts)
    }


def test_a_catalogue_that_is_deleted_comes_back_row_by_row(docked):
    home, _ = docked
    run(home, "list")
    before = rows(home)
    for path in home.glob("catalogue.sqlite*"):
        path.unlink()
    rebuilt = run(home, "rebuild")["rebuilt"]
    assert rows(home) == before
    assert len(before) > 100
    assert rebuilt["rows"] >= len(before) - 1


def test_a_catalogue_that_is_no_database_is_made_again(docked):
    home, _ = docked
    run(home, "list")
    before = rows(home)
    for path in home.glob("catalogue.sqlite-*"):
        path.unlink()
    (home / "catalogue.sqlite").write_bytes(b"no database" * 1000)
    run(home, "rebuild")
    assert rows(home) == before


def test_an_audit_of_damage_changes_nothing_but_the_ledger_that_it_signs(docked):
    home, _ = docked
    victim = next(path for path in (home / "vault/objects").rglob("*") if path.is_file())
    content = victim.read_bytes()
    victim.chmod(0o644)
    victim.write_bytes(b"x" + content[1:] if content else b"x")
    grows = ("ledger", "private", "run", "catalogue.sqlite", "catalogue.sqlite-wal",
             "catalogue.sqlite-shm", "dockseal.log")  # fmt: skip
    before = files(home, but=grows)
    try:
        found = run(home, "audit", code=1)["audit"]["findings"]
        assert {each["code"] for each in found} & {"object_digest", "object_size", "slices_damaged"}
        assert files(home, but=grows) == before
    finally:
        victim.write_bytes(content)
        victim.chmod(0o444)


def test_a_recorder_that_is_kept_and_docked_again_is_recognised_not_read(docked):
    home, recorders = docked
    again = run(home, "dock", recorders[0])["docked"][0]
    assert (again["outcome"], again["sealed"]) == ("complete", 0)
    assert again["seen"] == again["files"]
    assert run(home, "audit")["clean"]


def test_two_homes_do_not_know_each_other(docked, tmp_path):
    home, recorders = docked
    run(tmp_path / "other", "dock", recorders[1])
    ours, other = (
        {row["segment"] for row in run(each, "list")["segments"]}
        for each in (home, tmp_path / "other")
    )
    assert other < ours
    assert (home / "vkey").read_text() != (tmp_path / "other/vkey").read_text()


def test_several_recorders_dock_side_by_side_and_one_that_fails_stops_no_other(docked, tmp_path):
    home, recorders = docked
    (tmp_path / "broken.img").write_bytes(
        b"\xeb\x58\x90" + b"\0" * 507 + b"\x55\xaa" + b"\0" * 4096
    )
    document = run(home, "dock", tmp_path / "broken.img", recorders[1], code=4)
    assert [each["outcome"] for each in document["docked"]] == ["failed", "complete"]
    assert [each["slot"] for each in document["docked"]] == [1, 2]


def test_code_that_lies_where_somebody_docks_is_never_ours(tmp_path):
    card = tmp_path / "card"
    card.mkdir()
    (card / "film.mp4").write_bytes(b"no film")
    for name in ("select", "appliance", "json", "encodings"):
        (card / f"{name}.py").write_text("open('RAN', 'w')\n")
    command = [str(PROGRAM), "--home", str(tmp_path / "home"), "--json", "dock", "."]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=card)
    assert done.returncode == 0, done.stderr
    assert not (card / "RAN").exists()
    (told,) = json.loads(done.stdout)["docked"]
    assert (told["outcome"], told["files"]) == ("complete", 5)

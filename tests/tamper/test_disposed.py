"""What an insider could do with disposals: each is found, named, and points at the tombstone."""

import shutil
import sqlite3

import pytest

from custody.findings import AuditFinding
from tests.fakes.disposing import DISPOSAL, Keepers
from tests.fakes.house import House
from tests.fakes.recorder import MemoryRecorder


@pytest.fixture
def at(tmp_path):
    house = House(tmp_path / "home")
    keepers = Keepers(house)
    keepers.dock()
    yield keepers
    house.close()


def codes(at):
    return [each.code for each in at.house.audit(catalogue=False).findings]


def ended(at):
    at.agree()
    at.run()
    return at.house.entries("segment.disposed")


def test_what_was_lawfully_disposed_of_is_clean(at):
    ended(at)
    report = at.house.audit(catalogue=False)
    assert report.findings == ()
    assert report.segments == 0


def test_bytes_that_were_put_back_are_found(at, tmp_path):
    names = at.segments
    kept = tmp_path / "kept"
    shutil.copytree(at.house.root / "vault" / "objects", kept)
    tombstones = ended(at)
    shutil.copytree(kept, at.house.root / "vault" / "objects", dirs_exist_ok=True)
    found = [each for each in at.house.audit(catalogue=False).findings
             if each.code is AuditFinding.OBJECT_UNDEAD]  # fmt: skip
    assert {each.entry for each in found} == {each.seq for each in tombstones}
    assert {each.subject for each in found} == {f"s:{name}" for name in names}


def test_words_that_were_put_back_are_found(at):
    private = at.house.root / "private"
    before = {}
    for name in ("keys", "statements"):
        with sqlite3.connect(private / f"{name}.sqlite") as opened:
            before[name] = opened.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - ours
    ended(at)
    at.house.close()
    for name, rows in before.items():
        with sqlite3.connect(private / f"{name}.sqlite") as opened:
            opened.execute(f"DELETE FROM {name}")  # noqa: S608 - ours
            marks = ", ".join("?" * len(rows[0]))
            opened.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 - ours
    at.house.restart()
    assert codes(at).count(AuditFinding.WORDS_UNDEAD) == 3


def test_bytes_that_went_without_a_tombstone_are_missing(at):
    (name, *_) = at.segments
    (at.house.root / "vault" / "objects" / name[:2] / name).unlink()
    assert AuditFinding.OBJECT_MISSING in codes(at)


def test_words_that_went_without_a_tombstone_are_missed(at):
    with sqlite3.connect(at.house.root / "private" / "statements.sqlite") as opened:
        opened.execute("UPDATE statements SET nonce=x'', sealed=x''")
    assert AuditFinding.KEY_MISSING in codes(at)


def test_bytes_of_a_second_stay_that_went_are_missing_whatever_became_of_the_first(at):
    ended(at)
    at.house.dock(MemoryRecorder(dict(at.recorder.files)))
    (name, *_) = at.segments
    (at.house.root / "vault" / "objects" / name[:2] / name).unlink()
    assert codes(at).count(AuditFinding.OBJECT_MISSING) == 1


def test_a_tombstone_that_nobody_decided_is_found_and_its_bytes_are_not_forgotten(at):
    (name, *_) = at.segments
    body = {"disposal": DISPOSAL, "now": "2026-11-22T10:00:00.000Z"}
    at.write("segment.disposed", (f"s:{name}", DISPOSAL), body)
    (at.house.root / "vault" / "objects" / name[:2] / name).unlink()
    found = at.house.audit(catalogue=False).findings
    assert "not_listed" in {each.facts.get("because") for each in found}

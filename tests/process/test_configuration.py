"""Whoever changes the configuration, docks, and changes it back, is in the ledger twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.codec import decode_entry
from vault.reader import LedgerReader

PROGRAM = Path(sys.executable).with_name("dockseal")
KEY = "ingest.seam_tolerance_ms"
LOOSE = {"DOCKSEAL_INGEST_SEAM_TOLERANCE_MS": "60000"}


@pytest.fixture
def dockseal(tmp_path):
    def run(*arguments, code=0, **environment):
        command = [str(PROGRAM), *map(str, arguments), "--home", str(tmp_path / "home"), "--json"]
        told = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "DOCKSEAL_LEDGER_LINGER_S": "1"}
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env={**told, **environment}
        )
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def card(tmp_path):
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "a.log").write_bytes(b"log")
    return folder


def changes(home):
    """Return what each entry about the configuration tells as changed, and its index."""
    size = int((home / "ledger/checkpoint").read_text().split("\n")[1])
    entries = map(decode_entry, LedgerReader(home / "ledger").leaves(0, size, size))
    return [
        (entry.seq, entry.body["changed"])
        for entry in entries
        if entry.type == "configuration.changed"
    ]


def test_a_change_and_its_way_back_are_written_down_before_what_rests_on_them(
    dockseal, card, tmp_path
):
    dockseal("dock", card)
    dockseal("dock", card)
    ((first, keys),) = changes(tmp_path / "home")
    assert first == 1, "before the first docking is opened"
    assert KEY in keys
    dockseal("dock", card, **LOOSE)
    dockseal("dock", card)
    assert [told for _, told in changes(tmp_path / "home")][1:] == [[KEY], [KEY]]
    report = dockseal("audit")["audit"]
    assert report["findings"] == []
    assert "configuration_changed" in report["remarks"]
    assert "own_configuration" not in report["remarks"]


def test_an_audit_names_what_was_changed_and_not_written_down(dockseal, card):
    dockseal("dock", card)
    report = dockseal("audit", code=1, **LOOSE)["audit"]
    assert [each["code"] for each in report["findings"]] == ["configuration_undeclared"]
    assert report["findings"][0]["facts"] == {"keys": KEY, "count": 1}
    assert dockseal("audit")["audit"]["findings"] == []


def test_an_audit_goes_on_where_the_patterns_are_broken(dockseal, card, tmp_path):
    dockseal("dock", card)
    names = tmp_path / "names.toml"
    names.write_text("[[patterns]]\n")
    report = dockseal("audit", DOCKSEAL_NAMES_FILE=str(names))["audit"]
    assert "no_configuration" in report["remarks"]

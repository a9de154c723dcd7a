"""The same through the command line and its processes: exit codes, documents, sentences."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tamper.test_unseen import history_is_rewritten_and_signed_with_the_stolen_key
from tests.tamper.vault_acts import one_bit_of_an_object_is_flipped

DOCKSEAL = Path(sys.executable).parent / "dockseal"
# Whoever runs this test may live before or after the dockings: entries of the future are not meant.
FUTURE = {"from_the_future", "audit_unrecorded"}


@pytest.fixture
def dockseal(home):
    def run(*arguments, expected=None):
        command = [str(DOCKSEAL), "--home", str(home.path), *arguments]
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home.path.parent),
            "LANG": "C.UTF-8",
            "DOCKSEAL_STATION_ORGANISATION": "house.example",
            "DOCKSEAL_STATION_STATION": "station-1",
            "DOCKSEAL_LEDGER_LINGER_S": "0",
        }
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        allowed = {expected} if expected is not None else {0, 1}
        assert done.returncode in allowed, done.stdout + done.stderr
        return done.stdout

    return run


def codes(document):
    return {each["code"] for each in document["findings"]} - FUTURE


def test_an_audit_names_the_segment_and_goes_on_keeping_its_checkpoint(home, dockseal, tmp_path):
    spoiled = one_bit_of_an_object_is_flipped.do(home)
    document = json.loads(dockseal("audit", "--json", expected=1))["audit"]
    assert codes(document) == {"object_digest", "slices_differ"}
    assert {each["subject"] for each in document["findings"]} >= {spoiled.subject}
    kept = tmp_path / "kept"
    kept.write_text(document["checkpoint"])
    again = json.loads(dockseal("audit", "--level", "presence", "--known", str(kept), "--json"))
    assert codes(again["audit"]) == set()
    assert "no_known_checkpoint" not in again["audit"]["remarks"]


def test_a_home_that_was_put_back_is_found_with_a_kept_checkpoint(home, dockseal, tmp_path):
    kept = tmp_path / "kept"
    kept.write_bytes(home.note)
    shutil.rmtree(home.path)
    shutil.copytree(home.older, home.path)
    blind = json.loads(dockseal("audit", "--level", "presence", "--json"))["audit"]
    assert codes(blind) == set()
    assert {"no_witness", "no_known_checkpoint"} <= set(blind["remarks"])
    asked = ("audit", "--level", "presence", "--known", str(kept), "--json")
    assert codes(json.loads(dockseal(*asked, expected=1))["audit"]) == {"rolled_back"}


def test_a_ledger_process_that_refuses_does_not_end_the_audit(home, dockseal):
    (home.path / "private/lock.sqlite").unlink()
    document = json.loads(dockseal("audit", "--json", expected=1))["audit"]
    assert codes(document) == {"ledger_refuses"}
    assert document["segments"] == 4
    assert document["entry"] is None
    assert {"no_statements", "no_index", "no_catalogue"} <= set(document["remarks"])
    assert "ledger_lock_missing" in dockseal("audit", expected=1)


def test_a_copy_of_the_public_tree_is_verified_against_a_kept_checkpoint(home, dockseal, tmp_path):
    kept = tmp_path / "kept"
    kept.write_bytes(home.note)
    ledger = str(home.paths.ledger)
    assert "--known" in dockseal("verify", ledger, "--known", str(kept), expected=0)
    history_is_rewritten_and_signed_with_the_stolen_key(home)
    dockseal("verify", ledger, expected=0)
    told = dockseal("verify", ledger, "--known", str(kept), "--json", expected=1)
    assert codes(json.loads(told)["verify"]) == {"history_rewritten"}


def test_a_checkpoint_that_is_none_is_a_mistake_of_the_command_line(home, dockseal):
    dockseal("audit", "--known", str(home.path / "vkey"), expected=2)

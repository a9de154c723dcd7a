"""A ledger process that comes while the one before it is still ending."""

import json
import subprocess
from contextlib import contextmanager

import pytest

from appliance.launch import found_ledger, ledger_command
from appliance.ledgerplan import LedgerPlan
from vault.lock import WriterLock
from vault.places import places_of


def plan_for(home, linger_s):
    return LedgerPlan(
        home=str(home), lock="", socket=str(home / "run" / "ledger.sock"),
        catalogue=str(home / "catalogue.sqlite"), origin="house.example/dock/station-1/1",
        station="station-1", software="dockseal test", linger_s=linger_s,
    )  # fmt: skip


@contextmanager
def started(plan):
    command = ledger_command(plan)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def home(tmp_path):
    found_ledger(plan_for(tmp_path / "home", None))
    return tmp_path / "home"


def test_a_part_of_up_waits_until_the_ledger_process_before_it_has_ended(home):
    held = WriterLock(places_of(home).writer)
    with started(plan_for(home, None)) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        held.close()
        assert json.loads(process.stdout.readline()) == {"ready": True}


def test_one_that_was_started_for_a_while_says_at_once_that_there_is_another(home):
    held = WriterLock(places_of(home).writer)
    with started(plan_for(home, 1)) as process:
        assert "ledger_busy" in process.stdout.readline()
    held.close()

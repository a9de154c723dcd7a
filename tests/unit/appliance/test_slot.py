"""The process of one slot: what it does before its recorder is opened, and how it opens it."""

import json

import pytest

from appliance import slot
from appliance.config import Config
from appliance.home import Home
from appliance.services import SlotJob
from appliance.settings import Settings
from appliance.slot import _dock, read_plan
from appliance.wiring import wire
from evidence.errors import LedgerUnavailableError, UnknownRecorderError


class Parsers:
    """Stands for the fenced children: nothing is started."""

    def __init__(self, *_limits, **_cradle):
        self.closed = False

    def fence(self, _task):
        return {"seccomp": 1}

    def close(self):
        self.closed = True


@pytest.fixture
def steps(monkeypatch):
    """What a slot did, in order; no recorder can be opened."""
    done = []

    def opened(path, **how):
        done.append(("open", path, how))
        raise UnknownRecorderError("path_unknown", where=str(path))

    monkeypatch.setattr(slot, "FencedParsers", Parsers)
    monkeypatch.setattr(slot, "LedgerClient", lambda path: ("ledger", path))
    monkeypatch.setattr(slot, "declare", lambda *told: done.append(("declare", *told)))
    monkeypatch.setattr(slot, "open_recorder", opened)
    return done


@pytest.fixture
def plan(tmp_path):
    house = wire(Settings(Config(), None, Home(tmp_path)))
    *_, text = house.slot_command(SlotJob(1, "/media/card"))
    assert "settings" in json.loads(text)
    return read_plan(text)


def test_the_configuration_is_in_the_ledger_before_the_recorder_is_opened(plan, steps, tmp_path):
    with pytest.raises(UnknownRecorderError):
        _dock(plan, None, None)
    assert [step[0] for step in steps] == ["declare", "open"]
    ledger = ("ledger", tmp_path / "run" / "ledger.sock")
    assert steps[0][1:] == (plan.settings, plan.software, "station-1", ledger)
    assert plan.settings["ingest.seam_tolerance_ms"] == 1500


def test_without_a_ledger_that_takes_it_no_recorder_is_opened(plan, steps, monkeypatch):
    def refuse(*_):
        raise LedgerUnavailableError("ledger_stopped")

    monkeypatch.setattr(slot, "declare", refuse)
    with pytest.raises(LedgerUnavailableError):
        _dock(plan, None, None)
    assert steps == []


def test_an_erase_mounts_below_our_own_run_folder(plan, steps, tmp_path):
    with pytest.raises(UnknownRecorderError):
        _dock(plan, None, None)
    assert steps[1][2]["mounts"] == tmp_path / "run"

"""What a recorder's own log says comes after the inventory, as an entry of its own."""

import pytest

from evidence.errors import ParserError
from evidence.recorders import Identity
from ingest import devicelog
from tests.fakes.recorder import MemoryRecorder
from tests.unit.ingest.memory import MemoryHouse

LOG = b"LOG begins\nserial=T000001\ndevice: CAM1\npoliceno=000001\n"


@pytest.fixture
def house():
    return MemoryHouse()


def docked(house, *logs, after="erase", told=None):
    files = {f"log{number}.txt": log for number, log in enumerate(logs)}
    recorder = MemoryRecorder(files, told=told or Identity(serial="T000001"))
    return house.dock(recorder, after=after), recorder


def test_a_log_that_agrees_is_written_down_and_nothing_else_follows(house):
    ended, recorder = docked(house, LOG)
    (observed,) = house.entries("identity.observed")
    assert observed.body == {
        "agrees": True, "noted": [],
        "sources": [["device", "log"], ["officer", "log"], ["serial", "log"]],
    }  # fmt: skip
    facts = house.ledger.statement(observed.seq).facts
    assert facts == {"serial": "T000001", "device": "CAM1", "officer": "000001", "unit": None}
    assert b"000001" not in house.ledger.leaves[observed.seq]
    assert (ended.recorder, recorder.files) == ("erased", {})


def test_a_log_of_another_recorder_is_a_conflict_and_nothing_is_erased(house):
    ended, recorder = docked(house, LOG.replace(b"T000001", b"T000009"))
    (observed,) = house.entries("identity.observed")
    assert not observed.body["agrees"]
    assert observed.body["noted"] == [{"finding": "identity_conflict", "field": "serial"}]
    assert (ended.recorder, ended.because) == ("kept", "identity_conflict")
    assert len(recorder.files) == 1
    assert not house.entries("docking.certified")
    assert (None, "identity_conflict") in house.heard.findings


def test_what_nobody_else_tells_cannot_be_contradicted(house):
    ended, _ = docked(house, LOG, told=Identity(volume="FAT32:1"))
    (observed,) = house.entries("identity.observed")
    assert observed.body["agrees"]
    assert ended.recorder == "erased"
    assert [subject[0] for subject in observed.about] == ["d", "r"]


def test_of_several_logs_the_first_word_holds(house):
    docked(house, LOG, LOG.replace(b"CAM1", b"CAM2"))
    (observed,) = house.entries("identity.observed")
    assert house.ledger.statement(observed.seq).facts["device"] == "CAM1"


def test_a_log_of_nobody_is_told_without_a_recorder(house):
    docked(house, LOG, told=Identity())
    (observed,) = house.entries("identity.observed")
    assert [subject[0] for subject in observed.about] == ["d"]


@pytest.mark.parametrize(
    "answer",
    [
        ["serial", "T000009"],
        {"serial": 9},
        {"serial": ""},
        {"serial": "9" * (devicelog.VALUE_LIMIT + 1)},
        {"colour": "blue"},
        {},
    ],
    ids=["a list", "a number", "nothing", "a long one", "another field", "no field"],
)
def test_an_answer_that_is_no_identity_says_nothing(house, monkeypatch, answer):
    monkeypatch.setattr("tests.unit.ingest.memory.read_log", lambda *_: answer)
    ended, recorder = docked(house, LOG)
    assert not house.entries("identity.observed")
    assert (ended.recorder, recorder.files) == ("erased", {})


def test_a_log_on_which_the_parser_falls_says_nothing_and_is_in_custody(house, monkeypatch):
    def fall(*_arguments):
        raise ParserError("parser_crashed", task="device_log")

    monkeypatch.setattr("tests.unit.ingest.memory.read_log", fall)
    ended, _ = docked(house, LOG)
    assert (ended.outcome, len(ended.sealed)) == ("complete", 1)
    assert not house.entries("identity.observed")


def test_the_parser_is_shown_the_head_of_a_log_and_no_more(house, monkeypatch):
    monkeypatch.setattr(devicelog, "LOG_LIMIT_BYTES", 20)
    seen = []
    monkeypatch.setattr(
        "tests.unit.ingest.memory.read_log",
        lambda source, _request: seen.append((source.size, source.read(4, 100))) or {},
    )
    docked(house, LOG)
    assert seen == [(20, LOG[4:20])]


def test_a_field_told_twice_with_different_values_is_told_by_none(house):
    docked(house, LOG + b"serial=T000009\n")
    (observed,) = house.entries("identity.observed")
    assert house.ledger.statement(observed.seq).facts["serial"] is None


def test_a_log_in_gbk_is_read(house):
    docked(house, "LOG 执法\n警号：000007\n".encode("gbk"))
    (observed,) = house.entries("identity.observed")
    assert house.ledger.statement(observed.seq).facts["officer"] == "000007"

"""``alarms`` at the command line: which stand, who answers them, what the handbook says of it."""

from dataclasses import replace

import pytest

from appliance.exits import Exit
from appliance.parser_alarm import COMMANDS
from appliance.told_state import State, write_state
from custody.outbox import Way, failed
from evidence.keeping import KEEPING
from tests.fakes.clock import NOON
from tests.fakes.trees import LedgerTiles
from tests.process.appliance.documented import undocumented, unshown
from tests.unit.appliance.keep_office import KeepOffice


@pytest.fixture
def office(monkeypatch, tmp_path):
    made = KeepOffice(monkeypatch, tmp_path)
    made.bureau.desk = replace(made.bureau.desk, tiles=LedgerTiles(made.bureau.ledger))
    return made


def alarm(office, *about, code="slice_differs"):
    body = {"alarm": code, "facts": {"offset": 7}}
    return office.bureau.write("alarm.raised", about, body, by="sys:audit")


def audit(office):
    size = len(office.bureau.house.entries())
    body = {"level": "digest", "size": size, "root": "00", "findings": 0, "verdict": "intact"}
    return office.bureau.write("audit.done", (), body, by="sys:audit")


def test_a_thousand_alarms_that_say_the_same_are_one_row_with_their_number(office):
    segment = office.bureau.seal("a")
    for _ in range(30):
        newest = alarm(office, segment)
    (only,) = office.json("head", "alarms")["alarms"]
    assert (only["entry"], only["count"], only["first"]) == (newest, 30, newest - 29)
    told = office("head", "alarms", "list")
    assert told.out.count("bytes in the vault are not those that were sealed") == 1
    assert "30" in told.out
    assert "证据库字节与封存时不同" in office("head", "alarms", lang="zh_CN.UTF-8").out


def test_alarms_of_many_kinds_come_page_after_page(office, monkeypatch):
    monkeypatch.setattr("appliance.commands_alarm.PAGE", 2)
    segment = office.bureau.seal("a")
    entries = [alarm(office, segment, code=f"code_{number}") for number in range(5)]
    found = office.json("head", "alarms")["alarms"]
    assert [each["entry"] for each in found] == entries[::-1]
    assert "code_3" in office("head", "alarms").out, "what has no sentence is told as it is"


def test_an_answer_ends_it_and_all_shows_how(office):
    segment = office.bureau.seal("a")
    entry = alarm(office, segment)
    said = office.json("head", "alarms", "acknowledge", str(entry), "--answer", "known")
    assert said["alarm"] == entry
    assert "No alarm is open" in office("head", "alarms").out
    (told,) = office.json("head", "alarms", "list", "--all")["alarms"]
    assert (told["answered"]["entry"], told["answered"]["answer"]) == (said["entry"], "known")
    assert "known (entry" in office("head", "alarms", "--all").out
    again = ("alarms", "acknowledge", str(entry), "--answer", "known")
    office.refused("head", *again, word="alarm_answered")


def test_sound_bytes_are_an_auditors_word_after_an_audit(office):
    entry = str(alarm(office, office.bureau.seal("a")))
    clear = ("alarms", "acknowledge", entry, "--answer", "no-harm", "--words", "disk exchanged")
    office.refused("head", *clear, word="refused")
    office.refused("inspector", *clear, word="alarm_unaudited")
    audit(office)
    assert office.json("inspector", *clear)["answer"] == "no_harm"
    (told,) = office.json("inspector", "alarms", "--all")["alarms"]
    assert told["cleared"] is True


def test_who_may_not_answer_it_is_not_told_of_it(office):
    alarm(office, office.bureau.seal("a"))
    box = alarm(office, KEEPING, code="clock_ahead")
    assert [each["entry"] for each in office.json("admin", "alarms")["alarms"]] == [box]
    assert office.json("officer", "alarms")["alarms"] == []


def test_a_way_that_does_not_go_through_is_told_with_the_alarms(office):
    folder = office.home / "alarms"
    folder.mkdir()
    write_state(folder, State(ways={"mail": failed(Way(), "webhook_answered 500", NOON)}))
    said = office("head", "alarms")
    assert "Mail has not gone through for 1 try: the webhook answered 500" in said.out
    told = office.json("head", "alarms")["ways"]["mail"]
    assert (told["failures"], told["because"]) == (1, "webhook_answered 500")


def test_an_index_that_is_none_is_a_mistake(office):
    for wrong in ("-1", "x"):
        office.json("head", "alarms", "acknowledge", wrong, "--answer", "known", code=Exit.USAGE)


def test_every_field_of_every_document_is_in_the_handbook_and_no_other(office):
    entry = alarm(office, office.bureau.seal("a"))
    office.json("head", "alarms", "acknowledge", str(entry), "--answer", "lost")
    office.json("head", "alarms", "--all")
    assert set(office.seen) == set(COMMANDS) - {"alarms send"}  # tests/process/…/test_telling.py
    for command, documents in office.seen.items():
        for document in documents:
            assert undocumented(command, document) == [], command
        assert unshown(command, documents) == [], command

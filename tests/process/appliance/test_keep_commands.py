"""Keeping at the command line, over a real home: a pack by two people, a hold, why, until when."""

import html
from datetime import UTC, datetime

import pytest

from appliance.exits import Exit
from tests.process.appliance.station import staffed
from tests.tools.encode import Picturing, Recipe, write

OFFICER, SUPERVISOR, HEAD, ADMIN, AUDITOR = "012345", "000012", "000010", "000001", "000003"
CHIEF, OVERSEER = "000020", "000021"
NAME = "T5A01_012345_20260301080100_0001.MP4"
WHY = ("--reason", "dispute", "--reference", "12345-88")
WHOLE = ("--item", "inspection", "--cause", "占道经营", "--party", "张某", "--case", "2026-7")


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """A complaint, its window held before the recorder is docked; then it is, and is labelled."""
    made = staffed(tmp_path_factory.mktemp("station"))
    made.enrol(CHIEF, "Chief", ".", "head")
    made.enrol(OVERSEER, "Watcher", ".", "overseer")
    window = ("--officer", OFFICER, "--from", "2026-03-01", "--until", "2026-03-01")
    made.held = made.do(SUPERVISOR, "hold", "place", *window, *WHY)["hold"]["hold"]
    card = made.folder / "card"
    card.mkdir()
    write(Recipe(video=Picturing(seed=1)), card / NAME)
    made.do(SUPERVISOR, "dock", str(card))
    (row,) = made.do(AUDITOR, "list")["segments"]
    made.segment = row["segment"]
    made.do(SUPERVISOR, "recorder", "holder", made.segment, OFFICER, "--reason", "paper list")
    made.do(OFFICER, "label", made.segment, *WHOLE, "--officer", OFFICER)
    return made


def why(station, who, *more):
    return station.do(who, "retention", station.segment[:12], *more)["retention"]


def refused(station, who, *arguments, word="refused", code=Exit.REFUSED):
    heard = station.run(who, *arguments, "--json")
    assert (heard.code, heard.document["error"]["word"]) == (code, word), heard.err


def test_a_complaint_that_came_before_the_recorder_was_docked_holds_what_was_docked_later(station):
    told = why(station, OFFICER)
    assert "hold:dispute" in {each["what"] for each in told["grounds"]}
    assert {each["code"] for each in told["blockers"]} >= {"no_policy", "held"}
    refused(station, ADMIN, "retention", station.segment[:12])


def test_two_people_let_the_shipped_pack_hold_and_it_says_until_when(station):
    refused(station, HEAD, "policy", "propose", "jinzhong")
    proposed = str(station.do(CHIEF, "policy", "propose", "jinzhong")["entry"])
    refused(station, CHIEF, "policy", "adopt", proposed)
    station.do(OVERSEER, "policy", "adopt", proposed)
    told = why(station, OFFICER)
    assert told["until"] is None
    (rule,) = (each for each in told["grounds"] if each["what"] == "standard")
    assert rule["ends"] is not None
    said = station.run(OFFICER, "retention", station.segment[:12], lang="zh-CN").out
    assert "没有保存期限" in said
    assert "第 17(2) 条" in said


def test_nothing_falls_due_while_it_is_held_and_what_blocks_it_is_told(station):
    assert station.do(CHIEF, "retention", "due", "--within", "3000d")["count"] == 0
    rows = station.do(CHIEF, "retention", "blocked", "--by", "unit")["blocked"]
    assert {(each["code"], each["count"]) for each in rows} >= {("held", 1)}


def test_two_people_release_it_and_a_fresh_grace_begins(station):
    ground = ("--ground", "placed-in-error", "--reference", "12345-89")
    refused(station, SUPERVISOR, "hold", "release", station.held, *ground)
    station.do(HEAD, "hold", "release", station.held, *ground)
    refused(station, HEAD, "hold", "release", station.held)
    station.do(OVERSEER, "hold", "release", station.held)
    told = why(station, OFFICER)
    assert "released" in {each["from"] for each in told["grounds"]}
    assert told["until"] is not None
    due = station.do(CHIEF, "retention", "due", "--within", "300d")
    assert [each["segment"] for each in due["due"]] == [station.segment]


def test_an_attached_paper_is_in_the_ledger_encrypted_and_not_in_the_catalogue(station):
    paper = station.folder / "letter.txt"
    paper.write_bytes("投诉".encode() * 40_000)
    placed = ("hold", "place", station.segment[:12], *WHY, "--attach", str(paper))
    station.do(HEAD, *placed)
    (held,) = station.do(HEAD, "hold", "list")["holds"]
    assert held["reference"] == "12345-88"
    stored = (station.home / "catalogue.sqlite").read_bytes()
    assert b"letter.txt" not in stored
    assert "投诉投诉".encode() not in stored


def test_a_case_is_closed_and_two_people_say_which_day_it_is(station):
    today = datetime.now(UTC).date().isoformat()
    refused(station, OFFICER, "case", "close", "2026-7", "--on", today)
    station.do(HEAD, "case", "close", "2026-7", "--on", today)
    refused(station, HEAD, "time", "attest", today)
    assert station.do(AUDITOR, "time", "attest", today)["attested"] is False
    assert station.do(CHIEF, "time", "attest", today)["attested"] is True


def test_a_week_is_shown_closed_and_printed_and_the_sheet_holds_against_the_ledger(station):
    week, sheet = "2026-W09", station.folder / "w09.html"  # that of 1 March, docked long after
    told = station.do(SUPERVISOR, "week", week)["week"]
    assert (told["segments"], told["state"], len(told["late"])) == (1, "open", 1)
    refused(station, OFFICER, "week", "close", "East", week)
    closed = station.do(HEAD, "week", "close", "East", week, "--sheet", str(sheet))["week"]
    refused(station, HEAD, "week", "close", "East", week, word="week_closed")
    note = station.folder / "sheet.note"  # as somebody types it from the paper, or scans it
    printed = html.unescape(sheet.read_text("utf-8"))
    note.write_text(printed.rpartition("<pre>")[2].partition("</pre>")[0])
    assert station.do(AUDITOR, "verify", str(station.home / "ledger"), "--known", str(note))
    assert closed["closings"][0]["checkpoint"]["root"] in printed
    running = station.do(AUDITOR, "week", "list", "East", "--weeks", "1")["weeks"][0]
    refused(station, HEAD, "week", "close", "East", running["week"], word="week_running")


def test_the_audit_finds_all_of_it_in_order(station):
    report = station.do(AUDITOR, "audit")
    assert report["audit"]["findings"] == []

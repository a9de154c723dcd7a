"""``dispose`` at the command line: two people, two waits, the keeper, the tombstone."""

from datetime import timedelta

import pytest

from appliance import signing
from appliance.exits import Exit
from tests.fakes.desk import private_key
from tests.fakes.shelf import adopt, hold, of_segments
from tests.unit.appliance.keep_office import KeepOffice
from vault.softkey import SoftKey


@pytest.fixture
def office(monkeypatch, tmp_path):
    made = KeepOffice(monkeypatch, tmp_path)
    adopt(made.bureau)
    made.films = [made.bureau.seal(name) for name in "ab"]
    for segment in made.films:
        made.bureau.label(segment, ["officer"])
    later(made, 400)
    for who in ("head", "chief"):
        made.bureau.register(who)
    monkeypatch.setattr(signing, "load_soft_key", lambda path: SoftKey(private_key(path.name)))
    return made


def later(office, days):
    """Days pass, and two people say which day it is."""
    office.bureau.clock.forward(days=days)
    day = (office.bureau.now - timedelta(days=1)).date().isoformat()
    for who in ("chief", "inspector"):
        office.json(who, "time", "attest", day)


def proposed(office, who="supervisor", *named):
    what = named or ("--due",)
    return office.json(who, "dispose", "propose", *what, "--reason", "over")["disposal"]


def approved(office, start, who="head"):
    arguments = ("dispose", "approve", start, "--reason", "checked", "--key", who)
    return office.json(who, *arguments)


def test_from_the_proposal_to_the_tombstone(office):
    said = proposed(office)
    assert (said["state"], said["count"]) == ("proposed", 2)
    start = said["disposal"][:10]
    later(office, 40)
    approved(office, start)
    assert office("head", "dispose", "run").out.strip() == "No disposal waits to be run."
    later(office, 40)
    told = office("head", "dispose", "run").out
    assert "2 segments destroyed, 0 spared. Done." in told
    shown = office("officer", "disposed", office.films[0][2:]).out
    assert "Its bytes are gone: local: " in shown
    assert "article 17" in shown
    document = office.json("officer", "disposed", office.films[0][2:])["tombstone"]
    assert (document["executed"], document["disposal"]) == (True, said["disposal"])
    office.refused("west_head", "disposed", office.films[0][2:], word="refused")


def test_one_person_alone_is_refused(office):
    start = proposed(office, "head")["disposal"][:10]
    later(office, 40)
    approve = ("dispose", "approve", start, "--reason", "checked")
    office.refused("head", *approve, "--key", "head", word="refused")
    office.refused("chief", *approve, word="refused")  # without a signature
    office.refused("chief", *approve, "--key", "watcher", word="key_not_registered")
    assert approved(office, start, "chief")["disposal"]["state"] == "approved"


def test_what_is_held_refuses_the_list_and_what_is_due_leaves_it_out(office):
    hold(office.bureau, of_segments(office.films[0]))
    named = [segment[2:14] for segment in office.films]
    arguments = ("dispose", "propose", *named, "--reason", "over")
    error = office.refused("supervisor", *arguments, word="not_disposable")
    assert error
    assert proposed(office)["count"] == 1


def test_undone_it_is_run_by_nobody(office):
    start = proposed(office)["disposal"][:10]
    assert office.json("inspector", "dispose", "undo", start, "--reason", "a complaint")
    assert office("head", "dispose", "run").out.strip() == "No disposal waits to be run."
    assert office("head", "dispose", "list").out.strip() == "No disposal is under way."
    assert "undone" in office("head", "dispose", "list", "--all").out


def test_the_list_names_who_and_until_when(office):
    proposed(office)
    rows = office.json("head", "dispose", "list")["disposals"]
    assert [row["state"] for row in rows] == ["proposed"]
    assert "proposed" in office("head", "dispose", "list").out
    for who in ("officer", "west_head", "admin"):
        assert office.json(who, "dispose", "list")["disposals"] == []


def test_without_a_time_from_outside_nothing_is_proposed_or_run(monkeypatch, tmp_path):
    office = KeepOffice(monkeypatch, tmp_path)
    adopt(office.bureau)
    office.bureau.seal("a")
    office.bureau.clock.forward(days=400)
    arguments = ("dispose", "propose", "--due", "--reason", "over")
    office.refused("supervisor", *arguments, word="no_outside_time")
    office.refused("supervisor", "dispose", "run", word="no_outside_time")


def test_a_clock_a_year_ahead_destroys_nothing_and_raises_an_alarm_once(office):
    start = proposed(office)["disposal"][:10]
    later(office, 40)
    approved(office, start)
    office.bureau.clock.forward(days=365)
    for _ in range(2):
        said = office("head", "dispose", "run").out
        assert "ALARM: our clock is far ahead" in said
        assert "No disposal waits to be run." in said
    assert office.json("head", "dispose", "run")["odd"] == "clock_ahead"
    office.refused("head", "dispose", "run", start, word="undo_open")
    alarms = [entry.body["alarm"] for entry in office.bureau.house.entries("alarm.raised")]
    assert alarms == ["clock_ahead"]


def test_a_clock_that_was_set_back_raises_an_alarm_and_its_own_time_counts(office):
    office.bureau.clock.forward(days=-30)
    said = office.json("head", "dispose", "run")
    assert said["source"] == "local"
    alarms = [entry.body["alarm"] for entry in office.bureau.house.entries("alarm.raised")]
    assert alarms == ["clock_behind"]


@pytest.mark.parametrize("named", [("--due", "aaaaaa"), ()])
def test_a_proposal_names_segments_or_what_is_due(office, named):
    arguments = ("dispose", "propose", *named, "--reason", "over")
    office.refused("supervisor", *arguments, word="dispose_which", code=Exit.USAGE)


def test_where_nothing_is_due_it_says_by_which_time(office):
    proposed(office)
    arguments = ("dispose", "propose", "--due", "--reason", "over")
    office.refused("supervisor", *arguments, word="nothing_due")


@pytest.mark.parametrize("text", ["x:123", "zzzzzz", "x:" + "0" * 32])
def test_a_disposal_that_is_none_is_unknown(office, text):
    proposed(office)
    arguments = ("dispose", "undo", text, "--reason", "no")
    office.refused("head", *arguments, word="disposal_unknown")


def test_what_is_in_custody_has_no_tombstone(office):
    office.refused("officer", "disposed", office.films[0][2:], word="not_disposed_of")
    office.refused("officer", "disposed", "0" * 64, word="segment_unknown")


def test_every_sentence_is_chinese_too(office):
    proposed(office)
    said = office("head", "dispose", "list", lang="zh_CN.UTF-8").out
    assert "待批准" in said

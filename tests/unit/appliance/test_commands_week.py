"""``week`` at the command line: shown, listed, closed, printed; in both languages."""

import html
import io
import json
import re
from types import SimpleNamespace

import pytest

from appliance import commands_week
from appliance.cli import run
from appliance.exits import Exit
from appliance.output import Terminal
from appliance.parser import spelled_out
from custody.tree import Tree
from evidence.merkle import leaf_hash
from tests.fakes.weeks import Weekly


class Office:
    """Whoever calls is signed in."""

    def __init__(self, monkeypatch, root):
        self.root = root
        self.weekly = Weekly()
        self.house = self.weekly.bureau.house
        self.who = None
        monkeypatch.setattr(
            commands_week, "actor", lambda _call: self.weekly.bureau.actor(self.who)
        )

    def __call__(self, who, *arguments, lang="en_US.UTF-8"):
        self.who = who
        out, err = io.StringIO(), io.StringIO()
        code = run(
            ["--home", str(self.root), "week", *arguments],
            {"HOME": str(self.root), "LANG": lang},
            lambda _settings: SimpleNamespace(desk=self.weekly.bureau.desk),
            lambda as_json, quiet: Terminal(out, err, as_json, quiet),
        )
        return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())

    def json(self, who, *arguments, code=Exit.OK):
        said = self(who, *arguments, "--json")
        assert said.code == code, said.out
        return json.loads(said.out)


@pytest.fixture
def office(monkeypatch, tmp_path):
    made = Office(monkeypatch, tmp_path)
    weekly = made.weekly
    weekly.at("11-18 09:00").docking("11-17 10:00")
    weekly.hand(weekly.pooled(), "11-20 08:00", due="11-20 18:00")
    weekly.at("11-22 18:00").docking("11-22 09:00", outcome="interrupted")
    weekly.at("11-23 08:30")
    return made


def text_of(sheet):
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", sheet, flags=re.DOTALL))


def test_a_week_is_shown_with_what_is_in_custody_and_what_is_missing(office):
    said = office("supervisor")
    assert said.code == Exit.OK, said.err
    for told in ("2026-W47", "2 segments", "docked late", "handed out, due, and not brought back",
                 "mate", "broke off", "is over and not closed"):  # fmt: skip
        assert told in said.out, told
    week = office.json("supervisor", "2026-W47")["week"]
    assert (week["segments"], len(week["late"]), len(week["unlabelled"])) == (2, 1, 2)
    assert {each["because"] for each in week["missing"]} == {"not_returned", "interrupted"}


def test_after_the_last_one_is_closed_the_running_week_is_shown(office):
    assert office.json("supervisor")["week"]["week"] == "2026-W47"
    office.json("supervisor", "close", "u:" + office.weekly.look().unit[2:])
    assert office.json("supervisor")["week"]["week"] == "2026-W48"


def test_the_weeks_are_listed_with_what_has_become_of_them(office):
    unit = office.weekly.look().unit
    office.json("head", "close", unit)
    office.weekly.at("11-24 18:00").docking("11-22 10:00")
    rows = office.json("inspector", "list", unit, "--weeks", "3")["weeks"]
    assert [(each["week"], each["state"]) for each in rows] == [
        ("2026-W48", "running"), ("2026-W47", "reopened"), ("2026-W46", "open"),
    ]  # fmt: skip
    assert "reopened" in office("inspector", "list", unit).out
    error = office.json("inspector", "list", unit, "--weeks", "107", code=Exit.USAGE)["error"]
    assert error["word"] == "weeks_many"


def test_closing_again_says_which_entry_stays(office):
    unit = office.weekly.look().unit
    first = office.json("head", "close", unit)["week"]["closings"][0]["entry"]
    office.weekly.at("11-24 18:00").docking("11-22 10:00")
    said = office("head", "close", unit, "2026-W47")
    assert f"entry {first} stays as it is" in said.out
    closed = office.json("head", "close", unit, "2026-W47", code=Exit.REFUSED)["error"]
    assert closed["word"] == "week_closed"


def test_the_sheet_says_what_the_entry_says_and_can_be_held_against_the_ledger(office):
    file = office.root / "w47.html"
    unit = office.weekly.look().unit
    closed = office.json("supervisor", "close", unit, "--sheet", str(file))["week"]["closings"][0]
    sheet = file.read_text("utf-8")
    told = text_of(sheet)
    tree = Tree(office.house.tiles)
    assert leaf_hash(tree.leaf(closed["entry"])).hex() in told
    assert closed["checkpoint"]["root"] in told
    assert tree.note.decode() in html.unescape(sheet)
    assert told.index("视音频资料每周汇总表") < told.index("Weekly consolidation")
    for each in (
        "2026-W47",
        "已领出，逾期未还",
        "handed out, due",
        "mate",
        "officer",
        "单位负责人",
    ):
        assert each in told, each
    assert "<script" not in sheet
    assert "http" not in sheet
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_sheet_printed_later_is_that_of_the_closing_not_of_today(office):
    unit = office.weekly.look().unit
    first, later = office.root / "first.html", office.root / "later.html"
    office.json("supervisor", "close", unit, "--sheet", str(first))
    office.weekly.label(*(each.segment for each in office.weekly.look().brought))
    office.weekly.at("11-24 18:00").docking("11-22 10:00")
    office.json("inspector", "sheet", unit, "2026-W47", str(later))
    ours, theirs = (text_of(each.read_text("utf-8")).split("打印时")[0] for each in (first, later))
    assert ours == theirs


def test_no_sheet_is_written_over_something_nor_of_an_open_week(office):
    unit = office.weekly.look().unit
    there = office.root / "there.html"
    there.write_text("mine")
    error = office.json("supervisor", "close", unit, "--sheet", str(there), code=Exit.USAGE)
    assert error["error"]["word"] == "sheet_place"
    assert not office.house.entries("week.closed")
    error = office.json("supervisor", "sheet", unit, "2026-W47", str(office.root / "new.html"),
                        code=Exit.REFUSED)["error"]  # fmt: skip
    assert error["word"] == "week_not_closed"
    assert there.read_text() == "mine"


def test_names_of_people_and_units_are_escaped_on_the_sheet(office):
    bureau, weekly = office.weekly.bureau, office.weekly
    body = {"unit": weekly.look().unit, "parent": "u:" + "0" * 32, "enforcing": True}
    about = (body["parent"], body["unit"])
    bureau.write("unit.moved", about, body, {"name": "<img src=x>"}, of=body["unit"])
    file = office.root / "w47.html"
    office.json("supervisor", "close", body["unit"], "--sheet", str(file))
    assert "<img" not in file.read_text("utf-8")
    assert "&lt;img" in file.read_text("utf-8")


@pytest.mark.parametrize("who", ["officer", "west_head", "admin"])
def test_who_may_not_see_it_is_refused_by_name(office, who):
    unit = office.weekly.look().unit
    for arguments in ((unit,), ("list", unit), ("sheet", unit, "2026-W47", "x.html")):
        error = office.json(who, *arguments, code=Exit.REFUSED)["error"]
        assert error["word"] == "refused"


@pytest.mark.parametrize("text", ["2026-W54", "2026-47", "W47", "2026-W00", "0001-W01"])
def test_what_is_no_week_is_refused(office, text):
    error = office.json("supervisor", "show", office.weekly.look().unit, text, code=Exit.USAGE)
    assert error["error"]["word"] == "week_malformed"


def test_the_same_is_said_in_chinese(office):
    said = office("supervisor", lang="zh_CN.UTF-8").out
    for told in ("已入库并回读核对", "迟交", "已领出，逾期未还", "尚未汇总"):
        assert told in said, told


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["week"], ["week", "show"]),
        (["--home", "week", "week", "--json"], ["--home", "week", "week", "show", "--json"]),
        (["week", "2026-W47"], ["week", "show", "2026-W47"]),
        (["week", "close", "x"], ["week", "close", "x"]),
        (["week", "--help"], ["week", "--help"]),
        (["list", "week"], ["list", "week"]),
        ([], []),
    ],
)
def test_week_alone_shows_a_week(typed, meant):
    assert spelled_out(typed) == meant

"""Holds, cases and days at the command line: each permission once refused and once given."""

import pytest

from appliance.exits import Exit
from evidence.keeping import KEEPING
from tests.fakes.desk import EAST, person
from tests.fakes.shelf import asked, shelf
from tests.unit.appliance.keep_office import KeepOffice

WHY = ("--reason", "dispute", "--reference", "2026-7")


@pytest.fixture
def office(monkeypatch, tmp_path):
    return KeepOffice(monkeypatch, tmp_path, page=1)


def place(office, who, *scope, **more):
    return office.json(who, "hold", "place", *scope, *WHY, **more)


def test_the_officer_holds_a_segment_and_somebody_else_does_not(office):
    segment = office.bureau.seal("a")
    told = place(office, "officer", segment[2:14])["hold"]
    assert (told["kind"], told["segments"], told["by"]) == (
        "segments", [segment[2:]], person("officer"),
    )  # fmt: skip
    office.refused("mate", "hold", "place", segment[2:14], *WHY, word="refused")
    said = office("mate", "hold", "place", segment[2:14], *WHY)
    assert "place a hold" in said.err
    assert "article 17" in said.err


def test_a_case_and_each_kind_of_window_are_held(office):
    segment = office.bureau.seal("a")
    office.bureau.label(segment, ["officer"], "2026-9")
    window = ("--from", "2026-11-20", "--until", "2026-11-21")
    case = place(office, "supervisor", "--case", "2026-9")["hold"]
    assert case["of"] == office.bureau.ledger.pseudonym("c", "2026-9")
    mine = place(office, "officer", "--officer", "officer", *window)["hold"]
    assert mine["of"] == person("officer")
    # A day begins and ends where the station stands: Shanghai.
    assert (mine["since"], mine["until"]) == (
        "2026-11-19T16:00:00.000Z", "2026-11-21T16:00:00.000Z",
    )  # fmt: skip
    recorder = place(office, "head", "--recorder", "T000001", *window)["hold"]
    assert recorder["of"] == office.bureau.recorder()
    name = EAST[:6]
    assert place(office, "head", "--unit", name, *window)["hold"]["of"] == EAST
    open_end = place(office, "chief", "--unit", ".", "--from", "2026-11-20T08:00")["hold"]
    assert open_end["until"] is None
    listed = office("chief", "hold", "list").out
    assert "2026-11-20 08:00:00 – open" in listed
    assert "2026-11-20 00:00:00 – 2026-11-22 00:00:00" in listed
    assert "case c:" in listed
    assert office.bureau.recorder()[:14] in listed


@pytest.mark.parametrize(
    ("scope", "word"),
    [
        ((), "hold_which"),
        (("3fa9c1", "--case", "7"), "hold_which"),
        (("--officer", "officer"), "hold_scope"),
        (("--case", "7", "--from", "2026-11-20"), "hold_scope"),
        (("--officer", "officer", "--case", "7"), "usage_not_with"),
    ],
)
def test_what_is_held_is_one_thing_and_a_window_has_a_beginning(office, scope, word):
    office.refused("head", "hold", "place", *scope, *WHY, word=word, code=Exit.USAGE)


def test_what_is_attached_goes_into_the_statement_and_its_place_does_not(office, tmp_path):
    segment = office.bureau.seal("a")
    paper = tmp_path / "letter of complaint.pdf"
    paper.write_bytes(b"%PDF")
    told = place(office, "head", segment[2:14], "--attach", str(paper), "--words", "shouted")
    facts = office.bureau.ledger.statement(told["hold"]["entry"]).facts
    assert facts["attachment"]["name"] == "letter of complaint.pdf"
    assert str(tmp_path) not in str(facts)
    missing = ("hold", "place", segment[2:14], *WHY, "--attach", str(tmp_path / "none"))
    office.refused("head", *missing, word="file_unreadable", code=Exit.VAULT)
    paper.write_bytes(bytes((256 << 10) + 1))
    big = ("hold", "place", segment[2:14], *WHY, "--attach", str(paper))
    office.refused("head", *big, word="attachment_unusable", code=Exit.USAGE)


def test_two_people_release_a_hold(office):
    hold = place(office, "officer", office.bureau.seal("a")[2:14])["hold"]["hold"]
    ground = ("--ground", "archive-over", "--reference", "2026-9")
    office.refused("officer", "hold", "release", hold, *ground, word="refused")
    office.refused("watcher", "hold", "release", hold, word="release_not_proposed")
    office.refused("head", "hold", "release", hold, *ground[:2], word="keep_words", code=Exit.USAGE)
    assert office.json("head", "hold", "release", hold[:10], *ground)["released"] is False
    assert "another person decides" in office("head", "hold", "list").out
    error = office.refused("head", "hold", "release", hold, word="refused")
    assert "two people are needed" in error["sentences"][1]
    said = office("watcher", "hold", "release", hold)
    assert "fresh grace" in said.out
    assert office.json("head", "hold", "list")["holds"] == []
    (gone,) = office.json("head", "hold", "list", "--released")["holds"]
    assert gone["released"] is not None
    assert "released" in office("head", "hold", "list", "--released").out


def test_a_release_is_refused_and_the_hold_stands(office):
    hold = place(office, "officer", office.bureau.seal("a")[2:14])["hold"]["hold"]
    ground = ("--ground", "placed-in-error", "--reference", "x")
    office.json("head", "hold", "release", hold, *ground)
    office.refused("officer", "hold", "refuse", hold, "--reason", "no", word="refused")
    office.json("watcher", "hold", "refuse", hold, "--reason", "still needed")
    (left,) = office.json("head", "hold", "list")["holds"]
    assert (left["proposed"], left["released"]) == (None, None)


@pytest.mark.parametrize("text", ["h:00000000", "h:12", ""])
def test_a_hold_that_nobody_may_know_of_is_unknown(office, text):
    place(office, "officer", office.bureau.seal("a")[2:14])
    office.refused("head", "hold", "release", text or "h:", word="hold_unknown")
    known = next(iter(shelf(office.bureau).holds))
    office.refused("west_head", "hold", "release", known, word="hold_unknown")


def test_who_it_is_about_does_not_read_who_complained(office):
    bureau = office.bureau
    segment = bureau.seal("a")
    place(office, "supervisor", segment[2:14], "--words", "Mrs Wang")
    read = {
        who: (office.json(who, "hold", "list")["holds"] or [{"reference": "unseen"}])[0]
        for who in ("officer", "supervisor", "head", "inspector", "west_head", "admin")
    }
    assert {who: hold["reference"] for who, hold in read.items()} == {
        "officer": None, "supervisor": "2026-7", "head": "2026-7", "inspector": "2026-7",
        "west_head": "unseen", "admin": "unseen",
    }  # fmt: skip
    assert read["head"]["words"] == "Mrs Wang"


def test_a_marked_segment_waits_in_the_list_until_somebody_decides(office):
    first, second = (office.bureau.seal(name, important=True) for name in "ab")
    waiting = office.json("supervisor", "hold", "list")["provisional"]
    assert {each["segment"] for each in waiting} == {first[2:], second[2:]}
    assert office.json("west_head", "hold", "list")["provisional"] == []
    said = office("supervisor", "hold", "list").out
    assert "held until somebody decides" in said
    assert first[2:14] in said
    one, two = (str(office.sealed[each].seq) for each in (first, second))
    office.refused("officer", "hold", "resolve", one, "--reason", "x", word="refused")
    office.json("supervisor", "hold", "resolve", one, "--reason", "tested the button")
    place(office, "officer", second[2:14], "--answers", two)
    assert office.json("supervisor", "hold", "list")["provisional"] == []


def test_a_complaint_waits_in_the_list_of_who_may_see_the_question(office):
    request = asked(office.bureau, [office.bureau.seal("a")])
    for who in ("head", "inspector", "supervisor"):
        (told,) = office.json(who, "hold", "list")["proposed"]
        assert (told["request"], told["reason"]) == (request.id, "dispute")
    assert office.json("officer", "hold", "list")["proposed"] == []
    assert "complaint" in office("head", "hold", "list").out
    entry = str(request.entry)
    office.json("head", "hold", "resolve", entry, "--reason", "withdrawn")
    assert office("head", "hold", "list").out.startswith("Nothing is held")


def test_a_case_is_closed_and_goes_on(office):
    office.bureau.label(office.bureau.seal("a"), ["officer"], "2026-9")
    office.refused("officer", "case", "close", "2026-9", "--on", "2026-11-20", word="refused")
    wrong = ("case", "close", "2026-9", "--on", "20 November")
    office.refused("head", *wrong, word="not_a_day", code=Exit.USAGE)
    told = office.json("head", "case", "close", "2026-9", "--on", "2026-11-20")
    assert told["closed_on"] == "2026-11-20"
    office.refused("officer", "case", "reopen", "2026-9", word="refused")
    assert office.json("supervisor", "case", "reopen", "2026-9")["case"] == told["case"]


def test_two_people_attest_the_day(office):
    day = "2026-11-22"
    office.refused("officer", "time", "attest", day, word="refused")
    assert office.json("inspector", "time", "attest", day)["attested"] is False
    office.refused("inspector", "time", "attest", day, word="refused")
    assert "Two people say" in office("chief", "time", "attest", day).out
    assert office.bureau.ledger.last(KEEPING) is not None


def test_in_chinese_too(office):
    segment = office.bureau.seal("a", important=True)
    said = office("supervisor", "hold", "place", segment[2:14], *WHY, lang="zh_CN.UTF-8")
    assert "已设定长期保存" in said.out
    assert "投诉" in office("supervisor", "hold", "list", lang="zh_CN.UTF-8").out

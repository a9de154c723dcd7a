"""``retention`` at the command line: in words why, until when, what would change it, whose task."""

from dataclasses import replace

import pytest

from appliance.exits import Exit
from tests.fakes.desk import EAST, SQUAD, WEST
from tests.fakes.shelf import adopt, asked, hold, of_segments, pack, release
from tests.unit.appliance.keep_office import KeepOffice


@pytest.fixture
def office(monkeypatch, tmp_path):
    return KeepOffice(monkeypatch, tmp_path, page=2)


def labelled(office, name, **more):
    segment = office.bureau.seal(name, **more)
    office.bureau.label(segment, ["officer"])
    return segment


def retention(office, who, segment, *more):
    return office.json(who, "retention", segment[2:14], *more)["retention"]


def codes(document):
    return [each["code"] for each in document["blockers"]]


def test_before_any_pack_is_adopted_nothing_may_go(office):
    segment = labelled(office, "a")
    told = retention(office, "officer", segment)
    assert (told["until"], told["grace_until"], told["over"]) == (None, None, False)
    assert codes(told) == ["no_policy"]
    said = office("officer", "retention", segment[2:14]).out
    assert "nobody has adopted how long anything is kept" in said
    assert "task of the head" in said


def test_the_rule_is_named_with_article_version_and_entry(office):
    adopted = adopt(office.bureau)
    segment = labelled(office, "a")
    told = retention(office, "officer", segment)
    (ground,) = told["grounds"]
    assert ground["what"] == "standard"
    assert (ground["article"], ground["policy"], ground["from"]) == ("17", adopted, "sealed")
    # Sealed on 22 November in Shanghai: that day in May is kept whole.
    assert told["until"] == "2027-05-22T16:00:00.000Z"
    assert told["grace_until"] == "2027-08-20T16:00:00.000Z"
    said = office("officer", "retention", segment[2:14]).out
    assert "is kept through 2027-05-22, and in grace through 2027-08-20" in said
    assert f"rule standard of jinzhong 1 (article 17, adopted by entry {adopted}): 6 months" in said
    assert "Nothing else forbids its disposal once its time is over" in said


def test_on_another_day_it_says_what_would_be(office):
    adopt(office.bureau)
    segment = labelled(office, "a")
    last = retention(office, "officer", segment, "--on", "2027-05-22")
    assert (codes(last), last["over"]) == ([], False)
    grace = retention(office, "officer", segment, "--on", "2027-05-23")
    assert codes(grace) == ["in_grace"]
    over = retention(office, "officer", segment, "--on", "2027-08-21")
    assert (codes(over), over["over"]) == ([], True)
    said = office("officer", "retention", segment[2:14], "--on", "2027-08-21").out
    assert "Nothing forbids its disposal.\n" in said
    office.refused(
        "officer", "retention", segment[2:14], "--on", "soon", word="not_a_day", code=Exit.USAGE
    )


def test_whoever_may_list_it_is_told_and_nobody_else(office):
    segment = labelled(office, "a")
    for who in ("officer", "supervisor", "watcher", "inspector"):
        retention(office, who, segment)
    for who in ("mate", "west_head", "admin"):
        office.refused(who, "retention", segment[2:14], word="refused")
    refusal = office.bureau.house.entries("access.refused")[-1]
    assert refusal.body["act"] == "see_retention"


def test_holds_marks_and_cases_are_grounds_with_what_would_end_them(office):
    adopt(office.bureau, pack("periods"))
    segment = office.bureau.seal("a", important=True)
    items = {"items": {"name": "periods", "version": "1"}, "item": "hearing"}
    office.bureau.label(segment, ["officer"], "2026-9", **items)
    placed = hold(office.bureau, of_segments(segment), reason="obstruction")
    told = retention(office, "head", segment)
    assert {each["what"] for each in told["grounds"]} == {
        "standard", "case-file", "hold:obstruction", "mark",
    }  # fmt: skip
    assert told["until"] is None
    assert codes(told) == ["mark", "held"]
    said = office("head", "retention", segment[2:14]).out
    assert "is kept without an end" in said
    assert f"hold: obstruction or violence (article 17(3), entry {placed.entry})" in said
    assert "important mark of the officer" in said
    assert "as the file of its case, counted from the close of the case" in said
    for change in ("dockseal hold release", "dockseal hold resolve", "dockseal case close"):
        assert change in said
    release(office.bureau, placed)
    assert "released" in {each["from"] for each in retention(office, "head", segment)["grounds"]}
    assert "through 2026-11-22" in office("head", "retention", segment[2:14]).out


def test_that_somebody_asked_is_told_to_heads_and_auditors_only(office):
    adopt(office.bureau)
    segment = labelled(office, "a")
    asked(office.bureau, [segment])
    told = retention(office, "officer", segment)
    assert (codes(told), told["hidden"]) == ([], 2)
    said = office("officer", "retention", segment[2:14]).out
    assert "Something more forbids its disposal" in said
    assert "Nothing else" not in said
    for who in ("head", "inspector"):
        told = retention(office, who, segment)
        assert (codes(told), told["hidden"]) == (["proposed", "open_request"], 0)


def test_what_falls_due_is_listed_the_soonest_first(office):
    none = office.json("head", "retention", "due")
    assert (none["count"], none["within_days"]) == (0, 30)
    adopt(office.bureau)
    early = labelled(office, "early")
    office.bureau.clock.forward(days=40)
    late, unlabelled = labelled(office, "late"), office.bureau.seal("unlabelled")
    office.bureau.clock.forward(days=200)
    near = office.json("head", "retention", "due", "--within", "32d")
    assert [each["segment"] for each in near["due"]] == [early[2:]]
    far = office.json("head", "retention", "due", "--within", "80")
    assert far["due"][0]["segment"] == early[2:]
    assert {each["segment"] for each in far["due"]} == {early[2:], late[2:], unlabelled[2:]}
    assert (far["count"], far["bytes"]) == (3, 27)
    said = office("head", "retention", "due", "--within", "80d").out
    assert "3 segments fall due within 80 days: 27 B" in said
    assert "no complete label" in said
    assert office.json("west_head", "retention", "due", "--within", "80d")["count"] == 0


def test_a_permanent_pack_lets_nothing_fall_due(office):
    adopt(office.bureau, pack(standard={"article": "1", "period": "permanent"}))
    labelled(office, "a")
    assert office.json("head", "retention", "due", "--within", "3660d")["count"] == 0


def test_a_pack_of_years_lets_things_fall_due_too(office):
    adopt(office.bureau, pack(standard={"article": "1", "period": "2 years"}))
    labelled(office, "a")
    assert office.json("head", "retention", "due", "--within", "700d")["count"] == 0
    assert office.json("head", "retention", "due", "--within", "900d")["count"] == 1


def test_what_cannot_go_is_summed_up_by_reason_and_by_whose_task_it_is(office):
    adopt(office.bureau)
    office.bureau.seal("fresh")
    office.bureau.clock.forward(days=4)
    office.bureau.seal("fresher")
    held = labelled(office, "held")
    hold(office.bureau, of_segments(held))
    office.bureau.clock.forward(hours=1)
    told = office.json("head", "retention", "blocked")
    rows = {(each["code"], each["whose"]): each for each in told["blocked"]}
    assert set(rows) == {
        ("unlabelled", "officer"), ("unlabelled", "supervisor"), ("held", "nobody"),
    }  # fmt: skip
    old = rows["unlabelled", "supervisor"]
    assert (old["count"], old["bytes"], old["days"], old["unit"]) == (1, 9, 4, None)
    assert (old["over_count"], old["over_bytes"]) == (0, 0)
    said = office("head", "retention", "blocked").out
    assert "task of the supervisor" in said
    assert office("west_head", "retention", "blocked").out.startswith("Nothing forbids")


def test_what_would_go_but_for_a_reason_is_counted_apart(office):
    adopt(office.bureau)
    office.bureau.seal("a")
    (row,) = office.json("head", "retention", "blocked", "--on", "2028-01-01")["blocked"]
    assert (row["code"], row["over_count"], row["over_bytes"]) == ("unlabelled", 1, 9)


def test_the_sums_are_told_for_each_unit(office):
    adopt(office.bureau)
    office.bureau.bind(office.bureau.recorder("W"), "west_officer", WEST)
    office.bureau.seal("east"), office.bureau.seal("west", office.bureau.recorder("W"))
    rows = office.json("chief", "retention", "blocked", "--by", "unit")["blocked"]
    assert {each["unit"] for each in rows} == {SQUAD, WEST}
    own = office.json("head", "retention", "blocked", "--by", "unit")["blocked"]
    assert [each["unit"] for each in own] == [SQUAD]
    assert SQUAD[:6] in office("head", "retention", "blocked", "--by", "unit").out
    assert EAST[:6] not in office("head", "retention", "blocked", "--by", "unit").out


def test_of_what_is_told_to_heads_only_an_officer_learns_that_it_is_there(office):
    adopt(office.bureau)
    asked(office.bureau, [labelled(office, "a")])
    told = office.json("officer", "retention", "blocked")
    assert (told["blocked"], told["hidden"]) == ([], 1)
    assert "1 segment something more" in office("officer", "retention", "blocked").out


def test_what_an_old_catalogue_proposes_is_decided_from_the_ledger_or_left_out(office, monkeypatch):
    adopt(office.bureau)
    labelled(office, "a")
    real = office.segments

    def stale(wanted):
        page = real(wanted)
        return replace(page, segments=(*page.segments, replace(page.segments[0], segment="0" * 64)))

    monkeypatch.setattr(office, "segments", stale)
    office.bureau.clock.forward(days=270)
    for who in ("chief", "head"):
        assert office.json(who, "retention", "due", "--within", "365d")["count"] == 1


@pytest.mark.parametrize(
    "more",
    [
        ("due", "--by", "unit"),
        ("blocked", "--within", "3d"),
        ("3fa9c1", "--within", "3d"),
        ("3fa9c1", "--by", "unit"),
    ],
)
def test_an_option_that_means_nothing_there_is_refused(office, more):
    office.refused("head", "retention", *more, word="retention_option", code=Exit.USAGE)


@pytest.mark.parametrize("days", ["-1", "soon", "3661d"])
def test_within_is_a_number_of_days(office, days):
    wrong = ("retention", "due", "--within", days)
    error = office.json("head", *wrong, code=Exit.USAGE)["error"]
    assert error["word"].startswith("usage_")


def test_in_chinese_it_says_why_too(office):
    adopt(office.bureau)
    segment = labelled(office, "a")
    hold(office.bureau, of_segments(segment))
    office.bureau.clock.forward(minutes=1)
    said = office("head", "retention", segment[2:14], lang="zh_CN.UTF-8").out
    assert "没有保存期限" in said
    assert "jinzhong 1 的规则 standard（第 17 条" in said
    assert "6 个月，自封存时间起算" in said

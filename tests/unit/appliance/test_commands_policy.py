"""Policy packs at the command line: looked at, checked, proposed by one, adopted by another."""

import pytest

from appliance.exits import Exit
from tests.fakes.shelf import SHIPPED, adopt, hold, of_segments, pack
from tests.unit.appliance.keep_office import KeepOffice


@pytest.fixture
def office(monkeypatch, tmp_path):
    return KeepOffice(monkeypatch, tmp_path)


def edited(tmp_path, name="jinzhong", **changes):
    """A file with a shipped pack in which some words are others."""
    text = (SHIPPED / f"{name}.toml").read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "new.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_shipped_packs_are_listed_and_none_holds_by_itself(office):
    listed = office.json("head", "policy", "list")
    assert listed["policies"] == listed["proposals"] == []
    assert {each["name"] for each in listed["shipped"]} == {"jinzhong", "mps", "periods"}
    assert "shipped, not adopted" in office("head", "policy", "list").out


def test_two_people_let_a_pack_hold(office):
    office.refused("officer", "policy", "propose", "jinzhong", word="refused")
    proposed = office.json("watcher", "policy", "propose", "jinzhong")
    assert proposed["sha256"] == pack().sha256
    entry = str(proposed["entry"])
    said = office("chief", "policy", "list").out
    assert "proposed by watcher" in said
    office.refused("watcher", "policy", "adopt", entry, word="refused")
    office.refused("admin", "policy", "adopt", entry, word="refused")
    adopted = office.json("chief", "policy", "adopt", entry)
    (held,) = office.json("head", "policy", "list")["policies"]
    assert (held["entry"], held["replaced"]) == (adopted["entry"], None)
    office.refused("chief", "policy", "propose", "jinzhong", word="policy_holds")


def test_a_new_version_replaces_the_old_one_and_both_are_shown(office, tmp_path):
    old = office.json("watcher", "policy", "propose", "jinzhong")["entry"]
    first = office.json("chief", "policy", "adopt", str(old))["entry"]
    file = edited(tmp_path, **{'version = "1"': 'version = "2"', "6 months": "8 months"})
    new = office.json("watcher", "policy", "propose", file)["entry"]
    proposed = office.json("head", "policy", "list")["proposals"]
    assert [each["version"] for each in proposed] == ["2"]
    assert "8 months" in office("head", "policy", "show", str(new)).out
    assert "6 months" in office("head", "policy", "show", "jinzhong").out
    second = office.json("chief", "policy", "adopt", str(new))["entry"]
    assert "8 months" in office("head", "policy", "show", "jinzhong").out
    assert "6 months" in office("head", "policy", "show", str(first)).out
    assert f"replaced by entry {second}" in office("head", "policy", "list").out


def test_a_proposal_is_withdrawn(office):
    entry = str(office.json("watcher", "policy", "propose", "mps")["entry"])
    office.refused("officer", "policy", "withdraw", entry, word="refused")
    office.json("watcher", "policy", "withdraw", entry)
    office.refused("chief", "policy", "adopt", entry, word="policy_not_proposed")


def test_a_pack_is_shown_with_every_rule_and_article(office):
    said = office("officer", "policy", "show", "periods").out
    for word in ("case-file", "15, 17(1)", "as the file of its case", "30 years", "compulsory"):
        assert word in said
    said = office("officer", "policy", "show", "jinzhong", lang="zh_CN.UTF-8").out
    for word in ("6 个月", "17(2)", "复议、诉讼", "宽限天数", "起诉期限"):
        assert word in said
    assert office.json("officer", "policy", "show", "mps")["pack"]["name"] == "mps"


def test_a_rule_from_the_close_of_the_case_says_so(office, tmp_path):
    rule = '[rule.evidence]\nfrom = "case closed"'
    file = edited(tmp_path, "periods", **{"[rule.evidence]": rule})
    assert "2 years from the close of its case" in office("officer", "policy", "show", file).out


def test_a_file_is_checked_with_the_key_at_fault(office, tmp_path):
    told = office.json("officer", "policy", "check", "periods")
    assert told["pack"]["rule"]["major"]["period"] == "permanent"
    wrong = edited(tmp_path, **{"6 months": "180 days"})
    office.refused("officer", "policy", "check", wrong, word="policy_file", code=Exit.USAGE)
    strange = edited(tmp_path, "periods", daily_check="daily_chek")
    for act in ("check", "propose"):
        office.refused("chief", "policy", act, strange, word="policy_item", code=Exit.USAGE)
    missing = str(tmp_path / "none.toml")
    office.refused(
        "chief", "policy", "check", missing, word="configuration_mistakes", code=Exit.USAGE
    )


def test_what_a_pack_would_change_is_told_before_anybody_adopts_it(office, tmp_path):
    bureau = office.bureau
    adopt(bureau)
    bureau.label(bureau.seal("a"), ["officer"])
    hold(bureau, of_segments(bureau.seal("b")))
    changes = {'version = "1"': 'version = "2"', "6 months": "12 months"}
    longer = office.json("watcher", "policy", "simulate", edited(tmp_path, **changes))
    assert longer["total"] == {"segments": 2, "bytes": 18}
    assert longer["custody"]["longer"] | {"byte_days": 0} == {
        "segments": 1, "bytes": 9, "byte_days": 0, "most_days": 184,
    }  # fmt: skip
    assert longer["custody"]["same"]["segments"] == 1
    changes["6 months"] = "3 months"
    file = edited(tmp_path, **changes)
    shorter = office.json("watcher", "policy", "simulate", file)
    assert shorter["custody"]["same"]["segments"] == 2
    assert shorter["fresh"]["shorter"]["segments"] == 1
    said = office("watcher", "policy", "simulate", file).out
    assert "shorter    1 segment  9 B" in said
    assert "89 days on the average by bytes" in said
    for who in ("officer", "head", "admin"):
        office.refused(who, "policy", "simulate", file, word="refused")

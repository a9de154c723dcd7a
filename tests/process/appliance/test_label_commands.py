"""Labels and gaps at the command line, over a real home with people."""

import re
import shutil

import pytest

from appliance.exits import Exit
from appliance.items import SHIPPED_FILE
from appliance.parser_label import COMMANDS
from tests.process.appliance.documented import SECTIONS, undocumented, unshown
from tests.process.appliance.station import Station, staffed
from tests.tools.encode import Picturing, Recipe, write

SEEN = {}  # documents by command, for docs/cli.md
OFFICER, SUPERVISOR, HEAD, ADMIN, AUDITOR = "012345", "000012", "000010", "000001", "000003"
# The second file goes on where the first one ends; before the third a number is missing.
NAMES = [
    f"T5A01_012345_20260301080{at}_000{n}.MP4" for at, n in (("100", 1), ("104", 2), ("200", 4))
]
SINCE = ("--since", "2026-02-01")
WHOLE = ("--item", "inspection", "--cause", "占道经营", "--party", "张某", "--officer", OFFICER)


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """Three recordings of the officer, with a number missing between the last two."""
    made = staffed(tmp_path_factory.mktemp("station"))
    card = made.folder / "card"
    card.mkdir()
    for seed, name in enumerate(NAMES):
        write(Recipe(video=Picturing(seed=seed)), card / name)
    (docked,) = made.do(SUPERVISOR, "dock", str(card))["docked"]
    made.docking = docked["docking"]
    rows = made.do(AUDITOR, "list")["segments"]  # nobody's yet, so no unit's
    made.segments = [row["segment"] for row in sorted(rows, key=lambda row: row["path"])]
    for segment in made.segments:
        made.do(SUPERVISOR, "recorder", "holder", segment, OFFICER, "--reason", "paper list")
    return made


def done(station, who, *arguments):
    document = station.do(who, *arguments)
    if [] in document.values():  # an empty list shows none of its fields
        return document
    SEEN.setdefault(document["dockseal"]["command"], []).append(document)
    return document


def refused(station, who, *arguments, word="refused", code=Exit.REFUSED):
    heard = station.run(who, *arguments, "--json")
    assert (heard.code, heard.document["error"]["word"]) == (code, word), heard.err
    return heard


def unlabelled(station, who, *more):
    rows = done(station, who, "unlabelled", *SINCE, *more)["segments"]
    return {row["segment"] for row in rows}


def gaps(station, who, *more):
    return done(station, who, "gaps", *SINCE, *more)["gaps"]


def test_in_an_open_home_nobody_recorded_anything(tmp_path):
    open_home = Station(tmp_path)
    open_home.do("", "key", "new")
    for command in ("unlabelled", "gaps"):
        refused(open_home, "", command, word="mine_open", code=Exit.USAGE)


def test_who_is_not_signed_in_labels_nothing(station):
    for act in (["label", station.segments[0], "--no-case", "patrol"], ["unlabelled"], ["gaps"],
                ["items", "adopt"], ["gap", "accept", "1.0"]):  # fmt: skip
        refused(station, "nobody", *act, word="not_signed_in")


def test_the_list_of_items_is_shown_and_adopted(station):
    assert done(station, OFFICER, "items", "list")["adopted"] is True, "with the founding"
    assert "NOT adopted" not in station.run(OFFICER, "items", "list").out
    refused(station, OFFICER, "items", "adopt")
    station.sign_in(ADMIN)
    done(station, ADMIN, "items", "adopt")
    listed = done(station, OFFICER, "items", "list")
    assert listed["adopted"] is True
    assert "inspection" in listed["items"]
    assert done(station, OFFICER, "items", "show", "sealing")["item"]["steps"]
    assert "查封前" in station.run(OFFICER, "items", "show", "sealing").out
    refused(station, OFFICER, "items", "show", "none", word="item_unknown", code=Exit.USAGE)


def test_an_officer_labels_what_they_recorded(station):
    first, second, third = station.segments
    assert unlabelled(station, OFFICER) == set(station.segments)
    assert done(station, OFFICER, "unlabelled")["segments"] == []  # recorded longer ago
    assert "everything has its label" in station.run(OFFICER, "unlabelled").out
    told = done(station, OFFICER, "label", first[:12], *WHOLE, "--case", "2026-7")
    assert (told["complete"], told["segments"]) == (True, [first])
    assert unlabelled(station, OFFICER) == {second, third}
    told = done(station, OFFICER, "label", "--recording", second, "--case", "2026-8")
    assert told["segments"] == [second, first]
    assert unlabelled(station, OFFICER) == set(station.segments)
    done(station, OFFICER, "label", first, *WHOLE)
    assert unlabelled(station, OFFICER) == {second, third}
    told = done(station, OFFICER, "label", "--docking", station.docking, "--no-case", "not-duty")
    assert told["segments"] == station.segments
    assert unlabelled(station, OFFICER) == set()
    events = station.do(AUDITOR, "history", first)["events"]
    assert [each["type"] for each in events].count("segment.labelled") == 4


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "label_which"),
        (["S", "--docking", "d:1"], "label_which"),
        (["S"], "label_empty"),
        (["S", "--no-case", "patrol", "--item", "inspection"], "label_both"),
        (["S", "--item", "none"], "item_unknown"),
        (["S", "--item", "sealing", "--step", "none"], "step_unknown"),
        (["S", "--cause", " "], "label_text"),
        (["S", "--docking", "d:1", "--recording", "S"], "usage_not_with"),
    ],
)
def test_a_label_that_says_nothing_is_told(station, arguments, word):
    named = [station.segments[0] if each == "S" else each for each in arguments]
    refused(station, OFFICER, "label", *named, word=word, code=Exit.USAGE)


def test_a_label_of_others_is_refused_and_an_unknown_officer_is_told(station):
    segment = station.segments[0]
    refused(station, AUDITOR, "label", segment, "--no-case", "patrol")
    refused(station, ADMIN, "unlabelled", "--person", OFFICER)
    who = ["--officer", "999999", "--case", "1"]
    refused(station, OFFICER, "label", segment, *who, word="person_unknown")


def test_another_list_than_the_adopted_one_is_refused(station):
    file = station.home / "items.toml"
    shutil.copy(SHIPPED_FILE, file)
    with file.open("a") as opened:
        opened.write("\n# another one\n")
    configuration = station.home / "appliance.toml"
    configuration.write_text('[items]\nfile = "items.toml"\n')
    try:
        act = ["label", station.segments[0], *WHOLE]
        refused(station, OFFICER, *act, word="items_not_adopted", code=Exit.USAGE)
        assert "NOT adopted" in station.run(OFFICER, "items", "list").out
        file.write_text("name = 1\n")
        refused(station, OFFICER, "items", "list", word="items_file", code=Exit.USAGE)
    finally:
        configuration.unlink()


def test_gaps_are_explained_given_back_and_accepted(station):
    (gap,) = gaps(station, OFFICER)
    assert (gap["kind"], gap["state"], gap["explanation"]) == ("hole", "open", None)
    name = gap["gap"]
    explain = ["gap", "explain", name, "--reason", "storage"]
    refused(station, OFFICER, *explain, word="explanation_missing", code=Exit.USAGE)
    refused(station, AUDITOR, *explain, "--spoken")
    accept = ["gap", "accept", name]
    refused(station, SUPERVISOR, *accept, word="gap_not_explained", code=Exit.USAGE)
    done(station, OFFICER, *explain, "--words", "卡满")
    shown = gaps(station, SUPERVISOR, "--person", OFFICER)
    assert shown[0]["explanation"] == {"reason": "storage", "spoken": False, "words": "卡满"}
    assert "卡满" in station.run(SUPERVISOR, "gaps", "--docking", station.docking).out
    refused(station, OFFICER, *accept)
    returned = ["gap", "return", name]
    refused(station, SUPERVISOR, *returned, word="explanation_missing", code=Exit.USAGE)
    done(station, SUPERVISOR, *returned, "--words", "不清楚")
    assert gaps(station, OFFICER)[0]["state"] == "returned"
    done(station, OFFICER, *explain, "--words", "存储卡已满", "--spoken")
    done(station, SUPERVISOR, *accept)
    assert gaps(station, OFFICER) == []
    assert [each["state"] for each in gaps(station, OFFICER, "--all")] == ["accepted"]
    refused(station, OFFICER, *explain, "--spoken", word="gap_settled", code=Exit.USAGE)


def test_a_gap_that_is_none_is_told(station):
    for name in ("7", "7.x", "٣.0", "7.0.0"):
        refused(station, OFFICER, "gap", "accept", name, word="gap_name", code=Exit.USAGE)
    refused(station, SUPERVISOR, "gap", "accept", "1.0", word="gap_unknown")
    both = ["gaps", "--docking", station.docking, "--person", OFFICER]
    refused(station, SUPERVISOR, *both, word="gaps_which", code=Exit.USAGE)


def listed(station, who, *wanted):
    return [row["segment"] for row in station.do(who, "list", *wanted)["segments"]]


def test_a_list_needs_somebody_and_shows_what_they_may_list(station):
    for command in (["list"], ["seams"]):
        refused(station, "nobody", *command, word="not_signed_in")
    for who in (OFFICER, SUPERVISOR, HEAD, AUDITOR):
        assert sorted(listed(station, who)) == sorted(station.segments), who
        assert station.do(who, "seams")["seams"], who
    assert listed(station, ADMIN) == []
    assert station.do(ADMIN, "seams", "--all")["seams"] == []


def test_a_history_does_not_tell_who_was_refused_but_to_auditors(station):
    segment = station.segments[0]
    refused(station, "000002", "label", segment, "--no-case", "patrol")
    for who, hides in ((OFFICER, True), (SUPERVISOR, True), (AUDITOR, False)):
        told = station.do(who, "history", segment)
        types = {each["type"] for each in told["events"]}
        assert "segment.labelled" in types
        assert ("access.refused" in types) != hides
        assert (told["hidden"] > 0) == hides
        assert ("dockseal looks" in station.run(who, "history", segment).out) == hides


def test_segments_are_found_by_their_labels(station):
    first, second, third = station.segments
    facts = ["--place", "拆除现场", "--case", "2026-9", "--officer", OFFICER]
    station.do(OFFICER, "label", first, *WHOLE, "--case", "2026-7")
    station.do(OFFICER, "label", second, *facts)
    station.do(OFFICER, "label", third, "--no-case", "patrol", "--words", "城管巡查")
    for wanted, found in (
        (["--words", "拆除"], [second]),
        (["--words", "城"], [third]),
        (["--words", "管城"], []),
        (["--cause", "占道"], [first]),
        (["--party", "张"], [first]),
        (["--case", "2026-9"], [second]),
        (["--item", "inspection"], [first]),
        (["--no-case", "patrol"], [third]),
        (["--unlabelled"], [second]),
        (["--person", OFFICER, "--words", "现场"], [second]),
        (["--words", "拆除", "--slot", "999"], []),
    ):
        assert listed(station, SUPERVISOR, *wanted) == found, wanted
        assert listed(station, ADMIN, *wanted) == [], wanted
    theirs = listed(station, SUPERVISOR, "--person", OFFICER)
    assert set(theirs) == set(station.segments), "the third label names nobody: who held it counts"
    (row,) = station.do(SUPERVISOR, "list", "--words", "张某")["segments"]
    assert (row["label"]["party"], row["label"]["complete"]) == ("张某", True)
    assert "张某" in station.run(SUPERVISOR, "list").out
    refused(station, SUPERVISOR, "list", "--person", "nobody at all", word="person_unknown")


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_person_reads_sentences(station, lang):
    segment = station.segments[0]
    for command in (
        ["list"], ["seams"], ["items", "list"], ["items", "show", "sealing"],
        ["gaps", *SINCE, "--all"],
        ["label", segment, "--case", "2026-7"], ["unlabelled", *SINCE],
        ["label", segment, "--no-case", "mistake"],
    ):  # fmt: skip
        heard = station.run(OFFICER, *command, lang=lang)
        assert heard.code == Exit.OK, heard.err
        assert not re.search(r"\?[:,. ]|\b[a-z_]+\.[a-z_]+ \(", heard.out), heard.out
        assert lang == "en" or re.search("[\u4e00-\u9fff]", heard.out)


def test_every_document_is_that_of_docs_cli(station):
    del station
    assert set(SEEN) == set(COMMANDS)  # the tests above have called every one
    for command, documents in SEEN.items():
        for document in documents:
            assert undocumented(command, document) == [], command
        assert unshown(command, documents) == [], command
        assert re.findall(r"^    dockseal ", SECTIONS[command], re.MULTILINE)

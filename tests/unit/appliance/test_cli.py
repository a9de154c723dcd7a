import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import commands
from appliance.exits import FAULTS, Exit, exit_of, worst
from appliance.parser import COMMANDS, HOUSE
from appliance.services import as_json
from appliance.version import VERSION
from evidence import errors
from evidence.errors import (
    ConflictError,
    DigestMismatchError,
    LedgerUnavailableError,
    UnpluggedError,
    UsageError,
)
from tests.unit.appliance.fake_house import AUDIT, FOUND, ROW, VERIFY, A, B, FakeHouse, say

CALLS = {
    "list": ["list"],
    "show": ["show", A[:6]],
    "history": ["history", A],
    "seams": ["seams"],
    "audit": ["audit"],
    "verify": ["verify", "ledger"],
    "rebuild": ["rebuild"],
    "config check": ["config", "check"],
    "key new": ["key", "new"],
    "clock accept": ["clock", "accept"],
}
CALLED = {
    "list": "segments", "show": "segment", "key new": "make_key", "clock accept": "accept_clock",
}  # fmt: skip


def test_parser_and_commands_know_the_same_names():
    assert list(COMMANDS) == list(commands.COMMANDS)
    assert set(CALLS) == set(HOUSE) - {"dock", "up"}


@pytest.mark.parametrize("command", CALLS)
def test_json_is_exactly_one_document_with_its_head(tmp_path, command):
    said = say(tmp_path, *CALLS[command], "--json")
    assert said.document["dockseal"] == {"command": command, "version": 1}
    assert said.document["exit"] == said.code == Exit.OK
    assert said.err == ""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("command", CALLS)
def test_without_json_a_person_reads_sentences(tmp_path, command, language):
    said = say(tmp_path, "--lang", language, *CALLS[command])
    assert said.code == Exit.OK
    assert said.out.strip()
    assert not re.search(r"\?[:,. ]|\b[a-z_]+\.[a-z_]+ \(", said.out)  # a fact or key is missing
    assert "\x1b" not in said.out
    assert bool(re.search("[\u4e00-\u9fff]", said.out.replace("警号", ""))) == (language == "zh-CN")


@pytest.mark.parametrize("command", sorted(set(CALLS) - {"config check"}))
@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ConflictError("ledger_moved_on", subject="s:1", last=1, seen=0), Exit.REFUSED, "s:1"),
        (LedgerUnavailableError("ledger_stopped"), Exit.VAULT, "ledger process stopped"),
        (DigestMismatchError("object_rotten"), Exit.INTEGRITY, "dockseal audit"),
        (UnpluggedError("unplugged", where="/media/a"), Exit.DEVICE, "/media/a"),
    ],
)
def test_every_failure_is_one_sentence_and_a_code_of_the_table(
    tmp_path, command, error, code, told
):
    name = CALLED.get(command, command)
    for switch in ([], ["--json"]):
        said = say(tmp_path, *switch, *CALLS[command], faults={name: error})
        assert said.code == code
        assert told in said.err
        assert len(said.err.splitlines()) == 1
        assert "Traceback" not in said.err
    assert said.document["error"]["word"] == error.word
    assert said.document["dockseal"]["command"] == command
    assert said.document["exit"] == code


def test_a_fault_of_ours_is_one_sentence_and_the_traceback_lies_in_the_home(tmp_path):
    home = tmp_path / "home"
    said = say(home, "rebuild", faults={"rebuild": ZeroDivisionError("secret detail")})
    assert said.code == Exit.INTERNAL
    assert len(said.err.splitlines()) == 1
    assert "secret detail" not in said.err
    log = home / "dockseal.log"
    assert str(log) in said.err
    assert "ZeroDivisionError: secret detail" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_fault_is_told_even_where_no_log_can_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    said = say(blocked / "home", "rebuild", faults={"rebuild": ZeroDivisionError()})
    assert said.code == Exit.INTERNAL
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), Exit.INTERRUPTED), (None, Exit.OK)]
)
def test_ctrl_c_is_told_in_a_sentence(tmp_path, error, code):
    said = say(tmp_path, "audit", faults={"audit": error} if error else {})
    assert said.code == code
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "dockseal --help"),
        (["dcok"], "dcok"),
        (["dock"], "PATH"),
        (["list", "--colour"], "--colour"),
        (["list", "--kind", "song"], "song"),
        (["list", "--limit"], "--limit"),
        (["list", "--limit", "0"], "--limit"),
        (["list", "--limit", "1001"], "--limit"),
        (["list", "--limit", "ten"], "ten"),
        (["dock", "--erase", "--confirm", "x"], "--erase"),
        (["audit", "--json=3"], "--json"),
        (["key"], "dockseal key --help"),
        (["--lang", "de", "list"], "de"),
        (["show", "xyz"], "xyz"),
        (["show", "3f"], "3f"),
        (["list", "--since", "yesterday"], "yesterday"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_mistake_of_the_command_line_is_one_sentence_that_helps(
    tmp_path, arguments, told, language
):
    environment = {"LANG": "zh_CN.UTF-8" if language == "zh-CN" else "C"}
    said = say(tmp_path, *arguments, environment=environment)
    assert said.code == Exit.USAGE
    assert told in said.err
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.isascii() == (language == "en")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_examples_in_both_languages_and_fits_the_screen(
    tmp_path, command, language, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "100")
    said = say(tmp_path, *command.split(), "--lang", language, "--help")
    assert said.code == Exit.OK
    assert "dockseal" in said.out
    assert ("usage:" in said.out) == (language == "en")
    if command:
        assert f"  dockseal {command}" in said.out or "--config" in said.out
    english = re.sub(r"[^\n]*dockseal[^\n]*", "", said.out)
    assert language == "en" or re.search("[\u4e00-\u9fff]", english)
    for line in said.out.splitlines():
        assert len(line) <= 110, line


def test_every_example_of_a_help_is_a_command_line_that_parses(tmp_path):
    for command in COMMANDS:
        out = say(tmp_path, *command.split(), "--help").out
        examples = re.findall(r"^  dockseal (.+)$", out[out.index("examples:") :], re.MULTILINE)
        assert examples, command
        for example in examples:
            said = say(tmp_path, *example.replace('"$(cat vkey)"', "k").split(), "--help")
            assert said.code == Exit.OK, example


def test_the_version_is_that_of_the_package(tmp_path):
    assert say(tmp_path, "--version").out == f"dockseal {VERSION}\n"
    project = Path(__file__).parents[3] / "pyproject.toml"
    assert f'\nversion = "{VERSION}"\n' in project.read_text("utf-8")


def test_global_options_may_stand_before_or_behind_the_command(tmp_path):
    before, behind = tmp_path / "before", tmp_path / "behind"
    assert say(before, "--json", "config", "check").document["home"] == str(before)
    said = say(before, "config", "check", "--home", str(behind), "--json", "--quiet")
    assert said.document["home"] == str(behind)


def test_the_language_of_the_configuration_holds_unless_the_command_line_says_other(tmp_path):
    (tmp_path / "appliance.toml").write_text("[station]\nlanguage = 'zh-CN'\n")
    assert "在库" in say(tmp_path, "--help").out
    assert "在库" not in say(tmp_path, "--help", "--lang", "en").out


def test_a_broken_configuration_is_told_in_full_and_stops_every_command_but_verify(tmp_path):
    (tmp_path / "appliance.toml").write_text("[vault]\nsm3 = 1\nsm4 = 2\n")
    said = say(tmp_path, "list", "--json")
    assert said.code == Exit.USAGE
    assert "line 2" in said.err
    assert "line 3" in said.err
    assert len(said.document["error"]["sentences"]) == 3
    assert say(tmp_path, "verify", "ledger").code == Exit.OK
    check = say(tmp_path, "config", "check", "--json")
    assert check.code == Exit.USAGE
    assert [each["line"] for each in check.document["mistakes"]] == [2, 3]


def test_config_check_also_checks_the_patterns(tmp_path):
    (tmp_path / "appliance.toml").write_text("")
    (tmp_path / "names.toml").write_text("[[patterns]]\nid = 'a'\nexpression = '('\n")
    said = say(tmp_path, "config", "check")
    assert said.code == Exit.USAGE
    assert "names.toml, line 3" in said.out


UNFENCED = {"seccomp": 0, "landlock": 7, "namespaces": 1, "capabilities": 1}


def test_config_check_tells_which_walls_stand_round_a_parser(tmp_path):
    said = say(tmp_path, "config", "check")
    assert said.code == Exit.OK
    here, missing = (line for line in said.out.splitlines()[-2:])
    assert "seccomp" in here
    assert "Landlock" in here
    assert "namespaces" in missing


def test_a_machine_without_seccomp_fails_the_check_unless_configured_otherwise(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(FakeHouse, "fence", lambda _: UNFENCED)
    said = say(tmp_path, "config", "check")
    assert said.code == Exit.USAGE
    assert "require_seccomp = false" in said.out
    assert say(tmp_path, "config", "check", "--json").document["fence"]["seccomp"] == 0
    (tmp_path / "appliance.toml").write_text("[limits]\nrequire_seccomp = false\n")
    said = say(tmp_path, "config", "check")
    assert said.code == Exit.OK
    assert "Danger" in said.out


def test_a_broken_configuration_is_checked_for_its_fence_too(tmp_path):
    (tmp_path / "appliance.toml").write_text("[limits]\nmemory_bytes = 1\n")
    document = say(tmp_path, "config", "check", "--json").document
    assert document["mistakes"]
    assert document["fence"]["landlock"] == 7


def test_an_audit_that_finds_something_ends_with_one_and_names_it(tmp_path, monkeypatch):
    no = {**AUDIT.verdicts, "intact": "no"}
    bad = replace(AUDIT, findings=(FOUND,) * 300, verdicts=no)
    monkeypatch.setattr("tests.unit.appliance.fake_house.AUDIT", bad)
    said = say(tmp_path, "audit", "--level", "size")
    assert said.code == Exit.FINDINGS
    assert "entry 5" in said.out
    assert B in said.out
    assert "100 more" in said.out
    assert "NO" in said.out
    document = say(tmp_path, "audit", "--json").document
    assert len(document["audit"]["findings"]) == 300
    assert document["clean"] is False


def test_a_verification_that_finds_something_ends_with_one(tmp_path, monkeypatch):
    bad = replace(VERIFY, findings=(FOUND,))
    monkeypatch.setattr("tests.unit.appliance.fake_house.VERIFY", bad)
    assert say(tmp_path, "verify", "ledger").code == Exit.FINDINGS


def test_the_verifier_key_is_text_or_a_file(tmp_path):
    file = tmp_path / "vkey"
    file.write_text("name+hash+key\nmore\n")
    for given, used in ((str(file), "name+hash+key"), ("n+h+k", "n+h+k")):
        said = say(tmp_path, "verify", "ledger", "--vkey", given)
        assert said.asked == [("verify", "ledger", used, None)]


@pytest.mark.parametrize("command", [["audit"], ["verify", "ledger"]])
def test_a_kept_checkpoint_is_handed_on_and_keeping_the_next_is_told(tmp_path, command):
    said = say(tmp_path, *command, "--known", "kept.checkpoint")
    assert said.asked[0][-1] == Path("kept.checkpoint")
    assert "ledger/checkpoint" in said.out
    assert "--known" in said.out


def test_a_day_is_the_day_of_the_station_and_ends_with_it(tmp_path):
    said = say(tmp_path, "list", "--since", "2026-03-01", "--until", "2026-03-01", "--json")
    wanted = said.asked[0][1]
    assert (wanted.since, wanted.until) == ("2026-02-28T16:00:00.000Z", "2026-03-01T15:59:59.999Z")
    said = say(tmp_path, "list", "--since", "2026-03-01T08:00+00:00")
    assert said.asked[0][1].since == "2026-03-01T08:00:00.000Z"


def test_the_house_is_built_once_and_only_for_who_needs_it(tmp_path):
    assert len(say(tmp_path, "key", "new").houses) == 1
    assert say(tmp_path, "--version").houses == []


def test_a_segment_is_named_as_people_copy_it(tmp_path):
    assert say(tmp_path, "show", "s:3FA9C1").asked == [("segment", "3fa9c1")]


def test_json_of_a_row_has_every_field():
    assert set(as_json(ROW)) == set(ROW.__dataclass_fields__)
    assert json.dumps(as_json(ROW))


def test_every_error_has_its_exit_code():
    leaves = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.EvidenceError)
    ]
    for kind in set(leaves) - {errors.EvidenceError}:
        assert exit_of(kind("word")) != Exit.INTERNAL, kind
    assert exit_of(errors.EvidenceError("word")) == Exit.INTERNAL
    assert exit_of(UsageError("word")) == Exit.USAGE
    assert {code for _, code in FAULTS} <= set(Exit)


@pytest.mark.parametrize(
    ("codes", "one"),
    [
        ([], Exit.OK),
        ([Exit.OK, Exit.OK], Exit.OK),
        ([Exit.OK, Exit.LEFT_BEHIND, Exit.DEVICE], Exit.DEVICE),
        ([Exit.DEVICE, Exit.INTEGRITY, Exit.VAULT], Exit.INTEGRITY),
    ],
)
def test_of_several_dockings_the_worst_decides(codes, one):
    assert worst(codes) == one


def test_every_code_but_those_of_success_has_its_place_among_the_worst():
    alone = {code for code in Exit if worst([code]) != code}
    assert alone <= {Exit.OK, Exit.FINDINGS, Exit.USAGE, Exit.PIPE_CLOSED, Exit.TERMINATED}


def test_a_second_key_is_refused_before_anything_is_touched(tmp_path):
    (tmp_path / "vkey").write_text("a+b+c\n")
    said = say(tmp_path, "key", "new", "--json")
    assert said.code == Exit.REFUSED
    assert said.document["error"]["word"] == "ledger_exists"
    assert said.asked == []

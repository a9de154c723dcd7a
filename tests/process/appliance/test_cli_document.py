"""docs/cli.md holds what the commands really do."""

import re

import pytest

from appliance.exits import Exit
from appliance.parser import COMMANDS, HOUSE
from appliance.services import as_json
from tests.process.appliance.documented import (
    HEAD,
    SECTIONS,
    covers,
    documented,
    fields_of,
    leaves,
    told,
)
from tests.process.appliance.test_slots import FULL
from tests.unit.appliance.fake_house import DETAIL, say
from tests.unit.appliance.test_cli import CALLS


def document_of(command, tmp_path):
    if command == "dock":
        (tmp_path / "card").mkdir()
        card = str(tmp_path / "card")
        return say(tmp_path, "dock", card, "--json", slots={"card": (0, FULL)}).document
    if command == "config check":
        (tmp_path / "appliance.toml").write_text("[vault]\nsm4 = 1\n")
    return say(tmp_path, *CALLS[command], "--json").document


def test_every_command_has_its_section_and_no_other():
    assert list(SECTIONS) == list(COMMANDS)


@pytest.mark.parametrize("command", sorted(set(HOUSE) - {"up"}))
def test_the_documented_fields_are_those_of_the_command(tmp_path, command):
    fields = fields_of(document_of(command, tmp_path))
    rows = documented(SECTIONS[command])
    assert rows
    assert sorted(leaf for leaf in leaves(fields) if not covers(rows, leaf)) == []
    if command == "config check":  # its files are empty where it cannot read them
        rows.remove("files[]")
    everything = set(told(fields))
    assert [row for row in rows if row.removesuffix("{}") not in everything] == []


def test_the_head_and_an_error_are_documented(tmp_path):
    document = say(tmp_path, "nonsense", "--json").document
    rows = documented(HEAD.partition("## JSON documents")[2])
    assert {leaf for leaf in leaves(document) if not covers(rows, leaf)} == set()
    assert set(rows) <= set(told(document))


def test_what_show_calls_the_fields_of_list_are_those():
    rows = documented(SECTIONS["list"])
    for leaf in leaves(as_json(DETAIL.row)):
        assert covers(rows, f"segments[].{leaf}"), leaf


def test_the_table_of_exit_codes_is_the_one_of_the_code():
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \| (.+) \|$", HEAD, re.MULTILINE)
    assert [(int(code), name) for code, name, _ in rows] == [
        (int(each), each.name) for each in Exit
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_example_of_the_document_parses(tmp_path, command):
    examples = re.findall(r"^    dockseal (.+)$", SECTIONS[command], re.MULTILINE)
    assert examples
    for example in examples:
        assert say(tmp_path, *example.split(), "--help").code == Exit.OK


def test_the_checker_of_this_file_finds_what_is_not_documented():
    assert leaves({"a": {"b": 1}, "c": [{"d": 1}], "e": []}) == {"a.b", "c[].d", "e[]"}
    assert covers(["a.b"], "a.b")
    assert not covers(["a.b"], "a.c")
    assert covers(["a{}"], "a.c")
    assert not covers(["a[]"], "b[]")

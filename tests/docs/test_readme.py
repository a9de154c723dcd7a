"""Every command that README and ``--help`` print works as printed."""

import re
import shlex

import pytest

from appliance.parser import COMMANDS, HOUSE, parse_arguments
from appliance.words import load_words
from evidence.errors import UsageError
from tests.docs.printed import examples, found_tomorrow, lay_out, make_targets, sh_blocks
from tests.docs.tree import ROOT, documents, relative

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block for block in sh_blocks(README) if "dockseal" in block]
# What needs people, their codes and passwords: not run here, but understood.
CONSOLE = [
    line
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return lay_out(tmp_path_factory.mktemp("desk"))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_every_command_of_the_readme_works_as_printed(desk, block):
    done = desk.run(block)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", HOUSE)
def test_every_example_of_a_help_text_works_as_printed(desk, command, tmp_path):
    told = desk.run(f"dockseal {command} --help")
    assert told.returncode == 0, told.stderr
    shown = examples(told.stdout)
    assert shown, told.stdout
    for number, example in enumerate(shown):
        done = desk.run(example, home_for(command, tmp_path / str(number)))
        assert done.returncode == 0, f"{example}\n{done.stdout}{done.stderr}"


def home_for(command, empty):
    """Return the home that a command needs before it makes sense; None: the one of the desk."""
    if command == "clock accept":
        empty.mkdir()
        found_tomorrow(empty)
    return empty if command in {"key new", "clock accept"} else None


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_help_is_told_in_both_languages(desk, lang):
    told = desk.run(f"dockseal --lang {lang} --help")
    assert bool(re.search("[\u4e00-\u9fff]", told.stdout)) == (lang == "zh-CN")


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_every_make_target_that_a_document_prints_is_there(document):
    assert make_targets(document.read_text(encoding="utf-8")) <= TARGETS


def test_the_readme_prints_a_use_of_every_main_part():
    printed = "\n".join(BLOCKS)
    for command in ("dock", "up", "list", "show", "history", "seams", "audit", "verify",
                    "rebuild", "config check", "key new"):  # fmt: skip
        assert re.search(rf"^dockseal .*\b{command}\b|^dockseal {command}\b", printed, re.MULTILINE)


@pytest.mark.parametrize("line", CONSOLE)
def test_every_command_for_people_who_sign_in_is_understood_as_printed(line):
    """``make demo`` runs such commands, with the ids that it meets on its way."""
    asked = parse_arguments(shlex.split(line)[1:], load_words("en"), "")
    assert asked.command in COMMANDS


def test_a_printed_command_that_nobody_understands_is_found():
    with pytest.raises(UsageError):
        parse_arguments(["decide", "perhaps", "q:4be2a7"], load_words("en"), "")


def test_a_printed_command_that_fails_is_found(desk):
    assert desk.run("dockseal list\ndockseal lisst\ndockseal list").returncode != 0


def test_what_is_printed_is_read_as_a_person_reads_it():
    assert sh_blocks("a\n```sh\nmake demo   # try it\n```\n```\nno\n```\n") == ["make demo"]
    assert examples("Examples:\n  dockseal list --json\n  dockseal seams   what is missing\n") == [
        "dockseal list --json",
        "dockseal seams",
    ]

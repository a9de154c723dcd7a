"""``copy``, ``looks`` and ``access-log`` at the command line, over a real ledger."""

import io
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from appliance import commands_copy
from appliance.cli import run
from appliance.exits import Exit
from appliance.output import Terminal
from evidence.errors import UnknownSegmentError
from tests.fakes.desk import FILES, docked, person
from tests.fakes.grants import granted
from tests.fakes.house import House
from tests.process.appliance.documented import undocumented, unshown
from tests.unit.appliance.fake_house import DETAIL
from vault.places import places_of

MIB = 1 << 20


@pytest.fixture(scope="module")
def bureau(tmp_path_factory):
    made, segments = docked(House(tmp_path_factory.mktemp("home")))
    made.segments = segments
    yield made
    made.house.close()


@pytest.fixture
def say(bureau, monkeypatch):
    """The command line of somebody who is signed in: ``say("supervisor", "copy", …)``."""

    def segment(start):
        for each in bureau.segments:
            if each.startswith(f"s:{start}"):
                return replace(DETAIL, row=replace(DETAIL.row, segment=each[2:]))
        raise UnknownSegmentError("segment_unknown", segment=start)

    def said(who, *arguments):
        monkeypatch.setattr(commands_copy, "actor", lambda _call: bureau.actor(who))
        out, err = io.StringIO(), io.StringIO()
        services = SimpleNamespace(desk=bureau.desk, segment=segment)
        home = str(bureau.house.root)
        code = run(
            ["--home", home, *arguments],
            {"HOME": home, "LANG": "en_US.UTF-8"},
            lambda _settings: services,
            lambda as_json, quiet: Terminal(out, err, as_json, quiet),
        )
        return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())

    return said


def document(said):
    assert said.code == Exit.OK, said.out
    return json.loads(said.out)


def test_a_copy_is_fetched_and_verified_by_somebody_with_the_key_alone(bureau, say, tmp_path):
    grant, folder = granted(bureau, *bureau.segments), str(tmp_path / "copy")
    said = say("supervisor", "copy", grant.id[:10], folder)
    assert said.code == Exit.OK, said.err
    assert "3 files" in said.out
    assert f"dockseal verify {folder}" in said.out
    key = places_of(bureau.house.root).vkey.read_text().strip()
    verified = say("nobody", "verify", folder, "--vkey", key)
    assert verified.code == Exit.OK
    assert "each slice as it was sealed" in verified.out
    assert "compare it" not in verified.out
    assert "a key in a file" in verified.out
    readme = (tmp_path / "copy" / "README.txt").read_text("utf-8")
    assert "proves itself" in readme
    assert "能够自证" in readme


def test_a_key_out_of_the_package_itself_is_told_as_what_it_is(bureau, say, tmp_path):
    grant, folder = granted(bureau, bureau.segments[0]), str(tmp_path / "copy")
    say("supervisor", "copy", grant.id, folder)
    said = say("nobody", "verify", folder)
    assert said.code == Exit.OK
    assert "compare it" in said.out
    assert document(say("nobody", "verify", folder, "--json"))["own_key"] is True


def test_a_package_that_was_changed_ends_with_the_code_of_integrity(bureau, say, tmp_path):
    grant, folder = granted(bureau, bureau.segments[0]), tmp_path / "copy"
    copied = document(say("supervisor", "copy", grant.id, str(folder), "--json"))
    path = folder / copied["copy"]["files"][0]["path"]
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    said = say("nobody", "verify", str(folder))
    assert said.code == Exit.INTEGRITY
    assert path.name in said.err


def test_slices_of_what_was_granted_are_fetched_alone(bureau, say, tmp_path):
    first, second, _ = bureau.segments
    grant = granted(bureau, first, second)
    spans = ("--span", f"{second[2:14]}:0-0", "--span", first[2:14])
    said = document(say("supervisor", "copy", grant.id, str(tmp_path / "c"), *spans, "--json"))
    assert [each["segment"] for each in said["copy"]["files"]] == [second[2:], first[2:]]
    assert said["copy"]["bytes"] == MIB + len(next(iter(FILES.values())))


@pytest.mark.parametrize("span", ["", ":0-1", "zz", "{0}:1", "{0}:a-b", "{0}:-1-2", "{2}"])
def test_a_span_that_names_no_single_part_is_refused(bureau, say, tmp_path, span):
    grant = granted(bureau, bureau.segments[0], bureau.segments[1])
    span = span.format(*(each[2:14] for each in bureau.segments))
    said = say("supervisor", "copy", grant.id, str(tmp_path / "c"), f"--span={span}")
    assert said.code == Exit.USAGE
    assert list(tmp_path.iterdir()) == []


def test_who_has_no_grant_gets_nothing_and_is_on_record(bureau, say, tmp_path):
    grant = granted(bureau, bureau.segments[0])
    said = say("officer", "copy", grant.id, str(tmp_path / "c"))
    assert said.code == Exit.REFUSED
    assert bureau.house.entries("access.refused")[-1].actor == person("officer")


def test_who_names_footage_where_a_grant_belongs_is_refused_on_record(bureau, say, tmp_path):
    name = bureau.segments[0][2:14]
    before = len(bureau.house.entries("access.refused"))
    said = say("head", "copy", name, str(tmp_path / "copy"))
    assert said.code == Exit.REFUSED
    assert "no live grant" in said.err
    assert len(bureau.house.entries("access.refused")) == before + 1
    granted(bureau, bureau.segments[0])
    for text in (name, "ffffffff", "what I want", "g:" + "0" * 32):
        said = say("supervisor", "copy", text, str(tmp_path / "copy"))
        assert said.code == Exit.REFUSED
        assert "dockseal grants" in said.err
    assert len(bureau.house.entries("access.refused")) == before + 1
    assert not (tmp_path / "copy").exists()


def test_an_officer_reads_who_looked_and_an_auditor_reads_everything(bureau, say, tmp_path):
    grant = granted(bureau, bureau.segments[2], hidden=30)
    say("supervisor", "copy", grant.id, str(tmp_path / "c"))
    short = bureau.segments[2][2:14]
    hidden = [each["grant"] for each in document(say("officer", "looks", "--json"))["looks"]]
    assert grant.id not in hidden
    told = document(say("inspector", "looks", short, "--json"))["looks"]
    assert told[0]["grant"] == grant.id
    assert "hidden from the people in it" in say("inspector", "looks", short).out
    said = say("inspector", "access-log", "--kind", "copies", "--limit", "2")
    assert "a copy was opened" in said.out
    assert "--before" in said.out
    said = say("inspector", "access-log", "--person", "officer", "--kind", "refusals")
    assert said.code == Exit.OK, said.err
    assert say("officer", "access-log").code == Exit.REFUSED


def test_a_log_is_filtered_and_goes_on_where_it_ended(bureau, say, tmp_path):
    grant = granted(bureau, bureau.segments[1])
    say("supervisor", "copy", grant.id, str(tmp_path / "c"))
    about = ("access-log", "--about", grant.id, "--json")
    whole = [row["entry"] for row in document(say("inspector", *about))["log"]]
    assert len(whole) == 3
    first = document(say("inspector", *about, "--limit", "1"))
    rest = document(say("inspector", *about, "--before", str(first["next"])))
    assert [row["entry"] for row in first["log"] + rest["log"]] == whole
    film = bureau.segments[1][2:14]
    assert document(say("inspector", "access-log", "--segment", film, "--json"))["log"]
    none = say("inspector", "access-log", "--since", "2031-01-01", "--until", "2031-01-02")
    assert "Nothing" in none.out
    assert say("inspector", "access-log", "--before", "-1").code == Exit.USAGE


def test_where_nobody_looked_it_says_so(say):
    assert "Nobody" in say("west_officer", "looks", "--since", "2026-11-01").out
    assert say("officer", "looks", "--until", "2020-01-01").code == Exit.OK


def test_the_documented_fields_are_those_of_the_commands(bureau, say, tmp_path):
    grant = granted(bureau, bureau.segments[0], hidden=3)
    calls = {
        "copy": ("supervisor", "copy", grant.id, str(tmp_path / "c"), "--json"),
        "looks": ("inspector", "looks", bureau.segments[0][2:], "--json"),
        "access-log": ("inspector", "access-log", "--json"),
    }
    for command, call in calls.items():
        told = document(say(*call))
        assert undocumented(command, told) == []
        assert unshown(command, [told]) == []

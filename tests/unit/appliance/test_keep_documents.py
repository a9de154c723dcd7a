"""docs/cli.md says what the documents of keeping hold: every field, and no other."""

import pytest

from appliance.parser_keep import COMMANDS
from tests.fakes.shelf import asked
from tests.process.appliance.documented import undocumented, unshown
from tests.unit.appliance.keep_office import KeepOffice

WHY = ("--reason", "dispute", "--reference", "2026-7")
ENDS = ("--ground", "placed-in-error", "--reference", "2026-8")


@pytest.fixture
def office(monkeypatch, tmp_path):
    return KeepOffice(monkeypatch, tmp_path)


def test_every_field_of_every_document_is_in_the_handbook_and_no_other(office):
    adopt_a_pack(office)
    hold_and_release(office)
    close_a_case(office)
    ask_why(office)
    assert set(office.seen) == set(COMMANDS)
    for command, documents in office.seen.items():
        for document in documents:
            assert undocumented(command, document) == [], command
        assert unshown(command, documents) == [], command


def adopt_a_pack(office):
    first = office.json("chief", "policy", "propose", "mps")["entry"]
    office.json("watcher", "policy", "withdraw", str(first))
    proposed = office.json("chief", "policy", "propose", "jinzhong")["entry"]
    adopted = office.json("watcher", "policy", "adopt", str(proposed))["entry"]
    office.json("chief", "policy", "propose", "periods")
    office.json("chief", "policy", "list")
    office.json("chief", "policy", "show", str(adopted))
    office.json("chief", "policy", "check", "mps")
    office.json("chief", "policy", "simulate", "mps")


def hold_and_release(office):
    segment = office.bureau.seal("a", important=True)
    held = office.json("officer", "hold", "place", segment[2:14], *WHY)["hold"]["hold"]
    asked(office.bureau, [segment])
    office.json("head", "hold", "list")
    office.json("head", "hold", "release", held, *ENDS)
    office.json("head", "hold", "refuse", held, "--reason", "not yet")
    mark = office.sealed[segment].seq
    office.json("head", "hold", "resolve", str(mark), "--reason", "tested")
    for who in ("chief", "inspector"):
        office.json(who, "time", "attest", "2026-11-22")
    assert "officer" in office("head", "hold", "list").out


def close_a_case(office):
    office.bureau.label(office.bureau.seal("b"), ["officer"], "2026-9")
    office.json("head", "case", "close", "2026-9", "--on", "2026-11-20")
    office.json("head", "case", "reopen", "2026-9")


def ask_why(office):
    segment = office.bureau.seal("c")
    office.json("head", "retention", segment[2:14])
    office.json("head", "retention", "blocked", "--by", "unit")
    office.bureau.clock.forward(days=260)
    assert office.json("head", "retention", "due")["due"]

"""Ask and approve over a real home: each person at a desk of their own, the head with a key."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.exits import Exit
from tests.process.appliance.documented import undocumented, unshown
from tests.process.appliance.station import PASSWORD, staffed

HEAD, SUPERVISOR, OFFICER, ADMIN, AUDITOR = "000010", "000012", "012345", "000001", "000003"
TERMS = ("--purpose", "case", "--reason", "to see", "--until", "2099-01-01", "--yes")
SEEN = {}


def done(station, who, *arguments):
    document = station.do(who, *arguments)
    SEEN.setdefault(document["dockseal"]["command"], []).append(document)
    return document


def refused(station, who, *arguments):
    heard = station.run(who, *arguments, "--json")
    assert heard.code == Exit.REFUSED, heard.err
    return heard.document["error"]


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """A staffed station in whose custody is one recording of the officer."""
    station = staffed(tmp_path_factory.mktemp("asked"))
    (station.home / "appliance.toml").write_text("[access]\ndemo_keys = true\n")
    card = station.folder / "card"
    card.mkdir()
    (card / "A.MP4").write_bytes(b"film" * 1000)
    station.do(OFFICER, "dock", str(card))
    (segment,) = station.do(AUDITOR, "list")["segments"]  # nobody's yet, so no unit's
    station.sign_in(SUPERVISOR)
    name = segment["segment"][:12]
    station.do(SUPERVISOR, "recorder", "holder", name, OFFICER, "--reason", "the shift list")
    return station, name


def until_soon(terms):
    """The longest term is 90 days: a day that is always near."""
    soon = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    return [soon if each == "2099-01-01" else each for each in terms]


def test_from_question_to_grant_at_the_command_line(station):
    station, name = station
    terms = until_soon(TERMS)
    secrets = station.secrets(PASSWORD)
    error = refused(station, ADMIN, "request", "copy", name, *terms)
    assert any("administrator" in line for line in error["sentences"])
    asked = done(station, SUPERVISOR, "request", "copy", name, *terms)["question"]
    station.sign_in(HEAD)
    assert [q["request"] for q in done(station, HEAD, "inbox")["answer"]] == [asked["request"]]
    assert refused(station, SUPERVISOR, "decide", "approve", asked["request"], "--yes")
    assert refused(station, HEAD, "decide", "approve", asked["request"], "--yes")
    file = str(station.folder / "head.key")
    witnessed = ("--witness", "000002", "--password-file", secrets)
    nobody = ("--witness", HEAD, "--password-file", secrets)
    assert refused(station, HEAD, "key", "demo", file, *nobody)["word"] == "refused"
    key = done(station, HEAD, "key", "demo", file, *witnessed)  # nothing was left in its way
    (mine,) = done(station, HEAD, "key", "list")["keys"]
    assert (mine["entry"], mine["use"], mine["revoked"]) == (key["entry"], "sign", None)
    decided = done(station, HEAD, "decide", "approve", asked["request"], "--key", file, "--yes")
    (grant,) = done(station, SUPERVISOR, "grants")["grants"]
    assert (grant["grant"], grant["live"]) == (decided["grants"][0], True)
    done(station, HEAD, "key", "revoke", str(key["entry"]))
    assert done(station, HEAD, "key", "list")["keys"][0]["revoked"] is not None
    assert station.do(SUPERVISOR, "grants")["grants"][0]["live"]  # signed before
    again = station.do(SUPERVISOR, "request", "copy", name, *terms)["question"]
    heard = station.run(HEAD, "decide", "approve", again["request"], "--key", file, "--yes")
    assert heard.code == Exit.INTEGRITY
    done(station, HEAD, "grant", "end", grant["grant"], "--reason", "enough")
    (state,) = station.do(SUPERVISOR, "grants")["grants"]
    assert [row["row"] for row in state["rows"]] == ["grant_withdrawn"]


def test_why_and_rules_answer_over_a_real_home(station):
    station, name = station
    assert done(station, OFFICER, "why", OFFICER, "label", name)["may"]
    assert not done(station, AUDITOR, "why", ADMIN, "view", name)["may"]
    assert "article" in station.run(OFFICER, "rules", "show").out
    station.sign_in(ADMIN)
    adopted = done(station, ADMIN, "rules", "adopt")
    assert done(station, OFFICER, "rules", "show")["adopted"]
    assert adopted["name"] == "jinzhong"


def test_the_documents_are_those_of_the_handbook(station):
    del station
    for command, documents in SEEN.items():
        for document in documents:
            assert undocumented(command, document) == [], command
    for command in ("key demo", "key list", "key revoke", "rules show", "rules adopt"):
        assert unshown(command, SEEN[command]) == [], command

"""People at the command line: setup, signing in, units, roles, recorders, over a real home."""

import hashlib
import re

import pytest

from appliance.exits import Exit
from appliance.parser_people import COMMANDS
from tests.docs.printed import examples
from tests.process.appliance.documented import SECTIONS, undocumented, unshown
from tests.process.appliance.station import PASSWORD, SETUP, Station, founded, staffed

SEEN = {}  # documents by command, for docs/cli.md


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    return staffed(tmp_path_factory.mktemp("station"))


@pytest.fixture
def fresh(tmp_path):
    return founded(tmp_path)


def done(station, who, *arguments):
    document = station.do(who, *arguments)
    SEEN.setdefault(document["dockseal"]["command"], []).append(document)
    return document


def refused(station, who, *arguments, word, code=Exit.REFUSED):
    heard = station.run(who, *arguments, "--json")
    assert (heard.code, heard.document["error"]["word"]) == (code, word), heard.err
    assert "Traceback" not in heard.err
    return heard


def test_an_open_home_knows_nobody_and_asks_nobody(tmp_path):
    station = Station(tmp_path)
    station.do("", "key", "new")
    assert done(station, "", "whoami") | {"person": None} == station.do("", "whoami")
    assert station.do("", "people", "list")["people"] == []
    assert station.do("", "unit", "list")["units"] == []
    assert "dockseal setup" in station.run("", "whoami").out
    assert "dockseal setup" in station.run("", "people", "list").out
    refused(station, "", "login", "000001", word="nobody_set_up")
    assert done(station, "", "logout")["signed_out"] is False
    for act in (["people", "enrol", "A"], ["role", "revoke", "1"], ["unit", "add", "A"],
                ["recorder", "bind", "serial:1", "A"], ["password"]):  # fmt: skip
        refused(station, "", *act, word="nobody_set_up")


def test_setup_makes_three_people_with_codes_and_is_closed_for_good(tmp_path):
    station = Station(tmp_path)
    told = done(station, "", *SETUP, "--login-host", "dock1.example", "--sign-host", "sign.example")
    assert [each["role"] for each in told["people"]] == ["admin", "admin", "auditor"]
    assert [each["account"] for each in told["people"]] == ["000001", "000002", "000003"]
    assert len({each["code"] for each in told["people"]}) == 3
    assert told["link"] == "https://dock1.example/enrol"
    refused(station, "", *SETUP, word="home_founded")
    refused(station, "", "whoami", word="not_signed_in")
    refused(station, "", "people", "list", word="not_signed_in")


def test_codes_that_were_lost_are_printed_anew_until_one_is_used(tmp_path):
    station = Station(tmp_path)
    refused(station, "", "setup", "--codes", word="setup_missing", code=Exit.USAGE)
    lost = station.do("", *SETUP)["people"]
    found = done(station, "", "setup", "--codes")["people"]
    assert [each["person"] for each in found] == [each["person"] for each in lost]
    file = station.secrets(lost[0]["code"], PASSWORD)
    refused(station, "x", "login", "--code", "--password-file", file, word="code_wrong")
    station.take_code("000001", found[0]["code"])
    refused(station, "", "setup", "--codes", word="home_founded")


def test_somebody_changes_their_own_password_and_is_out_everywhere_else(fresh):
    new = "quite another four words"
    told = fresh.do("000002", "whoami")["person"]
    elsewhere = fresh.run("000003x", "login", "000002", "--password-file", fresh.secrets(PASSWORD))
    assert elsewhere.code == 0
    wrong = fresh.secrets("no such words as these", new)
    refused(fresh, "000002", "password", "--password-file", wrong, word="sign_in_wrong")
    short = fresh.secrets(PASSWORD, "short")
    refused(
        fresh, "000002", "password", "--password-file", short, word="password_short",
        code=Exit.USAGE,
    )  # fmt: skip
    changed = done(fresh, "000002", "password", "--password-file", fresh.secrets(PASSWORD, new))
    assert changed["person"] == told["person"]
    assert fresh.do("000002", "whoami")["person"] == told, "still signed in here"
    refused(fresh, "000003x", "whoami", word="not_signed_in")
    refused(
        fresh, "x", "login", "000002", "--password-file", fresh.secrets(PASSWORD),
        word="sign_in_wrong",
    )  # fmt: skip
    fresh.do("x", "login", "000002", "--password-file", fresh.secrets(new))
    refused(fresh, "", "password", "--password-file", fresh.secrets(new, new), word="not_signed_in")


def test_setup_without_its_answers_says_which_option_is_missing_and_founds_nothing(tmp_path):
    station = Station(tmp_path)
    heard = station.run("", "setup", "--organisation", "Bureau")
    assert heard.code == Exit.USAGE
    assert "--admin" in heard.err
    assert station.do("", "whoami")["actor"] == "sys:local"
    one = ["setup", "--organisation", "B", "--admin", "Li", "--auditor", "Zhao"]
    refused(station, "", *one, word="founders_wrong", code=Exit.USAGE)
    twice = [*one, "--admin", "Li"]
    refused(station, "", *twice, word="founders_twice", code=Exit.USAGE)


def test_a_code_is_good_once_and_the_token_lies_where_only_its_owner_reads(fresh):
    assert done(fresh, "000001", "whoami")["person"]["roles"][0]["role"] == "admin"
    file = fresh.secrets(fresh.codes["000001"], PASSWORD)
    heard = fresh.run("x", "login", "--code", "--password-file", file, "--json")
    assert heard.document["error"]["word"] == "code_wrong"
    (token,) = (fresh.folder / "seat-000001" / "dockseal").iterdir()
    assert token.stat().st_mode & 0o777 == 0o600
    token.chmod(0o644)
    refused(fresh, "000001", "whoami", word="token_exposed")
    token.chmod(0o600)
    assert done(fresh, "000001", "logout")["signed_out"] is True
    refused(fresh, "000001", "whoami", word="not_signed_in")


def test_without_a_runtime_folder_the_token_lies_in_the_home(station):
    file = station.secrets(PASSWORD)
    station.do("home", "login", "000003", "--password-file", file)
    (token,) = (station.home / "run").glob("cli-*.session")
    assert token.stat().st_mode & 0o777 == 0o600
    heard = station.run("home", "whoami")
    assert "Zhao" in heard.out
    assert "auditor" in heard.out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["login"], "login_who"),
        (["login", "000001"], "password_missing"),
        (["login", "--code"], "password_missing"),
    ],
)
def test_who_does_not_say_who_they_are_is_told_how(station, arguments, word):
    refused(station, "x", *arguments, word=word, code=Exit.USAGE)


def test_a_wrong_password_signs_nobody_in(station):
    file = station.secrets("not the password at all")
    refused(station, "x", "login", "000003", "--password-file", file, word="sign_in_wrong")


def test_units_and_people_and_roles(station):
    admin = "000001"
    squad = done(station, admin, "unit", "add", "Squad", "--below", "East")["unit"]
    sun = ["people", "enrol", "Sun", "--unit", "Squad", "--number", "012346", "--alias", "77"]
    certified = ["--certificate", "14070001", "--certificate-until", "2025-12-31"]
    told = done(station, admin, *sun, *certified)
    station.take_code("012346", told["code"])
    granted = done(station, admin, "role", "grant", "77", "officer", "Squad")
    people = {each["number"]: each for each in done(station, admin, "people", "list")["people"]}
    assert people["012346"]["certificate_expired"]
    assert people["012346"]["roles"][0]["unit_name"] == "Squad"
    done(station, admin, "people", "correct", "012346", "--certificate-until", "2099-12-31")
    assert station.do("012346", "whoami")["person"]["certificate_until"] == "2099-12-31"
    assert station.do("012346", "whoami")["person"]["certificate"] == "14070001"
    done(station, admin, "role", "revoke", str(granted["entry"]))
    refused(station, admin, "role", "revoke", str(granted["entry"]), word="role_gone")
    done(station, admin, "unit", "move", squad, "--name", "Second", "--enforcing", "yes")
    units = {each["name"]: each for each in done(station, admin, "unit", "list")["units"]}
    assert units["Second"]["depth"] == 2
    assert [each["name"] for each in units["East"]["heads"]] == ["Head"]
    done(station, admin, "unit", "move", squad, "--enforcing", "no", "--name", "Squad")


def test_a_head_names_a_deputy_for_days_and_an_administrator_cannot(station):
    deputy = ["unit", "deputy", "East", "000012", "--until", "2099-01-31"]
    refused(station, "000001", *deputy, word="refused")
    told = done(station, "000010", *deputy)
    refused(station, "000010", *deputy[:-2], word="deputy_term", code=Exit.USAGE)
    lines = station.run("000001", "people", "list").out
    assert "2099-01-31" in lines
    done(station, "000001", "unit", "list")
    station.do("000010", "role", "revoke", str(told["entry"]))
    told = station.do("000001", "people", "enrol", "Second head", "--unit", "East")
    done(station, "000001", "unit", "head", "East", told["person"], "--since", "2099-01-01")


def test_nobody_but_an_administrator_organises(station):
    for who in ("000003", "000010", "012345"):
        refused(station, who, "unit", "add", "North", word="refused")
        refused(station, who, "people", "code", "012345", word="refused")
    refused(station, "012345", "people", "list", word="refused")
    refused(station, "", "unit", "add", "North", word="not_signed_in")


def test_who_is_suspended_is_out_at_once_and_comes_back_by_signing_in(station):
    told = done(station, "000001", "people", "suspend", "012345", "--reason", "left")
    assert told["person"]
    refused(station, "012345", "whoami", word="not_signed_in")
    file = station.secrets(PASSWORD)
    refused(station, "012345", "login", "012345", "--password-file", file, word="sign_in_wrong")
    done(station, "000001", "people", "restore", "012345", "--reason", "back")
    SEEN.setdefault("login", []).append(station.sign_in("012345"))
    assert station.do("012345", "whoami")["person"]["roles"][0]["role"] == "officer"


def test_a_new_code_changes_a_forgotten_password_and_ends_the_sessions(station):
    told = done(station, "000001", "people", "code", "012345")
    assert told["account"] == "012345"
    station.take_code("elsewhere", told["code"])
    refused(station, "012345", "whoami", word="not_signed_in")
    station.sign_in("012345")


def test_recorders_are_bound_handed_out_and_shown(station):
    leader, own, pool = "000012", "serial:CAM-1", "serial:CAM-2"
    done(station, leader, "recorder", "bind", own, "012345")
    done(station, leader, "recorder", "bind", pool, "--unit", "East")
    refused(station, leader, "recorder", "bind", pool, "012345", word="recorder_bound")
    refused(station, leader, "recorder", "bind", "serial:X", word="bind_to_whom", code=Exit.USAGE)
    refused(station, leader, "handover", "out", own, "012345", word="recorder_own")
    done(station, leader, "handover", "out", pool, "012345", "--due", "2099-01-01T08:00")
    refused(station, leader, "handover", "in", pool, "000010", word="recorder_with_other")
    shown = done(station, leader, "recorder", "show", pool)["recorder"]
    assert (shown["out"]["name"], shown["out"]["late"]) == ("Chen", False)
    text = station.run("012345", "recorder", "show", pool).out
    assert "Chen has it since" in text
    assert "never been docked" in text
    done(station, leader, "handover", "in", pool, "012345")
    done(station, leader, "recorder", "unbind", pool)
    assert "Chen" in station.run(leader, "recorder", "show", own).out
    refused(station, leader, "recorder", "show", "CAM-9", word="recorder_unknown", code=Exit.USAGE)
    refused(station, leader, "recorder", "show", "serial:", word="recorder_unknown",
            code=Exit.USAGE)  # fmt: skip


def test_a_binding_that_was_ended_or_begun_by_mistake_is_corrected(station):
    leader, pool, own = "000012", "serial:CAM-3", "serial:CAM-4"
    begun = [str(done(station, leader, "recorder", "bind", *to)["entry"])
             for to in ((pool, "--unit", "East"), (own, "012345"))]  # fmt: skip
    done(station, leader, "handover", "out", pool, "012345")
    done(station, leader, "handover", "in", pool, "012345")
    done(station, leader, "recorder", "unbind", pool)
    again = ("recorder", "correct", pool, begun[0], "--reason", "a mistake", "--open")
    entry = done(station, leader, *again)["entry"]
    refused(station, leader, *again, word="correction_same", code=Exit.USAGE)
    other = ("recorder", "correct", pool, begun[0], "012345", "--reason", "x")
    refused(station, leader, *other, word="binding_handed")
    shown = done(station, leader, "recorder", "show", pool)["recorder"]
    assert (shown["bound"]["until"], shown["bound"]["corrected"]) == (None, entry)
    mine = ("recorder", "correct", own, begun[1], "--reason", "x")
    done(station, leader, *mine, "--void")
    assert "never was" in station.run(leader, "recorder", "show", own).out
    done(station, leader, *mine, "--unit", "East")
    shown = done(station, leader, "recorder", "show", own)["recorder"]
    assert shown["bound"]["person"] is None
    assert "corrected" in station.run(leader, "recorder", "show", own).out


def test_a_list_of_handovers_is_taken_in_and_stops_where_one_is_refused(station):
    leader, file = "000012", station.folder / "list.csv"
    station.do(leader, "recorder", "bind", "serial:L", "--unit", "East", "--since", "2026-01-01")
    head = "\ufeffrecorder,person,out,in\r\n"
    rows = [
        "serial:L,012345,2026-02-01T08:00,2026-02-01T18:00",
        "serial:L,000010,2026-02-02T08:00,",
    ]
    file.write_text(head + "\r\n".join(rows) + "\r\n")
    told = done(station, leader, "handover", "import", str(file))
    assert (told["rows"], len(told["entries"])) == (2, 3)
    heard = refused(station, leader, "handover", "import", str(file), word="list_stopped")
    assert "line 2" in heard.err
    for text, word in (
        ("a,b\n", "list_columns"),
        ('recorder,person,out\n"x', "list_columns"),
        ("recorder,person,out\na,b\n", "list_row"),
        ("recorder,person,out\n" + "a,b,c\n" * 10_001, "list_long"),
    ):
        file.write_text(text)
        refused(station, leader, "handover", "import", str(file), word=word, code=Exit.USAGE)


def dock_a_film(station):
    """Dock a card of nobody's with one film; return how its digest begins."""
    card = station.folder / "card"
    card.mkdir()
    (card / "A.MP4").write_bytes(b"film")
    station.do("000012", "dock", str(card))
    return hashlib.sha256(b"film").hexdigest()[:12]


def test_a_person_says_who_held_a_recorder_that_nobody_had(station):
    expired = ["--certificate", "14070009", "--certificate-until", "2020-12-31"]
    station.do("000001", "people", "correct", "012345", *expired)
    name = dock_a_film(station)
    (owner,) = station.do("000003", "show", name)["owners"]
    assert (owner["person"], owner["why"]) == (None, "none")
    station.do("000001", "role", "grant", "000010", "overseer", ".")
    (waiting,) = done(station, "000010", "recorder", "unresolved")["sightings"]
    assert (waiting["segment"][:12], waiting["unit"]) == (name, None)
    assert name in station.run("000010", "recorder", "unresolved").out
    assert "Nothing waits" in station.run("000012", "recorder", "unresolved").out
    refused(station, "012345", "recorder", "unresolved", word="refused")
    holder = ["recorder", "holder", name, "012345", "--reason", "paper list"]
    refused(station, "012345", *holder, word="refused")
    done(station, "000012", *holder)
    refused(station, "000012", *holder, word="holder_known")
    entry = str(SEEN["recorder holder"][0]["sighting"])
    again = ["--sighting", entry]
    done(station, "000010", *holder, *again)
    (owner,) = station.do("012345", "show", name)["owners"]
    assert (owner["name"], owner["unit_name"], owner["why"]) == ("Chen", "East", "resolved")
    assert owner["certificate_expired"]
    assert "certificate run out" in station.run("012345", "show", name).out
    station.enrol("012399", "Other", "East", "officer")
    for look in ("show", "history"):
        assert station.do("000003", look, name)
        refused(station, "012399", look, name, word="refused")
        refused(station, "", look, name, word="not_signed_in")


@pytest.mark.parametrize("who", ["000001", "012345"])
@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_person_reads_sentences(station, who, lang):
    station.sign_in(who)
    for command in (["whoami"], ["people", "list"], ["unit", "list"]):
        heard = station.run(who, *command, lang=lang)
        said = heard.out + heard.err
        assert not re.search(r"\?[:,. ]|\b[a-z_]+\.[a-z_]+ \(", said)
        assert bool(re.search("[\u4e00-\u9fff]", said)) == (lang == "zh-CN")


def test_every_document_is_that_of_docs_cli(station):
    del station
    assert set(SEEN) == set(COMMANDS)  # the tests above have called every one
    for command, documents in SEEN.items():
        for document in documents:
            assert undocumented(command, document) == [], command
        assert unshown(command, documents) == [], command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_example_parses(station, command):
    shown = examples(station.run("", *command.split(), "--help").out)
    shown += [
        f"dockseal {each}"
        for each in re.findall(r"^    dockseal (.+)$", SECTIONS[command], re.MULTILINE)
    ]
    assert len(shown) > 1
    for example in shown:
        assert station.run("", *example.split()[1:], "--help").code == Exit.OK, example

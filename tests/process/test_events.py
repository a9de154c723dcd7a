"""The 22 audit events of the FBI's CJIS Security Policy, 5.4: 11 kinds, success and failure.

Each is made to happen over a real home and is found in the ledger with who, what, when, where and
outcome.  The table says which entry it is.  What cannot be done at all is the refusal of who tried,
or the finding of the audit.
"""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from appliance.exits import Exit
from custody.enrolment import change_password
from custody.lockout import report_failures
from custody.scan import scan
from custody.tree import Tree
from evidence.errors import NotSignedInError
from tests.fakes.desk import person
from tests.process.appliance.station import PASSWORD, Station, staffed
from tests.unit.custody.door import OFFICE, PHRASE, a_door
from vault.tiles import TreeFolder

ADMIN, AUDITOR, HEAD, SUPERVISOR, OFFICER = "000001", "000003", "000010", "000012", "012345"
OTHER = "three other words here"
NOBODY = "there is no way to do it"
ADDED = "nothing but adding to it: each entry is one"

# kind of CJIS 5.4: (entry of the success, entry of the failure); an act in brackets stands in the
# body of access.refused.
TABLE = {
    "log-on": ("session.opened", "sign_in.failed"),
    "use of permission to access": ("copy.opened", "access.refused (copy)"),
    "use of permission to create": ("person.enrolled", "access.refused (manage_people)"),
    "use of permission to write": ("segment.labelled", "access.refused (label)"),
    # Footage is deleted by nobody; what can be taken away is what somebody holds.
    "use of permission to delete": ("role.revoked", "access.refused (manage_roles)"),
    "use of permission to change permissions": ("role.granted", "access.refused (manage_roles)"),
    "change of a password": ("password.changed", "password.changed"),
    "privileged action": ("rules.adopted", "access.refused (adopt_rules)"),
    "access to the audit log": ("access_log.read", "access.refused (see_audit)"),
    "change of the audit log": (ADDED, "audit finding"),
    "destruction of the audit log": (NOBODY, "audit finding"),
}


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """A staffed home with one recording of the officer, for which the supervisor has a grant."""
    station = staffed(tmp_path_factory.mktemp("events"))
    (station.home / "appliance.toml").write_text("[access]\ndemo_keys = true\n")
    (station.folder / "card").mkdir()
    (station.folder / "card" / "A.MP4").write_bytes(b"film" * 1000)
    station.do(OFFICER, "dock", str(station.folder / "card"))
    return station


def segment(station):
    (found,) = station.do(AUDITOR, "list")["segments"]
    return found["segment"][:12]


def grant(station):
    """Let the head grant the supervisor a copy; return the grant."""
    soon = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    name, file = segment(station), str(station.folder / "head.key")
    station.do(SUPERVISOR, "recorder", "holder", name, OFFICER, "--reason", "the shift list")
    terms = ("--purpose", "case", "--reason", "to see", "--until", soon, "--yes")
    asked = station.do(SUPERVISOR, "request", "copy", name, *terms)
    station.sign_in(HEAD)
    witness = ("--witness", AUDITOR, "--password-file", station.secrets(PASSWORD))
    station.do(HEAD, "key", "demo", file, *witness)
    told = station.do(
        HEAD, "decide", "approve", asked["question"]["request"], "--key", file, "--yes"
    )
    return told["grants"][0]


def role_of(station, number):
    people = station.do(ADMIN, "people", "list")["people"]
    return next(str(each["roles"][0]["entry"]) for each in people if each["number"] == number)


def administer(station, *arguments):
    station.sign_in(ADMIN)
    station.do(ADMIN, *arguments)


def change(station, old, new, *, back=False):
    """Let the officer change their password; ``back``: and change it back, for who comes after."""
    for pair in ((old, new), (new, old)) if back else ((old, new),):
        station.run(OFFICER, "password", "--password-file", station.secrets(*pair))


MADE = {
    ("log-on", True): lambda at: at.sign_in(OFFICER),
    ("use of permission to access", False): lambda at: at.run(
        AUDITOR, "copy", segment(at), str(at.folder / "copy")
    ),
    ("use of permission to access", True): lambda at: at.do(
        SUPERVISOR, "copy", grant(at), str(at.folder / "copy")
    ),
    ("use of permission to create", True): lambda at: administer(at, "people", "enrol", "Sun"),
    ("use of permission to create", False): lambda at: at.run(OFFICER, "people", "enrol", "Sun"),
    ("use of permission to write", True): lambda at: at.do(
        SUPERVISOR, "label", segment(at), "--no-case", "patrol"
    ),
    ("use of permission to write", False): lambda at: at.run(
        AUDITOR, "label", segment(at), "--no-case", "patrol"
    ),
    ("use of permission to change permissions", True): lambda at: administer(
        at, "role", "grant", OFFICER, "supervisor", "East"
    ),
    ("use of permission to change permissions", False): lambda at: at.run(
        ADMIN, "role", "grant", ADMIN, "head", "East"
    ),
    ("use of permission to delete", True): lambda at: administer(
        at, "role", "revoke", role_of(at, OFFICER)
    ),
    ("use of permission to delete", False): lambda at: at.run(
        OFFICER, "role", "revoke", role_of(at, HEAD)
    ),
    ("change of a password", True): lambda at: change(at, PASSWORD, OTHER, back=True),
    ("change of a password", False): lambda at: change(at, "none of theirs", OTHER),
    ("privileged action", True): lambda at: administer(at, "rules", "adopt"),
    ("privileged action", False): lambda at: at.run(AUDITOR, "rules", "adopt"),
    ("access to the audit log", True): lambda at: at.do(AUDITOR, "access-log"),
    ("access to the audit log", False): lambda at: at.run(ADMIN, "access-log"),
}


def entries(station, kind):
    tree = Tree(TreeFolder(station.home / "ledger"))
    return list(scan(tree, frozenset({kind})))


@pytest.mark.parametrize(("kind", "good"), MADE, ids=str)
def test_an_event_is_an_entry_with_who_what_when_where_and_outcome(station, kind, good):
    what, _, act = TABLE[kind][0 if good else 1].partition(" ")
    before, begun = len(entries(station, what)), datetime.now(UTC) - timedelta(seconds=1)
    MADE[kind, good](station)
    new = entries(station, what)
    assert len(new) > before
    entry = new[0]
    assert entry.actor[:2] == "p:"  # who
    assert begun <= entry.at <= datetime.now(UTC)  # when
    assert entry.station == "station-1"  # where
    if act:  # outcome: what was refused, and why
        assert f"({entry.body['act']})" == act
        assert entry.body["rows"]
    if what == "password.changed":
        assert entry.body["outcome"] == ("changed" if good else "refused")


def test_a_password_that_is_changed_and_one_that_is_not_are_entries():
    door = a_door()
    signed_in = door.enter("head")
    with pytest.raises(NotSignedInError):
        change_password(door.entrance, signed_in.token, "not the words", "some other words", OFFICE)
    change_password(door.entrance, signed_in.token, PHRASE, "some other words", OFFICE)
    kind, _ = TABLE["change of a password"]
    found = [each for each in door.bureau.house.entries(kind) if each.actor == signed_in.actor.id]
    assert [each.body["outcome"] for each in found] == ["refused", "changed"]


def test_a_sign_in_that_fails_is_an_entry_once_its_minute_is_over():
    door = a_door()
    with pytest.raises(NotSignedInError):
        door.enter("head", "not the words")
    door.forward(minutes=2)
    (entry,) = [door.bureau.ledger.entry(report_failures(door.entrance))]
    assert entry.type == TABLE["log-on"][1]
    assert entry.body["because"] == [{"word": "wrong", "count": 1}]  # who: in its statement
    (line,) = door.bureau.ledger.statement(entry.seq).lines
    assert (line["account"], line["address"]) == (person("head"), OFFICE.address)


def newest_bundle(home):
    return max((home / "ledger" / "tile" / "entries").rglob("*"), key=lambda file: (
        file.is_file(), file.stat().st_mtime_ns, int(file.name) if file.name.isdecimal() else 0,
    ))  # fmt: skip


@pytest.mark.parametrize("act", ["change of the audit log", "destruction of the audit log"])
def test_who_spoils_the_log_with_the_power_of_root_is_found_by_the_audit(station, act, tmp_path):
    shutil.copytree(station.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.sock"))
    spoiled, bundle = Station(tmp_path), newest_bundle(tmp_path / "home")
    if act.startswith("change"):
        content = bytearray(bundle.read_bytes())
        content[-2] ^= 1
        bundle.chmod(0o600)
        bundle.write_bytes(content)
    else:
        bundle.unlink()
    heard = spoiled.run("", "verify", str(tmp_path / "home" / "ledger"), "--json")
    assert heard.code == Exit.FINDINGS, heard.err
    assert json.loads(heard.out)["verify"]["findings"]
    assert TABLE[act][1] == "audit finding"


def test_the_table_has_every_kind_and_every_entry_is_made_to_happen():
    assert len(TABLE) == 11
    here = set(TABLE) - {
        "change of the audit log", "destruction of the audit log",
    }  # fmt: skip
    both = {(kind, good) for kind in here for good in (True, False)}
    assert set(MADE) == both - {("log-on", False)}  # the others have tests of their own

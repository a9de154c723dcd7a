"""The administration over HTTP: who comes through each door, and what is in the ledger then."""

import pytest

from tests.api.browser import API, PHRASE, Office, an_office
from tests.fakes.desk import EAST, PEOPLE, SERIAL, SQUAD, WEST, person, unit
from tests.fakes.grants import copy_of

ADMINS = {"admin", "second_admin"}
LEADERS = {"chief", "acting", "head", "supervisor", "searcher", "mate"}  # of East, or above
NEW, NORTH = person("somebody new"), unit("north")
POOLED = "r:" + "7" * 64


@pytest.fixture(scope="module")
def made():
    office = an_office()
    bureau = office.bureau
    bureau.bind(POOLED, None, EAST)
    bureau.granted = bureau.role("mate", "supervisor", EAST)
    return office


@pytest.fixture
def office(made):
    fresh = Office(copy_of(made.bureau), made.segments)
    fresh.role = made.bureau.granted
    return fresh


def post(office, client, path, **body):
    return client.post(f"{API}/{path}", json=body, headers=office.key())


def own_key(office):
    return office.bureau.keys["head"]


# what is asked: path, body, the entry that it makes, who may
DOORS = {
    "enrol": ("people", {"name": "Sun", "unit": EAST}, "person.enrolled", ADMINS),
    "correct": (f"people/{person('mate')}/correction", {"number": "77"}, "person.corrected",
                ADMINS),
    "suspend": (f"people/{person('mate')}/suspension", {"reason": "left"}, "person.suspended",
                ADMINS),
    "code": (f"people/{person('mate')}/codes", {}, "code.given", ADMINS),
    "unit": ("units", {"name": "North", "parent": EAST}, "unit.added", ADMINS),
    "move": (f"units/{SQUAD}/change", {"parent": WEST}, "unit.moved", ADMINS),
    "role": ("roles", {"person": person("mate"), "role": "overseer", "unit": EAST},
             "role.granted", ADMINS),
    "head": ("roles", {"person": person("mate"), "role": "head", "unit": SQUAD},
             "role.granted", ADMINS),
    "deputy": ("roles", {"person": person("mate"), "role": "deputy", "unit": EAST,
                         "until": "2099-01-01T00:00:00Z"}, "role.granted", {"head"}),
    "bind": (f"recorders/{'r:' + '1' * 64}/binding", {"unit": EAST}, "recorder.bound",
             ADMINS | LEADERS),
    "unbind": (f"recorders/{POOLED}/unbinding", {}, "recorder.unbound", ADMINS | LEADERS),
    "hand": (f"recorders/{POOLED}/handovers", {"way": "out", "person": person("mate")},
             "handover.out", ADMINS | LEADERS),
    "list": ("handovers", {"csv": f"recorder,person,out\n{POOLED},{person('mate')},"},
             "handover.out", ADMINS | LEADERS),
    "adopt": ("rules/access/adoption", {"sha256": "0" * 64}, "rules.adopted",
              ADMINS | {"chief"}),
}  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("what", DOORS)
def test_an_act_of_the_administration_is_for_whom_the_table_lets(office, what, who):
    path, body, kind, may = DOORS[what]
    before = len(office.bureau.house.entries(kind))
    answer = post(office, office.enter(who), path, **body)
    wrote = len(office.bureau.house.entries(kind)) - before
    assert (answer.status_code, wrote) == ((201, 1) if who in may else (403, 0)), answer.text
    if who not in may:
        assert answer.json()["word"] == "refused"
        (refused,) = office.bureau.house.entries("access.refused")
        assert refused.actor == person(who), "who tries stands in the ledger"


@pytest.mark.parametrize("who", PEOPLE)
def test_a_role_is_revoked_and_somebody_restored_by_administrators_alone(office, who):
    client = office.enter(who)
    ended = post(office, client, f"roles/{office.role}/revocation")
    assert ended.status_code == (201 if who in ADMINS else 403), ended.text
    office.bureau.suspend("west_officer")
    if who == "west_officer":
        return
    back = post(office, client, f"people/{person('west_officer')}/restoration", reason="back")
    assert back.status_code == (201 if who in ADMINS else 403), back.text


@pytest.mark.parametrize("who", PEOPLE)
def test_a_key_is_ended_by_its_owner_or_an_administrator(office, who):
    answer = post(office, office.enter(who), f"keys/{own_key(office)}/revocation")
    assert answer.status_code == (201 if who in ADMINS | {"head"} else 403), answer.text
    again = post(office, office.enter("admin"), f"keys/{own_key(office)}/revocation")
    assert again.status_code == (404 if who in ADMINS | {"head"} else 201)


@pytest.mark.parametrize("path", ["people", "units", f"people/{person('mate')}"])
@pytest.mark.parametrize("who", PEOPLE)
def test_who_is_who_is_told_to_whom_the_table_lets(office, path, who):
    sees = who == "mate" or PEOPLE[who][1] not in {"officer", "deputy"}  # a deputy from tomorrow
    sees = sees or who == "acting"
    answer = office.enter(who).get(f"{API}/{path}")
    assert answer.status_code == (200 if sees else 403), answer.text
    if not sees:
        assert "officer" not in answer.text


@pytest.mark.parametrize("who", PEOPLE)
def test_a_recorder_is_told_to_who_holds_it_and_who_leads_its_unit(office, who):
    client = office.enter(who)
    answer = post(office, client, "recorders/search", serial=SERIAL)
    sees = who in {"officer", "leader", "watcher", "inspector"} | ADMINS | LEADERS
    assert answer.status_code == (200 if sees else 403), answer.text
    recorder = office.bureau.recorder()
    shown = client.get(f"{API}/recorders/{recorder}")
    assert shown.status_code == answer.status_code
    if sees:
        assert shown.json() == answer.json()
        assert shown.json()["bound"]["person"] == person("officer")


@pytest.mark.parametrize("who", PEOPLE)
def test_keys_are_told_to_their_owner_and_to_who_sees_the_people(office, who):
    client = office.enter(who)
    assert [k["entry"] for k in client.get(f"{API}/keys").json()["keys"]] == [
        each for name, each in office.bureau.keys.items() if name == who
    ]
    other = client.get(f"{API}/keys", params={"person": person("head")})
    sees = who in {"watcher", "inspector"} | ADMINS | LEADERS
    assert other.status_code == (200 if sees else 403), other.text


@pytest.mark.parametrize("what", [each for each in DOORS if DOORS[each][3] <= ADMINS])
def test_an_old_proof_is_none_for_people_units_roles_and_codes(office, what):
    path, body, kind, _ = DOORS[what]
    client = office.enter("admin")
    office.bureau.clock.forward(minutes=6)
    before = len(office.bureau.house.entries(kind))
    answer = post(office, client, path, **body)
    assert answer.status_code == 403
    assert [row["row"] for row in answer.json()["rows"]] == ["not_fresh"]
    assert len(office.bureau.house.entries(kind)) == before
    client.post(f"{API}/session/proof", json={"password": PHRASE})
    assert post(office, client, path, **body).status_code == 201


@pytest.mark.parametrize("what", DOORS)
def test_the_same_act_twice_is_done_once_and_no_key_is_none(office, what):
    path, body, kind, may = DOORS[what]
    client, key = office.enter(min(may)), office.key()
    before = len(office.bureau.house.entries(kind))
    first, again = (client.post(f"{API}/{path}", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert (
        first.json()["entry" if what != "list" else "entries"]
        == (again.json()["entry" if what != "list" else "entries"])
    )
    assert len(office.bureau.house.entries(kind)) == before + 1
    assert client.post(f"{API}/{path}", json=body).status_code == 422


def test_a_code_is_told_once_and_kept_nowhere(office):
    client, key = office.enter("admin"), office.key()
    path = f"{API}/people/{person('mate')}/codes"
    first, again = (client.post(path, json={}, headers=key).json() for _ in range(2))
    assert (first.pop("code")[5], again.pop("code")) == ("-", None)
    assert first == again
    newer = post(office, client, f"people/{person('mate')}/codes", account="mate-2").json()
    kept = str(vars(office.accounts.answers)) + str(office.bureau.house.entries())
    assert newer["code"] not in kept
    mate = office.client()
    body = {"code": newer["code"], "password": "some words of my own"}
    assert mate.post(f"{API}/session/code", json=body).json()["person"] == person("mate")


def test_somebody_new_is_enrolled_gets_a_code_a_role_and_a_new_number(office):
    admin = office.enter("admin")
    facts = {"certificate": "1407", "certificate_until": "2027-12-31", "aliases": ["A7"]}
    made = post(office, admin, "people", name="孙七", unit=SQUAD, number="0771", **facts).json()
    who = made["person"]
    assert post(office, admin, "people", name="x", unit=SQUAD, number="A7").status_code == 409
    code = post(office, admin, f"people/{who}/codes").json()
    assert code["account"] == "0771"
    post(office, admin, "roles", person=who, role="officer", unit=SQUAD)
    mine = office.client()
    mine.post(f"{API}/session/code", json={"code": code["code"], "password": PHRASE})
    told = mine.get(f"{API}/people/{who}").json()
    assert (told["name"], told["certificate_until"], told["aliases"]) == (
        "孙七",
        "2027-12-31",
        ["A7"],
    )
    assert [(each["role"], each["now"]) for each in told["roles"]] == [("officer", True)]
    post(office, admin, f"people/{who}/correction", number="0772", certificate_until=None)
    told = mine.get(f"{API}/people/{who}").json()
    assert (told["number"], told["certificate_until"], told["certificate"]) == (
        "0772",
        None,
        "1407",
    )
    post(office, admin, f"people/{who}/suspension", reason="left")
    assert mine.get(f"{API}/me").status_code == 401, "out at once"
    ended = [e.body["because"] for e in office.bureau.house.entries("session.closed")]
    assert ended == ["suspended"]


def test_people_come_in_pages_without_a_gap(office):
    admin, before, found = office.enter("admin"), None, []
    for _ in range(30):
        params = {"limit": 5} | ({"before": before} if before is not None else {})
        told = admin.get(f"{API}/people", params=params).json()
        found += [each["person"] for each in told["people"]]
        before = told["next"]
        if before is None:
            break
    assert sorted(found) == sorted(map(person, PEOPLE))


def test_a_list_has_a_tag_and_comes_again_only_when_it_has_changed(office):
    admin = office.enter("admin")
    for path in ("people", "units", f"people/{person('mate')}", "keys", "rules"):
        first = admin.get(f"{API}/{path}")
        tag = first.headers["etag"]
        same = admin.get(f"{API}/{path}", headers={"If-None-Match": f'"x", W/{tag}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        assert first.headers["cache-control"] == "private, no-store"
    tag = admin.get(f"{API}/units").headers["etag"]
    post(office, admin, "units", name="North", parent=EAST)
    assert admin.get(f"{API}/units", headers={"If-None-Match": tag}).status_code == 200


def test_a_unit_is_changed_where_it_is_said_and_stays_where_not(office):
    admin = office.enter("admin")
    made = post(office, admin, "units", name="North", parent=EAST, enforcing=True).json()["unit"]
    assert post(office, admin, f"units/{made}/change", name="Nord").status_code == 201
    (told,) = [u for u in admin.get(f"{API}/units").json()["units"] if u["unit"] == made]
    assert (told["name"], told["parent"], told["enforcing"], told["depth"]) == (
        "Nord", EAST, True, 2,
    )  # fmt: skip
    assert post(office, admin, f"units/{EAST}/change", parent=made).json()["word"] == "unit_loop"
    assert post(office, admin, f"units/{NORTH}/change", name="x").status_code == 404


def test_a_recorder_goes_out_and_comes_in(office):
    head = office.enter("head")
    out = post(office, head, f"recorders/{POOLED}/handovers", way="out", person=person("officer"))
    assert out.status_code == 201
    mine = office.enter("officer").get(f"{API}/recorders/{POOLED}")
    assert mine.json()["out"]["person"] == person("officer")
    other = post(office, head, f"recorders/{POOLED}/handovers", way="in", person=person("mate"))
    assert other.json()["word"] == "recorder_with_other"
    back = post(office, head, f"recorders/{POOLED}/handovers", way="in", person=person("officer"))
    assert back.status_code == 201
    nobody = post(office, head, f"recorders/{POOLED}/binding")
    assert (nobody.status_code, nobody.json()["word"]) == (400, "bind_to_whom")


def test_a_list_is_written_up_to_the_row_that_is_refused_and_told(office):
    head, begin = office.enter("head"), office.bureau.now.isoformat()[:10]
    rows = [
        "recorder,person,out,in,due",
        f"{POOLED},officer,{begin}T08:00,{begin}T09:00,",
        f"{POOLED},officer,{begin}T09:00,,",
        f"{POOLED},west_officer,{begin}T10:00,,",
    ]
    told = post(office, head, "handovers", csv="\n".join(rows)).json()
    assert (told["rows"], len(told["entries"])) == (3, 3)
    assert told["stopped"] == {"line": 4, "word": "recorder_out"}
    assert len(office.bureau.house.entries("handover.out")) == 2
    nothing = post(office, head, "handovers", csv="\n".join([rows[0], *rows[3:]]))
    assert (nothing.status_code, nothing.json()["word"]) == (409, "recorder_out")
    odd = post(office, head, "handovers", csv="a,b\n1,2")
    assert (odd.status_code, odd.json()["word"]) == (400, "list_columns")
    typed = post(office, head, "handovers", csv=f"{rows[0]}\nserial:X,Zhang San,noon,,")
    assert typed.status_code >= 400
    assert "Zhang" not in typed.text


def test_rules_are_adopted_as_they_were_read_and_no_others(office):
    admin = office.enter("admin")
    told = admin.get(f"{API}/rules").json()
    assert (told["access"]["adopted"], told["items"]["adopted"]) == (False, False)
    for name in ("access", "items"):
        right = {"sha256": told[name]["sha256"]}
        wrong = post(office, admin, f"rules/{name}/adoption", sha256="f" * 64)
        assert (wrong.status_code, wrong.json()["word"]) == (409, "rules_other")
        assert post(office, admin, f"rules/{name}/adoption", **right).status_code == 201
        assert admin.get(f"{API}/rules").json()[name]["adopted"] is True
    written = [each.body["rules"] for each in office.bureau.house.entries("rules.adopted")]
    assert written == ["access", "items"]


def test_a_password_is_changed_by_who_knows_the_old_one(office):
    client, other = office.enter("head"), office.enter("head")
    before = client.cookies["__Host-ds"]
    new = "entirely other words"
    wrong = client.post(f"{API}/session/password", json={"password": "x", "new": new})
    assert (wrong.status_code, wrong.json()["word"]) == (401, "sign_in_wrong")
    short = client.post(f"{API}/session/password", json={"password": PHRASE, "new": "short"})
    assert (short.status_code, short.json()["word"]) == (400, "password_short")
    done = client.post(f"{API}/session/password", json={"password": PHRASE, "new": new})
    assert (done.status_code, done.json()["person"]) == (200, person("head"))
    assert client.cookies["__Host-ds"] != before
    assert client.get(f"{API}/me").status_code == 200
    assert other.get(f"{API}/me").status_code == 401, "every other session has ended"
    told = [each.body["outcome"] for each in office.bureau.house.entries("password.changed")]
    assert told == ["refused", "changed"]
    again = office.client().post(f"{API}/session", json={"account": "head", "password": PHRASE})
    assert again.status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("people", {"name": "Zhang\r\nSan", "unit": EAST}),
        ("people", {"name": "Zhang", "unit": NORTH}),
        (f"people/{NEW}/suspension", {"reason": "Zhang"}),
        (f"people/{NEW}/codes", {"account": "Zhang"}),
        (f"people/{person('mate')}/codes", {"account": "Zhang\x1b[2J"}),
        ("units", {"name": "Zhang\u202e", "parent": EAST}),
        ("roles", {"person": NEW, "role": "Zhang", "unit": EAST}),
        ("handovers", {"csv": "Zhang,1\n2,3"}),
    ],
)
def test_what_was_typed_about_somebody_is_not_said_back(office, path, body):
    answer = post(office, office.enter("admin"), path, **body)
    assert 400 <= answer.status_code < 500
    assert "Zhang" not in answer.text
    assert all("Zhang" not in str(each.body) for each in office.bureau.house.entries())


def test_a_body_that_is_larger_than_a_list_may_be_is_refused(office):
    answer = post(office, office.enter("head"), "handovers", csv="x" * 60_001)
    assert answer.status_code == 422
    assert post(office, office.enter("head"), "handovers", csv="x" * 70_000).status_code == 413

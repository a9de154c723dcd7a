"""Every route with every role: nobody reaches by an id what is not for them.

A route without a row here fails: whoever adds one says who may come through.
"""

import pytest
from fastapi.routing import iter_route_contexts

from tests.api.browser import API, Office, an_office
from tests.fakes.desk import EAST, PEOPLE, person
from tests.fakes.grants import copy_of

OPEN = "no sign-in"  # signing in itself, or a ticket that is worth one, or the public tree
SELF = "tells only of who asks"
RULED = "a rule of custody answers; the roles are listed"
QUESTION, GRANT, SEGMENT = "q:" + "0" * 32, "g:" + "0" * 32, "s:" + "0" * 64
HOLD, DISPOSAL = "h:" + "0" * 32, "x:" + "0" * 32
SEES_QUESTION = {"supervisor", "head", "chief", "inspector", "acting"}

ROUTES = {
    "POST /session": OPEN,
    "POST /session/code": OPEN,
    "POST /session/key": OPEN,
    "POST /session/password": SELF,
    "POST /session/proof": SELF,
    "POST /session/proof/key": SELF,
    "DELETE /session": OPEN,
    "GET /me": SELF,
    "GET /sessions": SELF,
    "DELETE /sessions/{name}": SELF,
    "POST /plans": SELF,
    "POST /requests": RULED,
    "GET /requests": SELF,
    "GET /inbox": SELF,
    "GET /told": SELF,
    "GET /decided": SELF,
    "GET /requests/{request}": RULED,
    "GET /requests/{request}/weighing": RULED,
    "POST /requests/{request}/withdrawal": RULED,
    "POST /requests/{request}/objection": RULED,
    "POST /decisions/proposals": RULED,
    "POST /decisions": SELF,
    "POST /sign/proposal": OPEN,
    "POST /sign/decision": OPEN,
    "POST /keys/witness": SELF,
    "POST /keys/ticket": SELF,
    "POST /keys/options": OPEN,
    "POST /keys": OPEN,
    "POST /sign/keys/options": OPEN,
    "POST /sign/keys": OPEN,
    "GET /grants": SELF,
    "GET /grants/{grant}": RULED,
    "POST /grants/{grant}/withdrawal": RULED,
    "POST /grants/{grant}/copies": RULED,
    "GET /looks": RULED,
    "GET /access-log": RULED,
    "GET /why": RULED,
    "POST /labels": RULED,
    "GET /unlabelled": SELF,
    "GET /gaps": RULED,
    "POST /gaps/{seams}/{seam}/explanation": RULED,
    "POST /gaps/{seams}/{seam}/verdict": RULED,
    "GET /segments": RULED,
    "POST /segments/search": RULED,
    "GET /segments/{segment}": RULED,
    "GET /segments/{segment}/entry": RULED,
    "GET /segments/{segment}/proof": RULED,
    # the keeping: tests/api/test_keeping.py and test_holds.py ask as everybody
    "GET /segments/{segment}/retention": RULED,
    "GET /retention/due": SELF,
    "GET /retention/blocked": SELF,
    "GET /policies": SELF,
    "GET /holds": SELF,
    "POST /holds": RULED,
    "GET /holds/{hold}": RULED,
    "GET /holds/{hold}/attachment": RULED,
    "POST /holds/{hold}/release": RULED,
    "POST /holds/{hold}/refuse": RULED,
    "GET /marks": SELF,
    "POST /marks/{entry}/resolve": RULED,
    # alarms: asked as everybody by test_alarms.py
    "GET /alarms": SELF,
    "POST /alarms/{entry}/acknowledgement": RULED,
    # weeks: asked as everybody by test_weeks.py
    "GET /units/{unit}/weeks": RULED,
    "GET /units/{unit}/weeks/{week}": RULED,
    "POST /units/{unit}/weeks/{week}/closing": RULED,
    "GET /units/{unit}/weeks/{week}/sheet": RULED,
    # what goes, asked as everybody in tests/api/test_disposals.py
    "GET /disposals": SELF,
    "POST /disposals": RULED,
    "GET /disposals/{disposal}": RULED,
    "POST /disposals/{disposal}/approval": RULED,
    "POST /disposals/{disposal}/approve": SELF,
    "POST /disposals/{disposal}/undo": RULED,
    "GET /disposed/{segment}": RULED,
    # the administration: tests/api/test_admin.py asks each as everybody
    "GET /people": RULED,
    "GET /people/{person}": RULED,
    "POST /people": RULED,
    "POST /people/{person}/correction": RULED,
    "POST /people/{person}/suspension": RULED,
    "POST /people/{person}/restoration": RULED,
    "POST /people/{person}/codes": RULED,
    "GET /units": RULED,
    "POST /units": RULED,
    "POST /units/{unit}/change": RULED,
    "POST /roles": RULED,
    "POST /roles/{granted}/revocation": RULED,
    "GET /recorders/{recorder}": RULED,
    "POST /recorders/search": RULED,
    "POST /recorders/{recorder}/binding": RULED,
    "POST /recorders/{recorder}/unbinding": RULED,
    "POST /recorders/{recorder}/handovers": RULED,
    "POST /handovers": RULED,
    "GET /keys": SELF,
    "POST /keys/{registered}/revocation": RULED,
    "GET /rules": SELF,
    "POST /rules/{rules}/adoption": RULED,
    "GET /ledger/checkpoint": OPEN,
    "GET /ledger/tile/{path:path}": OPEN,
    # pages
    "GET /s/{digest}/{name}": OPEN,
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "GET /enrol": OPEN,
    "POST /enrol": OPEN,
    "GET /prove": SELF,
    "POST /prove": SELF,
    "POST /sign-out": OPEN,
    "GET /keys (page)": SELF,
    "POST /keys (page)": SELF,
    "POST /witness": SELF,
    "GET /key": OPEN,
    "GET /sign/key": OPEN,
    "GET /sign": OPEN,
    "GET /": SELF,
    "GET /requests (page)": SELF,
    "GET /requests/{question}": RULED,
    "POST /requests/{question}/withdrawal": RULED,
    "POST /requests/{question}/objection": RULED,
    "GET /decide": SELF,
    "GET /decide/{question}": RULED,
    "POST /decide/{question}": RULED,
    "GET /ask": SELF,
    "GET /ask/new": SELF,
    "POST /ask/new": RULED,
    "POST /ask": RULED,
    "GET /find": SELF,
    "POST /find": RULED,
    "GET /find/{segment}": RULED,
    "GET /grants (page)": SELF,
    "POST /grants/{grant}/copies (page)": RULED,
    "POST /grants/{grant}/withdrawal (page)": RULED,
    "GET /looks (page)": SELF,
    "GET /log": RULED,
    "GET /unlabelled (page)": RULED,
    "GET /label": RULED,
    "POST /label": RULED,
    "GET /gaps (page)": RULED,
    "GET /gaps/{seams}/{seam}": RULED,
    "POST /gaps/{seams}/{seam}/explanation (page)": RULED,
    "POST /gaps/{seams}/{seam}/verdict (page)": RULED,
    "GET /alarms (page)": SELF,
    "POST /alarms/{entry}/acknowledgement (page)": RULED,
    "GET /weeks": RULED,
    "GET /weeks/{unit}/{week}": RULED,
    "POST /weeks/{unit}/{week}/close": RULED,
    "GET /due": SELF,
    "GET /blocked": SELF,
    "GET /disposals (page)": SELF,
    "POST /disposals (page)": RULED,
    "GET /disposals/{disposal} (page)": RULED,
    "POST /disposals/{disposal}/approve (page)": RULED,
    "POST /disposals/{disposal}/undo (page)": RULED,
    "GET /disposed/{segment} (page)": RULED,
    "GET /holds (page)": SELF,
    "GET /holds/new": SELF,
    "POST /holds/new": RULED,
    "GET /holds/{hold} (page)": RULED,
    "POST /holds/{hold}/release (page)": RULED,
    "POST /holds/{hold}/refuse (page)": RULED,
    "POST /marks/{entry}/resolve (page)": RULED,
    "GET /why (page)": RULED,
    "POST /why": RULED,
    "GET /sessions (page)": SELF,
    "POST /sessions/{name}/end": SELF,
    "GET /password": SELF,
    "POST /password": SELF,
}


@pytest.fixture(scope="module")
def made():
    office = an_office()
    grant = office.granted()
    other = office.granted(*office.segments[1:2], by="supervisor")
    return office, grant, other


@pytest.fixture
def office(made):
    office, _, _ = made
    return Office(copy_of(office.bureau), office.segments)


def routes(app):
    found = {}
    for route in iter_route_contexts(app.routes):
        for method in (route.methods or set()) - {"HEAD"}:
            name = f"{method} {route.path.removeprefix(API)}"
            page = not route.path.startswith((API, "/ledger"))
            key = f"{name} (page)" if page and f"{name} (page)" in ROUTES else name
            found[key] = (method, route.path)
    return found


def every(office):
    schema = {}
    for name, (method, path) in routes(office.app).items():
        filled = path.replace("{request}", QUESTION).replace("{question}", QUESTION)
        filled = (
            filled.replace("{grant}", GRANT)
            .replace("{segment}", SEGMENT)
            .replace("{name}", "0" * 16)
        )
        filled = filled.replace("{seams}", "1").replace("{seam}", "0").replace("{digest}", "0")
        filled = filled.replace("{hold}", HOLD).replace("{entry}", "1")
        filled = filled.replace("{disposal}", DISPOSAL).replace("{week}", "2026-W47")
        filled = filled.replace("{unit}", EAST)
        schema[name] = (method, filled.replace("{path:path}", "0/000"))
    return schema


def test_every_route_says_who_may_come_through(office):
    assert routes(office.app).keys() == ROUTES.keys()


@pytest.mark.parametrize("name", [name for name, who in ROUTES.items() if who != OPEN])
def test_nobody_comes_through_without_signing_in(office, name):
    method, path = every(office)[name]
    answer = office.client().request(
        method, path, headers=office.key(), json={}, follow_redirects=False
    )
    page = not path.startswith((API, "/ledger"))
    led = answer.headers.get("location", "").partition("?")[0]
    assert (answer.status_code, led) in (
        {(303, "/sign-in"), (422, "")} if page else {(401, ""), (422, "")}
    )


@pytest.mark.parametrize("name", PEOPLE)
def test_a_question_is_there_only_for_who_may_see_it(made, office, name):
    grant = made[1]
    client = office.enter(name)
    sees = client.get(f"{API}/requests/{grant.request}")
    unknown = client.get(f"{API}/requests/{QUESTION}")
    assert sees.status_code == (200 if name in SEES_QUESTION else 404), sees.text
    assert unknown.status_code == 404
    page = client.get(f"/requests/{grant.request}")
    assert page.status_code == sees.status_code
    held = client.get(f"{API}/grants/{grant.id}")
    assert held.status_code == sees.status_code
    if sees.status_code == 404:
        assert sees.json().keys() == unknown.json().keys()
        assert "a reason" not in page.text


@pytest.mark.parametrize("name", PEOPLE)
def test_only_its_holder_fetches_a_copy(made, office, name):
    client, grant = office.enter(name), made[1]
    answer = client.post(f"{API}/grants/{grant.id}/copies", json={}, headers=office.key())
    assert answer.status_code == (200 if name == "supervisor" else 404), answer.text
    opened = office.bureau.house.entries("copy.opened")
    assert len(opened) == (name == "supervisor")
    refused = [e for e in office.bureau.house.entries("access.refused") if e.actor == person(name)]
    assert bool(refused) is (name != "supervisor"), "who tries stands in the ledger"


@pytest.mark.parametrize("name", [name for name in PEOPLE if name not in {"head", "deputy"}])
def test_only_the_head_of_the_unit_proposes_an_answer(office, name):
    question = office.ask(office.enter("supervisor")).json()["request"]
    said = {"answer": "approve", "requests": [question], "reason": "x"}
    answer = office.enter(name).post(f"{API}/decisions/proposals", json=said)
    assert answer.status_code in {403, 404}


@pytest.mark.parametrize("name", [name for name in PEOPLE if name != "inspector"])
def test_only_auditors_read_the_access_log(office, name):
    assert office.enter(name).get(f"{API}/access-log").status_code == 403


@pytest.mark.parametrize("name", ["admin", "west_head", "west_supervisor", "west_officer"])
def test_looks_are_told_to_nobody_who_has_nothing_to_do_with_it(office, name):
    asked = {"segment": office.segments[0]}
    assert office.enter(name).get(f"{API}/looks", params=asked).status_code == 403


def test_nobody_ends_the_session_of_somebody_else(office):
    client, other = office.enter("officer"), office.enter("head")
    name = other.get(f"{API}/sessions").json()["sessions"][0]["session"]
    assert client.delete(f"{API}/sessions/{name}").status_code == 400
    assert other.get(f"{API}/me").status_code == 200

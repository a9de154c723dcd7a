"""Every route of the API with every role, aimed at what belongs to somebody else.

The routes come from the application: one without a row here fails.  Whoever is refused has changed
nothing and learned nothing: the answer holds no word of what they aimed at, and the ledger holds
nothing but their refusal.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from custody.disposals import list_root
from custody.gaps import Explanation, explain, gap
from custody.holds import Attachment, propose_release
from custody.outside import attest_day
from evidence.codec import format_time
from evidence.keeping import KEEPING
from evidence.webauthn import unbase64url
from tests.api.aged import signed
from tests.api.browser import API, Office, an_office
from tests.api.test_doors import OPEN, ROUTES, routes
from tests.fakes.desk import EAST, PEOPLE, SERIAL, SQUAD, WEST, person
from tests.fakes.grants import copy_of
from tests.fakes.shelf import adopt, hold, of_segments

ALL = frozenset(PEOPLE)
ADMINS = frozenset({"admin", "second_admin"})
LISTS = frozenset({  # who may list the footage of the squad
    "head", "supervisor", "leader", "officer", "chief", "acting", "inspector", "watcher",
    "searcher",
})  # fmt: skip
EQUIPS = frozenset({"head", "supervisor", "chief", "acting", "searcher"}) | ADMINS
SEES = frozenset({"supervisor", "head", "chief", "acting", "inspector"})
POOLED, DOCKING = "r:" + "7" * 64, "d:" + f"{1:032x}"
ENDS = frozenset(
    {"head", "leader", "chief", "acting", "watcher"}
)  # a hold, as the first or the second
SEES_WEEKS = frozenset({"head", "supervisor", "leader", "chief", "acting", "inspector", "watcher",
    "searcher"})  # fmt: skip
GOING = "x:" + "8" * 32
SECRET = "words-of-a-statement"  # noqa: S105 - what nobody may learn who may not see it
KEPT = frozenset({"access.refused", "session.opened", "session.closed", "copy.closed"})


@dataclass(frozen=True)
class Aim:
    """What is sent, and who gets through; ``body`` may be made anew for each of them."""

    may: frozenset[str]
    body: object = None
    params: dict = field(default_factory=dict)


def client_of(office, who):
    """Return somebody who has signed in once: their proof stays fresh, for the clock stands still.

    The third session of a person would end the first.
    """
    if who not in office.clients:
        office.clients[who] = office.enter(who)
    return office.clients[who]


def wanted(office):
    return office.wanted(reason=SECRET)


def answer_to(office):
    return {"answer": "refuse", "requests": [office.question], "reason": "no"}


def ticket_of_the_head(office):
    proposed = client_of(office, "head").post(f"{API}/decisions/proposals", json=answer_to(office))
    return {"ticket": proposed.json()["ticket"]}


def approval_of_the_head(office):
    path = f"{API}/disposals/{GOING}/approval"
    made = client_of(office, "head").post(path, json=MANAGED).json()
    approval = signed(office, "head", unbase64url(made["challenge"]))
    return {"ticket": made["ticket"], "approval": approval}


def dispose(bureau, going, gone):
    """A disposal whose warning is over, and a tombstone; two people say which day it is."""
    at = format_time(bureau.now - timedelta(days=9))
    body = {"disposal": GOING, "act": GOING, "part": 0, "parts": 1, "count": 2, "bytes": 1}
    body |= {"root": list_root((going, gone)), "law": ["17"], "policies": [], "now": at}
    body |= {"warning_until": at, "source": "attested"}
    about = (GOING, KEEPING, going, gone)
    bureau.write("disposal.proposed", about, body, {"reason": SECRET}, of=GOING, by="supervisor")
    grounds = [{"what": "standard", "article": "17", "policy": None, "ends": at}]
    tomb = {"disposal": GOING, "sha256": gone[2:], "now": at, "source": "attested"}
    bureau.write("segment.disposed", (gone, GOING), tomb | {"grounds": grounds}, by="sys:keeper")
    for who in ("chief", "inspector"):
        attest_day(bureau.desk, bureau.actor(who), (bureau.now - timedelta(days=1)).date())


def word_for_the_mate(office):
    body = {"person": person("mate")}
    given = client_of(office, "admin").post(f"{API}/keys/witness", json=body)
    return {"use": "login", "witness": given.json()["code"]}


MANAGED = {"reason": "because"}
NO_ROLE = frozenset(
    {"deputy", "west_officer"}
)  # a deputy from tomorrow; not one recording of theirs
WATCH = frozenset({"inspector", "watcher"})
WIDE = frozenset({"chief", "acting", "head", "searcher"}) | ADMINS | WATCH
LEADS = ALL - NO_ROLE - {"officer"}
LOOKS = frozenset({"officer", "leader", "head", "chief", "acting", "inspector"})
STRANGERS = frozenset({"west_head", "west_supervisor", "west_officer", "admin"})
MADE = ("seams", "role", "grant", "question", "retrieval", "hold", "ending", "marked", "alarm")
REFUSED, THROUGH = {400, 401, 403, 404}, {200, 201, 204, 409, 503}  # 503: no tree lies in memory
WRITES_NOTHING = {
    "POST /plans",
    "POST /recorders/search",
    "POST /segments/search",
    "POST /keys/witness",
}
OF_ONESELF = {  # they take no id of anything
    "POST /session/password",
    "POST /session/proof",
    "POST /session/proof/key",
    "GET /me",
    "GET /sessions",
    "GET /requests",
    "GET /inbox",
    "GET /told",
    "GET /decided",
    "GET /grants",
    "GET /unlabelled",
    "GET /rules",
    "GET /policies",
    "GET /holds",
    "GET /marks",
    "GET /disposals",
    "GET /alarms",
    "GET /retention/due",
    "GET /retention/blocked",
}
AIMED = {
    "DELETE /sessions/{name}": Aim(frozenset({"head"})),
    "POST /plans": Aim(ALL, wanted),
    "POST /requests": Aim(ALL - NO_ROLE - ADMINS, wanted),
    "GET /requests/{request}": Aim(SEES),
    "GET /requests/{request}/weighing": Aim(SEES),
    "POST /requests/{request}/withdrawal": Aim(frozenset({"supervisor"}), MANAGED),
    "POST /requests/{request}/objection": Aim(frozenset({"head"}), MANAGED),
    "POST /decisions/proposals": Aim(frozenset({"head"}), answer_to),
    "POST /decisions": Aim(frozenset({"head"}), ticket_of_the_head),
    "POST /keys/witness": Aim(ALL, {"person": person("head")}),
    "POST /keys/ticket": Aim(frozenset({"mate"}), word_for_the_mate),
    "GET /people": Aim(LEADS),
    "GET /people/{person}": Aim(LEADS),
    "POST /people": Aim(ADMINS, {"name": "Sun", "unit": EAST}),
    "POST /people/{person}/correction": Aim(ADMINS, {"number": "77"}),
    "POST /people/{person}/suspension": Aim(ADMINS, MANAGED),
    "POST /people/{person}/restoration": Aim(ADMINS, MANAGED),
    "POST /people/{person}/codes": Aim(ADMINS, {}),
    "GET /units": Aim(LEADS),
    "POST /units": Aim(ADMINS, {"name": "North", "parent": EAST}),
    "POST /units/{unit}/change": Aim(ADMINS, {"parent": WEST}),
    "POST /roles": Aim(ADMINS, {"person": person("mate"), "role": "overseer", "unit": EAST}),
    "POST /roles/{granted}/revocation": Aim(ADMINS, {}),
    "GET /recorders/{recorder}": Aim(EQUIPS | WATCH),
    "POST /recorders/search": Aim(EQUIPS | WATCH | {"officer", "leader"}, {"serial": SERIAL}),
    "POST /recorders/{recorder}/binding": Aim(EQUIPS, {"unit": EAST}),
    "POST /recorders/{recorder}/unbinding": Aim(EQUIPS, {}),
    "POST /recorders/{recorder}/handovers": Aim(EQUIPS, {"way": "out", "person": person("mate")}),
    "POST /handovers": Aim(EQUIPS, {"csv": f"recorder,person,out\n{POOLED},{person('mate')},"}),
    "GET /keys": Aim(EQUIPS | WATCH, params={"person": person("head")}),
    "POST /keys/{registered}/revocation": Aim(ADMINS | {"head"}, {}),
    "POST /rules/{rules}/adoption": Aim(ADMINS | {"chief"}, {"sha256": "0" * 64}),
    "GET /grants/{grant}": Aim(SEES),
    "POST /grants/{grant}/withdrawal": Aim(frozenset({"supervisor", "head"}), MANAGED),
    "POST /grants/{grant}/copies": Aim(frozenset({"supervisor"}), {}),
    "GET /looks": Aim(LOOKS, params={"segment": "{segment}"}),
    "GET /access-log": Aim(frozenset({"inspector"})),
    "GET /why": Aim(WIDE, params={"act": "view", "person": person("head")}),
    "POST /labels": Aim(frozenset({"officer", "supervisor", "searcher"}), lambda office: {
        "segments": [office.segments[0]], "no_case": "patrol", "officers": [person("officer")]}),
    "GET /gaps": Aim(ALL, params={"docking": DOCKING}),
    "POST /gaps/{seams}/{seam}/explanation": Aim(frozenset({"officer"}), {
        "reason": "battery", "words": "empty"}),
    "POST /gaps/{seams}/{seam}/verdict": Aim(frozenset({"supervisor", "searcher"}), {
        "verdict": "accepted"}),
    "GET /segments": Aim(ALL),
    "POST /segments/search": Aim(ALL, {"officer": "officer"}),
    "GET /segments/{segment}": Aim(LISTS),
    "GET /segments/{segment}/proof": Aim(LISTS),
    "GET /segments/{segment}/entry": Aim(LISTS),
    "GET /segments/{segment}/retention": Aim(LISTS),
    "POST /holds": Aim(LISTS, lambda office: {
        "segments": [office.segments[0]], "reason": "dispute", "reference": SECRET}),
    "GET /holds/{hold}": Aim(LISTS),
    "GET /holds/{hold}/attachment": Aim(LISTS - {"officer"}),
    "POST /holds/{hold}/release": Aim(ENDS, {
        "ground": "placed_in_error", "reference": "2026-9"}),
    "POST /holds/{hold}/refuse": Aim(ENDS, MANAGED),
    "POST /alarms/{entry}/acknowledgement": Aim(LISTS - {"officer"}, {"answer": "known"}),
    "GET /units/{unit}/weeks": Aim(SEES_WEEKS),
    "GET /units/{unit}/weeks/{week}": Aim(SEES_WEEKS),
    "GET /units/{unit}/weeks/{week}/sheet": Aim(SEES_WEEKS),
    "POST /units/{unit}/weeks/{week}/closing": Aim(SEES_WEEKS - WATCH, {}),
    "POST /disposals": Aim(LISTS - {"officer", "inspector"}, lambda office: {
        "segments": [office.segments[0]], "reason": SECRET}),
    "GET /disposals/{disposal}": Aim(LISTS - {"officer"}),
    "POST /disposals/{disposal}/approval": Aim(ENDS, MANAGED),
    "POST /disposals/{disposal}/approve": Aim(frozenset({"head"}), approval_of_the_head),
    "POST /disposals/{disposal}/undo": Aim(LISTS - {"officer"}, MANAGED),
    "GET /disposed/{segment}": Aim(LISTS),
    "POST /marks/{entry}/resolve": Aim(frozenset({"supervisor", "head", "leader", "chief", "acting",
        "searcher"}), MANAGED),
}  # fmt: skip


@pytest.fixture(scope="module")
def made():
    office = an_office()
    bureau = office.bureau
    bureau.bind(POOLED, None, EAST)
    first, second, _ = office.segments
    seam = {"before": first, "after": second, "lines": [0, 1], "kind": "gap", "ms": 9000}
    seams = [seam | {"because": None, "kind": kind} for kind in ("gap", "hole")]
    body = {"act": "x", "part": 1, "parts": 1, "seams": seams}
    office.seams = bureau.write("seams.judged", (DOCKING, first, second), body, by="sys:ingest")
    why = Explanation("battery", SECRET, spoken=False)
    explain(bureau.desk, bureau.actor("officer"), gap(bureau.ledger, office.seams, 0), why)
    bureau.label(first, ["officer"], SECRET, item="check")
    paper = Attachment("paper", SECRET.encode())
    office.hold = hold(bureau, of_segments(first), words=SECRET, attachment=paper).id
    ended = hold(bureau, of_segments(first)).id
    propose_release(bureau.desk, bureau.actor("acting"), ended, "placed_in_error", SECRET)
    office.ending = ended
    alarm = {"alarm": "slice_differs", "facts": {}}
    office.alarm = bureau.write("alarm.raised", (first,), alarm, by="sys:audit")
    adopt(bureau)
    dispose(bureau, first, office.segments[2])
    bureau.take()
    bureau.seal("marked", important=True)
    office.marked = bureau.house.entries("segment.sealed")[-1].seq
    office.role = bureau.role("mate", "supervisor", WEST)
    office.grant = office.granted().id
    asked = office.ask(office.enter("supervisor"), reason=SECRET)
    office.question = asked.json()["request"]
    above = office.ask(office.enter("searcher"), reason=SECRET)
    office.retrieval = above.json()["request"]
    return office


def fresh_of(made):
    office = Office(copy_of(made.bureau), made.segments)
    for name in MADE:
        setattr(office, name, getattr(made, name))
    office.clients = {}
    return office


def ids_of(office):
    """What is somebody else's, by the names of the parameters of paths."""
    return {
        "request": office.question, "grant": office.grant, "segment": office.segments[0],
        "person": person("mate"), "unit": SQUAD, "granted": office.role, "recorder": POOLED,
        "registered": office.bureau.keys["head"], "rules": "access", "seams": office.seams,
        "seam": 0, "name": "0" * 16, "hold": office.hold, "entry": office.marked,
        "disposal": GOING, "week": "2026-W46",
    }  # fmt: skip


def made_body(office, name):
    body = AIMED[name].body
    return body(office) if callable(body) else body


def send(office, who, name, body):
    method, path = routes(office.app)[name]
    filled = ids_of(office)
    if path.endswith("/objection"):
        filled["request"] = office.retrieval
    if path.endswith("/explanation"):
        filled["seam"] = 1
    if path.endswith("/binding"):
        filled["recorder"] = "r:" + "1" * 64
    if path.endswith("/disposed/{segment}"):
        filled["segment"] = office.segments[2]
    if path.endswith("/acknowledgement"):
        filled["entry"] = office.alarm
    if path.endswith("/refuse"):
        filled["hold"] = office.ending
    if "{name}" in path:
        client_of(office, "head")
        filled["name"] = office.accounts.sessions.of(person("head"))[0].name
    params = {key: str(each).format(**filled) for key, each in AIMED[name].params.items()}
    return client_of(office, who).request(
        method, path.format(**filled), json=body, params=params, headers=office.key()
    )


@pytest.fixture(scope="module")
def shared(made):
    return fresh_of(made)


def written(office):
    return [each.seq for each in office.bureau.house.entries() if each.type not in KEPT]


def test_every_route_that_asks_who_somebody_is_has_a_row_here(shared):
    office = shared
    asked = {name for name, (_, path) in routes(office.app).items() if path.startswith(API)}
    closed = {name for name in asked if ROUTES.get(name) != OPEN}
    assert closed == AIMED.keys() | OF_ONESELF
    assert not AIMED.keys() & OF_ONESELF
    assert all("{" not in name for name in OF_ONESELF)


@pytest.mark.parametrize("name", AIMED)
def test_who_is_refused_has_changed_nothing_and_learned_nothing(shared, name):
    office = shared
    for who in sorted(ALL - AIMED[name].may):
        body = made_body(office, name)
        before = written(office)
        answer = send(office, who, name, body)
        assert answer.status_code in REFUSED, (who, answer.text)
        assert written(office) == before, who
        assert SECRET not in answer.text, who


@pytest.mark.parametrize("name", AIMED)
def test_who_may_comes_through(made, shared, name):
    office = shared
    reads = name.startswith("GET") or name in WRITES_NOTHING
    for who in sorted(AIMED[name].may):
        if not reads:
            office = fresh_of(made)
        answer = send(office, who, name, made_body(office, name))
        assert answer.status_code in THROUGH, (who, answer.text)


@pytest.mark.parametrize("name", sorted(each for each in OF_ONESELF if each.startswith("GET")))
@pytest.mark.parametrize("who", sorted(STRANGERS))
def test_what_tells_of_oneself_tells_nothing_of_others(shared, name, who):
    office = shared
    answer = client_of(office, who).get(API + name.removeprefix("GET "))
    assert answer.status_code == 200, answer.text
    for word in (SECRET, office.question, office.grant, office.retrieval, *office.segments):
        assert word not in answer.text


@pytest.mark.parametrize("who", sorted(STRANGERS))
def test_no_page_tells_a_stranger_what_is_anothers(shared, who):
    """Every page there is, also one that is added tomorrow, with the ids of what is not theirs."""
    office = shared
    seen = 0
    for name, (method, path) in routes(office.app).items():
        if method != "GET" or path.startswith((API, "/ledger", "/s/")):
            continue
        filled = path.format(**ids_of(office), question=office.question)
        answer = client_of(office, who).get(filled, follow_redirects=False)
        assert answer.status_code in {200, 303, 400, 403, 404, 422, 503}, name
        assert SECRET not in answer.text, name
        assert "case 1" not in answer.text, name
        seen += 1
    assert seen

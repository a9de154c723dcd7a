"""Whoever wants a session: pages of others, planted tokens, and what it costs to be wrong."""

from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from custody.enrolment import give_code
from custody.entrance import plain_password
from tests.api.browser import API, LOGIN, PHRASE, SIGN, an_office
from tests.api.test_doors import every, routes
from tests.fakes.desk import person
from tests.unit.custody.door import Door
from vault.accounts import FileAccounts
from vault.passwords import Cost

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
NEW = "some words of my own"
FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": LOGIN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": LOGIN, "Sec-Fetch-Site": "same-site"},
    {"Origin": LOGIN, "Sec-Fetch-Site": "none"},
)
APP = an_office()
UNSAFE_ROUTES = sorted(name for name, (method, _) in routes(APP.app).items() if method in UNSAFE)


@pytest.fixture
def office():
    return an_office()


@pytest.mark.parametrize("name", UNSAFE_ROUTES)
def test_no_unsafe_route_listens_to_the_page_of_somebody_else(name):
    """Whatever is added later is among them: the routes come from the application."""
    method, path = every(APP)[name]
    host = SIGN if path.startswith(("/sign/", f"{API}/sign/")) else LOGIN
    client = APP.client(host)
    client.cookies.set("__Host-ds", APP.enter("head").cookies["__Host-ds"])
    before = len(APP.bureau.house.entries())
    for headers in FOREIGN:
        sent = {**headers, **APP.key()}
        for body in ({"json": {}}, {"data": {"a": "b"}}):
            answer = client.request(method, path, headers=sent, follow_redirects=False, **body)
            assert answer.status_code == 403, headers
            assert "set-cookie" not in answer.headers
    client.headers.pop("origin")
    assert client.request(method, path, json={}).status_code == 403, "no origin at all"
    assert len(APP.bureau.house.entries()) == before


def test_no_safe_method_reaches_what_writes():
    for method, path in routes(APP.app).values():
        assert method in UNSAFE | {"GET"}, path


def test_there_are_unsafe_routes_to_ask():
    assert len(UNSAFE_ROUTES) > 40


def planted(office):
    client = office.client()
    client.cookies.set("__Host-ds", "planted-by-somebody", domain="dock1.example", path="/")
    return client


def by_password(client, office):
    del office
    return client.post(f"{API}/session", json={"account": "head", "password": PHRASE})


def by_code(client, office):
    admin = office.enter("admin")
    path = f"{API}/people/{person('head')}/codes"
    code = admin.post(path, json={}, headers=office.key()).json()["code"]
    return client.post(f"{API}/session/code", json={"code": code, "password": NEW})


def by_page(client, office):
    del office
    body = {"account": "head", "password": PHRASE}
    return client.post("/sign-in", data=body, follow_redirects=False)


def by_key(client, office):
    door = Door(office.bureau, office.accounts)
    device = door.login_key("head")
    asked = client.post(f"{API}/session", json={"account": "head", "password": PHRASE})
    assert "set-cookie" not in asked.headers, "a password alone opens nothing here"
    challenge = asked.json()["key"]["challenge"]
    envelope = door.answer(device, type("Asked", (), {"challenge": challenge}))
    body = {"challenge": challenge, "envelope": envelope}
    return client.post(f"{API}/session/key", json=body)


@pytest.mark.parametrize("enter", [by_password, by_code, by_page, by_key])
def test_a_token_that_was_planted_is_none_whichever_way_one_signs_in(office, enter):
    client = planted(office)
    answer = enter(client, office)
    assert answer.status_code in {200, 303}, answer.text
    given = answer.cookies["__Host-ds"]
    assert given != "planted-by-somebody"
    thief = office.client()
    thief.cookies.set("__Host-ds", "planted-by-somebody", domain="dock1.example", path="/")
    assert thief.get(f"{API}/me").status_code == 401
    cookie = answer.headers["set-cookie"].lower()
    for word in ("secure", "httponly", "samesite=strict", "path=/"):
        assert word in cookie
    assert "domain" not in cookie


@pytest.mark.parametrize("how", ["proof", "password"])
def test_a_token_from_before_a_proof_is_worth_nothing_after(office, how):
    client = office.enter("head")
    before = client.cookies["__Host-ds"]
    body = {"password": PHRASE} | ({"new": NEW} if how == "password" else {})
    answer = client.post(f"{API}/session/{how}", json=body)
    assert answer.cookies["__Host-ds"] != before
    thief = office.client()
    thief.cookies.set("__Host-ds", before, domain="dock1.example", path="/")
    assert thief.get(f"{API}/me").status_code == 401


def test_two_who_sign_in_never_share_a_token_and_signing_out_ends_it(office):
    one, other = office.enter("head"), office.enter("head")
    tokens = {one.cookies["__Host-ds"], other.cookies["__Host-ds"]}
    assert len(tokens) == 2
    one.delete(f"{API}/session")
    again = office.client()
    again.cookies.set("__Host-ds", min(tokens), domain="dock1.example", path="/")
    assert [again.get(f"{API}/me").status_code, other.get(f"{API}/me").status_code].count(200) >= 1
    assert one.get(f"{API}/me").status_code == 401


@pytest.fixture
def hashing(office, tmp_path, monkeypatch):
    """The office with the accounts of the product, and each hash that is computed in them."""
    asked, true_verify = [], PasswordHasher.verify

    def verify(self, encoded, password):
        asked.append(encoded.split("$")[:4])  # algorithm, version, cost
        return true_verify(self, encoded, password)

    FileAccounts.create(tmp_path / "accounts.sqlite")
    accounts = FileAccounts(tmp_path / "accounts.sqlite", Cost(64, 1, 1))
    for name in ("head", "mate"):
        accounts.passwords.set(person(name), name, plain_password(PHRASE))
    site = replace(office.site, accounts=accounts)
    office.app.state.site = office.site = site
    monkeypatch.setattr(PasswordHasher, "verify", verify)
    yield office, asked
    accounts.close()


@pytest.mark.parametrize("path", ["session", "page"])
def test_whoever_fails_costs_the_same_work_and_hears_the_same(hashing, path):
    """Counted, not timed: a name that nobody has, a wrong password, somebody who is suspended."""
    office, asked = hashing
    office.bureau.suspend("mate")
    told, works = set(), []
    tried = (
        ("nobody-at-all", PHRASE),
        ("head", "wrong words"),
        ("mate", PHRASE),
        ("mate", "wrong"),
    )
    for account, password in tried:
        asked.clear()
        body = {"account": account, "password": password}
        client = office.client()
        if path == "page":
            answer = client.post("/sign-in", data=body)
        else:
            answer = client.post(f"{API}/session", json=body)
        works.append([*asked])
        told.add((answer.status_code, answer.text))
        assert account not in answer.text or path == "page"
    assert all(len(work) == 1 for work in works), "one hash each"
    assert len({str(work) for work in works}) == 1, "of the same cost"
    assert [status for status, _ in told] == [401], "and the same answer, to the letter"


def test_a_code_that_is_none_costs_no_hash_and_says_not_why(hashing):
    office, asked = hashing
    admin = give_code(office.site.entrance(), office.bureau.actor("admin"), person("mate"), "mate")
    office.bureau.suspend("mate")
    told = set()
    for code in ("00000-00000-00000-00000", admin.code.text):
        answer = office.client().post(f"{API}/session/code", json={"code": code, "password": NEW})
        told.add((answer.status_code, answer.text))
    assert len(told) == 1
    assert asked == []

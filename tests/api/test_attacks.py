"""What a hostile page, a hostile client and a thief of tokens try."""

import pytest

from api import guard
from tests.api.browser import API, LOGIN, PHRASE, SIGN, an_office

ELSEWHERE = "https://evil.example"


@pytest.fixture
def office():
    return an_office()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ELSEWHERE},
        {"Origin": SIGN},
        {"Origin": "null"},
        {"Origin": "http://dock1.example"},
        {"Origin": LOGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": LOGIN, "Sec-Fetch-Site": "same-site"},
        {"Origin": LOGIN, "Sec-Fetch-Site": "none"},
        {"Origin": ""},
    ],
)
def test_another_page_cannot_act_for_somebody(office, headers):
    client = office.enter("supervisor")
    wanted = office.wanted()
    answer = client.post(f"{API}/requests", json=wanted, headers=headers | office.key())
    assert (answer.status_code, answer.json()["word"]) == (403, "cross_site")
    assert office.bureau.house.entries("request.made") == []


def test_a_form_of_another_kind_is_no_json(office):
    client = office.enter("supervisor")
    headers = {"Content-Type": "text/plain", **office.key()}
    assert client.post(f"{API}/requests", content=b"{}", headers=headers).status_code == 422


def test_a_token_from_before_signing_in_is_worth_nothing_after(office):
    client = office.client()
    client.cookies.set("__Host-ds", "planted", domain="dock1.example", path="/")
    body = {"account": "head", "password": PHRASE}
    first = client.post(f"{API}/session", json=body).cookies["__Host-ds"]
    assert first != "planted"
    client.post(f"{API}/session/proof", json={"password": PHRASE})
    thief = office.client()
    thief.cookies.set("__Host-ds", first, domain="dock1.example", path="/")
    assert thief.get(f"{API}/me").status_code == 401, "a proof gives another token"


def test_a_suspended_person_is_out_at_once(office):
    client = office.enter("supervisor")
    office.bureau.suspend("supervisor")
    assert client.get(f"{API}/me").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "../private/key", "%2e%2e/private/key", "..%2fprivate", "0/../../vkey", "/etc/passwd",
        "0/000/..", "0/x001/../000", "entries/000%00", "64/000", "0/00", "0/000.p/0",
        "0/000.p/256/x",
    ],
)  # fmt: skip
def test_the_public_tree_has_nothing_but_tiles(office, path):
    asked = []
    tiles = office.bureau.house.tiles
    tiles.read = asked.append
    assert office.client().get(f"/ledger/tile/{path}").status_code == 404
    assert all(each.startswith("tile/") and ".." not in each for each in asked)


def test_what_was_typed_is_never_said_back(office):
    client = office.enter("supervisor")
    typed = "Zhang-San-4401\r\nX-Planted: yes"
    wanted = office.wanted() | {"act": typed, typed: 1}
    answer = client.post(f"{API}/requests", json=wanted, headers=office.key())
    assert answer.status_code == 422
    assert "Zhang" not in answer.text + str(answer.headers)
    other = client.get(f"{API}/why", params={"act": "view", "person": typed})
    assert "Zhang" not in other.text + str(other.headers)
    form = client.post("/keys", data={"use": typed, "witness": typed})
    assert "Zhang" not in form.text


@pytest.mark.parametrize(("path", "limit"), [("session", 64 << 10), ("requests", 12 << 20)])
@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_large_is_not_read(office, path, limit, told):
    def stream():
        for _ in range(limit // 65536 + 2):
            yield b" " * 65536

    content = b" " * (limit + 1) if told else stream()
    headers = {"Content-Type": "application/json", **office.key()}
    answer = office.client().post(f"{API}/{path}", content=content, headers=headers)
    assert answer.status_code == 413


def test_every_answer_carries_the_frame(office):
    for path in ("/sign-in", f"{API}/me", "/nothing", "/ledger/checkpoint"):
        answer = office.client().get(path)
        for name, value in guard.HEADERS.items():
            assert answer.headers[name] == value


def test_the_same_question_twice_is_asked_once(office):
    client, key, wanted = office.enter("supervisor"), office.key(), office.wanted()
    first = client.post(f"{API}/requests", json=wanted, headers=key)
    again = client.post(f"{API}/requests", json=wanted, headers=key)
    assert first.json() == again.json()
    other = client.post(f"{API}/requests", json=wanted | {"times": 2}, headers=key)
    assert (other.status_code, other.json()["word"]) == (409, "idempotency_other")
    assert len(office.bureau.house.entries("request.made")) == 1
    assert client.post(f"{API}/requests", json=wanted).status_code == 422, "no key at all"


def test_a_ticket_is_good_once_and_only_while_its_session_lives(office):
    question = office.ask(office.enter("supervisor")).json()["request"]
    head = office.enter("head")
    said = {"answer": "approve", "requests": [question], "reason": "yes"}
    ticket = {"ticket": head.post(f"{API}/decisions/proposals", json=said).json()["ticket"]}
    signing = office.client(SIGN)
    assert signing.post(f"{API}/sign/proposal", json=ticket).status_code == 200
    head.delete(f"{API}/session")
    assert signing.post(f"{API}/sign/proposal", json=ticket).json()["word"] == "challenge_over"
    assert signing.post(f"{API}/sign/decision", json=ticket).status_code == 401


def test_an_unsigned_approval_is_refused_on_record(office):
    question = office.ask(office.enter("supervisor")).json()["request"]
    head = office.enter("head")
    said = {"answer": "approve", "requests": [question], "reason": "yes"}
    ticket = head.post(f"{API}/decisions/proposals", json=said).json()["ticket"]
    answer = office.client(SIGN).post(f"{API}/sign/decision", json={"ticket": ticket})
    assert answer.status_code == 403
    assert [row["row"] for row in answer.json()["rows"]] == ["not_signed"]
    assert office.bureau.house.entries("request.decided") == []


def test_other_methods_are_told_which_there_are(office):
    answer = office.client().put(f"{API}/session", json={})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, POST"

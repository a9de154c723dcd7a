"""Errors as people at a browser meet them: a page in their language, and a way on."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.requests import Request

from api import problem_pages
from evidence.errors import UsageError
from tests.api.browser import LOGIN, PHRASE, SIGN, an_office

OUTSIDE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
TYPED = "Zhang-San-4401"


@pytest.fixture
def office():
    return an_office()


def is_page(answer, status, language):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}">' in answer.text
    assert 'role="alert"' in answer.text
    assert TYPED not in answer.text + str(answer.headers)
    assert "dockseal" not in answer.text
    assert answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/{TYPED}", 404),
        ("GET", f"/requests/{TYPED}", 404),
        ("GET", "/requests/q:" + "0" * 32, 404),
        ("DELETE", "/ask", 405),
        ("PATCH", "/", 405),
        ("POST", "/ask", 422),
        ("GET", "/log", 403),
    ],
)
def test_every_error_on_a_page_is_a_page(office, method, path, status, language):
    client = office.enter("officer")
    answer = client.request(method, f"{path}?lang={language}", data={"act": TYPED})
    is_page(answer, status, language)


def test_a_form_of_another_site_meets_a_page(office):
    headers = {"Origin": "https://evil.example"}
    is_page(office.client().post("/sign-in", data={}, headers=headers), 403, "zh-CN")


@pytest.mark.parametrize("told", [True, False])
def test_a_form_that_is_too_large_meets_a_page(office, told):
    def stream():
        for _ in range(3):
            yield b"account=" + b"x" * 65536

    content = b"x" * (65536 + 1) if told else stream()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    is_page(office.client().post("/sign-in", content=content, headers=headers), 413, "zh-CN")


@pytest.mark.parametrize(("path", "kind"), [("/grants", "text/html"), ("/api/v1/grants", "json")])
def test_what_breaks_on_our_side_is_told_with_every_header(office, path, kind, monkeypatch):
    client = office.enter("officer")
    monkeypatch.setattr("api.pages_desk.grants_of", None)
    monkeypatch.setattr("api.granted.grants_of", None)
    client._transport.raise_server_exceptions = False
    answer = client.get(path)
    assert answer.status_code == 500
    assert kind in answer.headers["content-type"]
    assert "NoneType" not in answer.text
    assert answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"


def raising(error):
    def fail(*_):
        raise error

    return fail


@pytest.mark.parametrize("word", ["unit_ambiguous", "time_malformed"])
def test_a_sentence_that_would_say_back_or_name_a_command_is_not_said(office, word, monkeypatch):
    client = office.enter("officer")
    monkeypatch.setattr("api.pages_desk.grants_of", raising(UsageError(word, text=TYPED)))
    answer = client.get("/grants?lang=en")
    is_page(answer, 400, "en")
    assert "Go back and check it." in answer.text


def test_a_sentence_that_tells_nothing_private_is_said_with_its_numbers(office, monkeypatch):
    client = office.enter("officer")
    error = UsageError("span_outside", segment=office.segments[0], slices=47)
    monkeypatch.setattr("api.pages_desk.grants_of", raising(error))
    assert "47" in client.get("/grants?lang=en").text


def test_who_guesses_too_often_is_told_to_wait(office):
    client = office.client()
    for _ in range(5):
        assert client.post("/sign-in", data={"account": "head", "password": "x"}).status_code == 401
    locked = client.post("/sign-in", data={"account": "head", "password": PHRASE})
    is_page(locked, 429, "zh-CN")


def test_who_signs_in_goes_on_where_they_wanted_to_go(office):
    client = office.client()
    led = client.get("/grants?lang=en", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (
        303,
        "/sign-in?next=%2Fgrants%3Flang%3Den",
    )
    page = client.get(led.headers["location"]).text
    then = re.search(r'name="then" value="([^"]+)"', page)[1]
    wrong = client.post("/sign-in", data={"account": "head", "password": "x", "then": then})
    assert f'name="then" value="{then}"' in wrong.text, "a mistake does not lose the way"
    said = {"account": "head", "password": PHRASE, "then": then}
    assert client.post("/sign-in", data=said, follow_redirects=False).headers["location"] == then


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/label?segment=s:" + "0" * 64, "/label?segment=s:" + "0" * 64),
        ("/gaps/5/0/explanation", "/gaps/5/0"),
        ("/sessions/0123456789abcdef/end", "/sessions"),
        ("/requests/q:" + "0" * 32 + "/withdrawal", "/requests/q:" + "0" * 32),
        ("/why", "/why"),
    ],
)
def test_a_form_that_was_sent_too_late_leads_back_to_its_page(office, form, page):
    client = office.enter("officer")
    office.bureau.clock.forward(minutes=31)
    data = {"key": "a-key-of-mine", "act": "label", "reason": "battery"}
    led = client.post(form, data=data, follow_redirects=False)
    back = parse_qs(urlsplit(led.headers["location"]).query)
    assert (led.status_code, back["next"]) == (303, [page])
    said = {"account": "officer", "password": PHRASE, "then": page}
    assert client.post("/sign-in", data=said).status_code != 405


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/sign-in",
        "",
    ],
)
def test_no_way_on_leads_elsewhere(office, elsewhere):
    said = {"account": "head", "password": PHRASE, "then": elsewhere}
    inside = office.client().post("/sign-in", data=said, follow_redirects=False)
    assert inside.headers["location"] == "/"
    page = office.client().get("/sign-in", params={"next": elsewhere}).text
    assert 'name="then" value="/"' in page


def test_what_was_typed_does_not_wander_into_another_address(office):
    led = office.client().get("/log", params={"words": "张三"}, follow_redirects=False)
    assert led.headers["location"] == "/sign-in?next=%2Flog"


def test_a_session_that_ended_by_itself_says_so_and_keeps_the_way(office):
    client = office.enter("officer")
    office.bureau.clock.forward(minutes=31)
    led = client.get("/grants", follow_redirects=False).headers["location"]
    assert led == "/sign-in?next=%2Fgrants&because=session_idle"
    assert "会话" in client.get(led).text
    planted = client.get("/sign-in", params={"because": "row.no_grant"})
    assert 'role="alert"' not in planted.text


def test_a_link_from_outside_leads_through_a_page_of_ours(office):
    client = office.client()
    arrived = client.get("/grants?a=b", headers=OUTSIDE, follow_redirects=False)
    assert arrived.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/grants?a=b">' in arrived.text
    ours = OUTSIDE | {"Sec-Fetch-Site": "same-origin"}
    again = client.get("/grants?a=b", headers=ours, follow_redirects=False)
    assert again.status_code == 303, "once: who is not signed in comes to the entrance"


@pytest.mark.parametrize(
    ("path", "query", "leads"),
    [
        (b"/grants", b"a=%E5", "/grants?a=%E5"),
        (b"//evil.example/x", b"", "/"),
        (b"/\\evil.example/x", b"", "/"),
        (b"/grants", b"a\r\nb", "/"),
    ],
)
def test_the_page_in_between_never_leads_elsewhere(path, query, leads):
    """A router of later days may let an address begin with two slashes."""
    scope = {"type": "http", "raw_path": path, "query_string": query}
    assert problem_pages._wanted(Request(scope)) == leads


def test_the_way_back_from_the_signing_host_is_the_other_host(office):
    lost = office.client(SIGN).get("/nothing")
    is_page(lost, 404, "zh-CN")
    assert f'href="{LOGIN}/"' in lost.text

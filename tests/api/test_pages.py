"""The pages: forms that do what the API does, in two languages, without a script but two."""

import re

import pytest

from tests.api.browser import API, LOGIN, PHRASE, SIGN, an_office

KEY = re.compile(r'name="key" value="([0-9A-Za-z_-]+)"')


@pytest.fixture
def office():
    return an_office()


def form(client, path, **fields):
    page = client.get(path)
    assert page.status_code == 200, page.text
    found = KEY.search(page.text)
    return fields | ({"key": found[1]} if found else {})


def test_somebody_signs_in_and_out(office):
    client = office.client()
    assert client.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    wrong = client.post("/sign-in", data={"account": "head", "password": "no"})
    assert wrong.status_code == 401
    inside = client.post("/sign-in", data={"account": "head", "password": PHRASE})
    assert inside.url.path == "/"
    cookie = next(each for each in client.cookies.jar if each.name == "__Host-ds")
    assert cookie.secure
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    client.post("/sign-out")
    assert client.get("/", follow_redirects=False).status_code == 303


def test_asked_on_pages_and_refused_on_pages(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    day = office.wanted()["until"][:10]
    asked = {"act": "copy", "purpose": "case", "segments": office.segments[0], "reason": "why"}
    fields = form(asker, "/ask", **asked, until=day, case_number="case 1", times="2")
    plan = asker.post("/ask", data=fields | {"step": "plan"})
    assert plan.status_code == 200, plan.text
    sent = asker.post("/ask", data=fields | {"step": "send"})
    assert sent.url.path == "/requests"
    (question,) = (each.body["request"] for each in office.bureau.house.entries("request.made"))
    assert question in head.get("/").text
    fields = form(head, f"/decide/{question}", answer="refuse", reason="not this one")
    done = head.post(f"/decide/{question}", data=fields)
    assert done.status_code == 200, done.text
    assert "不批准" not in head.get("/").text
    assert asker.get(f"{API}/requests/{question}").json()["state"] == "refused"


def test_an_approval_goes_to_the_signing_host(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    question = office.ask(asker).json()["request"]
    fields = form(head, f"/decide/{question}", answer="approve", reason="yes", times="1")
    page = head.post(f"/decide/{question}", data=fields)
    link = re.search(rf'href="{SIGN}/sign#([0-9A-Za-z_-]+)"', page.text)
    signing = office.client(SIGN)
    shown = signing.post(f"{API}/sign/proposal", json={"ticket": link[1]}).json()
    assert shown["digest"] in page.text
    assert shown["entry"]["times"] == 1
    assert signing.get("/sign").text.count("<script") == 1


def test_who_must_prove_again_is_asked_to(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    question = office.ask(asker).json()["request"]
    office.bureau.clock.forward(minutes=6)
    fields = form(head, f"/decide/{question}", answer="refuse", reason="no")
    assert head.post(f"/decide/{question}", data=fields).url.path == "/prove"
    assert head.post("/prove", data={"password": PHRASE}).url.path == "/"


def test_what_was_granted_is_fetched_by_a_form(office):
    office.granted()
    client = office.enter("supervisor")
    grant = re.search(r'action="(/grants/[^"]+)"', client.get("/grants").text)[1]
    fields = form(client, "/grants", span="0")
    assert len(client.post(grant, data=fields).content) > 2 << 20
    assert client.post(grant, data=fields).status_code == 409, "the same form once more"


@pytest.mark.parametrize("path", ["/", "/requests", "/ask", "/find", "/grants", "/keys", "/prove"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_is_whole_in_both_languages(office, path, language):
    page = office.enter("officer").get(f"{path}?lang={language}")
    assert page.status_code == 200, page.text
    assert f'<html lang="{language}">' in page.text
    assert not re.search(r"\son[a-z]+=|\sstyle=|<script>|<style", page.text)


def test_the_pages_of_one_host_are_not_on_the_other(office):
    assert office.client(SIGN).get("/sign-in").status_code == 404
    assert office.client(LOGIN).get("/sign").status_code == 404
    assert office.client("https://elsewhere.example").get("/sign-in").status_code == 404

"""Pages of who looks for footage, asks and decides: they do what the API does, and say why not."""

import re
from datetime import timedelta

import pytest

from evidence.webauthn import base64url, unbase64url
from tests.api.browser import API, LOGIN, PHRASE, SIGN, an_office
from tests.api.test_pages import form
from tests.fakes.desk import person, private_key
from tests.fakes.grants import granted

SEGMENT = re.compile(r'name="segments" value="(s:[0-9a-f]{64})"')


@pytest.fixture
def office():
    return an_office()


def found(client, **wanted):
    page = client.post("/find", data=wanted)
    assert page.status_code == 200, page.text
    return page


def day(office, days):
    return (office.bureau.now + timedelta(days=days)).date().isoformat()


def decided(office, head, question, **fields):
    """Approve on the page and sign on the other host; return what was granted."""
    sent = form(head, f"/decide/{question}", answer="approve", reason="yes")
    page = head.post(f"/decide/{question}", data=sent | fields)
    assert page.status_code == 200, page.text
    ticket = re.search(rf'href="{SIGN}/sign#([0-9A-Za-z_-]+)"', page.text)[1]
    signing = office.client(SIGN)
    shown = signing.post(f"{API}/sign/proposal", json={"ticket": ticket}).json()
    assert shown["digest"] in page.text
    signature = private_key("head").sign(unbase64url(shown["challenge"]))
    envelope = {"signature": base64url(signature)}
    approval = {"fmt": "software/1", "key": office.bureau.keys["head"], "envelope": envelope}
    body = {"ticket": ticket, "approval": approval}
    answer = signing.post(f"{API}/sign/decision", json=body)
    assert answer.status_code == 201, answer.text
    return shown["entry"], answer.json()["grants"]


def test_what_is_found_can_be_ticked_asked_for_and_planned(office):
    client = office.enter("supervisor")
    page = found(client, officer="officer")
    assert SEGMENT.findall(page.text) == SEGMENT.findall(found(client).text)
    assert "<img" not in page.text
    chosen = SEGMENT.findall(page.text)[:2]
    ask = client.post("/ask/new", data={"segments": chosen})
    for each in chosen:
        assert each in ask.text
    fields = form(client, "/ask", segments="\n".join(chosen), act="view", purpose="case")
    fields |= {"reason": "why", "until": day(office, 3), "times": "2", "case_number": "case 1"}
    plan = client.post("/ask", data=fields | {"step": "plan"})
    assert 'value="send"' in plan.text
    assert client.post("/ask", data=fields | {"step": "send"}).url.path == "/requests"
    (made,) = office.bureau.house.entries("request.made")
    assert {span["segment"] for span in made.body["spans"]} == set(chosen)


def test_what_is_ticked_stays_ticked_on_other_pages(office, monkeypatch):
    monkeypatch.setattr("api.pages_find.PAGE", 1)
    client = office.enter("supervisor")
    first = found(client)
    (one,) = SEGMENT.findall(first.text)
    after = re.search(r'name="after" value="([^"]+)"', first.text)[1]
    second = found(client, after=after, segments=one)
    assert f'type="hidden" name="segments" value="{one}"' in second.text
    assert SEGMENT.findall(second.text)[0] != one
    again = found(client, segments=one)
    assert re.search(rf'value="{one}" checked', again.text)


def test_a_case_of_all_the_recordings_stands_in_the_form_and_a_part_can_be_asked_for(office):
    office.bureau.label(office.segments[0], ["officer"], "案 7")
    client = office.enter("supervisor")
    ask = client.post("/ask/new", data={"segments": office.segments[:1]})
    assert 'name="case_number"' in ask.text
    assert 'value="案 7"' in ask.text
    other = client.post("/ask/new", data={"segments": office.segments[:2]})
    assert "案 7" not in other.text
    text = f"{office.segments[0]} 0-1"
    fields = form(client, "/ask", segments=text, act="copy", purpose="case", reason="why")
    fields |= {"until": day(office, 3), "step": "send"}
    client.post("/ask", data=fields)
    (made,) = office.bureau.house.entries("request.made")
    span = {"segment": office.segments[0], "first": 0, "last": 1}
    assert made.body["spans"] == [span]


def test_the_plan_says_what_refuses_and_offers_no_sending(office):
    client = office.enter("supervisor")
    fields = form(client, "/ask", segments=office.segments[0], act="release", purpose="court")
    fields |= {"reason": "why", "until": day(office, 3), "recipient": "the court", "letter": "7"}
    assert 'value="send"' in client.post("/ask", data=fields | {"step": "plan"}).text
    officer = office.enter("officer")
    plan = officer.post("/ask", data=fields | {"step": "plan"})
    assert 'class="bad"' in plan.text
    assert 'value="send"' not in plan.text


@pytest.mark.parametrize("name", ["admin", "west_supervisor", "mate"])
def test_a_list_shows_strangers_nothing(office, name):
    assert SEGMENT.findall(found(office.enter(name)).text) == []
    assert office.enter(name).get(f"/find/{office.segments[0]}").status_code == 404


def test_a_segment_has_a_page_with_its_entry_and_owner(office):
    page = office.enter("head").get(f"/find/{office.segments[0]}?lang=en")
    assert page.status_code == 200, page.text
    assert f"{API}/segments/{office.segments[0]}/proof" in page.text
    assert "officer" in page.text


def test_two_questions_of_one_case_are_decided_in_one_signature_narrowed_to_one_segment(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    one, two, three = office.segments
    first = office.ask(asker, one, two).json()["request"]
    second = office.ask(asker, one, three).json()["request"]
    inbox = head.get("/").text
    assert inbox.count('name="q"') == 2
    page = head.get("/decide", params={"q": [first, second]})
    assert (page.url.path, page.status_code) == (f"/decide/{first}", 200)
    fields = {"also": [second], "keep": ["0"], "first": ["", "", ""], "last": ["1", "", ""]}
    entry, grants = decided(office, head, first, **fields, times="1", until=day(office, 1))
    assert entry["spans"] == [{"segment": one, "first": 0, "last": 1}]
    assert (entry["times"], len(grants)) == (1, 2)
    assert [each["request"] for each in entry["requests"]] == [first, second]
    assert len(office.bureau.house.entries("request.decided")) == 1
    listed = asker.get("/grants").text
    assert listed.count("/copies") == 2
    assert "0–1" in listed


def test_nothing_ticked_is_no_approval(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    question = office.ask(asker).json()["request"]
    sent = form(head, f"/decide/{question}", answer="approve", reason="yes")
    assert (
        head.post(f"/decide/{question}", data=sent | {"first": "", "last": ""}).status_code == 400
    )
    assert office.bureau.house.entries("request.decided") == []


def test_several_questions_are_refused_at_once_without_a_key(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    ids = [office.ask(asker, each).json()["request"] for each in office.segments[:2]]
    sent = form(head, f"/decide/{ids[0]}", answer="refuse", reason="no", also=ids[1:])
    assert head.post(f"/decide/{ids[0]}", data=sent).url.path == "/"
    (entry,) = office.bureau.house.entries("request.decided")
    assert [each["grant"] for each in entry.body["requests"]] == [None, None]


def test_questions_of_two_cases_are_not_offered_together(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    ids = [office.ask(asker, case_number=f"case {n}").json()["request"] for n in (1, 2)]
    assert 'name="q"' not in head.get("/").text
    sent = form(head, f"/decide/{ids[0]}", answer="approve", reason="yes", also=ids[1:])
    assert head.post(f"/decide/{ids[0]}", data=sent).status_code == 400


def test_looks_are_hidden_on_the_page_only_with_a_reason(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    question = office.ask(asker).json()["request"]
    sent = form(
        head, f"/decide/{question}", answer="approve", reason="", hidden_until=day(office, 9)
    )
    assert head.post(f"/decide/{question}", data=sent).status_code == 400
    entry, _ = decided(office, head, question, hidden_until=day(office, 9))
    assert entry["confidential_until"] is not None


def test_who_decides_sees_conflicts_earlier_questions_and_objections(office):
    office.bureau.label(office.segments[0], ["officer", "supervisor"], "case 1")
    before = office.ask(office.enter("supervisor")).json()["request"]
    question = office.ask(office.enter("searcher")).json()["request"]  # goes to the chief
    unit = office.enter("head")
    assert question in unit.get("/").text
    fields = form(unit, f"/requests/{question}", reason="still needed here")
    done = unit.post(f"/requests/{question}/objection", data=fields)
    assert "still needed here" in done.text
    chief = office.enter("chief")
    page = chief.get(f"/decide/{question}?lang=en").text
    assert "still needed here" in page
    assert f"/requests/{before}" in page
    told = chief.get(f"{API}/requests/{question}/weighing").json()
    assert {each["name"] for each in told["appear"]} == {"officer", "supervisor"}
    assert [each["request"] for each in told["earlier"]] == [before]
    assert told["objections"][0]["person"] == person("head")
    assert told["rows"] == []


def test_a_conflict_stands_on_the_page_before_anybody_tries(office):
    question = office.ask(office.enter("supervisor")).json()["request"]
    office.bureau.label(office.segments[0], ["head"])
    rows = office.enter("head").get(f"{API}/requests/{question}/weighing").json()["rows"]
    assert [each["row"] for each in rows] == ["involved"]
    assert 'class="bad"' in office.enter("head").get(f"/decide/{question}").text


@pytest.mark.parametrize("name", ["mate", "admin", "west_head", "officer"])
def test_what_there_is_to_weigh_is_for_who_sees_the_question(office, name):
    question = office.ask(office.enter("supervisor")).json()["request"]
    assert office.enter(name).get(f"{API}/requests/{question}/weighing").status_code == 404
    assert office.enter(name).get(f"/decide/{question}").status_code == 404


def test_a_grant_is_given_back_by_its_holder_and_ended_by_the_head(office):
    mine, other = (granted(office.bureau, each) for each in office.segments[:2])
    asker, head = office.enter("supervisor"), office.enter("head")
    fields = form(asker, "/grants", reason="not needed")
    assert asker.post(f"/grants/{mine.id}/withdrawal", data=fields).url.path == "/grants"
    listed = head.get("/").text
    assert f"/requests/{other.request}" in listed
    page = f"/requests/{other.request}"
    assert f"/grants/{other.id}/withdrawal" in head.get(page).text
    fields = form(head, page, reason="a mistake")
    ended = head.post(f"/grants/{other.id}/withdrawal", data=fields)
    assert (ended.url.path, ended.status_code) == (page, 200)
    assert f"/grants/{other.id}/withdrawal" not in ended.text
    withdrawn = office.bureau.house.entries("grant.withdrawn")
    assert [each.actor for each in withdrawn] == [person("supervisor"), person("head")]
    assert "/copies" not in asker.get("/grants").text


def test_a_grant_to_view_says_that_the_player_is_still_to_come(office):
    grant = granted(office.bureau, office.segments[0], act="view")
    client = office.enter("supervisor")
    page = client.get("/grants?lang=en").text
    assert "/copies" not in page
    assert "player" in page
    told = client.get(f"{API}/grants/{grant.id}").json()
    assert told["waits_for"] == "player"
    answer = client.post(f"{API}/grants/{grant.id}/copies", json={}, headers=office.key())
    assert (answer.status_code, answer.json()["word"]) == (409, "view_needs_player")
    assert office.bureau.house.entries("copy.opened") == []


def test_who_must_prove_again_comes_back_to_the_questions(office):
    asker, head = office.enter("supervisor"), office.enter("head")
    ids = [office.ask(asker, each).json()["request"] for each in office.segments[:2]]
    office.bureau.clock.forward(minutes=6)
    there = f"/decide/{ids[0]}?also={ids[1]}"
    shown = head.get(there).text
    assert 'id="prove"' in shown
    sent = form(head, there, answer="refuse", reason="no", also=ids[1:])
    proving = head.post(f"/decide/{ids[0]}", data=sent)
    assert proving.url.path == "/prove"
    then = re.search(r'name="then" value="([^"]+)"', proving.text)[1].replace("&amp;", "&")
    done = head.post("/prove", data={"password": PHRASE, "then": then})
    assert str(done.url) == LOGIN + there


@pytest.mark.parametrize(
    "wanted",
    [
        {"since": "yesterday"},
        {"until": "9999-12-31T23:59"},
        {"slot": "a b"},
        {"after": "x"},
        {"words": "x" * 501},
        {"segments": "s:1"},
        {"unknown": "1"},
    ],
)
def test_what_is_no_search_is_a_page_that_says_so(office, wanted):
    page = office.enter("supervisor").post("/find", data=wanted)
    assert page.status_code in {200, 400, 422}
    assert "text/html" in page.headers["content-type"]

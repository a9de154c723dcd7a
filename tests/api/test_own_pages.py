"""Pages about oneself: who looked, why, sessions, password."""

import re

import pytest

from api.rendering import texts
from tests.api.browser import API, PHRASE, Office, an_office
from tests.fakes.desk import docked, person
from tests.fakes.grants import granted
from tests.fakes.house import House

NEW = "four other words, please"
WRONG = re.compile(r'id="(\w+)-wrong"')


@pytest.fixture
def office():
    return an_office()


# --- who looked: the tree itself is read ---------------------------------------------------------


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    """One look that everybody may know of, and one that its decision hides for days."""
    bureau, segments = docked(House(tmp_path_factory.mktemp("home")))
    office = Office(bureau, segments)
    asker = office.enter("supervisor")
    for segment, more in ((segments[0], {}), (segments[1], {"hidden": 5})):
        grant = granted(bureau, segment, **more)
        copy = f"{API}/grants/{grant.id}/copies"
        assert asker.post(copy, json={"span": 0}, headers=office.key()).status_code == 200
    yield office
    bureau.house.close()


def test_an_officer_sees_who_looked_why_and_what_left(looked):
    page = looked.enter("officer").get("/looks").text
    assert page.count("<strong>supervisor</strong>") == 1
    assert "复制" in page
    assert "2.0 MB" in page
    opened, closed = (looked.bureau.house.entries(f"copy.{n}")[0].seq for n in ("opened", "closed"))
    assert f"{opened}, {closed}" in page
    assert looked.segments[0] in page


def test_a_hidden_look_is_nowhere_on_the_page_of_who_must_not_know(looked):
    client = looked.enter("officer")
    assert looked.segments[1] not in client.get("/looks").text
    one = client.get("/looks", params={"segment": looked.segments[1]}).text
    assert "supervisor" not in one
    auditor = looked.enter("inspector").get("/looks", params={"segment": looked.segments[1]}).text
    assert "supervisor" in auditor
    assert "保密至" in auditor, "and that it is hidden"


def test_what_others_recorded_is_not_told_of(looked):
    client = looked.enter("west_officer")
    assert "supervisor" not in client.get("/looks").text
    refused = client.get("/looks", params={"segment": looked.segments[0]})
    assert refused.status_code == 403


def test_many_looks_have_pages(looked, monkeypatch):
    monkeypatch.setattr("api.pages_own.PAGE", 1)
    client = looked.enter("inspector")
    segment = {"segment": looked.segments[0]}
    asker = looked.enter("supervisor")
    grant = granted(looked.bureau, looked.segments[0])
    asker.post(f"{API}/grants/{grant.id}/copies", json={"span": 0}, headers=looked.key())
    first = client.get("/looks", params=segment).text
    before = re.search(r"\?before=(\d+)&amp;segment=", first)[1]
    second = client.get("/looks", params={"before": before, **segment}).text
    assert first.count("<strong>supervisor") == second.count("<strong>supervisor") == 1
    assert "更早的" not in second


# --- why -----------------------------------------------------------------------------------------


def test_why_shows_every_row_in_the_way_with_its_article(office):
    client = office.enter("officer")
    page = client.get("/why", params={"act": "copy", "subject": office.segments[0]}).text
    assert "不可以" in page
    assert "条 18)" in page
    own = client.post("/why", data={"act": "label", "subject": office.segments[0]}).text
    assert "不可以：" not in own
    assert "条 18)" not in own


def test_who_may_see_the_people_asks_about_them_by_number_or_name(office):
    client = office.enter("chief")
    asked = {"act": "label", "subject": office.segments[0], "person": "mate"}
    page = client.post("/why", data=asked)
    assert "条 16)" in page.text
    assert 'value="mate"' in page.text
    assert "?person" not in str(page.url), "a name stands in no address"


@pytest.mark.parametrize("who", ["mate", "nobody-at-all", person("mate")])
def test_who_may_not_see_the_people_learns_of_nobody(office, who):
    client = office.enter("officer")
    assert 'name="person"' not in client.get("/why").text
    asked = client.post("/why", data={"act": "label", "person": who})
    assert asked.status_code == 403
    assert who not in asked.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"subject": "s:" + "0" * 64}, "subject"),
        ({"subject": "q:" + "0" * 32}, "subject"),
        ({"subject": "<b>"}, "subject"),
        ({"person": "nobody-at-all"}, "person"),
        ({"person": "000007"}, "person"),
    ],
)
def test_what_cannot_be_found_is_told_at_its_field(office, fields, field):
    page = office.enter("chief").post("/why", data={"act": "label", **fields})
    assert 400 <= page.status_code < 500
    assert set(WRONG.findall(page.text)) == {field}
    assert "<b>" not in page.text


# --- sessions ------------------------------------------------------------------------------------


def test_somebody_ends_a_session_of_theirs_and_no_other(office):
    first, second, other = (office.enter(name) for name in ("officer", "officer", "mate"))
    names = re.findall(r"/sessions/([0-9a-f]{16})/end", second.get("/sessions").text)
    assert len(names) == 2
    stolen = other.post(f"/sessions/{names[0]}/end")
    assert stolen.status_code == 400
    assert first.get(f"{API}/me").status_code == 200
    ended = second.post(f"/sessions/{names[0]}/end")
    assert ended.url.path == "/sessions"
    assert first.get(f"{API}/me").status_code == 401
    assert second.post(f"/sessions/{names[1]}/end").url.path == "/sign-in"
    closed = office.bureau.house.entries("session.closed")
    assert [each.body["because"] for each in closed] == ["signed_out", "signed_out"]


# --- password ------------------------------------------------------------------------------------


def change(client, old=PHRASE, new=NEW, again=NEW):
    return client.post("/password", data={"old": old, "new": new, "again": again})


def test_somebody_changes_their_password_and_their_other_sessions_end(office):
    here, there = office.enter("officer"), office.enter("officer")
    done = change(here)
    assert (done.url.path, done.status_code) == ("/sessions", 200)
    assert "密码已" in done.text
    assert here.get(f"{API}/me").status_code == 200
    assert there.get(f"{API}/me").status_code == 401
    entry = {"account": "officer", "password": NEW}
    assert office.client().post("/sign-in", data=entry).url.path == "/"
    entry["password"] = PHRASE
    assert office.client().post("/sign-in", data=entry).status_code == 401
    told = [each.body["outcome"] for each in office.bureau.house.entries("password.changed")]
    assert told == ["changed"]


@pytest.mark.parametrize(
    ("fields", "field", "status", "told"),
    [
        ({"old": "something else"}, "old", 401, ["refused"]),
        ({"new": "short", "again": "short"}, "new", 400, []),
        ({"new": "a" * 20, "again": "a" * 20}, "new", 400, []),
        ({"again": NEW + "!"}, "again", 400, []),
        ({"old": ""}, "old", 401, ["refused"]),
    ],
)
def test_a_password_that_does_not_fit_is_told_at_its_field(office, fields, field, status, told):
    client = office.enter("officer")
    page = change(client, **fields)
    assert (page.status_code, set(WRONG.findall(page.text))) == (status, {field})
    typed = {PHRASE, NEW} | {each for each in fields.values() if each}
    assert not any(each in page.text for each in typed), "a password is never sent back"
    found = office.bureau.house.entries("password.changed")
    assert [each.body["outcome"] for each in found] == told


def test_who_guesses_a_password_inside_is_locked_out_too(office):
    client = office.enter("officer")
    for _ in range(5):
        assert change(client, old="something else").status_code == 401
    assert change(client).status_code == 429


# --- words ---------------------------------------------------------------------------------------


def test_both_languages_have_the_same_words():

    chinese, english = texts("zh-CN"), texts("en")
    assert chinese.keys() == english.keys()
    assert all(chinese.values())
    assert all(english.values())
    assert not [key for key, text in english.items() if "dockseal" in text.lower()]

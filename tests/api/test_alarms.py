"""Alarms over HTTP: listed for who may answer them, answered, and not there for anybody else."""

from dataclasses import replace

import pytest

from evidence.keeping import KEEPING
from tests.api.aged import post
from tests.api.browser import API, Office, an_office
from tests.api.test_keeping import LISTS
from tests.api.test_pages import form
from tests.fakes.desk import PEOPLE, person
from tests.fakes.grants import copy_of
from tests.fakes.trees import LedgerTiles

ANSWERS = LISTS - {"officer"}
OF_BOX = {"chief", "acting", "inspector", "watcher", "admin", "second_admin"}
SECRET = "what-was-found"  # noqa: S105 - words about an alarm


@pytest.fixture(scope="module")
def made():
    return an_office()


@pytest.fixture
def office(made):
    bureau = copy_of(made.bureau)
    bureau.desk = replace(bureau.desk, tiles=LedgerTiles(bureau.ledger))
    return Office(bureau, made.segments)


def alarm(office, *about, code="slice_differs"):
    body = {"alarm": code, "facts": {"n": 1}}
    return office.bureau.write("alarm.raised", about, body, by="sys:audit")


def told(office, who, **params):
    return office.enter(who).get(f"{API}/alarms", params=params).json()["alarms"]


@pytest.mark.parametrize("who", PEOPLE)
def test_an_alarm_is_told_to_who_may_answer_it_and_else_it_is_none(office, who):
    entry = alarm(office, office.segments[0])
    assert [each["entry"] for each in told(office, who)] == ([entry] if who in ANSWERS else [])
    client = office.enter(who)
    answer = post(office, client, f"alarms/{entry}/acknowledgement", answer="known")
    assert answer.status_code == (201 if who in ANSWERS else 400), answer.text
    if who not in ANSWERS:
        none = post(office, client, f"alarms/{10**9}/acknowledgement", answer="known")
        assert none.json()["word"] == answer.json()["word"] == "no_alarm"
    answered = office.bureau.house.entries("alarm.acknowledged")
    assert [each.actor for each in answered] == ([person(who)] if who in ANSWERS else [])


@pytest.mark.parametrize("who", PEOPLE)
def test_an_alarm_of_the_box_is_for_who_runs_it_and_watches(office, who):
    entry = alarm(office, KEEPING, code="space_short")
    assert bool(told(office, who)) is (who in OF_BOX)
    client = office.enter(who)
    answer = post(office, client, f"alarms/{entry}/acknowledgement", answer="known")
    assert answer.status_code == (201 if who in OF_BOX else 400), answer.text


def test_alarms_that_say_the_same_are_one_and_answered_at_once(office):
    first, last = (alarm(office, office.segments[0]) for _ in range(2))
    (row,) = told(office, "head")
    assert (row["entry"], row["first"], row["count"]) == (last, first, 2)
    head = office.enter("head")
    said = {"answer": "known", "words": SECRET}
    assert post(office, head, f"alarms/{last}/acknowledgement", **said).status_code == 201
    assert told(office, "head") == []
    (row,) = told(office, "head", every=True)
    assert (row["answered"]["answer"], row["answered"]["by"]) == ("known", person("head"))
    assert SECRET not in str([each.body for each in office.bureau.house.entries()])
    head = office.enter("head")
    again = post(office, head, f"alarms/{last}/acknowledgement", answer="lost")
    assert (again.status_code, again.json()["word"]) == (409, "alarm_answered")


def test_that_bytes_are_sound_only_an_auditor_says_and_after_an_audit(office):
    entry = alarm(office, office.segments[0])
    path = f"alarms/{entry}/acknowledgement"
    head = post(office, office.enter("head"), path, answer="mended")
    assert "may_clear_alarm" in [row["row"] for row in head.json()["rows"]]
    inspector = office.enter("inspector")
    early = post(office, inspector, path, answer="no_harm")
    assert (early.status_code, early.json()["word"]) == (409, "alarm_unaudited")
    body = {"level": "digest", "size": entry + 1, "root": "00", "findings": 0, "verdict": "intact"}
    office.bureau.write("audit.done", (), body, by="sys:audit")
    assert post(office, inspector, path, answer="no_harm").status_code == 201


def test_words_about_the_box_have_no_place(office):
    entry = alarm(office, KEEPING, code="space_short")
    said = {"answer": "known", "words": SECRET}
    answer = post(office, office.enter("admin"), f"alarms/{entry}/acknowledgement", **said)
    assert (answer.status_code, answer.json()["word"]) == (400, "alarm_words")
    assert SECRET not in answer.text


def test_the_same_answer_twice_is_one(office):
    entry, client, key = alarm(office, office.segments[0]), office.enter("head"), office.key()
    path, body = f"{API}/alarms/{entry}/acknowledgement", {"answer": "known"}
    first, again = (client.post(path, json=body, headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert len(office.bureau.house.entries("alarm.acknowledged")) == 1


def test_on_the_page_it_is_answered_and_who_chooses_nothing_is_told_so(office):
    entry = alarm(office, office.segments[0])
    head = office.enter("head")
    path = f"/alarms/{entry}/acknowledgement"
    bare = head.post(path, data=form(head, "/alarms"))
    assert (bare.status_code, f'href="#answer-{entry}"' in bare.text) == (400, True)
    done = head.post(path, data=form(head, "/alarms", answer="known", words="seen"))
    assert done.url.path == "/alarms"
    assert path not in done.text
    assert "已知悉" in head.get("/alarms?every=true").text
    stranger = office.enter("west_head")
    sent = stranger.post(path, data={"key": "k" * 8, "answer": "known"})
    assert sent.status_code == 400
    assert office.segments[0] not in stranger.get("/alarms?every=true").text

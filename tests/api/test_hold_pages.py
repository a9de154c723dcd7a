"""The pages of holds: what the API does, by forms; the words of a hold on no page of others."""

import base64
import re

import pytest

from tests.api.browser import API, PHRASE, Office, an_office
from tests.api.test_pages import form
from tests.fakes.desk import EAST, SERIAL, person
from tests.fakes.grants import copy_of
from tests.fakes.shelf import adopt, asked, hold, of_segments

SECRET = "who-complained"  # noqa: S105 - what only those may read who may


@pytest.fixture(scope="module")
def made():
    office = an_office()
    adopt(office.bureau)
    return office


@pytest.fixture
def office(made):
    return Office(copy_of(made.bureau), made.segments)


def wanted(client, **fields):
    told = {"reason": "dispute", "reference": SECRET} | fields
    return form(client, "/holds/new", **told)


def placed(office, who="supervisor", **fields):
    client = office.enter(who)
    told = wanted(client, **({"segments": office.segments[0]} | fields))
    page = client.post("/holds/new", data=told)
    assert page.url.path.startswith("/holds/h:"), page.text
    return page


def test_the_page_of_a_recording_says_why_it_is_kept_and_until_when(office):
    segment = office.segments[0]
    hold(office.bureau, of_segments(segment), words=SECRET)
    page = office.enter("officer").get(f"/find/{segment}?lang=en").text
    assert "is kept without an end" in page
    assert "rule standard of jinzhong 1 (article 17" in page
    assert "no complete label" in page
    assert "task of the officer" in page
    assert f'href="/holds/new?segment={segment}"' in page
    assert SECRET not in page
    assert "保存期限" in office.enter("officer").get(f"/find/{segment}?lang=zh-CN").text


def test_a_hold_is_placed_with_a_paper_and_read_back(office):
    paper = base64.urlsafe_b64encode(b"\xff\xfe a paper").decode().rstrip("=")
    page = placed(office, words="because", paper=paper, paper_name="投诉.pdf")
    assert SECRET in page.text
    name = page.url.path.rpartition("/")[2]
    found = office.enter("supervisor").get(f"{API}/holds/{name}/attachment")
    assert found.content == b"\xff\xfe a paper"
    assert "投诉.pdf" in page.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"segments": "", "reference": "x"}, "segments"),
        ({"segments": "nonsense"}, "segments"),
        ({"segments": "", "officer": person("officer")}, "since"),
        ({"case_number": "1"}, "segments"),
        ({"segments": "", "officer": person("officer"), "unit": EAST}, "segments"),
        ({"reference": " "}, "reference"),
        ({"reason": ""}, "reason"),
        ({"paper": "a"}, "paper"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(office, fields, field):
    client = office.enter("head")
    told = wanted(client, **({"segments": office.segments[0], "words": "stays"} | fields))
    page = client.post("/holds/new", data=told)
    assert page.status_code == 400, page.text
    assert f'href="#{field}"' in page.text
    assert "stays" in page.text
    assert office.bureau.house.entries("hold.placed") == []


def test_a_window_of_somebody_is_chosen_by_name(office):
    client = office.enter("supervisor")
    assert f'value="{person("officer")}"' in client.get("/holds/new").text
    placed(office, segments="", officer=person("officer"), since="2026-11-20T00:00")
    placed(office, "head", segments="", unit=EAST, since="2026-11-20T00:00")
    placed(office, segments="", serial=SERIAL, since="2026-11-20T00:00")
    scopes = [each.body["scope"] for each in office.bureau.house.entries("hold.placed")]
    assert [each["of"][:2] for each in scopes] == ["p:", "u:", "r:"]
    assert scopes[0]["since"] == "2026-11-19T16:00:00.000Z", "a day of the place"


def test_only_people_and_units_of_ones_own_are_offered(office):
    page = office.enter("officer").get("/holds/new").text
    assert person("officer") in page
    assert person("west_officer") not in page
    assert EAST not in page


def test_two_people_end_a_hold_on_its_page(office):
    path = placed(office).url.path
    head, watcher = office.enter("head"), office.enter("watcher")
    fields = form(head, path, ground="placed_in_error", reference="2026-9")
    page = head.post(f"{path}/release", data=fields)
    assert page.status_code == 200
    assert "/release" not in page.text, "the second is another person"
    assert "/refuse" in page.text
    seconds = form(watcher, path)
    assert "2026-9" in watcher.get(path).text
    assert "2026-9" not in office.enter("officer").get(path).text
    done = watcher.post(f"{path}/release", data=seconds)
    assert "/release" not in done.text
    assert len(office.bureau.house.entries("hold.released")) == 1
    assert path not in watcher.get("/holds").text
    assert path in watcher.get("/holds?released=true").text


def test_a_release_is_refused_and_who_gives_no_reason_is_told_so(office):
    path = placed(office).url.path
    head = office.enter("head")
    fields = form(head, path, ground="placed_in_error", reference="")
    assert head.post(f"{path}/release", data=fields).status_code == 400
    head.post(f"{path}/release", data=form(head, path, ground="placed_in_error", reference="x"))
    watcher = office.enter("watcher")
    assert watcher.post(f"{path}/refuse", data=form(watcher, path)).status_code == 400
    watcher.post(f"{path}/refuse", data=form(watcher, path, reason="it is needed"))
    assert len(office.bureau.house.entries("hold.release_refused")) == 1


def test_who_must_prove_again_is_asked_to_and_led_back(office):
    path = placed(office).url.path
    head = office.enter("head")
    fields = form(head, path, ground="placed_in_error", reference="x")
    office.bureau.clock.forward(minutes=6)
    assert 'id="prove"' in head.get(path).text
    asked_again = head.post(f"{path}/release", data=fields)
    assert asked_again.url.path == "/prove"
    then = re.search(r'name="then" value="([^"]+)"', asked_again.text)[1]
    back = head.post("/prove", data={"password": PHRASE, "then": then})
    assert back.url.path == path
    assert office.bureau.house.entries("hold.release_proposed") == []


def test_a_hold_of_others_is_not_there(office):
    path = placed(office).url.path
    for who in ("west_head", "admin"):
        client = office.enter(who)
        assert client.get(path).status_code == 404
        fields = {"key": "k" * 8, "ground": "placed_in_error", "reference": "x"}
        assert client.post(f"{path}/release", data=fields).status_code == 404
        assert path not in client.get("/holds").text
    assert office.bureau.house.entries("hold.release_proposed") == []


def test_marks_and_proposals_are_answered_from_the_list(office):
    bureau = office.bureau
    bureau.take()
    marked = bureau.seal("marked", important=True)
    asked(bureau, [office.segments[0]])
    head = office.enter("head")
    page = head.get("/holds").text
    mark = re.search(rf"answers=(\d+)&amp;segment={marked}", page)[1]
    proposed = re.search(rf"answers=(\d+)&amp;segment={office.segments[0]}", page)[1]
    done = head.post(f"/marks/{mark}/resolve", data=form(head, "/holds", reason="tested"))
    assert done.url.path == "/holds"
    assert f"answers={mark}" not in done.text
    fields = form(head, f"/holds/new?answers={proposed}&segment={office.segments[0]}")
    said = {"segments": office.segments[0], "answers": proposed}
    head.post("/holds/new", data=fields | said | {"reason": "dispute", "reference": "x"})
    assert "answers=" not in head.get("/holds").text

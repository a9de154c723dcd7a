"""The pages of what is due, what cannot go, disposals and tombstones."""

import re

import pytest

from evidence.webauthn import unbase64url
from tests.api.aged import again, aged, destroyed, due_of, later, signed
from tests.api.browser import API, SIGN, WORDS, an_office
from tests.api.test_pages import form
from tests.fakes.desk import SQUAD
from tests.fakes.shelf import asked


@pytest.fixture(scope="module")
def made():
    return aged()


@pytest.fixture
def office(made):
    return again(made)


def proposed(office, who="supervisor"):
    """Propose what is due on its page; return the address of the disposal."""
    client = office.enter(who)
    page = client.post("/disposals", data=form(client, "/due?within=0", reason="over"))
    assert page.url.path.startswith("/disposals/x:"), page.text
    return page.url.path


def approved(office, path, who="head"):
    """Approve on the page, sign on the other host."""
    client = office.enter(who)
    page = client.post(f"{path}/approve", data=form(client, path, reason="checked"))
    assert page.status_code == 200, page.text
    ticket = re.search(rf'href="{SIGN}/sign#([0-9A-Za-z_-]+)"', page.text)[1]
    signing = office.client(SIGN)
    shown = signing.post(f"{API}/sign/proposal", json={"ticket": ticket}).json()
    assert shown["digest"] in page.text
    approval = signed(office, who, unbase64url(shown["challenge"]))
    answer = signing.post(f"{API}/sign/decision", json={"ticket": ticket, "approval": approval})
    assert answer.status_code == 201, answer.text


def test_what_is_due_is_listed_with_what_forbids_it(office):
    first, _ = due_of(office)
    asked(office.bureau, [first])
    page = office.enter("head").get("/due?within=0&lang=en").text
    assert page.count("May go") == 1
    assert WORDS["en"]("blocker.open_request") in page
    assert "By the time that counts it is" in page
    assert due_of(office)[1][2:14] not in office.enter("west_head").get("/due?within=0").text


def test_without_a_time_from_outside_no_form_proposes_anything():
    client = an_office().enter("head")
    page = client.get("/due").text
    assert 'action="/disposals"' not in page
    assert "两人见证" in page
    sent = client.post("/disposals", data={"key": "k" * 8, "reason": "x"})
    assert sent.status_code == 409


def test_what_cannot_go_is_summed_up_and_says_whose_task_it_is(office):
    client = office.enter("head")
    page = client.get("/blocked?lang=en").text
    assert "no complete label" in page
    assert 'href="/unlabelled"' in page
    named = client.get("/blocked?by_unit=true").text
    assert SQUAD[:6] in named, "as its name is in this bureau"
    assert "no complete label" not in office.enter("west_head").get("/blocked?lang=en").text


def test_from_the_proposal_to_the_tombstone_on_pages(office):
    path, segment = proposed(office), due_of(office)[0]
    head = office.enter("head")
    early = head.get(path).text
    assert f'action="{path}/approve"' not in early, "the warning runs"
    assert f'action="{path}/undo"' in early
    later(office, 40)
    own = office.enter("supervisor").get(path).text
    assert f'action="{path}/approve"' not in own
    approved(office, path)
    assert f'action="{path}/approve"' not in office.enter("head").get(path).text
    later(office, 40)
    destroyed(office, path.rpartition("/")[2])
    done = office.enter("head").get(path).text
    assert f"/disposed/{segment}" in done
    assert f'action="{path}/undo"' not in done
    officer = office.enter("officer")
    shown = officer.get(f"/disposed/{segment}")
    assert (shown.status_code, "已清除" in shown.text) == (200, True)
    assert f'href="/disposed/{segment}"' in officer.get(f"/find/{segment}").text
    assert office.enter("west_head").get(f"/disposed/{segment}").status_code == 404


def test_it_is_undone_on_its_page_with_a_reason(office):
    path = proposed(office)
    client = office.enter("inspector")
    bare = client.post(f"{path}/undo", data=form(client, path, reason=""))
    assert bare.status_code == 400
    assert 'href="#undo"' in bare.text
    done = client.post(f"{path}/undo", data=form(client, path, reason="a complaint"))
    assert done.url.path == path
    assert [e.body["disposal"] for e in office.bureau.house.entries("disposal.undone")]
    assert path not in client.get("/disposals").text
    assert path in client.get("/disposals?ended=true").text


def test_who_must_prove_again_is_asked_to(office):
    path = proposed(office)
    later(office, 40)
    head = office.enter("head")
    fields = form(head, path, reason="checked")
    office.bureau.clock.forward(minutes=6)
    assert head.post(f"{path}/approve", data=fields).url.path == "/prove"
    assert head.post("/disposals", data={"key": "k" * 8, "reason": "x"}).url.path == "/prove"
    assert len(office.bureau.house.entries("disposal.proposed")) == 1
    fields = form(office.enter("head"), path, reason="")
    empty = office.enter("head").post(f"{path}/approve", data=fields)
    assert (empty.status_code, 'href="#approve"' in empty.text) == (400, True)


def test_a_disposal_of_others_is_on_no_page(office):
    path = proposed(office)
    for who in ("west_head", "admin", "officer"):
        client = office.enter(who)
        assert client.get(path).status_code == 404
        assert client.post(f"{path}/approve", data={"reason": "x"}).status_code == 404
        sent = client.post(f"{path}/undo", data={"key": "k" * 8, "reason": "x"})
        assert sent.status_code == 404
        assert path not in client.get("/disposals?ended=true").text
    assert office.bureau.house.entries("disposal.undone") == []

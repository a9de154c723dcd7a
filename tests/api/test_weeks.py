"""Weeks over HTTP: what is in custody, what is named instead, the closing and its sheet."""

from dataclasses import replace

import pytest

from tests.api.aged import post
from tests.api.browser import API, Office, an_office
from tests.api.test_pages import form
from tests.fakes.desk import EAST, PEOPLE, SQUAD, WEST
from tests.fakes.grants import copy_of
from tests.fakes.trees import LedgerTiles

SEES = {"head", "deputy", "supervisor", "chief", "acting", "inspector", "watcher", "searcher"}
CLOSES = SEES - {"inspector", "watcher"}
WEEK, RUNNING = "2026-W47", "2026-W48"  # the footage is of the first, on its Sunday


@pytest.fixture(scope="module")
def made():
    office = an_office()
    office.bureau.clock.forward(days=1)
    return office


@pytest.fixture
def office(made):
    bureau = copy_of(made.bureau)
    bureau.desk = replace(bureau.desk, tiles=LedgerTiles(bureau.ledger))
    bureau.clock.forward(days=1)
    return Office(bureau, made.segments)


def week(office, who, name=WEEK, unit=EAST):
    return office.enter(who).get(f"{API}/units/{unit}/weeks/{name}")


@pytest.mark.parametrize("who", PEOPLE)
def test_a_week_is_told_to_who_leads_and_watches_and_closed_by_who_leads(office, who):
    answer = week(office, who)
    assert answer.status_code == (200 if who in SEES else 403), answer.text
    client = office.enter(who)
    listed = client.get(f"{API}/units/{EAST}/weeks", params={"count": 2})
    assert listed.status_code == answer.status_code
    closed = post(office, client, f"units/{EAST}/weeks/{WEEK}/closing")
    assert closed.status_code == (201 if who in CLOSES else 403), closed.text
    assert len(office.bureau.house.entries("week.closed")) == (who in CLOSES)


def test_a_week_tells_what_is_in_custody_and_what_is_not(office):
    told = week(office, "head").json()
    assert (told["segments"], told["dockings"], told["state"]) == (3, 1, "open")
    assert set(told["unlabelled"]) == set(office.segments)
    rows = office.enter("head").get(f"{API}/units/{EAST}/weeks", params={"count": 2}).json()
    assert [(each["week"], each["state"]) for each in rows["weeks"]] == [
        (RUNNING, "running"),
        (WEEK, "open"),
    ]


def test_it_is_closed_once_and_again_after_a_late_docking(office):
    head = office.enter("head")
    path = f"units/{EAST}/weeks/{WEEK}/closing"
    first = post(office, head, path).json()
    assert (first["state"], len(first["closings"])) == ("closed", 1)
    again = post(office, head, path)
    assert (again.status_code, again.json()["word"]) == (409, "week_closed")
    early = post(office, head, f"units/{EAST}/weeks/{RUNNING}/closing")
    assert (early.status_code, early.json()["word"]) == (409, "week_running")


def test_the_sheet_is_a_page_to_save_and_only_of_a_closed_week(office):
    head = office.enter("head")
    path = f"{API}/units/{EAST}/weeks/{WEEK}/sheet"
    none = head.get(path)
    assert (none.status_code, none.json()["word"]) == (409, "week_not_closed")
    post(office, head, f"units/{EAST}/weeks/{WEEK}/closing")
    sheet = head.get(path)
    assert sheet.headers["content-disposition"] == f'attachment; filename="{WEEK}.html"'
    assert WEEK in sheet.text
    assert office.enter("officer").get(path).status_code == 403


@pytest.mark.parametrize("name", ["2026-W54", "1999-W01", "2026-w47", "x"])
def test_what_is_no_week_is_refused(office, name):
    assert week(office, "head", name).status_code in {400, 422}


def test_a_unit_that_is_not_there_is_said_so(office):
    assert week(office, "chief", unit="u:" + "9" * 32).status_code == 404


def test_the_pages_close_a_week_and_lead_to_its_sheet(office):
    head = office.enter("head")
    listed = head.get("/weeks")
    assert f"/weeks/{EAST}/{WEEK}" in listed.text
    path = f"/weeks/{EAST}/{WEEK}"
    page = head.post(f"{path}/close", data=form(head, path))
    assert page.url.path == path
    assert f"{API}/units/{EAST}/weeks/{WEEK}/sheet" in page.text
    assert f'action="{path}/close"' not in page.text
    (entry,) = office.bureau.house.entries("week.closed")
    assert f"{entry.seq}" in page.text


def test_the_pages_offer_no_unit_of_others_and_record_no_refusal_by_themselves(office):
    officer, other = office.enter("officer"), office.enter("west_head")
    assert EAST not in officer.get("/weeks").text
    assert EAST not in other.get("/weeks").text
    assert WEST in other.get("/weeks").text
    assert office.bureau.house.entries("access.refused") == []
    assert other.get(f"/weeks/{EAST}/{WEEK}").status_code == 403
    assert other.get(f"/weeks?unit={EAST}").status_code == 403
    watcher = office.enter("watcher").get(f"/weeks/{SQUAD}/{WEEK}")
    assert (watcher.status_code, 'action="' in watcher.text.split("<main>")[1]) == (200, False)

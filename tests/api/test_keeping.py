"""Why something is kept, what falls due and what cannot go: told over HTTP, to whom it may be."""

import pytest

from api.app import create_app, describe
from tests.api.browser import API, Office, an_office
from tests.fakes.desk import PEOPLE, SQUAD
from tests.fakes.grants import copy_of
from tests.fakes.shelf import adopt, asked, hold, of_segments, pack, release

LISTS = {"head", "supervisor", "leader", "officer", "chief", "acting", "inspector", "watcher"} | {
    "searcher"
}
UNKNOWN = "s:" + "0" * 64


@pytest.fixture(scope="module")
def made():
    """A pack is adopted; the first segment is labelled, the others are not."""
    office = an_office()
    adopt(office.bureau)
    office.bureau.label(office.segments[0], ["officer"])
    return office


@pytest.fixture
def office(made):
    return Office(copy_of(made.bureau), made.segments)


def retention(office, who, segment, **params):
    return office.enter(who).get(f"{API}/segments/{segment}/retention", params=params)


@pytest.mark.parametrize("who", PEOPLE)
def test_why_it_is_kept_is_told_to_who_may_list_it_and_else_it_is_not_there(office, who):
    answer = retention(office, who, office.segments[0])
    assert answer.status_code == (200 if who in LISTS else 404), answer.text
    unknown = retention(office, who, UNKNOWN)
    assert unknown.status_code == 404
    if who not in LISTS:
        assert unknown.json().keys() == answer.json().keys()
        assert office.bureau.house.entries("access.refused")[-1].body["act"] == "see_listing"


def test_the_rule_is_named_with_its_article_and_entry(office):
    told = retention(office, "officer", office.segments[0]).json()
    (ground,) = told["grounds"]
    assert (ground["what"], ground["article"], ground["from"]) == ("standard", "17", "sealed")
    assert ground["policy"] == office.bureau.house.entries("policy.adopted")[0].seq
    assert told["until"] == "2027-05-22T16:00:00Z"
    assert (told["blockers"], told["over"], told["hidden"]) == ([], False, 0)
    bare = retention(office, "officer", office.segments[1]).json()
    assert [each["code"] for each in bare["blockers"]] == ["unlabelled"]


def test_on_another_day_it_tells_what_would_be(office):
    segment = office.segments[0]
    grace = retention(office, "officer", segment, on="2027-05-23").json()
    assert [each["code"] for each in grace["blockers"]] == ["in_grace"]
    over = retention(office, "officer", segment, on="2027-08-21").json()
    assert (over["blockers"], over["over"]) == ([], True)
    assert retention(office, "officer", segment, on="soon").status_code == 422
    assert retention(office, "officer", segment, on="0001-01-01").status_code == 422


def test_that_somebody_asked_is_told_to_heads_and_auditors_only(office):
    asked(office.bureau, [office.segments[0]])
    told = retention(office, "officer", office.segments[0]).json()
    assert (told["blockers"], told["hidden"]) == ([], 2)
    for who in ("head", "inspector"):
        told = retention(office, who, office.segments[0]).json()
        codes = [each["code"] for each in told["blockers"]]
        assert (codes, told["hidden"]) == (["proposed", "open_request"], 0)


def test_what_falls_due_is_told_the_soonest_first_and_nothing_to_strangers(office):
    head = office.enter("head")
    assert head.get(f"{API}/retention/due").json()["count"] == 0
    far = head.get(f"{API}/retention/due", params={"within_days": 280}).json()
    assert {each["segment"] for each in far["due"]} == set(office.segments)
    assert far["bytes"] == sum(each["size"] for each in far["due"])
    one = head.get(f"{API}/retention/due", params={"within_days": 280, "limit": 1}).json()
    assert (one["count"], len(one["due"])) == (3, 1)
    other = office.enter("west_head").get(f"{API}/retention/due", params={"within_days": 280})
    assert other.json()["count"] == 0
    assert head.get(f"{API}/retention/due", params={"within_days": 9999}).status_code == 422


def test_what_cannot_go_is_summed_up_by_reason_and_unit(office):
    hold(office.bureau, of_segments(office.segments[0]))
    head = office.enter("head")
    rows = head.get(f"{API}/retention/blocked").json()["blocked"]
    told = {(each["code"], each["whose"], each["count"], each["unit"]) for each in rows}
    assert told == {("unlabelled", "officer", 2, None), ("held", "nobody", 1, None)}
    rows = head.get(f"{API}/retention/blocked", params={"by": "unit"}).json()["blocked"]
    assert {each["unit"] for each in rows} == {SQUAD}
    assert office.enter("west_head").get(f"{API}/retention/blocked").json()["blocked"] == []


def test_one_request_looks_at_so_much_and_says_that_there_was_more(office, monkeypatch):
    head = office.enter("head")
    for path, counted in (("due?within_days=280", "count"), ("blocked", None)):
        assert head.get(f"{API}/retention/{path}").json()["more"] is False
        monkeypatch.setattr("api.keeping.LOOKED_LIMIT", 2)
        told = head.get(f"{API}/retention/{path}").json()
        monkeypatch.undo()
        assert told["more"] is True
        assert counted is None or told[counted] == 2


def test_a_released_hold_is_a_ground_that_says_so(office):
    release(office.bureau, hold(office.bureau, of_segments(office.segments[0])))
    grounds = retention(office, "officer", office.segments[0]).json()["grounds"]
    assert [each["from"] for each in grounds] == ["sealed", "released"]


def test_the_rules_of_keeping_are_told_whole_with_a_tag(office):
    adopt(office.bureau, pack("mps"))
    client = office.enter("officer")
    answer = client.get(f"{API}/policies")
    told = answer.json()
    assert [(each["name"], each["replaced"]) for each in told["policies"]] == [
        ("jinzhong", None),
        ("mps", None),
    ]
    assert told["policies"][0]["pack"]["standard"]["period"] == "6 months"
    same = client.get(f"{API}/policies", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304


def test_the_document_names_a_ground_as_the_command_line_does(office):
    schemas = describe(create_app(office.site))["components"]["schemas"]
    assert "from" in schemas["GroundOut"]["properties"]

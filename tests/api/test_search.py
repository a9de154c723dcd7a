"""Segments found over HTTP: only what one may list, page by page, and no name in any URL."""

import json

import pytest

from tests.api.browser import API, Office, an_office
from tests.fakes.desk import PEOPLE, WEST, person
from tests.fakes.grants import copy_of

EAST_SEES = {"head", "supervisor", "leader", "officer"}
ALL_SEE = {"chief", "acting", "inspector", "watcher", "searcher"}


@pytest.fixture(scope="module")
def made():
    """The officer's three segments, and two of the west; two are labelled."""
    office = an_office()
    bureau = office.bureau
    west = bureau.recorder("T000005")
    bureau.bind(west, "west_officer", WEST)
    far = tuple(
        bureau.dock({f"DCIM/W{n}.MP4": bytes([90 + n]) * 2000}, "T000005")[0] for n in (1, 2)
    )
    said = {"item": "check", "complete": True}
    bureau.label(office.segments[0], ["officer", "mate"], "case 1", **said)
    bureau.label(far[0], ["west_officer"], "案 9", by="west_officer", **said)
    first, second, _ = office.segments
    seam = {"before": first, "after": second, "lines": [0, 1], "kind": "gap", "ms": 9000}
    body = {"act": "x", "part": 1, "parts": 1, "seams": [seam | {"because": None}]}
    bureau.write("seams.judged", (f"d:{1:032x}", first, second), body, by="sys:ingest")
    return office, far


@pytest.fixture
def office(made):
    office, _ = made
    return Office(copy_of(office.bureau), office.segments)


@pytest.fixture
def far(made):
    return made[1]


def search(client, **wanted):
    answer = client.post(f"{API}/segments/search", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(page):
    return {each["segment"] for each in page["segments"]}


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_finds_what_they_may_list_and_nothing_else(office, far, name):
    sees = set()
    if name in EAST_SEES | ALL_SEE:
        sees |= set(office.segments)
    if name == "mate":
        sees |= {office.segments[0]}  # stands in its label
    if name in {"west_head", "west_supervisor", "west_officer"} | ALL_SEE:
        sees |= set(far)
    client = office.enter(name)
    assert ids(client.get(f"{API}/segments").json()) == sees
    assert ids(search(client)) == sees
    for each in (*office.segments, *far):
        assert client.get(f"{API}/segments/{each}").status_code == (200 if each in sees else 404)
        entry = client.get(f"{API}/segments/{each}/entry")
        assert entry.status_code == (200 if each in sees else 404)


def test_a_segment_that_is_not_for_these_eyes_is_as_one_that_is_not_there(office, far):
    client, nowhere = office.enter("officer"), "s:" + "0" * 64
    hidden = client.get(f"{API}/segments/{far[0]}")
    absent = client.get(f"{API}/segments/{nowhere}")
    assert hidden.text.replace(far[0], "") == absent.text.replace(nowhere, "")
    refused = office.bureau.house.entries("access.refused")
    assert [each.actor for each in refused] == [person("officer")], "who tries stands in the ledger"


def test_a_list_writes_nothing(office):
    size = len(office.bureau.ledger.leaves)
    search(office.enter("admin"))
    opened = office.bureau.house.entries("session.opened")
    assert len(office.bureau.ledger.leaves) == size + len(opened)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"case_number": "case 1"}, [0]),
        ({"case_number": "case 2"}, []),
        ({"item": "check"}, [0]),
        ({"unlabelled": True}, [1, 2]),
        ({"officer": "officer"}, [0, 1, 2]),  # the name: holds the recorder
        ({"officer": "mate"}, [0]),  # stands in the label
        ({"officer": "west_officer"}, []),
        ({"officer": "nobody of ours"}, []),
        ({"serial": "T000001"}, [0, 1, 2]),
        ({"serial": "T000002"}, []),
        ({"slot": "1"}, [0, 1, 2]),
        ({"slot": "2"}, []),
        ({"finding": "undecodable"}, None),
        ({"until": "2020-01-01T00:00:00Z"}, []),
        ({"since": "2020-01-01T00:00:00+08:00"}, [0, 1, 2]),
    ],
)
def test_what_is_searched_for_is_found(office, wanted, found):
    page = search(office.enter("supervisor"), **wanted)
    if found is None:
        noted = [each for each in page["segments"] if "undecodable" not in each["findings"]]
        assert noted == []
        return
    assert ids(page) == {office.segments[n] for n in found}


def test_words_of_two_signs_are_found_in_labels(office):
    facts = {"officers": [], "cause": "占道经营", "party": "王小明", "case_number": None}
    facts |= {"place": "城管一队", "words": "拆除"}
    body = {"act": office.segments[1], "items": None, "item": None, "step": None, "no_case": None}
    body |= {"complete": False, "sensitivity": "none", "corrects": None}
    about = (office.segments[1],)
    office.bureau.write("segment.labelled", about, body, facts, of=about[0], by="officer")
    client = office.enter("supervisor")
    for wanted in ({"words": "城管"}, {"words": "拆除"}, {"party": "小明"}, {"cause": "占道"}):
        assert ids(search(client, **wanted)) == {office.segments[1]}, wanted
    assert ids(search(client, words="管城")) == set()
    shown = client.get(f"{API}/segments/{office.segments[1]}").json()
    assert (shown["label"]["party"], shown["label"]["words"]) == ("王小明", "拆除")


def test_pages_follow_each_other_without_a_gap_or_anything_twice(office, far):
    client = office.enter("chief")
    every = [each["segment"] for each in search(client, limit=200)["segments"]]
    assert set(every) == {*office.segments, *far}
    shown, after = [], None
    for _ in every:
        page = search(client, limit=2, **({"after": after} if after else {}))
        shown += [each["segment"] for each in page["segments"]]
        after = page["next"]
        if after is None:
            break
    assert shown == every
    again = client.get(f"{API}/segments", params={"limit": 2}).json()
    assert [each["segment"] for each in again["segments"]] == every[:2]


@pytest.mark.parametrize("field", ["officer", "case_number", "cause", "party", "words"])
def test_a_name_in_a_url_is_refused(office, field):
    answer = office.enter("supervisor").get(f"{API}/segments", params={field: "Zhang"})
    assert answer.status_code == 422
    assert "Zhang" not in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        {"limit": 0},
        {"limit": 201},
        {"after": "1"},
        {"after": "9" * 40 + ".0"},
        {"words": "x" * 501},
        {"words": ""},
        {"slot": "a b"},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"unknown": 1},
    ],
)
def test_what_is_too_large_or_no_search_is_refused(office, wanted):
    answer = office.enter("supervisor").post(f"{API}/segments/search", json=wanted)
    assert answer.status_code == 422, answer.text


def test_a_place_beyond_all_time_is_an_answer(office):
    client = office.enter("supervisor")
    for after in ("9" * 15 + ".0", "-" + "9" * 15 + ".0"):
        for more in ({}, {"officer": "officer"}):
            wanted = {"after": after, **more}
            answer = client.post(f"{API}/segments/search", json=wanted)
            assert answer.status_code in {200, 400}, answer.text


def test_a_segment_is_told_with_its_owner_its_neighbours_and_its_entry(office):
    client = office.enter("supervisor")
    shown = client.get(f"{API}/segments/{office.segments[0]}").json()
    (seen,) = shown["sightings"]
    assert (seen["person"], seen["name"], seen["why"]) == (person("officer"), "officer", "own")
    assert shown["label"]["case_number"] == "case 1"
    assert {each["name"] for each in shown["label"]["people"]} == {"officer", "mate"}
    assert shown["slices"] == 3
    (seam,) = shown["seams"]
    assert (seam["before"], seam["after"]) == office.segments[:2]
    assert (seam["kind"], seam["ms"]) == ("gap", 9000)
    entry = json.loads(client.get(f"{API}/segments/{office.segments[0]}/entry").content)
    assert (entry["seq"], entry["type"]) == (shown["entry"], "segment.sealed")
    assert shown["proof"] == f"{API}/segments/{office.segments[0]}/proof"


def test_no_picture_and_no_byte_of_footage_is_in_an_answer(office):
    client = office.enter("chief")
    office.bureau.house.objects.objects.clear()  # there is no byte to give
    text = json.dumps(search(client)) + client.get(f"{API}/segments/{office.segments[0]}").text
    assert "<img" not in text
    assert ids(search(client)) > set(office.segments)

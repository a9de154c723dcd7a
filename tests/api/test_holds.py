"""Holds over HTTP: placed by one, ended by two, and their words for nobody else."""

import base64
from datetime import timedelta

import pytest

from tests.api.browser import API, Office, an_office
from tests.api.test_keeping import LISTS
from tests.fakes.desk import EAST, PEOPLE, person
from tests.fakes.grants import copy_of
from tests.fakes.shelf import adopt, asked, hold, of_segments, of_window

SECRET = "who-complained"  # noqa: S105 - what only those may read who may
PAPER = b"a complaint, and who made it"
READS = LISTS - {"officer"}  # the officer is whom it is about


@pytest.fixture(scope="module")
def made():
    office = an_office()
    adopt(office.bureau)
    return office


@pytest.fixture
def office(made):
    return Office(copy_of(made.bureau), made.segments)


def post(office, client, path, **body):
    return client.post(f"{API}/{path}", json=body, headers=office.key())


def wanted(office, **more):
    copy = {"name": "投诉.pdf", "copy_base64": base64.b64encode(PAPER).decode()}
    scope = {"segments": [office.segments[0]]} | more
    return {"reason": "dispute", "reference": SECRET, "words": SECRET, "attachment": copy, **scope}


def placed(office, who="supervisor", **more):
    answer = post(office, office.enter(who), "holds", **wanted(office, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()["hold"]


@pytest.mark.parametrize("who", PEOPLE)
def test_whoever_may_list_it_places_a_hold_and_for_others_it_is_not_there(office, who):
    answer = post(office, office.enter(who), "holds", **wanted(office))
    assert answer.status_code == (201 if who in LISTS else 404), answer.text
    entries = office.bureau.house.entries("hold.placed")
    assert [each.actor for each in entries] == ([person(who)] if who in LISTS else [])
    assert SECRET not in str([each.body for each in entries])
    if who in LISTS:
        assert answer.json()["reference"] == SECRET, "who placed it may read it"


@pytest.mark.parametrize("who", PEOPLE)
def test_the_words_of_a_hold_are_for_who_leads_there_and_not_for_whom_it_is_about(office, who):
    name = placed(office)
    client = office.enter(who)
    answers = [client.get(f"{API}/holds/{name}{more}") for more in ("", "/attachment")]
    listed = client.get(f"{API}/holds")
    assert answers[0].status_code == (200 if who in LISTS else 404)
    assert (name in listed.text) is (who in LISTS)
    reads = who in READS
    assert answers[1].status_code == (200 if reads else 404)
    assert (SECRET in answers[0].text) is (SECRET in listed.text) is reads
    assert (answers[1].content == PAPER) is reads
    if reads:
        assert answers[1].headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answers[1].headers["content-type"] == "application/octet-stream"


def test_a_hold_catches_a_case_and_a_window_too(office):
    bureau = office.bureau
    since = bureau.now.isoformat()
    placed(office, segments=[], case_number="2026-7")
    placed(office, segments=[], of=person("officer"), since=since)
    placed(office, "head", segments=[], of=EAST, since=since)
    kinds = [each.body["scope"]["kind"] for each in bureau.house.entries("hold.placed")]
    assert kinds == ["case", "window", "window"]
    assert "2026-7" not in str([each.body for each in bureau.house.entries("hold.placed")])


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"case_number": "1"}, "hold_which"),
        ({"segments": []}, "hold_which"),
        ({"segments": [], "of": EAST}, "hold_scope"),
        ({"reference": " "}, "keep_words"),
        ({"attachment": {"name": "x", "copy_base64": "===="}}, "attachment_unusable"),
        ({"attachment": {"name": "x", "copy_base64": ""}}, "attachment_unusable"),
    ],
)
def test_what_is_no_hold_is_refused_and_nothing_is_written(office, more, word):
    answer = post(office, office.enter("head"), "holds", **wanted(office) | more)
    assert (answer.status_code, answer.json()["word"]) == (400, word)
    assert SECRET not in answer.text
    assert office.bureau.house.entries("hold.placed") == []


def test_a_paper_may_be_as_large_as_the_rule_says_and_no_larger(office):
    head = office.enter("head")
    for size, status in ((256 << 10, 201), ((256 << 10) + 1, 400), (600 << 10, 413)):
        copy = {"name": "x", "copy_base64": base64.b64encode(b"x" * size).decode()}
        answer = post(office, head, "holds", **wanted(office) | {"attachment": copy})
        assert answer.status_code == status, size


def test_two_people_end_a_hold_and_one_alone_does_not(office):
    name = placed(office)
    head, watcher = office.enter("head"), office.enter("watcher")
    early = post(office, watcher, f"holds/{name}/release")
    assert (early.status_code, early.json()["word"]) == (409, "release_not_proposed")
    ground = {"ground": "placed_in_error", "reference": "2026-9"}
    assert post(office, head, f"holds/{name}/release", **ground).status_code == 201
    alone = post(office, head, f"holds/{name}/release")
    assert alone.status_code == 403
    assert "own_proposal" in [row["row"] for row in alone.json()["rows"]]
    assert office.bureau.house.entries("hold.released") == []
    assert post(office, watcher, f"holds/{name}/release").status_code == 201
    ended = watcher.get(f"{API}/holds", params={"released": True}).json()["holds"]
    assert [each["state"] for each in ended] == ["released"]
    assert watcher.get(f"{API}/holds").json()["holds"] == []


@pytest.mark.parametrize("who", PEOPLE)
def test_the_release_is_proposed_by_those_of_the_table_alone(office, who):
    name = placed(office)
    ground = {"ground": "archive_over", "reference": "2026-9"}
    answer = post(office, office.enter(who), f"holds/{name}/release", **ground)
    may = {"head", "leader", "chief", "acting", "watcher"}
    assert answer.status_code == (201 if who in may else 403 if who in LISTS else 404)
    assert len(office.bureau.house.entries("hold.release_proposed")) == (who in may)


def test_a_proposed_release_is_refused_with_a_reason_that_stays_private(office):
    name = placed(office)
    head = office.enter("head")
    post(office, head, f"holds/{name}/release", ground="placed_in_error", reference="2026-9")
    answer = post(office, office.enter("watcher"), f"holds/{name}/refuse", reason=SECRET)
    assert answer.status_code == 201
    (entry,) = office.bureau.house.entries("hold.release_refused")
    assert SECRET not in str(entry.body)
    assert head.get(f"{API}/holds/{name}").json()["state"] == "standing"


def test_an_old_proof_ends_no_hold_and_places_one(office):
    name, head = placed(office), office.enter("head")
    office.bureau.clock.forward(minutes=6)
    ground = {"ground": "placed_in_error", "reference": "2026-9"}
    answer = post(office, head, f"holds/{name}/release", **ground)
    assert [row["row"] for row in answer.json()["rows"]] == ["not_fresh"]
    assert post(office, head, "holds", **wanted(office)).status_code == 201


def test_the_same_form_twice_is_one_hold(office):
    client, key = office.enter("head"), office.key()
    first, again = (client.post(f"{API}/holds", json=wanted(office), headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert len(office.bureau.house.entries("hold.placed")) == 1
    other = client.post(f"{API}/holds", json=wanted(office, reason="emergency"), headers=key)
    assert (other.status_code, other.json()["word"]) == (409, "idempotency_other")


def test_a_mark_waits_until_it_is_held_or_resolved(office):
    bureau = office.bureau
    bureau.take()
    first, second = (bureau.seal(each, important=True) for each in ("m1", "m2"))
    head = office.enter("head")
    rows = head.get(f"{API}/marks").json()["provisional"]
    assert {each["segment"] for each in rows} == {first, second}
    entries = {each["segment"]: each["entry"] for each in rows}
    done = post(office, head, f"marks/{entries[first]}/resolve", reason="tested")
    assert done.status_code == 201, done.text
    answers = wanted(office, segments=[second], answers=entries[second])
    assert post(office, head, "holds", **answers).status_code == 201
    assert head.get(f"{API}/marks").json()["provisional"] == []
    again = post(office, head, f"marks/{entries[first]}/resolve", reason="tested")
    assert (again.status_code, again.json()["word"]) == (409, "resolved_already")


@pytest.mark.parametrize("who", ["west_head", "admin", "mate"])
def test_an_entry_of_others_waits_for_nothing_as_one_that_is_not_there(office, who):
    bureau = office.bureau
    bureau.take()
    bureau.seal("m1", important=True)
    entry = bureau.house.entries("segment.sealed")[-1].seq
    client = office.enter(who)
    assert client.get(f"{API}/marks").json()["provisional"] == []
    told = [post(office, client, f"marks/{e}/resolve", reason="x") for e in (entry, 10**9)]
    assert [each.status_code for each in told] == [400, 400]
    assert [each.json()["word"] for each in told] == ["nothing_to_resolve"] * 2
    assert bureau.house.entries("mark.resolved") == []


def test_what_a_question_proposes_is_told_to_who_may_see_the_question(office):
    question = asked(office.bureau, [office.segments[0]])
    for who, sees in (("head", True), ("inspector", True), ("officer", False), ("admin", False)):
        rows = office.enter(who).get(f"{API}/marks").json()["proposed"]
        assert [each["request"] for each in rows] == ([question.id] if sees else []), who


def test_holds_come_in_pages_without_a_gap(office):
    bureau = office.bureau
    names = [hold(bureau, of_segments(office.segments[0])).id for _ in range(3)]
    names.append(hold(bureau, of_window(EAST, bureau.now - timedelta(days=1))).id)
    head, before, found = office.enter("head"), None, []
    for _ in range(4):
        params = {"limit": 1} | ({"before": before} if before is not None else {})
        told = head.get(f"{API}/holds", params=params).json()
        found += [each["hold"] for each in told["holds"]]
        before = told["next"]
    assert found == names[::-1]
    assert before is None

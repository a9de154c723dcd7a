"""Disposals over HTTP: proposed, signed by another on the other host, undone, and what remains."""

import pytest

from evidence.disposal import DISPOSAL_LIMIT
from evidence.webauthn import unbase64url
from tests.api.aged import again, aged, destroyed, due_of, later, post, signed
from tests.api.browser import API, SIGN, an_office
from tests.api.test_keeping import LISTS
from tests.fakes.desk import PEOPLE, person
from tests.fakes.shelf import adopt, hold, of_segments

SECRET = "why-it-goes"  # noqa: S105 - what strangers do not learn
PROPOSES = LISTS - {"officer", "inspector"}
KNOWS = LISTS - {"officer"}  # see_figures
APPROVES = LISTS - {"officer", "supervisor", "searcher", "inspector"}


@pytest.fixture(scope="module")
def made():
    return aged()


@pytest.fixture
def office(made):
    return again(made)


@pytest.fixture(scope="module")
def proposed_once(made):
    """The same with a disposal whose warning is over."""
    office = again(made)
    found = post(office, office.enter("supervisor"), "disposals", due=True, reason=SECRET).json()
    later(office, 40)
    return office, found["disposal"]


@pytest.fixture
def waiting(proposed_once):
    office, disposal = proposed_once
    return again(office), disposal


def prepared(client, disposal, reason="checked"):
    return client.post(f"{API}/disposals/{disposal}/approval", json={"reason": reason})


def approved(office, disposal, who="head"):
    """Approve on the login host, sign on the other; return the answer."""
    ticket = prepared(office.enter(who), disposal).json()["ticket"]
    signing = office.client(SIGN)
    shown = signing.post(f"{API}/sign/proposal", json={"ticket": ticket}).json()
    approval = signed(office, who, unbase64url(shown["challenge"]))
    body = {"ticket": ticket, "approval": approval}
    return shown, signing.post(f"{API}/sign/decision", json=body)


@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_due_is_proposed_by_those_of_the_table_and_what_is_not_listed_is_not_there(
    office, who
):
    segments = list(due_of(office))
    answer = post(office, office.enter(who), "disposals", segments=segments, reason=SECRET)
    expected = 201 if who in PROPOSES else 403 if who in LISTS else 404
    assert answer.status_code == expected, answer.text
    entries = office.bureau.house.entries("disposal.proposed")
    assert [each.actor for each in entries] == ([person(who)] if who in PROPOSES else [])
    assert SECRET not in str([each.body for each in entries])


def test_what_must_stay_is_left_out_of_what_is_due_and_refused_by_name(office):
    first, second = due_of(office)
    hold(office.bureau, of_segments(first))
    client = office.enter("supervisor")
    named = post(office, client, "disposals", segments=[first, second], reason="x")
    assert (named.status_code, named.json()["word"]) == (409, "not_disposable")
    due = post(office, client, "disposals", due=True, reason="x").json()
    assert (due["count"], due["state"]) == (1, "proposed")
    more = post(office, client, "disposals", due=True, reason="x")
    assert (more.status_code, more.json()["word"]) == (409, "nothing_due")


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"due": True, "segments": ["s:" + "0" * 64], "reason": "x"}, 400, "dispose_which"),
        ({"reason": "x"}, 400, "dispose_which"),
        ({"due": True, "reason": " "}, 400, "keep_words"),
        ({"segments": ["s:" + "0" * 64], "reason": "x"}, 404, "segment_unknown"),
        ({"segments": ["x"], "reason": "x"}, 422, "request_malformed"),
    ],
)
def test_what_is_no_list_is_refused_and_nothing_is_written(office, body, status, word):
    answer = post(office, office.enter("supervisor"), "disposals", **body)
    assert (answer.status_code, answer.json()["word"]) == (status, word)
    assert office.bureau.house.entries("disposal.proposed") == []


def test_the_longest_list_there_may_be_is_read(office):
    segments = [f"s:{number:064x}" for number in range(DISPOSAL_LIMIT)]
    answer = post(office, office.enter("supervisor"), "disposals", segments=segments, reason="x")
    assert answer.json()["word"] == "segment_unknown"


def test_without_a_time_from_outside_nothing_is_proposed():
    office = an_office()
    adopt(office.bureau)
    office.bureau.clock.forward(days=400)
    answer = post(office, office.enter("head"), "disposals", due=True, reason="x")
    assert (answer.status_code, answer.json()["word"]) == (409, "no_outside_time")


def test_the_warning_runs_before_anybody_approves(office):
    body = {"due": True, "reason": "x"}
    found = post(office, office.enter("supervisor"), "disposals", **body).json()
    answer = prepared(office.enter("head"), found["disposal"])
    assert (answer.status_code, answer.json()["word"]) == (409, "warning_open")


@pytest.mark.parametrize("who", PEOPLE)
def test_the_second_person_is_one_of_the_table_and_for_strangers_it_is_not_there(waiting, who):
    office, disposal = waiting
    client = office.enter(who)
    answer = prepared(client, disposal)
    expected = 200 if who in APPROVES else 403 if who in KNOWS else 404
    assert answer.status_code == expected, answer.text
    shown = client.get(f"{API}/disposals/{disposal}")
    assert shown.status_code == (200 if who in KNOWS else 404)
    assert (SECRET in shown.text) is (who in KNOWS)
    listed = client.get(f"{API}/disposals").json()["disposals"]
    assert [each["disposal"] for each in listed] == ([disposal] if who in KNOWS else [])
    assert office.bureau.house.entries("disposal.approved") == []


def test_it_is_signed_on_the_signing_host_and_the_list_is_what_is_signed(waiting):
    office, disposal = waiting
    shown, answer = approved(office, disposal)
    assert answer.status_code == 201, answer.text
    assert (shown["type"], shown["entry"]["count"]) == ("disposal.approved", 2)
    (entry,) = office.bureau.house.entries("disposal.approved")
    assert answer.json()["entry"] == entry.seq
    assert {**entry.body, "signature": None} == shown["entry"]
    assert shown["names"].keys() == {person("head"), person("supervisor")}
    told = office.enter("head").get(f"{API}/disposals/{disposal}").json()
    assert (told["state"], told["approved_by"]) == ("approved", person("head"))


def test_a_ticket_is_good_once_for_one_person_and_one_disposal(waiting):
    office, disposal = waiting
    head, chief = office.enter("head"), office.enter("chief")
    made = prepared(head, disposal).json()
    approval = signed(office, "head", unbase64url(made["challenge"]))
    body = {"ticket": made["ticket"], "approval": approval}
    other = post(office, chief, f"disposals/{disposal}/approve", **body)
    assert (other.status_code, other.json()["word"]) == (401, "challenge_over")
    used = post(office, head, f"disposals/{disposal}/approve", **body)
    assert used.json()["word"] == "challenge_over"
    assert office.bureau.house.entries("disposal.approved") == []
    made = prepared(head, disposal).json()
    body = {"ticket": made["ticket"], "approval": signed(office, "head", b"x" * 32)}
    wrong = post(office, head, f"disposals/{disposal}/approve", **body)
    assert wrong.status_code == 403
    made = prepared(head, disposal).json()
    bare = post(office, head, f"disposals/{disposal}/approve", ticket=made["ticket"])
    assert "not_signed" in [row["row"] for row in bare.json()["rows"]]
    assert office.bureau.house.entries("disposal.approved") == []


def test_a_ticket_of_a_disposal_answers_no_question(waiting):
    office, disposal = waiting
    head = office.enter("head")
    ticket = prepared(head, disposal).json()["ticket"]
    answer = post(office, head, "decisions", ticket=ticket)
    assert (answer.status_code, answer.json()["word"]) == (401, "challenge_over")


def test_who_proposed_it_approves_nothing(office):
    found = post(office, office.enter("head"), "disposals", due=True, reason="x").json()
    later(office, 40)
    answer = prepared(office.enter("head"), found["disposal"])
    assert "own_proposal" in [row["row"] for row in answer.json()["rows"]]


def test_an_old_proof_is_none_for_a_disposal(waiting):
    office, disposal = waiting
    head = office.enter("head")
    made = prepared(head, disposal).json()
    office.bureau.clock.forward(minutes=6)
    approval = signed(office, "head", unbase64url(made["challenge"]))
    late = post(office, head, f"disposals/{disposal}/approve", ticket=made["ticket"],
                approval=approval)  # fmt: skip
    assert late.json()["word"] == "challenge_over"
    asked = post(office, office.enter("supervisor"), f"disposals/{disposal}/undo", reason="x")
    assert asked.status_code == 201, "to keep it needs no fresh proof"
    old = office.enter("supervisor")
    office.bureau.clock.forward(minutes=6)
    refused = post(office, old, "disposals", due=True, reason="x")
    assert [row["row"] for row in refused.json()["rows"]] == ["not_fresh"]


@pytest.mark.parametrize("who", PEOPLE)
def test_whoever_sees_the_list_undoes_it(waiting, who):
    office, disposal = waiting
    answer = post(office, office.enter(who), f"disposals/{disposal}/undo", reason="a complaint")
    assert answer.status_code == (201 if who in KNOWS else 404), answer.text
    head = office.enter("head")
    open_ones = head.get(f"{API}/disposals").json()["disposals"]
    assert [each["state"] for each in open_ones] == ([] if who in KNOWS else ["proposed"])
    every = head.get(f"{API}/disposals", params={"ended": True}).json()["disposals"]
    assert len(every) == 1


def test_what_went_is_told_with_its_tombstone_to_who_might_have_listed_it(waiting):
    office, disposal = waiting
    approved(office, disposal)
    later(office, 40)
    assert destroyed(office, disposal).disposed == 2
    segment = due_of(office)[0]
    for who in ("officer", "head", "inspector", "west_head", "admin"):
        client = office.enter(who)
        answer = client.get(f"{API}/disposed/{segment}")
        assert answer.status_code == (200 if who in LISTS else 404), who
        if who in LISTS:
            told = answer.json()
            assert (told["executed"], told["disposal"]) == (True, disposal)
            assert [each["article"] for each in told["grounds"]] == ["17"]
    officer = office.enter("officer")
    kept = officer.get(f"{API}/segments/{segment}/retention")
    assert (kept.status_code, kept.json()["word"]) == (409, "segment_disposed")
    there = officer.get(f"{API}/disposed/{office.segments[2]}")
    assert (there.status_code, there.json()["word"]) == (404, "not_disposed_of")
    told = office.enter("head").get(f"{API}/disposals/{disposal}").json()
    assert (told["state"], {each["fate"] for each in told["segments"]}) == ("done", {"disposed"})


def test_the_same_proposal_twice_is_one(office):
    client, key = office.enter("supervisor"), office.key()
    body = {"due": True, "reason": "x"}
    first, again_ = (client.post(f"{API}/disposals", json=body, headers=key) for _ in range(2))
    assert first.json() == again_.json()
    assert len(office.bureau.house.entries("disposal.proposed")) == 1


def test_disposals_come_in_pages(office):
    client = office.enter("supervisor")
    names = [
        post(office, client, "disposals", segments=[each], reason="x").json()["disposal"]
        for each in due_of(office)
    ]
    first = client.get(f"{API}/disposals", params={"limit": 1}).json()
    rest = client.get(f"{API}/disposals", params={"limit": 1, "before": first["next"]}).json()
    assert [each["disposals"][0]["disposal"] for each in (first, rest)] == names[::-1]
    assert rest["next"] is None

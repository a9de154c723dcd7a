"""The whole way over HTTP: asked, decided with a signature, fetched, and seen afterwards."""

import pytest

from evidence.webauthn import base64url, unbase64url
from tests.api.browser import API, an_office
from tests.fakes.desk import FILES, private_key

FIRST = next(iter(FILES.values()))


@pytest.fixture
def office():
    return an_office()


def decided(office, question, client=None, **more):
    head = client or office.enter("head")
    said = {"answer": "approve", "requests": [question], "reason": "yes", **more}
    proposal = head.post(f"{API}/decisions/proposals", json=said)
    assert proposal.status_code == 200, proposal.text
    signature = private_key("head").sign(unbase64url(proposal.json()["challenge"]))
    approval = {
        "fmt": "software/1",
        "key": office.bureau.keys["head"],
        "envelope": {"signature": base64url(signature)},
    }
    body = {"ticket": proposal.json()["ticket"], "approval": approval}
    answer = head.post(f"{API}/decisions", json=body, headers=office.key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_asked_decided_fetched_and_seen(office):
    asker = office.enter("supervisor")
    asked = office.ask(asker)
    assert asked.status_code == 201, asked.text
    question = asked.json()["request"]
    head = office.enter("head")
    assert [q["request"] for q in head.get(f"{API}/inbox").json()["questions"]] == [question]
    shown = head.get(f"{API}/requests/{question}").json()
    assert (shown["reason"], shown["asker_name"]) == ("a reason", "supervisor")
    (grant,) = decided(office, question, head)["grants"]
    assert [g["grant"] for g in asker.get(f"{API}/grants").json()["grants"]] == [grant]
    copy = asker.post(f"{API}/grants/{grant}/copies", json={"span": 0}, headers=office.key())
    assert copy.status_code == 200, copy.text
    assert copy.content == FIRST
    closed = office.bureau.house.entries("copy.closed")
    assert closed[0].body["how"] == "complete"
    assert closed[0].body["bytes"] == len(FIRST)


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=5-9", 5, 9),
        ("bytes=1048570-1048590", 1048570, 1048590),
        ("bytes=2097000-", 2097000, len(FIRST) - 1),
        ("bytes=-7", len(FIRST) - 7, len(FIRST) - 1),
    ],
)
def test_a_range_is_cut_from_slices_that_were_verified(office, wanted, first, last):
    grant = office.granted()
    client = office.enter("supervisor")
    headers = {**office.key(), "Range": wanted}
    answer = client.post(f"{API}/grants/{grant.id}/copies", json={}, headers=headers)
    assert answer.status_code == 206, answer.text
    assert answer.content == FIRST[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(FIRST)}"
    assert office.bureau.house.entries("copy.closed")[0].body["how"] == "complete"

"""Ids that are paths, ranges that are bombs: every parameter of every route, and every copy."""

import re

import pytest

from tests.api.browser import API, LOGIN, SIGN, an_office
from tests.api.test_doors import routes
from tests.fakes.desk import FILES

TRICKS = (
    "..%2f..%2fprivate%2fsigning.key", "%2e%2e%2f%2e%2e",
    "%252e%252e%252f", "..%5c..%5cprivate", "%2fetc%2fpasswd", "file:%2f%2f%2fetc%2fpasswd",
    "%00", "a%00b", "%0d%0aSet-Cookie:%20a=b", "%ff%fe", "q:" + "0" * 31, "q:" + "0" * 33,
    "Q:" + "0" * 32, "q:" + "０" * 32, "q:" + "0" * 32 + "%0a", "s:" + "0" * 64 + "%2f..",
    "-1", "99999999999999999999999999", "1e3", "0x10", "%20", "x" * 5000, "*", "'%20OR%201=1--",
)  # fmt: skip
# A client takes ".." away itself; tests/api/test_attacks_wire.py sends it as it is.
OFFICE = an_office()
GRANT = OFFICE.granted().id
HEAD = OFFICE.enter("head")
PLACES = sorted(
    (name, method, path, parameter)
    for name, (method, path) in routes(OFFICE.app).items()
    for parameter in re.findall(r"{[a-z_:]+}", path)
)
KNOWN = {"seams": "1", "seam": "0", "grant": GRANT, "name": "0" * 16, "rules": "access"}
MARKERS = (b"root:", b"PRIVATE KEY", b"Set-Cookie")


@pytest.fixture
def reads():
    """Everything that is read from the tree or the vault meanwhile."""
    asked, tiles, objects = [], OFFICE.bureau.house.tiles, OFFICE.bureau.house.objects
    true_tile, true_open = tiles.read, objects.open
    tiles.read = lambda path: asked.append(path) or true_tile(path)
    objects.open = lambda *args, **more: asked.append(args) or true_open(*args, **more)
    yield asked
    tiles.read, objects.open = true_tile, true_open


def test_there_are_parameters_to_try():
    assert len(PLACES) > 30
    assert {"{path:path}", "{grant}", "{segment}", "{digest}"} <= {each[3] for each in PLACES}


@pytest.mark.parametrize(
    ("name", "method", "path", "parameter"), PLACES, ids=lambda value: str(value)[:40]
)
def test_an_id_that_is_none_leads_nowhere(reads, name, method, path, parameter):
    del name
    host = SIGN if path.startswith(("/sign/", f"{API}/sign/")) else LOGIN
    for trick in TRICKS:
        filled = path.replace(parameter, trick)
        for other in re.findall(r"{([a-z_]+)}", filled):
            filled = filled.replace(f"{{{other}}}", KNOWN.get(other, "p:" + "0" * 32))
        answer = HEAD.request(
            method, f"{host}{filled}", json={}, headers=OFFICE.key(), follow_redirects=False
        )
        assert 300 <= answer.status_code < 500, (trick, answer.status_code, answer.text[:200])
        assert "set-cookie" not in answer.headers, trick
        assert not any(marker in answer.content for marker in MARKERS), trick
    assert reads == [], "nothing was asked of the tree or of the vault"


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-0,1-1", "bytes=" + ",".join("0-0" for _ in range(20)), "bytes=-", "bytes=5-2",
        "bytes=0-0, 0-0", "bytes=--5", "bytes=0x0-5", "bytes=０-5", "BYTES=0-5", "slices=0-5",
        "bytes=0-5;q=1", "bytes =0-5",
    ],
)  # fmt: skip
def test_a_range_that_is_odd_is_none_and_the_whole_is_sent_once(wanted):
    office = an_office()
    grant = office.granted()
    client = office.enter("supervisor")
    headers = {**office.key(), "Range": wanted.encode()}
    answer = client.post(f"{API}/grants/{grant.id}/copies", json={}, headers=headers)
    whole = next(iter(FILES.values()))
    if answer.status_code == 200:
        assert answer.content == whole
        assert len(office.bureau.house.entries("copy.opened")) == 1
    else:
        assert answer.status_code in {400, 416, 422}
        assert office.bureau.house.entries("copy.opened") == [], "no use was counted"


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=2097152999-2097153000", "bytes=-0"])
def test_a_range_outside_is_refused_and_is_no_use_of_the_grant(wanted):
    office = an_office()
    grant = office.granted()
    client = office.enter("supervisor")
    headers = {**office.key(), "Range": wanted}
    answer = client.post(f"{API}/grants/{grant.id}/copies", json={}, headers=headers)
    assert answer.status_code == 416, answer.text
    assert office.bureau.house.entries("copy.opened") == []


@pytest.mark.parametrize("span", [-1, 1, 60, 10**9, 10**30, "0", None, [0], 0.5])
def test_a_part_that_was_not_granted_is_not_there(span):
    office = an_office()
    grant = office.granted()
    client = office.enter("supervisor")
    path = f"{API}/grants/{grant.id}/copies"
    answer = client.post(path, json={"span": span}, headers=office.key())
    if span == "0":  # a number in quotes is that number
        assert answer.status_code == 200
        return
    assert answer.status_code in {400, 404, 422}, answer.text
    assert office.bureau.house.entries("copy.opened") == []

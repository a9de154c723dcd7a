"""Bytes that are under way: a withdrawal stops them, a reader who goes away is written down."""

import asyncio

import pytest

from api import streaming
from api.granted import Copy, copied
from api.streaming import CHUNK_BYTES
from custody.grants import withdraw_grant
from custody.sessions import resume
from evidence.errors import DigestMismatchError, RefusedError
from tests.api.browser import an_office
from tests.fakes.desk import FILES

MIB = 1 << 20
FIRST = next(iter(FILES.values()))


@pytest.fixture
def office():
    return an_office()


def answer_of(office, grant):
    token = office.enter("supervisor").cookies["__Host-ds"]
    who = resume(office.site.entrance(), token)
    return copied(office.site, who, Copy(grant.id, 0, "key-00000000"))


def run(answer, send, gone):
    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    asyncio.run(answer({"type": "http"}, receive, send))


def closed(office):
    (entry,) = office.bureau.house.entries("copy.closed")
    return entry.body


def test_a_reader_who_goes_away_is_written_down_with_what_left(office):
    answer, gone, sent = answer_of(office, office.granted()), asyncio.Event(), []

    async def send(message):
        sent.append(len(message.get("body", b"")))
        if len(sent) == 7:
            gone.set()
            await asyncio.sleep(0)

    run(answer, send, gone)
    assert closed(office)["how"] == "broken"
    assert sum(sent) <= closed(office)["bytes"] == 2 * MIB, (
        "the slice behind it was ready, and stayed"
    )
    assert max(sent) <= CHUNK_BYTES


def test_the_last_byte_ends_the_answer(office):
    """Whoever has everything may ask the next thing over the same connection at once."""
    answer, sent = answer_of(office, office.granted()), []

    async def send(message):
        sent.append(message)

    run(answer, send, asyncio.Event())
    _, *bodies = sent
    assert b"".join(each["body"] for each in bodies) == FIRST
    assert [each["more_body"] for each in bodies] == [True] * (len(bodies) - 1) + [False]
    assert bodies[-1]["body"]
    assert closed(office)["how"] == "complete"


def test_a_withdrawal_stops_a_slow_reader(office):
    grant = office.granted()
    answer, sent = answer_of(office, grant), []

    async def send(message):
        sent.append(message)
        if len(sent) == 2:
            withdraw_grant(office.bureau.desk, office.bureau.actor("head"), grant.id, "stop")
            office.bureau.clock.forward(seconds=2)
            await asyncio.sleep(60)  # it never takes this chunk

    with pytest.raises(RefusedError):
        run(answer, send, asyncio.Event())
    assert closed(office)["how"] == "withdrawn"
    assert len(sent) == 2, "not one more"


def test_what_is_read_ahead_and_differs_ends_the_answer_behind_the_slice_before_it(office):
    answer, sent = answer_of(office, office.granted()), []
    objects, (name, *_) = office.bureau.desk.objects.objects, office.segments
    content = bytearray(FIRST)
    content[MIB] ^= 1
    objects[name[2:]] = bytes(content)

    async def send(message):
        sent.append(message.get("body", b""))

    with pytest.raises(DigestMismatchError):
        run(answer, send, asyncio.Event())
    assert b"".join(sent) == FIRST[:MIB]
    assert (closed(office)["how"], closed(office)["bytes"]) == ("broken", MIB)
    assert office.bureau.house.entries("alarm.raised")


def test_while_a_quick_reader_takes_one_slice_the_next_is_verified(office, monkeypatch):
    read = watched_reads(office, monkeypatch)
    seen = []

    async def send(message):
        if message.get("body"):
            await asyncio.sleep(0.05)
            seen.append(len(read))

    run(answer_of(office, office.granted()), send, asyncio.Event())
    assert seen == [1] * 4 + [3] * 4 + [3], "of three slices: the first is waited for"


def test_for_a_slow_reader_nothing_is_kept_ready(office, monkeypatch):
    monkeypatch.setattr(streaming, "QUICK_S", 0.0)
    read = watched_reads(office, monkeypatch)
    seen = []

    async def send(message):
        if message.get("body"):
            await asyncio.sleep(0.02)
            seen.append(len(read))

    run(answer_of(office, office.granted()), send, asyncio.Event())
    assert seen == [1] * 4 + [2] * 4 + [3]


def watched_reads(office, monkeypatch):
    """Return the offsets at which the film is read, as it is read."""
    found, objects = [], office.bureau.desk.objects
    inner, film = objects.read, office.segments[0][2:]

    def read(sha256, offset=0, length=None):
        if sha256 == film:
            found.append(offset)
        return inner(sha256, offset, length)

    monkeypatch.setattr(objects, "read", read)
    return found


def test_who_takes_nothing_for_a_minute_has_gone_away(office, monkeypatch):
    monkeypatch.setattr(streaming, "ASK_S", 0.01)
    monkeypatch.setattr(streaming, "SLOW_S", 0.05)
    answer = answer_of(office, office.granted())

    async def send(message):
        if message.get("body"):
            await asyncio.sleep(60)

    with pytest.raises(ConnectionError):
        run(answer, send, asyncio.Event())
    assert closed(office)["how"] == "broken"
    assert closed(office)["bytes"] == MIB

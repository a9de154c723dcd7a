"""Bytes that are under way: a withdrawal stops them, a reader who goes away is written down."""

import asyncio

import pytest

from api.granted import Copy, copied
from api.streaming import CHUNK_BYTES
from custody.grants import withdraw_grant
from custody.sessions import resume
from evidence.errors import RefusedError
from tests.api.browser import an_office


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
        if len(sent) == 3:
            gone.set()
            await asyncio.sleep(0)

    run(answer, send, gone)
    assert closed(office)["how"] == "broken"
    assert sum(sent) <= closed(office)["bytes"] < 3 << 20
    assert max(sent) <= CHUNK_BYTES


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

"""The parent of a parser, frame by frame: what it waits for, and how long, without a process."""

import socket
from dataclasses import replace

import pytest

from appliance import children, frames
from appliance.children import Child, ParserLimits
from evidence.errors import ParserError
from tests.unit.appliance.sources import BytesSource

LIMITS = ParserLimits(silent_s=7.0, total_s=1000.0, answer_bytes=1000)


class NoLife:
    """A child that nobody has to end."""

    def end(self):
        pass

    def code(self, _patience_s):
        return 0


@pytest.fixture
def born(monkeypatch):
    """Give a child that has said what it says: everything lies in its channel before we listen."""
    theirs, ours = [], []

    def bear(_target, _bounds, channel, _cradle):
        theirs.append(channel.dup())
        return NoLife()

    monkeypatch.setattr(children, "bear", bear)

    def make(*said, limits=LIMITS):
        child = Child("task", "module:function", limits)
        ours.append(child)
        for kind, content in ((frames.READY, b"{}"), *said):
            theirs[-1].sendall(frames.HEADER.pack(kind, len(content)) + content)
        return child

    yield make
    for child, channel in zip(ours, theirs, strict=True):
        child.end()
        channel.close()


def test_an_answer_is_taken_as_it_was_said(born):
    child = born((frames.ANSWER, b'{"a":1}'))
    assert child.parse(BytesSource(b""), {}) == {"a": 1}


def test_an_answer_longer_than_the_limit_is_refused_by_its_header(born):
    limits = replace(LIMITS, answer_bytes=8)
    assert born((frames.ANSWER, b"12345678"), limits=limits).parse(BytesSource(b""), {})
    child = born((frames.ANSWER, b"123456789"), limits=limits)
    with pytest.raises(ParserError, match="because=size"):
        child.parse(BytesSource(b""), {})


def test_every_wait_ends_with_the_patience_for_a_silent_child(born, monkeypatch):
    waits = []
    settimeout = socket.socket.settimeout

    def armed(channel, seconds):
        waits.append(seconds)
        settimeout(channel, seconds)

    ask = frames.ASK.pack(0, 4)
    child = born((frames.READ, ask), (frames.ANSWER, b"1"))
    child.ready()
    monkeypatch.setattr(socket.socket, "settimeout", armed)
    child.parse(BytesSource(b"bytes"), {})
    assert len(waits) >= 4
    assert max(waits) <= LIMITS.silent_s


def test_no_wait_is_longer_than_what_is_left_of_the_parse(born, monkeypatch):
    waits = []
    settimeout = socket.socket.settimeout

    def armed(channel, seconds):
        waits.append(seconds)
        settimeout(channel, seconds)

    child = born((frames.ANSWER, b"1"), limits=replace(LIMITS, total_s=3.0))
    child.ready()
    monkeypatch.setattr(socket.socket, "settimeout", armed)
    child.parse(BytesSource(b""), {})
    assert max(waits) <= 3.0

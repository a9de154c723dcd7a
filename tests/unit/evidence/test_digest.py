"""Digests that run beside the reader: the same as without, and no error is lost on the way."""

import hashlib
import threading

import pytest

from evidence.digest import BUFFERS, Lane, digest_of

PIECES = [b"first", b"", memoryview(b"second"), b"third" * 1000]


def test_the_digest_of_pieces_is_that_of_the_whole():
    assert digest_of(PIECES) == hashlib.sha256(b"".join(PIECES)).hexdigest()


def test_a_lane_takes_every_piece_in_order():
    whole = hashlib.sha256()
    with Lane(whole.update) as lane:
        for piece in PIECES:
            lane.update(piece)
        lane.wait()
    assert whole.hexdigest() == digest_of(PIECES)


def test_fewer_pieces_than_there_are_buffers_are_under_way():
    """A reader fills the oldest buffer again as soon as its newest piece has been taken."""
    taken, let_go = [], threading.Event()

    def slow(piece):
        let_go.wait(20)
        taken.append(piece)

    pieces = [bytes([number]) for number in range(BUFFERS)]
    with Lane(slow) as lane:
        for piece in pieces[:-1]:
            lane.update(piece)
        assert not taken, "the reader goes on while they wait"
        threading.Timer(0.01, let_go.set).start()
        lane.update(pieces[-1])
        assert taken[:1] == pieces[:1]


@pytest.mark.parametrize("told_by", ["update", "wait"])
def test_an_error_beside_the_reader_reaches_the_reader(told_by):
    def full(_piece):
        raise MemoryError

    with Lane(full) as lane:
        for _ in range(BUFFERS - 1):
            lane.update(b"one")
        with pytest.raises(MemoryError):
            lane.update(b"two") if told_by == "update" else lane.wait()


def test_behind_a_piece_that_failed_none_is_taken():
    """Else what is written behind a full disk would lie where it does not belong."""
    taken = []

    def full_once(piece):
        taken.append(piece)
        if len(taken) == 1:
            raise MemoryError

    with Lane(full_once) as lane:
        lane.update(b"one")
        lane.update(b"two")
    assert taken == [b"one"]


def test_a_lane_whose_piece_failed_ends_all_the_same():
    def full(_piece):
        raise MemoryError

    lane = Lane(full)
    with lane:
        lane.update(b"one")
    assert not lane._thread.is_alive()

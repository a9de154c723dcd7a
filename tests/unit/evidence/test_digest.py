"""Digests that run beside the reader: the same as without, and no error is lost on the way."""

import hashlib
import threading

import pytest

from evidence.digest import Lane, digest_of

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


def test_a_lane_takes_a_piece_only_when_the_one_before_is_done():
    """A reader has two buffers: it may fill one while the other is digested, and no third."""
    taken, let_go = [], threading.Event()

    def slow(piece):
        let_go.wait(20)
        taken.append(piece)

    with Lane(slow) as lane:
        lane.update(b"one")
        threading.Timer(0.01, let_go.set).start()
        lane.update(b"two")
        assert taken[:1] == [b"one"]


@pytest.mark.parametrize("told_by", ["update", "wait"])
def test_an_error_beside_the_reader_reaches_the_reader(told_by):
    def full(_piece):
        raise MemoryError

    with Lane(full) as lane:
        lane.update(b"one")
        with pytest.raises(MemoryError):
            lane.update(b"two") if told_by == "update" else lane.wait()


def test_a_lane_whose_piece_failed_ends_all_the_same():
    def full(_piece):
        raise MemoryError

    lane = Lane(full)
    with lane:
        lane.update(b"one")
    assert not lane._thread.is_alive()

import json
from dataclasses import astuple
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.canonical import encode
from evidence.errors import DigestMismatchError, MalformedError
from evidence.media import Cut
from evidence.merkle import leaf_hash, root_hash
from evidence.slices import (
    FIXED_BYTES,
    MAX_BYTES,
    MIN_MS,
    TARGET_MS,
    Packet,
    SliceHasher,
    check_cuts,
    fixed_cuts,
    key_frame_cuts,
    parse_roll,
    roll,
    slice_record,
)


def cut(offset, length, *, key=False):
    return Cut(offset, length, key, None, None, 0)


def video(times, *, step=1000, head=100):
    """Packets ``step`` bytes apart behind ``head`` bytes; all are key frames."""
    return [Packet(head + number * step, pts, True) for number, pts in enumerate(times)]


def hashed(data, cuts, chunk=1000):
    hasher = SliceHasher(cuts)
    for at in range(0, len(data), chunk):
        hasher.update(memoryview(data)[at : at + chunk])
    return hasher.finish()


def test_a_file_that_cannot_be_parsed_is_cut_every_mebibyte():
    assert fixed_cuts(0) == ()
    assert fixed_cuts(1) == (cut(0, 1),)
    assert fixed_cuts(FIXED_BYTES) == (cut(0, FIXED_BYTES),)
    assert fixed_cuts(FIXED_BYTES + 5) == (cut(0, FIXED_BYTES), cut(FIXED_BYTES, 5))


@pytest.mark.parametrize(
    ("times", "begins"),
    [
        ([0, 1000, 2000, 3000, 4000], [0, 2000, 4000]),  # every second: two seconds
        ([0, 700, 1400, 2100, 2800], [0, 2100]),
        ([0, 500, 900, 9000], [0, 9000]),  # nothing below one second
        ([0, 4000, 8000], [0, 4000, 8000]),  # long groups stay whole
        ([0, 1000, 3000], [0, 1000, 3000]),  # equally near: the earlier
        ([0, 1200, 3500], [0, 1200, 3500]),
        ([0, 999], [0]),
        ([0, 1000], [0, 1000]),
        ([5000, 0, 1000, 7000], [5000, 7000]),  # times that go back are no cut
        ([], []),
    ],
)
def test_a_slice_is_about_two_seconds(times, begins):
    packets = video(times)
    cuts = key_frame_cuts(100_000, packets)
    assert [each.offset for each in cuts if each.key] == [
        packet.offset for packet in packets if packet.pts_ms in begins
    ]
    check_cuts(cuts, 100_000)


def test_head_and_tail_are_slices_that_are_not_keyed():
    cuts = key_frame_cuts(10_000, video([0, 2000]), media_end=9_000)
    assert [astuple(each) for each in cuts] == [
        (0, 100, False, None, None, 0),
        (100, 1000, True, 0, 0, 1),
        (1100, 7900, True, 2000, 2000, 1),
        (9000, 1000, False, None, None, 0),
    ]


def test_a_file_that_begins_with_a_key_frame_has_no_head():
    assert [each.offset for each in key_frame_cuts(5_000, video([0, 2000], head=0))] == [0, 1000]


def test_the_numbers_are_those_of_the_format():
    """Whoever verifies a slice has them from the document, not from us."""
    assert (MIN_MS, TARGET_MS) == (1_000, 2_000)
    assert (MAX_BYTES, FIXED_BYTES) == (4 * 1024 * 1024, 1024 * 1024)


def test_a_long_run_is_cut_at_four_mebibytes():
    size = 3 * MAX_BYTES
    cuts = key_frame_cuts(size, [Packet(10, 0, True), Packet(MAX_BYTES + 20, 40, False)])
    assert [(each.offset, each.length, each.key, each.packets) for each in cuts] == [
        (0, 10, False, 0),
        (10, MAX_BYTES, True, 1),
        (MAX_BYTES + 10, MAX_BYTES, False, 1),
        (2 * MAX_BYTES + 10, MAX_BYTES - 10, False, 0),
    ]
    check_cuts(cuts, size)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 3 * MAX_BYTES),
    st.lists(
        st.builds(Packet, st.integers(-5, 3 * MAX_BYTES), st.integers(0, 20_000), st.booleans()),
        max_size=30,
    ),
    st.none() | st.integers(-5, 3 * MAX_BYTES),
)
def test_whatever_the_packets_claim_the_cuts_tile_the_file(size, packets, media_end):
    cuts = key_frame_cuts(size, packets, media_end)
    check_cuts(cuts, size)
    inside = [packet for packet in packets if 0 <= packet.offset < size]
    assert sum(each.packets for each in cuts) == len(inside)
    offsets = [packet.offset for packet in inside if packet.key]
    keyed = [each for each in cuts if each.key]
    assert {each.offset for each in keyed} <= set(offsets)
    if offsets:
        assert offsets[0] == keyed[0].offset


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=2, max_size=40))
def test_no_keyed_slice_is_shorter_than_a_second(steps):
    times = [sum(steps[:number]) for number in range(len(steps))]
    packets = video(times)
    starts = [each.offset for each in key_frame_cuts(10**6, packets) if each.key]
    begins = [packet.pts_ms for packet in packets if packet.offset in starts]
    assert all(later - earlier >= MIN_MS for earlier, later in pairwise(begins))


@pytest.mark.parametrize(
    "cuts",
    [
        [],
        [cut(0, 9)],
        [cut(0, 11)],
        [cut(1, 9)],
        [cut(0, 5), cut(6, 4)],
        [cut(0, 5), cut(6, 5)],
        [cut(0, 5), cut(4, 6)],
        [cut(0, 5), cut(5, 0), cut(5, 5)],
        [cut(0, 12), cut(12, -2)],
        [cut(5, 5), cut(0, 5)],
    ],
)
def test_cuts_with_a_hole_or_an_overlap_are_refused(cuts):
    with pytest.raises(MalformedError):
        check_cuts(cuts, 10)


def test_a_cut_longer_than_four_mebibytes_is_refused():
    check_cuts([cut(0, MAX_BYTES)], MAX_BYTES)
    with pytest.raises(MalformedError):
        check_cuts([cut(0, MAX_BYTES + 1)], MAX_BYTES + 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3000), max_size=8), st.integers(1, 4000))
def test_whole_and_slices_are_digested_however_the_bytes_arrive(lengths, chunk):
    data = bytes(number % 251 for number in range(sum(lengths)))
    cuts, offset = [], 0
    for length in lengths:
        cuts.append(cut(offset, length))
        offset += length
    whole, records = hashed(data, cuts, chunk)
    assert whole == sha256(data).hexdigest()
    assert list(records) == [
        slice_record(i, each, sha256(data[each.offset : each.offset + each.length]).hexdigest())
        for i, each in enumerate(cuts)
    ]


def test_an_empty_file_has_no_slices():
    whole, records = hashed(b"", ())
    made, data = roll(records)
    assert (whole, records, data) == (sha256(b"").hexdigest(), (), b"")
    assert (made.count, made.root, made.sha256) == (0, whole, whole)
    assert parse_roll(b"") == []


def test_a_byte_too_many_or_too_few_is_found():
    cuts = [cut(0, 5), cut(5, 5)]
    for wrong in (b"x" * 9, b"", b"x" * 5):
        with pytest.raises(DigestMismatchError):
            hashed(wrong, cuts)
    for wrong in (b"x" * 11, b"x" * 10_000):
        with pytest.raises(DigestMismatchError):
            hashed(wrong, cuts, 3)
    with pytest.raises(DigestMismatchError):
        hashed(b"x", [])


def test_a_record_is_one_canonical_line():
    record = slice_record(3, Cut(10, 20, True, -40, 1960, 60), "ab" * 32)
    assert record == (
        b'{"i":3,"key":true,"len":20,"n":60,"off":10,"pts0":-40,"pts1":1960,"sha256":"%s"}'
        % (b"ab" * 32)
    )


def test_a_roll_comes_back_and_its_root_is_over_the_records():
    _, records = hashed(b"x" * 25, [cut(0, 10), cut(10, 10), cut(20, 5)])
    made, data = roll(records)
    assert made.count == 3
    assert made.root == root_hash(leaf_hash(record) for record in records).hex()
    assert made.sha256 == sha256(data).hexdigest()
    assert [encode(record) for record in parse_roll(data)] == list(records)


_, RECORDS = hashed(b"x" * 15, [cut(0, 10), cut(10, 5)])


@pytest.mark.parametrize(
    "fields",
    [
        {"i": 1},
        {"i": False},
        {"off": 1},
        {"off": "0"},
        {"len": 0},
        {"len": -1},
        {"len": 9},
        {"len": True},
        {"len": MAX_BYTES + 1},
        {"key": 1},
        {"key": None},
        {"n": -1},
        {"n": None},
        {"pts0": "0"},
        {"pts1": True},
        {"sha256": None},
        {"sha256": "x"},
        {"sha256": "AB" * 32},
        {"more": 1},
    ],
    ids=repr,
)
def test_a_roll_with_a_wrong_record_is_refused(fields):
    wrong = encode({**json.loads(RECORDS[0]), **fields})
    with pytest.raises(MalformedError):
        parse_roll(wrong + b"\n" + RECORDS[1] + b"\n")


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        RECORDS[0],
        RECORDS[1] + b"\n",
        RECORDS[0] + b"\n\n",
        RECORDS[0] + b"\r\n",
        RECORDS[0] + b"\n" + RECORDS[0] + b"\n",
        b"[]\n",
        b"{}\n",
    ],
)
def test_what_is_no_roll_is_refused(data):
    with pytest.raises(MalformedError):
        parse_roll(data)


def test_a_roll_without_end_is_refused(monkeypatch):
    _, data = roll(RECORDS)
    monkeypatch.setattr("evidence.slices.ROLL_LIMIT_BYTES", len(data) - 1)
    with pytest.raises(MalformedError, match="roll_too_long"):
        parse_roll(data)

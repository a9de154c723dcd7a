"""Directory entries, byte by byte: a broken one never takes another file's name."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.dentries import _checksum, decode_exfat, decode_fat, utf8

SHORT = b"FILM~1  MP4"


def entry(short=SHORT, attributes=0x20, *, first=5, size=10):
    head = struct.pack("<11sBBBHHHHHHHI", short, attributes, 0, 0, 0, 0, 0, 1, 0, 0, first, size)
    assert len(head) == 32
    return head


def part(number, units, checksum):
    data = units.encode("utf-16-le").ljust(26, b"\xff")
    head = bytes([number]) + data[:10] + b"\x0f\0" + bytes([checksum])
    return head + data[10:22] + b"\0\0" + data[22:]


GOOD = _checksum(SHORT)
WHOLE = [part(0x42, "ame.mp4\0", GOOD), part(1, "a very long n", GOOD)]


def only(*pieces, wide=True):
    (slot,) = decode_fat(b"".join(pieces), wide=wide)
    return slot


def test_a_long_name_in_two_parts_is_joined():
    slot = only(*WHOLE, entry())
    assert (slot.raw, slot.alias, slot.problems) == (b"a very long name.mp4", b"FILM~1.MP4", [])


LOST = {
    "a part is missing": [WHOLE[0]],
    "the last part is missing": [WHOLE[1]],
    "the parts are in the wrong order": WHOLE[::-1],
    "a checksum is of another file": [part(0x42, "ame.mp4\0", GOOD ^ 1), WHOLE[1]],
    "a part is deleted": [b"\xe5" + WHOLE[0][1:], WHOLE[1]],
    "a part stands twice": [WHOLE[0], WHOLE[1], WHOLE[1]],
}


@pytest.mark.parametrize("fault", LOST)
def test_a_long_name_that_does_not_fit_is_lost_and_told(fault):
    slot = only(*LOST[fault], entry())
    assert (slot.raw, slot.short, slot.problems) == (b"FILM~1.MP4", True, ["long_name_lost"])


def test_a_long_name_left_over_before_a_whole_one_is_ignored():
    slot = only(part(0x41, "stray.mp4\0", 7), *WHOLE, entry())
    assert slot.raw == b"a very long name.mp4"


def test_a_deleted_file_keeps_its_long_name_and_loses_the_first_letter_of_its_short_one():
    gone = [b"\xe5" + piece[1:] for piece in (*WHOLE, entry())]
    assert only(*gone).raw == b"a very long name.mp4"
    assert only(gone[-1]).raw == b"?ILM~1.MP4"
    assert only(*gone).deleted


def test_a_deleted_file_takes_no_name_from_a_deleted_neighbour():
    stray = b"\xe5" + part(0x41, "stray.mp4\0", 7)[1:]
    gone = [b"\xe5" + piece[1:] for piece in (*WHOLE, entry())]
    assert only(stray, *gone).raw == b"a very long name.mp4"


def test_nothing_behind_the_end_mark_is_taken():
    assert list(decode_fat(entry() + bytes(32) + entry(b"OTHER   MP4"), wide=True)) != []
    assert len(list(decode_fat(entry() + bytes(32) + entry(b"OTHER   MP4"), wide=True))) == 1


def test_a_narrow_fat_ignores_the_upper_half_of_a_cluster():
    assert (only(entry(), wide=True).first, only(entry(), wide=False).first) == (65536 + 5, 5)


def test_lower_case_bits_and_a_first_letter_of_e5_are_respected():
    lower = bytearray(entry(b"\x05AB     TXT"))
    lower[12] = 0x18
    assert only(bytes(lower)).raw == b"\xe5ab.txt"


@given(st.binary(max_size=32 * 40), st.booleans())
def test_any_bytes_decode_to_something(data, wide):
    for slot in (*decode_fat(data, wide=wide), *decode_exfat(data)):
        assert slot.position * 32 < len(data)
        assert 0 <= slot.valid <= max(slot.size, slot.valid)
        assert slot.kind in {"file", "directory", "label", "bitmap", "upcase"}


@given(st.binary(min_size=2, max_size=60))
def test_any_utf_16_survives_round_as_bytes(units):
    units = units[: len(units) // 2 * 2]
    text = units.decode("utf-16-le", "surrogatepass")
    assert utf8(units, ended=False).decode("utf-8", "surrogatepass") == text
    assert utf8(units, ended=True).decode("utf-8", "surrogatepass") == text.split("\0")[0]

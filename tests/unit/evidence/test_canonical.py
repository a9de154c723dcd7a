import enum
import types

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.canonical import INTEGER_LIMIT, NESTING_LIMIT, decode, encode
from evidence.errors import MalformedError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_LIMIT, INTEGER_LIMIT) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_it_writes_what_another_implementation_of_the_standard_writes(value):
    data = encode(value)
    assert data == rfc8785.dumps(value)
    assert decode(data) == value


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=24) | TEXT.map(str.encode) | JSON.map(encode))
def test_whatever_is_decoded_encodes_to_the_same_bytes(data):
    try:
        value = decode(data)
    except MalformedError:
        return
    assert encode(value) == data


@pytest.mark.parametrize(
    "keys", [("\U0001f600", "\ufb33"), ("\ue000", "\U00010000"), ("a\U00010000", "a\uffff", "a")]
)
def test_keys_are_in_the_order_of_utf_16(keys):
    value = {"deep": [{key: number for number, key in enumerate(keys)}]}
    assert encode(value) == rfc8785.dumps(value)
    assert decode(encode(value)) == value


def test_keys_in_python_s_order_are_refused_where_it_differs():
    with pytest.raises(MalformedError):
        decode('{"\ufb33":1,"\U0001f600":2}'.encode())


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        [float("inf")],
        {"a": 0.5},
        INTEGER_LIMIT + 1,
        -INTEGER_LIMIT - 1,
        {1: "a"},
        {None: "a"},
        b"bytes",
        {"a": {1, 2}},
        "\ud800",
        {"\udfff": 1},
        Ellipsis,
    ],
    ids=repr,
)
def test_what_is_not_ours_to_write_is_refused(value):
    with pytest.raises(MalformedError):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b"01",
        b"-0",
        b"+1",
        b"1.0",
        b"1e3",
        b"NaN",
        b"-Infinity",
        b"9007199254740992",
        b"[-9007199254740992]",
        b"[1,9007199254740992]",
        b"[1,-9007199254740992]",
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b"[" + b"[]," * 99 + b"[" * 64 + b"]" * 64 + b"]",
        b"1" * 5000,
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        b'"\\u001F"',
        b'"\t"',
        b'"\xff"',
        b"\xef\xbb\xbf1",
        b'"\xed\xa0\x80"',
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b"{}{}",
        b"'a'",
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_not_canonical_is_refused(data):
    with pytest.raises(MalformedError):
        decode(data)


def test_nesting_up_to_the_limit_is_the_same_in_both_directions():
    data = b"[" * NESTING_LIMIT + b"]" * NESTING_LIMIT
    assert encode(decode(data)) == data
    with pytest.raises(MalformedError):
        encode([decode(data)])


def test_many_brackets_side_by_side_are_not_deep():
    value = [[] for _ in range(1000)]
    assert decode(encode(value)) == value


def test_a_value_that_contains_itself_is_refused():
    value: list = []
    value.append(value)
    with pytest.raises(MalformedError):
        encode(value)


def test_values_of_kindred_types_are_written_as_the_plain_ones():
    class Word(enum.StrEnum):
        A = "a"

    class Number(enum.IntEnum):
        SEVEN = 7

    value = types.MappingProxyType({"x": (Word.A, Number.SEVEN, True), Word.A: range(2)})
    assert encode(value) == b'{"a":[0,1],"x":["a",7,true]}'


def test_only_quote_backslash_and_controls_are_escaped():
    text = "".join(map(chr, range(0x80))) + "\u2028\u20ac"
    assert encode(text) == rfc8785.dumps(text)

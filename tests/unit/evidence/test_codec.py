import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.canonical import encode
from evidence.codec import (
    decode_entry,
    decode_statement,
    encode_entry,
    encode_statement,
    format_time,
    parse_time,
    read_entry,
    read_statement,
    roll_root,
)
from evidence.entry import ABOUT_LIMIT, ENTRY_LIMIT_BYTES, ENTRY_TYPES, Commitment, Entry, Statement
from evidence.errors import MalformedError

DOCKING = "d:" + "0d" * 16
SEGMENT = "s:" + "5e" * 32
AT = datetime(2026, 11, 22, 10, 2, 3, 123000, UTC)
ENTRY = Entry(
    type="segment.sealed",
    station="0042",
    seq=7,
    at=AT,
    actor="sys:ingest",
    about={SEGMENT: None, DOCKING: 6},
    statement=Commitment(SEGMENT, "ab" * 32),
    body={"size": 1, "noted": [{"finding": "important"}], "sm3": None},
)
LINE = {"line": 0, "path": "DCIM/你好.MP4", "salt": "0f" * 16}
STATEMENT = Statement(DOCKING, "1c" * 32, {"officer": "010203"}, (LINE,))


def changed(data, **fields):
    return encode({**json.loads(data), **fields})


@pytest.mark.parametrize("kind", ENTRY_TYPES)
def test_an_entry_comes_back(kind):
    entry = replace(ENTRY, type=kind)
    assert decode_entry(encode_entry(entry)) == entry


def test_the_bytes_of_an_entry_are_these():
    bare = replace(ENTRY, statement=None, about={DOCKING: 0}, body={})
    assert encode_entry(bare) == (
        b'{"about":{"%s":0},"actor":"sys:ingest","at":"2026-11-22T10:02:03.123Z","body":{},'
        b'"seq":7,"statement":null,"station":"0042","type":"segment.sealed","v":1}'
        % DOCKING.encode()
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"v": True},
        {"v": "1"},
        {"type": "segment.lost"},
        {"type": None},
        {"type": []},
        {"station": ""},
        {"station": "a/b"},
        {"station": 42},
        {"seq": -1},
        {"seq": True},
        {"seq": "7"},
        {"seq": None},
        {"at": "2026-11-22T10:02:03Z"},
        {"at": 0},
        {"actor": "root"},
        {"actor": None},
        {"about": []},
        {"about": {"x": None}},
        {"about": {DOCKING: 7}},
        {"about": {DOCKING: 8}},
        {"about": {DOCKING: -1}},
        {"about": {DOCKING: "6"}},
        {"about": {DOCKING: False}},
        {"about": {f"d:{number:032x}": None for number in range(ABOUT_LIMIT + 1)}},
        {"statement": {}},
        {"statement": []},
        {"statement": {"of": DOCKING}},
        {"statement": {"of": "x", "sha256": "ab" * 32}},
        {"statement": {"of": DOCKING, "sha256": "AB" * 32}},
        {"statement": {"of": DOCKING, "sha256": None}},
        {"statement": {"of": DOCKING, "sha256": "ab" * 32, "more": 1}},
        {"body": None},
        {"body": []},
        {"more": 1},
    ],
    ids=repr,
)
def test_an_entry_with_a_wrong_field_is_refused(fields):
    with pytest.raises(MalformedError):
        decode_entry(changed(encode_entry(ENTRY), **fields))


@pytest.mark.parametrize("key", list(json.loads(encode_entry(ENTRY))))
def test_an_entry_without_one_of_its_fields_is_refused(key):
    value = json.loads(encode_entry(ENTRY))
    del value[key]
    with pytest.raises(MalformedError):
        decode_entry(encode(value))


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"null", b'"x"', b"{}"])
def test_what_is_no_object_is_no_entry_and_no_statement(data):
    for read in (decode_entry, decode_statement):
        with pytest.raises(MalformedError):
            read(data)


@pytest.mark.parametrize(
    "fields",
    [
        {"about": {f"d:{number:032x}": None for number in range(ABOUT_LIMIT + 1)}},
        {"about": {"s:short": None}},
        {"about": {DOCKING: 7}},
        {"type": "other"},
        {"actor": "somebody"},
        {"station": "a b"},
        {"seq": -1},
        {"at": AT.replace(tzinfo=None)},
        {"body": {"seconds": 1.5}},
        {"statement": Commitment(SEGMENT, "short")},
    ],
    ids=repr,
)
def test_what_could_not_be_read_back_is_never_written(fields):
    with pytest.raises(MalformedError):
        encode_entry(replace(ENTRY, **fields))


def test_an_entry_ends_at_16_kib():
    room = ENTRY_LIMIT_BYTES - len(encode_entry(replace(ENTRY, body={"x": ""})))
    largest = encode_entry(replace(ENTRY, body={"x": "y" * room}))
    assert len(largest) == ENTRY_LIMIT_BYTES
    assert decode_entry(largest).seq == ENTRY.seq
    with pytest.raises(MalformedError):
        encode_entry(replace(ENTRY, body={"x": "y" * (room + 1)}))


def test_an_entry_of_a_hundred_subjects_is_written():
    about = {f"d:{number:032x}": None for number in range(ABOUT_LIMIT)}
    assert decode_entry(encode_entry(replace(ENTRY, about=about))).about == about


def test_a_statement_comes_back():
    for statement in (STATEMENT, replace(STATEMENT, facts={}, lines=())):
        assert decode_statement(encode_statement(statement)) == statement


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 0},
        {"of": "nobody"},
        {"of": None},
        {"salt": "1c" * 31},
        {"salt": None},
        {"facts": []},
        {"lines": None},
        {"lines": {}},
        {"lines": [1]},
        {"lines": [{"line": 0}]},
        {"lines": [{**LINE, "salt": "0f" * 15}]},
        {"lines": [{**LINE, "salt": 5}]},
        {"more": 1},
    ],
    ids=repr,
)
def test_a_statement_with_a_wrong_field_is_refused(fields):
    with pytest.raises(MalformedError):
        decode_statement(changed(encode_statement(STATEMENT), **fields))


def test_a_statement_without_salt_is_never_written():
    with pytest.raises(MalformedError):
        encode_statement(replace(STATEMENT, salt=""))


def test_a_statement_without_end_is_refused(monkeypatch):
    data = encode_statement(STATEMENT)
    monkeypatch.setattr("evidence.codec.STATEMENT_LIMIT_BYTES", len(data) - 1)
    with pytest.raises(MalformedError, match="statement_too_long"):
        decode_statement(data)


def test_the_root_of_a_roll_covers_the_lines_as_they_are():
    leaf = sha256(b"\0" + encode(LINE)).digest()
    assert roll_root([LINE]) == leaf.hex()
    assert roll_root([LINE, LINE]) == sha256(b"\1" + leaf + leaf).hexdigest()
    assert roll_root([]) == sha256(b"").hexdigest()


@settings(max_examples=60, deadline=None)
@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive
def test_a_time_comes_back_cut_to_milliseconds(at):
    text = format_time(at)
    assert parse_time(text) == at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert format_time(parse_time(text)) == text


def test_a_time_elsewhere_is_written_in_utc():
    beijing = timezone(timedelta(hours=8))
    assert format_time(AT.astimezone(beijing)) == "2026-11-22T10:02:03.123Z"
    with pytest.raises(MalformedError):
        format_time(AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22T10:02:03Z",
        "2026-11-22T10:02:03.12Z",
        "2026-11-22T10:02:03.1234Z",
        "2026-11-22T10:02:03.123",
        "2026-11-22T10:02:03.123z",
        "2026-11-22T10:02:03.123+00:00",
        "2026-11-22 10:02:03.123Z",
        "2026-11-22T10:02:03,123Z",
        "2026-02-29T10:02:03.123Z",
        "2026-13-01T10:02:03.123Z",
        "2026-11-22T24:00:00.000Z",
        "2026-11-22T10:60:00.000Z",
        "2026-11-22T10:02:60.000Z",
        "0000-11-22T10:02:03.123Z",
        "２026-11-22T10:02:03.123Z",
        "2026-11-22T10:02:03.123Z\n",
    ],
)
def test_a_time_has_one_spelling(text):
    with pytest.raises(MalformedError):
        parse_time(text)


def test_an_entry_in_another_form_can_be_shown_and_decides_nothing():
    data = encode_entry(ENTRY).replace(b'"v":1', b'"v": 1')
    assert read_entry(data) == ENTRY
    with pytest.raises(MalformedError):
        decode_entry(data)


@pytest.mark.parametrize("data", [b"", b"{]", b"1", b"[" * 100_000, b'{"v":1.0}'], ids=range(5))
def test_what_is_no_entry_is_not_shown_as_one(data):
    with pytest.raises(MalformedError):
        read_entry(data)


def test_a_statement_held_against_its_commitment_is_read_without_asking_its_form():
    assert read_statement(encode_statement(STATEMENT)) == STATEMENT
    with pytest.raises(MalformedError):
        read_statement(encode_statement(STATEMENT)[:-1])

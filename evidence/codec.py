"""Entries and statements as bytes and back, both ways strict (DESIGN 3.1, docs/formats.md)."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import cast

from evidence.canonical import decode, encode, encode_and_read, read
from evidence.entry import (
    ABOUT_LIMIT,
    ENTRY_LIMIT_BYTES,
    ENTRY_TYPES,
    Commitment,
    Entry,
    Statement,
)
from evidence.errors import MalformedError
from evidence.ids import check_actor, check_digest, check_station, check_subject
from evidence.json import Json, JsonObject
from evidence.merkle import leaf_hash, root_hash

VERSION = 1
STATEMENT_LIMIT_BYTES = 64 << 20  # an inventory of 100,000 files, and twice that

_TYPES = frozenset(ENTRY_TYPES)
_ENTRY_KEYS = frozenset(
    ("v", "type", "station", "seq", "at", "actor", "about", "statement", "body")
)
_STATEMENT_KEYS = frozenset(("v", "of", "salt", "facts", "lines"))
_SALT = re.compile(r"[0-9a-f]{64}")  # 32 random bytes
_LINE_SALT = re.compile(r"[0-9a-f]{32}")  # 16 random bytes
_TIME = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
)


def encode_entry(entry: Entry) -> bytes:
    """Return the leaf: canonical JSON of at most 16 KiB.  Raises ``MalformedError``."""
    statement = entry.statement
    data, again = encode_and_read(
        {
            "v": VERSION,
            "type": entry.type,
            "station": entry.station,
            "seq": entry.seq,
            "at": format_time(entry.at),
            "actor": entry.actor,
            "about": entry.about,
            "statement": {"of": statement.of, "sha256": statement.sha256} if statement else None,
            "body": entry.body,
        }
    )
    _check_entry_length(data)
    _entry(again)  # what we could not read back is never written
    return data


def decode_entry(data: bytes) -> Entry:
    """Return the entry whose only encoding is ``data``, or raise ``MalformedError``.

    Whether ``seq`` and the indexes of ``about`` are true is for the reader of the whole ledger.
    """
    _check_entry_length(data)
    return _entry(decode(data))


def read_entry(data: bytes) -> Entry:
    """Return the entry that ``data`` says, in whatever form; ``MalformedError`` where it is none.

    For showing only: nobody who decides or judges may take another form for this entry.
    """
    _check_entry_length(data)
    return _entry(read(data))


def _entry(value: Json) -> Entry:
    if not isinstance(value, dict) or value.keys() != _ENTRY_KEYS or not _is_v1(value["v"]):
        raise MalformedError("entry_malformed", field="v")
    seq = value["seq"]
    if type(seq) is not int or seq < 0:  # not isinstance: True is an int
        raise MalformedError("entry_malformed", field="seq")
    kind = _text(value["type"])
    if kind not in _TYPES:
        raise MalformedError("entry_malformed", field="type")
    return Entry(
        type=kind,
        station=check_station(_text(value["station"])),
        seq=seq,
        at=parse_time(_text(value["at"])),
        actor=check_actor(_text(value["actor"])),
        about=_about(value["about"], seq),
        statement=_commitment(value["statement"]),
        body=_object(value["body"], "body"),
    )


def encode_statement(statement: Statement) -> bytes:
    """Return the plain bytes of a statement, to whose SHA-256 its entry commits."""
    data, again = encode_and_read(
        {
            "v": VERSION,
            "of": statement.of,
            "salt": statement.salt,
            "facts": statement.facts,
            "lines": [*statement.lines],
        }
    )
    _check_statement_length(data)
    _statement(again)
    return data


def decode_statement(data: bytes) -> Statement:
    """Return the statement whose only encoding is ``data``, or raise ``MalformedError``.

    Each of its lines carries a ``salt`` of its own.
    """
    _check_statement_length(data)
    return _statement(decode(data))


def read_statement(data: bytes) -> Statement:
    """Return the statement of plain bytes that were held against their commitment.

    The digest says that ``encode_statement`` has made them: their form is not asked again.
    """
    _check_statement_length(data)
    return _statement(read(data))


def _statement(value: Json) -> Statement:
    if not isinstance(value, dict) or value.keys() != _STATEMENT_KEYS or not _is_v1(value["v"]):
        raise MalformedError("statement_malformed", field="v")
    if not _SALT.fullmatch(_text(value["salt"])):
        raise MalformedError("statement_malformed", field="salt")
    if not isinstance(value["lines"], list):
        raise MalformedError("statement_malformed", field="lines")
    return Statement(
        of=check_subject(_text(value["of"])),
        salt=value["salt"],
        facts=_object(value["facts"], "facts"),
        lines=tuple(_line(line) for line in value["lines"]),
    )


def roll_root(lines: Iterable[JsonObject]) -> str:
    """Return the RFC 6962 root, hex, over the canonical bytes of ``lines`` as they are."""
    return root_hash(leaf_hash(encode(line)) for line in lines).hex()


def format_time(at: datetime) -> str:
    """Return RFC 3339 in UTC with exactly three digits: ``2026-11-22T10:02:03.123Z``.

    Cuts off, never rounds up: a time in the future would be a lie.
    """
    if at.tzinfo is None:
        raise MalformedError("time_malformed", text=at.isoformat())
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Return the time, UTC; ``MalformedError`` for any form that ``format_time`` does not give."""
    if not _TIME.fullmatch(text):
        raise MalformedError("time_malformed", text=text)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedError("time_malformed", text=text) from error


def _check_entry_length(data: bytes) -> None:
    if len(data) > ENTRY_LIMIT_BYTES:
        raise MalformedError("entry_too_long", limit=ENTRY_LIMIT_BYTES, length=len(data))


def _check_statement_length(data: bytes) -> None:
    if len(data) > STATEMENT_LIMIT_BYTES:
        raise MalformedError("statement_too_long", limit=STATEMENT_LIMIT_BYTES, length=len(data))


def _is_v1(value: Json) -> bool:
    return type(value) is int and value == VERSION


def _about(value: Json, seq: int) -> Mapping[str, int | None]:
    about = _object(value, "about")
    if len(about) > ABOUT_LIMIT:
        raise MalformedError("about_too_long", limit=ABOUT_LIMIT, length=len(about))
    for subject, last in about.items():
        check_subject(subject)
        if last is not None and (type(last) is not int or not 0 <= last < seq):
            raise MalformedError("entry_malformed", field="about")
    return cast("Mapping[str, int | None]", about)


def _commitment(value: Json) -> Commitment | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"of", "sha256"}:
        raise MalformedError("entry_malformed", field="statement")
    return Commitment(check_subject(_text(value["of"])), check_digest(_text(value["sha256"])))


def _line(value: Json) -> JsonObject:
    line = _object(value, "lines")
    if not _LINE_SALT.fullmatch(_text(line.get("salt"))):
        raise MalformedError("statement_malformed", field="lines")
    return line


def _object(value: Json, field: str) -> JsonObject:
    if not isinstance(value, dict):
        raise MalformedError("entry_malformed", field=field)
    return value


def _text(value: Json) -> str:
    """Return a text; anything else becomes one that no rule of ours accepts."""
    return value if isinstance(value, str) else ""

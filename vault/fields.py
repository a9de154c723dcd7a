"""The typed fields of a body or of a statement's facts; another type is ``MalformedError``.

``type(x) is int`` and not ``isinstance``: to JSON and to a reader, ``true`` is no number.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from evidence.codec import parse_time
from evidence.errors import MalformedError
from evidence.json import Json, JsonObject

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def text(source: JsonObject, name: str) -> str:
    """Return a text."""
    value = source.get(name)
    if type(value) is str:
        return value
    raise _malformed(name)


def text_or_none(source: JsonObject, name: str) -> str | None:
    """Return a text, or None where the field is null or not there."""
    value = source.get(name)
    if value is None or type(value) is str:
        return value
    raise _malformed(name)


def number(source: JsonObject, name: str) -> int:
    """Return an integer."""
    value = source.get(name)
    if type(value) is int:
        return value
    raise _malformed(name)


def number_or_none(source: JsonObject, name: str) -> int | None:
    """Return an integer, or None where the field is null or not there."""
    value = source.get(name)
    if value is None or type(value) is int:
        return value
    raise _malformed(name)


def flag(source: JsonObject, name: str) -> bool:
    """Return a truth value."""
    value = source.get(name)
    if type(value) is bool:
        return value
    raise _malformed(name)


def time(source: JsonObject, name: str) -> int:
    """Return a time in ms since 1970 UTC."""
    return milliseconds(parse_time(text(source, name)))


def time_or_none(source: JsonObject, name: str) -> int | None:
    """Return a time in ms since 1970 UTC, or None where the field is null or not there."""
    return None if source.get(name) is None else time(source, name)


def sub(source: JsonObject, name: str) -> JsonObject:
    """Return an object."""
    value = source.get(name)
    if isinstance(value, dict):
        return value
    raise _malformed(name)


def items(source: JsonObject, name: str) -> Sequence[Json]:
    """Return a list."""
    value = source.get(name)
    if type(value) is list or isinstance(value, tuple):
        return value
    raise _malformed(name)


def objects(source: JsonObject, name: str) -> list[JsonObject]:
    """Return a list of objects."""
    found = items(source, name)
    if not found:  # of "noted", nearly always
        return []
    taken: list[JsonObject] = [item for item in found if isinstance(item, dict)]
    if len(taken) < len(found):
        raise _malformed(name)
    return taken


def milliseconds(at: datetime) -> int:
    """Return ms since 1970 UTC, exactly: no float on the way."""
    return (at - _EPOCH) // _MILLISECOND


def moment(at_ms: int) -> datetime:
    """Return the time, UTC, of ms since 1970."""
    return _EPOCH + at_ms * _MILLISECOND


def _malformed(name: str) -> MalformedError:
    return MalformedError("entry_malformed", field=name)

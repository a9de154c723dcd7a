"""Fields of an entry's body, read with suspicion: a forger can sign any body."""

from collections.abc import Sequence
from datetime import datetime

from evidence.codec import parse_time
from evidence.errors import MalformedError
from evidence.ids import check_digest
from evidence.json import Json, JsonObject


def integer(body: JsonObject, field: str) -> int:
    """Return a whole number that is not negative, or raise ``MalformedError``."""
    value = body.get(field)
    if type(value) is not int or value < 0:  # not isinstance: True is an int
        raise MalformedError("body_malformed", field=field)
    return value


def optional_integer(body: JsonObject, field: str) -> int | None:
    """Return a whole number that is not negative, or None, or raise ``MalformedError``."""
    return None if body.get(field) is None else integer(body, field)


def integers(body: JsonObject, field: str) -> list[int]:
    """Return a list of whole numbers, or raise ``MalformedError``."""
    values = sequence(body, field)
    return [integer({field: value}, field) for value in values]


def boolean(body: JsonObject, field: str) -> bool:
    """Return true or false, or raise ``MalformedError``."""
    value = body.get(field)
    if type(value) is not bool:
        raise MalformedError("body_malformed", field=field)
    return value


def digest(body: JsonObject, field: str) -> str:
    """Return a SHA-256 in hex, or raise ``MalformedError``."""
    value = body.get(field)
    if not isinstance(value, str):
        raise MalformedError("body_malformed", field=field)
    return check_digest(value)


def mapping(body: JsonObject, field: str) -> JsonObject:
    """Return an object, or raise ``MalformedError``."""
    value = body.get(field)
    if not isinstance(value, dict):
        raise MalformedError("body_malformed", field=field)
    return value


def sequence(body: JsonObject, field: str) -> Sequence[Json]:
    """Return a list, or raise ``MalformedError``."""
    value = body.get(field)
    if not isinstance(value, list):
        raise MalformedError("body_malformed", field=field)
    return value


def noted(body: JsonObject) -> set[str]:
    """Return the codes of the findings that an entry carries."""
    return {str(each.get("finding")) for each in sequence(body, "noted") if isinstance(each, dict)}


def text(body: JsonObject, field: str) -> str:
    """Return a text, or raise ``MalformedError``."""
    value = body.get(field)
    if not isinstance(value, str):
        raise MalformedError("body_malformed", field=field)
    return value


def optional_text(body: JsonObject, field: str) -> str | None:
    """Return a text or None, or raise ``MalformedError``."""
    value = body.get(field)
    if value is not None and not isinstance(value, str):
        raise MalformedError("body_malformed", field=field)
    return value


def moment(body: JsonObject, field: str) -> datetime:
    """Return a time (RFC 3339 UTC), or raise ``MalformedError``."""
    return parse_time(text(body, field))


def optional_moment(body: JsonObject, field: str) -> datetime | None:
    """Return a time or None, or raise ``MalformedError``."""
    return None if body.get(field) is None else moment(body, field)

"""Typed looks into JSON that somebody else made: a parser child's answer, a description file."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from evidence.json import Json

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class ClaimError(ValueError):
    """A value is missing, of another type, or out of its bounds.  ``args[0]`` names it."""


class Claims:
    """One JSON object; each look says what it will accept.  Raises ``ClaimError``."""

    def __init__(self, value: Json, name: str = "object") -> None:
        if not isinstance(value, Mapping):
            raise ClaimError(name)
        self.fields = value

    def __contains__(self, name: str) -> bool:
        return self.fields.get(name) is not None

    def integer(self, name: str, most: int, least: int = 0) -> int:
        """Return an integer between ``least`` and ``most``, both included."""
        return integer(self.fields.get(name), name, most, least)

    def optional_integer(self, name: str, most: int, least: int = 0) -> int | None:
        """Return an integer, or None where the field is null or absent."""
        return self.integer(name, most, least) if name in self else None

    def text(self, name: str, most: int) -> str:
        """Return a text of at most ``most`` characters, all of which can be shown."""
        value = self.fields.get(name)
        if not isinstance(value, str) or len(value) > most or not all(map(showable, value)):
            raise ClaimError(name)
        return value

    def optional_text(self, name: str, most: int) -> str | None:
        """Return a text, or None where the field is null or absent."""
        return self.text(name, most) if name in self else None

    def hexadecimal(self, name: str, most: int) -> bytes:
        """Return at most ``most`` bytes that are written in hex."""
        try:
            raw = bytes.fromhex(self.text(name, 2 * most))
        except ValueError as error:
            raise ClaimError(name) from error
        return raw

    def flag(self, name: str) -> bool | None:
        """Return a boolean, or None where the field is null or absent."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise ClaimError(name)
        return value

    def many(self, name: str, most: int) -> Sequence[Json]:
        """Return a list of at most ``most`` values; an absent one is empty."""
        value = self.fields.get(name, [])
        if not isinstance(value, list | tuple) or len(value) > most:
            raise ClaimError(name)
        return value

    def objects(self, name: str, most: int) -> Iterator["Claims"]:
        """Yield the objects of a list."""
        for each in self.many(name, most):
            yield Claims(each, name)

    def only(self, *names: str) -> None:
        """Refuse fields of any other name."""
        for name in self.fields:
            if name not in names:
                raise ClaimError(name)


def integer(value: Json, name: str, most: int, least: int = 0) -> int:
    """Return ``value`` if it is an integer within the bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ClaimError(name)
    return value


def code(value: Json) -> str:
    """Return ``value`` if it is a code word: lower case, at most 40 characters."""
    if not isinstance(value, str) or not CODE.fullmatch(value):
        raise ClaimError("code")
    return value


def showable(character: str) -> bool:
    """Return whether a terminal, a page and a log can carry this character."""
    return character.isprintable() or unicodedata.category(character) == "Zs"

"""What is wrong with a TOML file of ours: by key and by line, all of it at once."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance.config import Complaint, keys_at
from appliance.toml_lines import KeyPath, line_of
from appliance.words import Words
from evidence.errors import UsageError

FILE_LIMIT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with a configuration: where it stands and the word for it."""

    source: str  # the file, or the environment variable
    line: int | None
    key: str
    word: str  # message catalogue: mistake.<word>
    facts: Mapping[str, object] = field(default_factory=dict)


class ConfigurationError(UsageError):
    """The configuration cannot be used; ``mistakes`` has all of it, in the order of the file."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(
            "configuration_mistakes", count=len(self.mistakes), file=self.mistakes[0].source
        )


def read_text(file: Path) -> str:
    """Return the text of a file of at most FILE_LIMIT_BYTES, or raise ``ConfigurationError``."""
    try:
        with file.open("rb") as stream:
            content = stream.read(FILE_LIMIT_BYTES + 1)
        if len(content) > FILE_LIMIT_BYTES:
            raise ConfigurationError([Mistake(str(file), None, "", "too_large")])
        return content.decode("utf-8")
    except OSError as error:
        facts = {"reason": error.strerror or "?"}
        raise ConfigurationError([Mistake(str(file), None, "", "unreadable", facts)]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError([Mistake(str(file), line, "", "not_utf8")]) from error


def parse(text: str, source: str) -> dict[str, Any]:
    """Return the parsed TOML, or raise ``ConfigurationError`` with the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))
        line = int(place.group(1)) if place else text.count("\n") + 1  # else "at end of document"
        facts = {"reason": str(error).split(" (at ")[0]}
        raise ConfigurationError([Mistake(source, line, "", "not_toml", facts)]) from error


def mistakes_of(
    rows: Iterable[Complaint],
    source: str,
    lines: Mapping[KeyPath, int],
    variables: Mapping[KeyPath, str],
) -> list[Mistake]:
    """Return complaints as mistakes: with their line, or the environment variable at fault."""
    return [_mistake(row, source, lines, variables) for row in rows]


def _mistake(
    row: Complaint, source: str, lines: Mapping[KeyPath, int], variables: Mapping[KeyPath, str]
) -> Mistake:
    path, code, facts = row
    key = ".".join(str(part) for part in path)
    word = WORDS_OF_CODES.get(code, "other")
    if word == "unknown_key":
        word, facts = unknown_key(str(path[-1]), keys_at(path[:-1]))
    if word == "not_one_of":
        facts = {**facts, "expected": str(facts["expected"]).replace(" or ", ", ")}
    if path in variables:
        return Mistake(variables[path], None, key, word, facts)
    return Mistake(source, line_of(path, lines), key, word, facts)


def unknown_key(key: str, known: Sequence[str]) -> tuple[str, Mapping[str, object]]:
    """Return word and facts for an unknown key: the one that was meant, else all there are."""
    near = difflib.get_close_matches(key, known, n=1)
    if near:
        return "unknown_key", {"nearest": near[0]}
    return "unknown_key_of", {"known": ", ".join(known)}


# What pydantic calls it, and the word under which the catalogue explains it.
WORDS_OF_CODES: Mapping[str, str] = {
    "extra_forbidden": "unknown_key",
    "missing": "missing",
    "int_type": "not_integer",
    "bool_type": "not_bool",
    "string_type": "not_text",
    "string_too_short": "empty",
    "literal_error": "not_one_of",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_big",
    "model_type": "not_table",
    "model_attributes_type": "not_table",
    "tuple_type": "not_list",
    "too_long": "too_many",
    "station_name": "station_name",
    "organisation_name": "organisation_name",
    "time_zone": "time_zone",
    "day": "day",
    "slot_twice": "slot_twice",
    "demo_keys": "demo_keys",
    "mail_address": "mail_address",
    "mail_incomplete": "mail_incomplete",
    "mail_password": "mail_password",
    "mail_in_clear": "mail_in_clear",
    "host_name": "host_name",
    "webhook_url": "webhook_url",
    "metrics_listen": "metrics_listen",
    "expression": "expression",
    "group": "group",
}


def sentence(mistake: Mistake, words: Words) -> str:
    """Return a mistake as a person reads it: place, key, what is wrong, what belongs there."""
    told = words(f"mistake.{mistake.word}", **mistake.facts)
    if mistake.line is not None:
        place = words("mistake.at_line", source=mistake.source, line=mistake.line)
    else:
        place = mistake.source
    return words(
        "mistake.told" if mistake.key else "mistake.whole", place=place, key=mistake.key, told=told
    )

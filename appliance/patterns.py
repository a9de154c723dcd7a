"""``config/names.toml``: read, checked by key and line, its examples run."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from appliance.config import ExampleRow, PatternRow, Patterns, check
from appliance.mistakes import ConfigurationError, Mistake, mistakes_of, parse, read_text
from appliance.settings import Settings
from appliance.toml_lines import line_of, lines_of_keys
from ingest.names import NamePattern, read_name

SYSTEM_FILE = Path("/etc/dockseal/names.toml")
SHIPPED_FILE = Path(__file__).parent.parent / "config" / "names.toml"


def patterns_file(settings: Settings) -> Path:
    """Return the file that holds: the configured, the one beside it, the system's, the shipped."""
    beside = settings.file.parent if settings.file else None
    named = settings.config.names.file
    if named:  # must be there, as every file that somebody named
        return (beside or Path.cwd()) / Path(named).expanduser()
    candidates = [beside / "names.toml"] if beside else []
    candidates.append(SYSTEM_FILE)
    return next((path for path in candidates if path.exists()), SHIPPED_FILE)


def load_patterns(file: Path) -> tuple[NamePattern, ...]:
    """Return the patterns in order, or raise ``ConfigurationError`` with all mistakes."""
    text = read_text(file)
    tree = parse(text, str(file))
    lines = lines_of_keys(text)
    answer = check(tree, Patterns)
    if isinstance(answer, list):
        raise ConfigurationError(mistakes_of(answer, str(file), lines, {}))
    mistakes = [
        Mistake(
            str(file), line_of(("patterns", index, key), lines), f"patterns.{index}", word, facts
        )
        for index, key, word, facts in _judged(answer)
    ]
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(_pattern(row) for row in answer.patterns)


def _pattern(row: PatternRow) -> NamePattern:
    return NamePattern(
        row.id,
        re.compile(row.expression, re.ASCII),  # \d is 0-9 and nothing else
        row.time_format,
        tuple(path.upper() for path in row.important_paths),
    )


def _judged(answer: Patterns) -> Iterator[tuple[int, str, str, dict[str, object]]]:
    """Yield (pattern, key, word, facts) of what only the whole pattern can tell."""
    known: set[str] = set()
    for index, row in enumerate(answer.patterns):
        if row.id in known:
            yield index, "id", "pattern_twice", {"id": row.id}
        known.add(row.id)
        if ("time" in re.compile(row.expression).groupindex) != bool(row.time_format):
            yield index, "time_format", "time_format", {"id": row.id}
            continue
        for example in row.examples:
            if _told(row, example) != _expected(row, example):
                yield index, "examples", "example", {"id": row.id, "name": example.name}


def _told(row: PatternRow, example: ExampleRow) -> tuple[object, ...]:
    path = f"{example.path}/{example.name}" if example.path else example.name
    facts = read_name(path, [_pattern(row)], UTC)
    time = facts.time.replace(tzinfo=None).isoformat() if facts.time else None
    named = (facts.pattern, facts.maker, facts.device, facts.officer)
    return (*named, time, facts.number, facts.important)


def _expected(row: PatternRow, example: ExampleRow) -> tuple[object, ...]:
    named = (row.id, example.maker, example.device, example.officer)
    time = datetime.fromisoformat(example.time).isoformat() if example.time else None
    return (*named, time, example.number, example.important)

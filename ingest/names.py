"""What a file name claims: maker, device, officer, time, number, importance.

Patterns are data (``config/names.toml``), tried in order; the first that matches the whole name
wins.  A name is never a path of ours: it is matched, and written down as data.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from evidence.states import NameFacts

NAME_LIMIT = 1024  # characters; a longer name matches nothing, so that no pattern can run wild


@dataclass(frozen=True, slots=True)
class NamePattern:
    """One row of ``config/names.toml``.

    ``expression`` has any of the groups maker, device, officer, time, number, important.
    ``time_format`` is for ``datetime.strptime``.  ``important_paths`` are directory names whose
    files the recorder locked.
    """

    id: str
    expression: re.Pattern[str]
    time_format: str
    important_paths: tuple[str, ...] = ()


def read_name(path: str, patterns: Sequence[NamePattern], zone: tzinfo) -> NameFacts:
    """Return what the name claims; times are read in ``zone`` and given in UTC.

    A pattern whose time does not exist in the calendar does not match: the next one is tried.
    """
    *directories, name = path.split("/")
    if len(name) > NAME_LIMIT:
        return NameFacts(pattern=None)
    for pattern in patterns:
        match = pattern.expression.fullmatch(name)
        facts = match and _facts(pattern, match.groupdict(), directories, zone)
        if facts:
            return facts
    return NameFacts(pattern=None)


def _facts(
    pattern: NamePattern, groups: dict[str, str | None], directories: list[str], zone: tzinfo
) -> NameFacts | None:
    number = groups.get("number")
    try:
        time = _time(groups.get("time"), pattern.time_format, zone)
    except ValueError:
        return None
    locked = any(part.upper() in pattern.important_paths for part in directories)
    return NameFacts(
        pattern=pattern.id,
        maker=groups.get("maker"),
        device=groups.get("device"),
        officer=groups.get("officer"),
        time=time,
        number=int(number) if number is not None else None,
        important=locked or groups.get("important") is not None,
    )


def _time(text: str | None, time_format: str, zone: tzinfo) -> datetime | None:
    if text is None:
        return None
    return datetime.strptime(text, time_format).replace(tzinfo=zone).astimezone(UTC)

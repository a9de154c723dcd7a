"""On which line of a TOML file a key stands: ``tomllib`` tells values, not places."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

KeyPath = tuple[str | int, ...]
STATEMENT_LINES_LIMIT = 500  # lines of one value; what is longer is told by its first line


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every key and table of ``text``, which must be valid TOML.

    ``("slots", 0, "number")`` is the key ``number`` of the first ``[[slots]]``.
    """
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for line, statement in _statements(text):
        tree = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _table(tree, found)
            found[table] = line
        else:
            for path in _paths(tree):
                found.setdefault(table + path, line)
    return found


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    """Return the line where the key begins, or the nearest table round it."""
    for length in range(len(path), 0, -1):
        inside = [line for key, line in lines.items() if key[:length] == path[:length]]
        if inside:
            return min(inside)
    return None


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement with its first line: more lines are added until it is whole."""
    pending, first = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not pending:
            first = number
        pending = f"{pending}\n{line}" if pending else line
        if not _whole(pending) and number - first < STATEMENT_LINES_LIMIT:
            continue
        if _whole(pending) and tomllib.loads(pending):
            yield first, pending
        pending = ""


def _whole(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _table(tree: Mapping[str, Any], found: Mapping[KeyPath, int]) -> KeyPath:
    """Return the path that a header opens; inside an array of tables, that of its last element."""
    path: KeyPath = ()
    node: Any = tree
    while node:
        key = next(iter(node))
        path, node = (*path, key), node[key]
        elements = sum(
            1
            for known in found
            if len(known) == len(path) + 1 and known[:-1] == path and isinstance(known[-1], int)
        )
        if isinstance(node, list):
            return (*path, elements)
        if elements:
            path = (*path, elements - 1)
    return path


def _paths(tree: Mapping[str, Any], before: KeyPath = ()) -> Iterator[KeyPath]:
    for key, value in tree.items():
        yield (*before, key)
        if isinstance(value, dict):
            yield from _paths(value, (*before, key))

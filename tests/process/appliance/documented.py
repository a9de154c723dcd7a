"""What docs/cli.md says of the documents of each command, and what a document really holds."""

import re
from pathlib import Path

DOCUMENT = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2] for part in DOCUMENT.split("\n### ")[1:]
}
HEAD = DOCUMENT.partition("\n### ")[0]


def documented(text):
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def told(value, path=""):
    """Yield the path of every value, object and list of a document."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from told(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        yield f"{path}[]"
        for item in value:
            yield from told(item, f"{path}[]")


def leaves(value):
    """Return the paths that lead no further."""
    paths = set(told(value))
    inner = {path.rpartition(".")[0] for path in paths} | {
        path.removesuffix("[]") for path in paths if path.endswith("[]")
    }
    return paths - inner


def covers(rows, leaf):
    return any(
        leaf == row
        or (row.endswith("{}") and leaf.startswith(row.removesuffix("{}")))
        or (row.endswith("[]") and leaf.startswith(row))
        for row in rows
    )


def fields_of(document):
    return {key: value for key, value in document.items() if key not in {"dockseal", "exit"}}


def undocumented(command, document):
    """Return the fields that a document has and its section of docs/cli.md does not know."""
    rows = documented(SECTIONS[command])
    assert rows, command
    return sorted(leaf for leaf in leaves(fields_of(document)) if not covers(rows, leaf))


def unshown(command, documents):
    """Return the rows of a section that none of these documents of the command shows."""
    everything = {path for each in documents for path in told(fields_of(each))}
    rows = documented(SECTIONS[command])
    return [row for row in rows if row.removesuffix("{}") not in everything]

"""What a command says: one document for programs, or text for people; never both.

Standard output carries the answer and nothing else.  Progress, notices and logs go to standard
error, so that ``dockseal … --json | program`` always reads exactly one JSON document.
"""

import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

from appliance.exits import Exit
from evidence.json import Json, JsonObject

_PIECES = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|[\u2e80-\u9fff\uff00-\uffef]\s*")
NEVER_FIRST = "，。、：；？！）”"  # no line begins with these
DOCUMENT_VERSION = 1  # of every document; a field that changes its meaning raises it


LEAST_COLUMNS = 12  # of a column that gives way


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: the fields of its document, and the same as lines of text."""

    fields: JsonObject
    lines: Sequence[str] = ()
    exit: Exit = Exit.OK


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command speaks.  ``quiet`` leaves out notices, never the answer."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    json: bool = False
    quiet: bool = False

    def answer(self, command: str, answer: Answer) -> None:
        """Write the one document, or the lines."""
        if self.json:
            document = {**head(command), **answer.fields, "exit": int(answer.exit)}
            self.out.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        else:
            self.out.writelines(f"{line}\n" for line in answer.lines)
        self.out.flush()

    @property
    def columns(self) -> int | None:
        """Return how wide the terminal of the answer is; None where it is none."""
        return shutil.get_terminal_size().columns if self.out.isatty() else None

    def notice(self, sentence: str) -> None:
        """Tell something on the way that a person may want to know."""
        if not self.quiet:
            self._tell(sentence)

    def complain(self, sentence: str) -> None:
        """Tell what went wrong; also when quiet."""
        self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        self.err.write(sentence + "\n")
        self.err.flush()


def head(command: str) -> dict[str, Json]:
    """Return the first field of every document: which command, which version of its fields."""
    return {"dockseal": {"command": command, "version": DOCUMENT_VERSION}}


def table(
    rows: Sequence[Sequence[str]],
    *,
    right: frozenset[int] = frozenset(),
    give: int | None = None,
    columns: int | None = None,
) -> list[str]:
    """Return lines with columns under each other; Chinese signs count as two columns wide.

    ``right`` names the columns that end flush instead of beginning so.  Where ``columns`` is known
    and too little, the column ``give`` is cut at its left: the end of a name tells more.
    """
    if not rows:
        return []
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    if columns is not None and give is not None:
        over = sum(widths) + len("  ") * (len(widths) - 1) - columns
        widths[give] = max(widths[give] - max(over, 0), LEAST_COLUMNS)
        rows = [
            [_ending(cell, widths[i]) if i == give else cell for i, cell in enumerate(row)]
            for row in rows
        ]
    return [
        "  ".join(_cell(cell, widths[i], right=i in right) for i, cell in enumerate(row)).rstrip()
        for row in rows
    ]


def _ending(text: str, columns: int) -> str:
    """Return the end of ``text`` that fits, behind a sign that something was left out."""
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[1:]
    return "…" + text


def _cell(text: str, columns: int, *, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes (East Asian wide and full: two)."""
    return sum(_columns(sign) for sign in text)


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def wrapped(text: str, columns: int) -> list[str]:
    """Return ``text`` in lines of at most ``columns``; breaks at spaces and between wide signs."""
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if line and width(line + piece.rstrip()) > columns and piece[0] not in NEVER_FIRST:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]

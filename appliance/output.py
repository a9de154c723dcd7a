"""What a command says: one document for programs, or text for people; never both.

Standard output carries the answer and nothing else.  Progress, notices and logs go to standard
error, so that ``dockseal … --json | program`` always reads exactly one JSON document.
"""

import json
import re
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


def table(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Return lines with columns under each other; Chinese signs count as two columns wide.

    ``right`` names the columns that end flush instead of beginning so.
    """
    if not rows:
        return []
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(_cell(cell, widths[i], right=i in right) for i, cell in enumerate(row)).rstrip()
        for row in rows
    ]


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

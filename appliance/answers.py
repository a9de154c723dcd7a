"""What a parser child says, read with suspicion: measured before it is parsed."""

import json
import re
from typing import Final, NoReturn

from evidence.errors import ParserError
from evidence.json import Json

# What a child may say of itself; deadline and answer are judged here, never claimed there.
CLAIMS: Final = frozenset({"parser_refused", "parser_memory", "parser_crashed", "fence_missing"})
BECAUSE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
SHORT_ANSWER_VALUES: Final = 64


def json_answer(content: bytes, task: str, values: int) -> Json:
    """Return the JSON value in ``content``; it may hold up to ``values`` values, no floats.

    Raises ``ParserError`` ``parser_answer``.  Counting separators first is an upper bound that
    costs nothing: eight megabytes of ``[],[],`` would be hundreds of megabytes of lists.
    """
    if content.count(b",") + content.count(b"[") + content.count(b"{") > values:
        raise ParserError("parser_answer", task=task, because="values")
    try:
        answer: Json = json.loads(content, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise ParserError("parser_answer", task=task, because="json") from error
    return answer


def failed_word(content: bytes, task: str) -> tuple[str, str]:
    """Return word and ``because`` of a FAILED frame; nonsense becomes ``parser_crashed``."""
    claim = json_answer(content, task, SHORT_ANSWER_VALUES)
    word, because = "", ""
    if isinstance(claim, dict):
        word, because = str(claim.get("word")), str(claim.get("because"))
    if word not in CLAIMS:
        word = "parser_crashed"
    return word, because if BECAUSE.fullmatch(because) else "unknown"


def _no_float(text: str) -> NoReturn:
    raise ValueError(text)

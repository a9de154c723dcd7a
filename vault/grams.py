"""Words for a full-text index that knows no word boundaries: pairs of neighbouring signs.

Chinese has no blanks between words, and the tokenizers that come with SQLite find nothing for words
of two signs (shared notes, web.md 1).  So a run of letters and digits is written as its pairs and
its last sign, and what is looked for is written the same way: 城市管理 becomes 城市 市管 管理 理.
A phrase of pairs is found where, and only where, the run contains it; one sign is found by prefix.
"""

import unicodedata
from collections.abc import Iterable, Iterator

WORDS_LIMIT = 16  # runs of one search


def grams(texts: Iterable[str | None]) -> str:
    """Return the pairs and last signs of all runs of some texts, with blanks between."""
    return " ".join(gram for each in texts for run in runs(each or "") for gram in _pairs(run))


def phrase(words: str) -> str:
    """Return what FTS5 is asked for so that every run of ``words`` is contained; "" for none.

    Runs hold letters and digits alone, so nothing of what somebody types is read as syntax.
    """
    found = list(runs(words))[:WORDS_LIMIT]
    return " AND ".join(_asked(run) for run in found)


def in_grams(words: str) -> Iterator[str]:
    """Yield what ``grams``, with a blank before and behind, contains for each run of ``words``."""
    for run in list(runs(words))[:WORDS_LIMIT]:
        pairs = " ".join(run[at : at + 2] for at in range(len(run) - 1))
        yield f" {pairs} " if pairs else f" {run}"


def runs(words: str) -> Iterator[str]:
    """Yield the runs of letters and digits, in one width and case."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    yield from "".join(sign if sign.isalnum() else " " for sign in plain).split()


def _pairs(run: str) -> Iterator[str]:
    for at in range(len(run)):
        yield run[at : at + 2]


def _asked(run: str) -> str:
    if len(run) == 1:
        return f'"{run}"*'
    return '"' + " ".join(run[at : at + 2] for at in range(len(run) - 1)) + '"'

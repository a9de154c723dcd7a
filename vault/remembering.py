"""A ledger whose entries are asked for once: what is written never changes (invariant 4).

For a process that answers many people and reads the same organisation, segments and questions for
each of them.  What can change is asked for each time: the last entry about a subject, and a
statement, whose key may have been destroyed a moment ago.
"""

from collections.abc import Sequence
from functools import lru_cache

from evidence.entry import Draft, Entry, Receipt, Statement
from evidence.ports import Ledger

ENTRIES_LIMIT = 20_000  # kept; most take 2 to 4 KiB of memory, none more than some 64


class RememberingLedger:
    """Implements ``evidence.ports.Ledger`` over another one, for any number of threads."""

    def __init__(self, ledger: Ledger, limit: int = ENTRIES_LIMIT) -> None:
        """Keep the ``limit`` entries that were asked for last; an error is not kept."""
        self._ledger = ledger
        self._entry = lru_cache(limit)(ledger.entry)

    def append(self, drafts: Sequence[Draft]) -> Receipt:
        """See ``evidence.ports.Ledger``."""
        return self._ledger.append(drafts)

    def last(self, subject: str) -> int | None:
        """See ``evidence.ports.Ledger``."""
        return self._ledger.last(subject)

    def entry(self, index: int) -> Entry:
        """See ``evidence.ports.Ledger``."""
        return self._entry(index)

    def statement(self, index: int) -> Statement | None:
        """See ``evidence.ports.Ledger``."""
        return self._ledger.statement(index)

    def pseudonym(self, kind: str, text: str) -> str:
        """See ``evidence.ports.Ledger``."""
        return self._ledger.pseudonym(kind, text)

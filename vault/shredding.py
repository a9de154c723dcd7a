"""What the ledger process destroys: keys and ciphertexts of segments that have a tombstone.

It asks its own ledger, never the caller: nothing is destroyed that has no tombstone.  Whether a
tombstone is lawful is asked before, by who serves callers from outside (``vault/service.py``).
"""

from collections.abc import Callable, Sequence

from evidence.entry import Entry
from evidence.errors import CustodyError, UsageError
from vault.durable import Steps
from vault.keys import FileKeys
from vault.statements import StatementStore

STEPS = ("shred.statements", "shred.keys")
SHRED_LIMIT = 100  # segments of one call
CHAIN_LIMIT = 100_000  # entries about one segment
_FATES = {"segment.sealed": False, "segment.disposed": True}

Last = Callable[[str], int | None]
Read = Callable[[int], Entry]


class Shredder:
    """Destroys what statements say of segments.  For any number of threads."""

    def __init__(
        self, keys: FileKeys, statements: StatementStore, last: Last, read: Read, steps: Steps
    ) -> None:
        self._keys, self._statements = keys, statements
        self._last, self._read, self._steps = last, read, steps

    def shred(self, segments: Sequence[str]) -> None:
        """Destroy ciphertexts and keys of ``segments``; durable on return, and may be done again.

        The ciphertexts go first: cut between the two, the key that is left opens nothing.
        Raises ``CustodyError`` (``not_disposed``) where the newest word of the ledger about the
        bytes of one of them is no tombstone: nothing is destroyed then.
        """
        if len(segments) > SHRED_LIMIT:
            raise UsageError("segments_malformed", limit=SHRED_LIMIT)
        digests = [digest for segment in segments for digest in self._lawful(segment)]
        with self._steps("shred.statements"):
            self._statements.empty(digests)
        with self._steps("shred.keys"):
            self._keys.destroy(segments)

    def _lawful(self, segment: str) -> list[str]:
        """Return the digests of all statements of a segment that is disposed of."""
        index, disposed = self._last(segment), None
        digests: list[str] = []
        for _ in range(CHAIN_LIMIT):
            if index is None:
                break
            entry = self._read(index)
            if disposed is None:
                disposed = _FATES.get(entry.type)
            if entry.statement is not None and entry.statement.of == segment:
                digests.append(entry.statement.sha256)
            index = entry.about[segment]
        if index is not None or not disposed or not segment.startswith("s:"):
            raise CustodyError("not_disposed", segment=segment)
        return digests

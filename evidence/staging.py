"""A file on its way into the vault: the port that ``Received`` carries."""

from collections.abc import Iterator
from typing import Protocol

from evidence.digest import Chunk


class Staged(Protocol):
    """One file in the vault's staging, begun now or kept from a docking that was cut.

    Contract: every method raises only ``VaultError``.  Nothing here is in custody yet.
    """

    name: str  # ours, from a digest; never the recorder's

    @property
    def length(self) -> int:
        """Return how many bytes are there; after a cut, what survived."""
        ...

    def append(self, chunk: Chunk) -> None:
        """Write ``chunk`` at the end; durable only after ``sync``."""
        ...

    def truncate(self, length: int) -> None:
        """Forget what lies beyond ``length``."""
        ...

    def sync(self) -> None:
        """Return only when bytes and name survive a power cut.  After an error: never retry."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes at ``offset``; fewer only at the end."""
        ...

    def read_back(self) -> Iterator[memoryview]:
        """Yield all bytes as the medium has them: the page cache is bypassed or dropped first.

        A view is valid until ``evidence.digest.BUFFERS`` further ones are asked for: a caller
        may digest the last ones while the next is read.
        """
        ...

    def discard(self) -> None:
        """Remove it from the staging.  What the vault holds is not touched."""
        ...

    def close(self) -> None:
        """Release the file; what was synced stays for the next docking."""
        ...

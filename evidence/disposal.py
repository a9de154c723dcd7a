"""Lawful destruction: a list under two names, a tombstone for each segment (docs/keeping.md).

Proposed (a person) -> warning -> approved (another person) -> time to undo -> for each segment
``Tombstone`` -> its keys and its bytes are gone -> executed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

PART_SEGMENTS = 60  # of one entry: they all stand in ``about``
DISPOSAL_LIMIT = 12_000  # segments of one disposal: its parts are one append

State = Literal["proposed", "approved", "undone", "done"]
Removed = Literal["removed", "absent"]


@dataclass(frozen=True, slots=True)
class Now:
    """What time it is for a disposal, and who says so (invariant 9).

    ``source``: ``local`` where our own clock is the earlier one, else who told the outside time.
    """

    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The lawful end of one segment stands in the ledger; only now may its bytes go.

    Made by custody/disposals.py.
    """

    segment: str  # s:…
    entry: int  # segment.disposed
    disposal: str  # x:…

    @property
    def sha256(self) -> str:
        """Return the name of the object."""
        return self.segment.removeprefix("s:")


@dataclass(frozen=True, slots=True)
class Disposal:
    """A disposal as the ledger has it.  Made by custody/disposals.py.

    ``disposed`` and ``spared``: what became of each segment so far, with the entry that says so;
    ``executed``: segments whose bytes and keys are known to be gone.
    """

    id: str  # x:…
    entry: int  # disposal.proposed, its first part
    at: datetime
    by: str
    segments: tuple[str, ...]
    bytes: int
    root: str  # RFC 6962 over the ids of all segments, sorted, hex
    warning_until: datetime
    last: int  # newest entry about it: what the next one expects
    state: State = "proposed"
    approved: int | None = None
    approved_by: str | None = None
    undo_until: datetime | None = None
    disposed: Mapping[str, int] = field(default_factory=dict)
    spared: Mapping[str, int] = field(default_factory=dict)
    executed: frozenset[str] = frozenset()

    @property
    def open(self) -> tuple[str, ...]:
        """Return the segments about which nothing is decided yet."""
        return tuple(s for s in self.segments if s not in self.disposed and s not in self.spared)


class Remover(Protocol):
    """Takes bytes out of one home of the vault.  The keeper alone has it (DESIGN 8)."""

    home: str  # how the home is called in entries

    def remove(self, tombstone: Tombstone) -> Removed:
        """Remove the object under ``tombstone``; ``absent`` where there was none.

        Durable when it returns: no name leads to the bytes any more, also none of the staging.
        Doing it again is fine.  The caller has made sure that the tombstone is the newest word
        about the segment.
        """
        ...


class Shredder(Protocol):
    """Makes what the statements say of segments unreadable, for ever."""

    def shred(self, segments: Sequence[str]) -> None:
        """Destroy the keys of at most 100 segments and the ciphertexts under them; durable.

        Doing it again is fine.  Raises ``CustodyError`` (``not_disposed``) where the newest word
        of the ledger about the bytes of one of them is not a tombstone, or
        (``disposed_unlawfully``) one that is not lawful: nothing is destroyed.
        """
        ...


class OutsideTime(Protocol):
    """A time not from our own clock: a lower bound of now, old perhaps, never ahead of it."""

    def newest(self) -> tuple[datetime, str] | None:
        """Return the newest such time, UTC, and its source; None: nobody has said one."""
        ...

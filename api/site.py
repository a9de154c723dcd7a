"""What pages and API are served from: ports that the wiring gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Protocol

from custody.desk import Desk
from custody.entrance import Entrance
from custody.items import ItemList
from custody.register import read_register
from evidence.accounts import Accounts
from evidence.candidates import CANDIDATES_LIMIT, Wanted
from evidence.errors import EvidenceError
from evidence.keeping import Raised
from evidence.search import Page, SegmentFilter, SegmentLine

LANGUAGES = ("zh-CN", "en")  # the first is what nobody has to choose


class Words(Protocol):
    """The sentences of one language."""

    def __call__(self, key: str, /, **facts: object) -> str:
        """Return the sentence under ``key`` with its facts filled in."""
        ...

    def error(self, error: EvidenceError) -> str:
        """Return the sentence of an error."""
        ...

    def duration(self, milliseconds: int) -> str:
        """Return a length of time."""
        ...

    def bytes(self, count: int) -> str:
        """Return an amount of bytes."""
        ...


class Catalogue(Protocol):
    """Where to look for segments.  It proposes; who may see what is asked of the ledger."""

    def segments(
        self, wanted: SegmentFilter, limit: int = 100, after: str | None = None
    ) -> Page[SegmentLine]:
        """Return the segments that are ``wanted``, each once, the newest beginning first.

        A first page holds what was in the ledger when it was asked for.  ``after`` is what the
        page before gave.  Raises ``UsageError`` (``page_unknown``), ``VaultUnavailableError``.
        """
        ...

    def candidates(
        self, wanted: Wanted, limit: int = CANDIDATES_LIMIT, after: str | None = None
    ) -> Page[str]:
        """Return digests of what may be over, the oldest first; as ``segments``."""
        ...

    def alarms(
        self, *, every: bool = False, limit: int = 100, after: str | None = None
    ) -> Page[Raised]:
        """Return alarms that nobody has answered, or all, those that say the same as one."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """One appliance as browsers meet it.

    ``words``: by language of ``LANGUAGES``; ``hsts``: browsers may remember that it speaks TLS
    only, which must not be said before they trust its authority; ``late_after``: so long after the
    end of a day footage is docked in time, where no handover says when it was due.
    """

    desk: Desk
    accounts: Accounts
    words: Mapping[str, Words]
    zone: tzinfo
    items: ItemList
    catalogue: Catalogue
    hsts: bool = False
    late_after: timedelta = timedelta(hours=8)

    def entrance(self) -> Entrance:
        """Return what signing in is done with, with the organisation as it is now."""
        return Entrance(self.desk, self.accounts, read_register(self.desk.ledger))

"""The catalogue as browsers ask it: never older than what its asker has seen written."""

from collections.abc import Callable

from evidence.candidates import CANDIDATES_LIMIT, Wanted
from evidence.keeping import Raised
from evidence.search import Page, SegmentFilter, SegmentLine
from vault.client import LedgerClient
from vault.search import CatalogueReader


class Searching:
    """Implements ``api.site.Catalogue``.  ``size``: how many entries the ledger has now."""

    def __init__(
        self, reader: CatalogueReader, client: LedgerClient, size: Callable[[], int]
    ) -> None:
        self._reader, self._client, self._size = reader, client, size

    def segments(
        self, wanted: SegmentFilter, limit: int = 100, after: str | None = None
    ) -> Page[SegmentLine]:
        """See the port.  A page after the first goes on in what is there: nothing shifts it."""
        if after is None:
            self._wait()
        return self._reader.segments(wanted, limit, after)

    def candidates(
        self, wanted: Wanted, limit: int = CANDIDATES_LIMIT, after: str | None = None
    ) -> Page[str]:
        """See the port."""
        if after is None:
            self._wait()
        return self._reader.candidates(wanted, limit, after)

    def alarms(
        self, *, every: bool = False, limit: int = 100, after: str | None = None
    ) -> Page[Raised]:
        """See the port."""
        if after is None:
            self._wait()
        return self._reader.alarms(every=every, limit=limit, after=after)

    def _wait(self) -> None:
        size = self._size()
        if self._reader.applied() < size:
            self._client.wait_catalogue(size - 1)

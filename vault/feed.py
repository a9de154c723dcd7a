"""Feeds the catalogue from the ledger, in order, off the way of whoever appends.

It reads what it applies from the ledger itself: so it needs no queue, catches up by the same code
after a stop of any length, and cannot show what the ledger does not hold.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, Thread
from time import monotonic
from typing import Protocol

from evidence.entry import Entry, Statement
from evidence.errors import EvidenceError, IntegrityError, VaultUnavailableError
from evidence.ports import Catalogue
from vault.catalogue import Rebuilt
from vault.ledger import LedgerStore
from vault.projection import Projected, project_all

PAGE_ENTRIES = 256  # applied in one transaction
RETRY_S = 2.0  # after a failure; the ledger goes on meanwhile
QUIET_S = 0.1  # without a new entry: whoever appends is done for now
LAG_S = 2.0  # the most that the catalogue is behind on purpose, when nobody waits for it
_LOG = logging.getLogger(__name__)


class Rebuildable(Catalogue, Protocol):
    """A catalogue that can be made anew in one go."""

    def rebuild(self, batches: Iterable[Projected]) -> Rebuilt:
        """Make it anew from entry 0, also where the old one cannot be opened."""
        ...


class CatalogueFeed:
    """A thread that applies to the catalogue what the ledger has and the catalogue has not."""

    def __init__(self, store: LedgerStore, catalogue: Rebuildable) -> None:
        self._store, self._catalogue = store, catalogue
        self._changed = Condition()
        self._applied = 0
        self._failure: EvidenceError | None = None
        self._closed = False
        self._idle = False  # nothing to apply: only a new entry is of interest
        self._asked = 0  # how many wait for an entry
        self._work = Lock()  # one at a time writes the catalogue: this thread, or a rebuild
        self._thread = Thread(target=self._run, name="catalogue-feed", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tell that the ledger has grown.  Who is not idle will see that without being told."""
        if self._idle:
            with self._changed:
                self._changed.notify_all()

    def wait(self, index: int, timeout_s: float) -> int:
        """Wait until entry ``index`` is applied and return how many are.

        Raises ``VaultUnavailableError``: ``catalogue_down`` at once when the catalogue failed,
        ``catalogue_behind`` after the timeout.
        """
        with self._changed, self._asking():
            done = self._changed.wait_for(lambda: self._settled(index), timeout_s)
            if self._applied > index:
                return self._applied
            if self._failure is not None:
                word = self._failure.word
                raise VaultUnavailableError("catalogue_down", because=word) from self._failure
            if self._closed or not done:
                raise VaultUnavailableError("catalogue_behind", applied=self._applied)
            return self._applied

    def rebuild(self) -> Rebuilt:
        """Make the catalogue anew from entry 0.

        Runs in the caller's thread.  The ledger goes on meanwhile; what it adds follows.
        """
        with self._work:
            made = self._catalogue.rebuild(self._batches(self._store.size))
            self._show(made.entries)
        return made

    def _batches(self, size: int) -> Iterator[Projected]:
        for first in range(0, size, PAGE_ENTRIES):
            stop = min(first + PAGE_ENTRIES, size)
            yield project_all(list(pairs(self._store, first, stop)))

    def close(self) -> None:
        """Stop after the page under way; what is missing is applied at the next start."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        self._asked += 1
        self._changed.notify_all()
        try:
            yield
        finally:
            self._asked -= 1

    def _settled(self, index: int) -> bool:
        return self._applied > index or self._failure is not None or self._closed

    def _run(self) -> None:
        while not self._closed:
            try:
                self._catch_up()
                self._sleep()
                self._stand_back()
            except EvidenceError as error:
                _LOG.warning("the catalogue is behind: %s", error)
                self._note(error)
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, RETRY_S)

    def _catch_up(self) -> None:
        with self._work:
            self._apply_all()

    def _apply_all(self) -> None:
        applied, size = self._catalogue.applied(), self._store.size
        if applied > size:
            raise VaultUnavailableError("catalogue_foreign", applied=applied)
        self._show(applied)
        while applied < size and not self._closed:
            stop = min(applied + PAGE_ENTRIES, size)
            self._catalogue.apply(list(pairs(self._store, applied, stop)))
            applied = stop
            self._show(applied)

    def _sleep(self) -> None:
        """Sleep until the ledger has grown."""
        with self._changed:
            self._idle = True  # before the first look at the size: see ``wake``
            self._changed.wait_for(lambda: self._closed or self._store.size > self._applied)
            self._idle = False

    def _stand_back(self) -> None:
        """Leave the processor to whoever appends, until nobody does or somebody waits for us.

        An entry costs here as much as its append; pages of many entries cost less.
        """
        until, size = monotonic() + LAG_S, -1
        with self._changed:
            while size != self._store.size and (left := until - monotonic()) > 0:
                size = self._store.size
                if self._changed.wait_for(lambda: self._closed or self._asked, min(QUIET_S, left)):
                    return

    def _show(self, applied: int) -> None:
        with self._changed:
            self._applied, self._failure = applied, None
            self._changed.notify_all()

    def _note(self, error: EvidenceError) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()


def pairs(store: LedgerStore, start: int, stop: int) -> Iterator[tuple[Entry, Statement | None]]:
    """Yield entries with their statements, as ``Catalogue.apply`` takes them."""
    for first in range(start, stop, PAGE_ENTRIES):
        end = min(first + PAGE_ENTRIES, stop)
        page = list(store.reader.shown(first, end, store.size))
        commitments = [entry.statement for entry in page if entry.statement]
        found = iter(store.papers_of(commitments))
        yield from (
            (entry, _kept(entry, next(found)) if entry.statement else None) for entry in page
        )


def _kept(entry: Entry, found: Statement | IntegrityError | None) -> Statement | None:
    if not isinstance(found, IntegrityError):
        return found
    # Searching goes on without this one; naming and placing the loss is the audit's work.
    _LOG.error("the statement of entry %d is lost: %s", entry.seq, found)
    return None

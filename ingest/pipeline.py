"""The way of one file from "received" to "sealed", in the order in which it happens."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Self

from evidence.media import Media
from evidence.staging import Staged
from evidence.states import Inventory, Received, Sealed, Stored
from ingest.probe import probe
from ingest.seal import seal
from ingest.store import store
from ingest.tools import Tools


class StagedSource:
    """A staged file as a parser sees it: bytes at an offset, and no more."""

    def __init__(self, staged: Staged, size: int) -> None:
        self._staged = staged
        self._size = size

    @property
    def size(self) -> int:
        """See ``evidence.ports.Source``."""
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        """See ``evidence.ports.Source``."""
        return self._staged.read(offset, length)


class Pipeline:
    """Probes, stores and seals received files: each stage in a thread of its own, in order.

    So one file is probed while the next is read, the one before is read back, and the one before
    that waits for the ledger: the processors always have something to hash.
    """

    def __init__(self, inventory: Inventory, tools: Tools) -> None:
        self._inventory = inventory
        self._tools = tools
        self._stages = ExitStack()
        self._prober, self._storer, self._sealer = map(self._thread, ("probe", "store", "seal"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Wait until every file that was given has come to its end."""
        self._stages.close()

    def give(self, received: Received) -> Future[Sealed]:
        """Take a file; its staging is closed in the end, whatever happens."""
        probed = self._prober.submit(self._probe, received)
        stored = self._storer.submit(self._store, received, probed)
        return self._sealer.submit(self._seal, received, stored)

    def _thread(self, name: str) -> ThreadPoolExecutor:
        return self._stages.enter_context(ThreadPoolExecutor(1, thread_name_prefix=name))

    def _probe(self, received: Received) -> Media:
        source = StagedSource(received.staged, received.size)
        tools = self._tools
        return probe(source, received.listed.file.path, tools.parsers, tools.rules.probe)

    def _store(self, received: Received, probed: Future[Media]) -> Stored:
        return store(received, probed.result(), self._tools)

    def _seal(self, received: Received, stored: Future[Stored]) -> Sealed:
        try:
            sealed = seal(stored.result(), self._inventory, self._tools)
        finally:
            received.staged.close()
        self._tools.observer.sealed(sealed)
        for note in sealed.noted:
            self._tools.observer.noted(received.listed, str(note.finding))
        return sealed

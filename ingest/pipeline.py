"""The way of one file from "received" to "sealed", in the order in which it happens."""

from evidence.staging import Staged
from evidence.states import Inventory, Received, Sealed
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


def finish(received: Received, inventory: Inventory, tools: Tools) -> Sealed:
    """Probe, store and seal one received file; its staging is closed whatever happens."""
    try:
        source = StagedSource(received.staged, received.size)
        media = probe(source, received.listed.file.path, tools.parsers)
        stored = store(received, media, tools)
        sealed = seal(stored, inventory, tools)
    finally:
        received.staged.close()
    tools.observer.sealed(sealed)
    for note in sealed.noted:
        tools.observer.noted(received.listed, str(note.finding))
    return sealed

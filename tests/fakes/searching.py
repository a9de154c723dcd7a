"""The catalogue of a desk, made from its ledger when it is asked: what the real process keeps."""

import shutil
import tempfile
import weakref
from pathlib import Path
from threading import Lock

from evidence.candidates import CANDIDATES_LIMIT
from vault.catalogue import SqlCatalogue
from vault.search import CatalogueReader
from vault.sql import sqlite_url


class Projected:
    """Implements ``api.site.Catalogue`` over the real tables, in a file of its own."""

    def __init__(self, ledger):
        self._ledger = ledger
        self._url = None
        self._mutex = Lock()

    def segments(self, wanted, limit=100, after=None):
        with self._mutex:
            return self._reader().segments(wanted, limit, after)

    def candidates(self, wanted, limit=CANDIDATES_LIMIT, after=None):
        with self._mutex:
            return self._reader().candidates(wanted, limit, after)

    def alarms(self, *, every=False, limit=100, after=None):
        with self._mutex:
            return self._reader().alarms(every=every, limit=limit, after=after)

    def _reader(self):
        if self._url is None:
            folder = tempfile.mkdtemp()
            weakref.finalize(self, shutil.rmtree, folder)
            self._url = sqlite_url(Path(folder) / "catalogue.sqlite")
        catalogue = SqlCatalogue(self._url)
        try:
            indexes = range(catalogue.applied(), self._size())
            entries = [self._ledger.entry(index) for index in indexes]
            catalogue.apply([(each, self._ledger.statement(each.seq)) for each in entries])
        finally:
            catalogue.close()
        return CatalogueReader(self._url)

    def _size(self):
        leaves = getattr(self._ledger, "leaves", None)
        return self._ledger.size if leaves is None else len(leaves)

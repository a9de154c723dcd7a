"""What looks and checks: over the catalogue, the tree and the bytes.

Apart from the rest of the house because it needs SQL and signatures, and a docking needs neither:
the command that only docks weighs half.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from appliance.compare import catalogue_differences
from appliance.home import Home
from appliance.lookup import Lookup
from appliance.reports import AuditPlan, read_vkey, run_audit, run_verify, tell_history
from appliance.searching import Searching
from appliance.services import AuditReport, HistoryEvent, Level, Tell, VerifyReport
from custody.desk import AccessRules
from evidence.checkpoint import parse
from evidence.json import JsonObject
from evidence.note import open_note
from vault.client import LedgerClient
from vault.meter import FileMeter
from vault.objects import LocalObjects
from vault.search import CatalogueReader
from vault.sql import sqlite_url


def verify(ledger: Path, vkey: str | None, known: Path | None, tell: Tell) -> VerifyReport:
    """See ``Services``; needs no home."""
    return run_verify(ledger, vkey, known, tell)


@dataclass
class Looking:
    """The part of ``appliance.services.Services`` that reads a whole home.

    ``client`` finds or starts the ledger process; it is asked only where one is needed.
    """

    home: Home
    client: Callable[[], LedgerClient]
    workers: int
    settings: Callable[[], JsonObject | None]
    rules: Callable[[], AccessRules]

    @cached_property
    def lookup(self) -> Lookup:
        """Return what searches, once the catalogue shows everything that the ledger holds now."""
        self.client().wait_catalogue(self._size - 1)
        return Lookup(CatalogueReader(sqlite_url(self.home.catalogue)), self.client())

    @property
    def searching(self) -> Searching:
        """Return what searches for as long as a process runs."""
        reader = CatalogueReader(sqlite_url(self.home.catalogue))
        return Searching(reader, self.client(), lambda: self._size)

    def history(self, start: str) -> Sequence[HistoryEvent]:
        """See ``Services``."""
        return tell_history(f"s:{self.lookup.digest(start)}", self.client())

    def audit(self, level: Level, known: Path | None, tell: Tell) -> AuditReport:
        """See ``Services``."""
        plan = AuditPlan(
            self.home.ledger,
            self.home.vkey,
            lambda: LocalObjects(self.home.vault, reserve_bytes=0),
            self.client,
            self._catalogue_differences,
            self.workers,
            self.settings(),
            FileMeter(self.home.meter).counting,
            self.rules,
        )
        return run_audit(plan, level, known, tell)

    def _catalogue_differences(self) -> Iterator[JsonObject]:
        yield from catalogue_differences(self.home, self.client(), lambda: self._size)

    @property
    def _size(self) -> int:
        note = open_note(self.client().checkpoint(), [read_vkey(self.home.vkey)])
        return parse(note).size

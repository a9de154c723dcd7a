"""A kept home with its keeper: real stores, real people, one list approved and one hold standing.

What an insider spoils in it is then asked of everybody who decides: the list of what is due, a
proposal, the keeper's run, the audit.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from appliance.keeper import Keeping
from custody.destroy import Keeper
from custody.judging import Judges
from custody.lawful import Lawful
from custody.outside import AttestedTime
from custody.register import hosts_of
from custody.tally import decide_all
from evidence.search import SegmentFilter
from tests.fakes.desk import RULES
from tests.fakes.house import SHANGHAI
from tests.faults.keeping import Scene, attest, base
from vault.feed import pairs
from vault.lazy import LazyCatalogue
from vault.projection import project_all
from vault.remover import LocalRemover
from vault.search import CatalogueReader
from vault.sql import sqlite_url


@dataclass
class Watched:
    """A copy of the home of ``tests.faults.keeping``, and what each decider says of it."""

    it: Scene

    @property
    def house(self):
        return self.it.house

    @property
    def desk(self):
        return self.it.desk

    @property
    def films(self):
        return self.it.films

    @property
    def held(self):
        return self.films[-1]

    @property
    def catalogue(self):
        return self.house.root / "catalogue.sqlite"

    def entries(self, kind=None):
        """Return what came to the ledger since the home was prepared."""
        return [each for each in self.house.entries(kind) if each.seq >= base().size]

    @property
    def alarms(self):
        return [each.body["alarm"] for each in self.entries("alarm.raised")]

    def there(self, segment):
        return self.house.objects.size(segment[2:]) is not None

    def pass_days(self, days):
        """Days pass, and two people say which day it is."""
        self.house.clock.forward(days=days)
        attest(self.it)

    # --- the keeper

    @property
    def keeping(self):
        """The keeper, as the appliance makes it, in this process."""
        ledger, judges = self.house.ledger, Judges(self.house.ledger, SHANGHAI)
        lawful = Lawful(ledger, SHANGHAI, RULES, hosts_of(ledger))
        remover = LocalRemover(self.house.root / "vault")
        keeper = Keeper(ledger, judges.look, self.house.store, [remover], lawful)
        return Keeping(keeper, ledger, self.house.clock, AttestedTime(ledger, SHANGHAI), judges)

    def run(self):
        """Let the keeper do all that waits; return how many segments it has destroyed."""
        keeping = self.keeping
        now = keeping.now()
        waiting = [each.id for each in keeping.waiting(now)]
        return sum(keeping.run(each, now, lambda _done: None).disposed for each in waiting)

    # --- the catalogue

    def spoil(self, *statements):
        """Do what a person with the catalogue's password does."""
        with closing(sqlite3.connect(self.catalogue)) as connection:
            for statement, *values in statements:
                assert connection.execute(statement, values).rowcount != 0, statement
            connection.commit()

    def rows(self, table):
        """Return how many rows a table has."""
        with closing(sqlite3.connect(self.catalogue)) as connection:
            counted = connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours
            return counted.fetchone()[0]

    def empty(self, table):
        with closing(sqlite3.connect(self.catalogue, isolation_level=None)) as connection:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - ours

    def proposed(self):
        """Return what the catalogue proposes: every segment that it lists, as often as it does."""
        reader = CatalogueReader(sqlite_url(self.catalogue))
        try:
            found, after = [], None
            while True:
                page = reader.segments(SegmentFilter(), 40, after)
                found += [f"s:{row.sha256}" for row in page.items]
                if page.after is None:
                    return found
                after = page.after
        finally:
            reader.close()

    def due(self):
        """Return what may go, of what the catalogue proposes, as the ledger decides each."""
        now = self.it.now.at
        decided = decide_all(self.house.ledger, SHANGHAI, self.proposed(), now)
        return {keeping.segment for _, keeping in decided if keeping.due(now)}

    def named(self):
        """Return the tables in which the audit's comparison finds rows that no entry gave."""
        beside = self.house.root / "made-anew.sqlite"
        store = self.house.store
        LazyCatalogue(beside).rebuild(iter([project_all(list(pairs(store, 0, store.size)))]))
        readers = [CatalogueReader(sqlite_url(path)) for path in (self.catalogue, beside)]
        try:
            return {each.table for each in readers[0].differences(readers[1])}
        finally:
            for reader in readers:
                reader.close()
            beside.unlink()

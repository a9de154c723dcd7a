"""A kept home with its keeper: real stores, real people, one list approved and one hold standing.

What an insider spoils in it is then asked of everybody who decides: the list of what is due, a
proposal, the keeper's run, the audit.
"""

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.keeper import Keeping
from custody.deciding import Deciding
from custody.destroy import Keeper
from custody.judging import Judges
from custody.lawful import Lawful
from custody.outside import AttestedTime
from custody.register import hosts_of
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
    _anew: tuple[int, Path] | None = None  # a catalogue made of so many entries

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
        remover = LocalRemover(self.house.root / "vault", self.house.breaker)
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

    @contextmanager
    def emptied(self, table):
        """Take all rows out of a table for as long as the block runs; give how many they were."""
        with closing(sqlite3.connect(self.catalogue, isolation_level=None)) as connection:
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - ours
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
            yield len(rows)
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - ours

    def proposed(self, wanted=None):
        """Return what the catalogue proposes: what may be over, or everything that it lists."""
        with self.reader() as reader:
            if wanted is not None:
                return [f"s:{each}" for each in reader.candidates(wanted).items]
            found, after = [], None
            while True:
                page = reader.segments(SegmentFilter(), 40, after)
                found += [f"s:{row.sha256}" for row in page.items]
                if page.after is None:
                    return found
                after = page.after

    @property
    def deciding(self):
        """Decides for an auditor what the catalogue proposes, as every list does."""
        now, who = self.it.now.at, self.it.who("inspector")
        return Deciding(self.desk, who, SHANGHAI, lambda wanted: iter(self.proposed(wanted)), now)

    def due(self):
        """Return what may go, of what the catalogue says may be over, as the ledger decides it."""
        found = [each.keeping.segment for each in self.deciding.due()]
        assert len(found) == len(set(found)), "a list names a film twice"
        return set(found)

    def listed_due(self):
        """Return what may go, of everything that the catalogue lists."""
        deciding = self.deciding
        decided = (each.keeping for each in deciding.all())
        return {each.segment for each in decided if each.due(deciding.now)}

    @contextmanager
    def reader(self):
        opened = CatalogueReader(sqlite_url(self.catalogue))
        try:
            yield opened
        finally:
            opened.close()

    def named(self):
        """Return the tables in which the audit's comparison finds rows that no entry gave."""
        store = self.house.store
        if self._anew is None or self._anew[0] != store.size:
            beside = self.house.root / f"made-anew-{store.size}.sqlite"
            LazyCatalogue(beside).rebuild(iter([project_all(list(pairs(store, 0, store.size)))]))
            self._anew = (store.size, beside)
        readers = [CatalogueReader(sqlite_url(path)) for path in (self.catalogue, self._anew[1])]
        try:
            return {each.table for each in readers[0].differences(readers[1])}
        finally:
            for reader in readers:
                reader.close()

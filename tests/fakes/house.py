"""A whole house for one docking on real stores, in one process: ledger, vault, rules.

``Breaker`` stands around every durable step and breaks one of them in either way.
"""

import re
import secrets
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from custody.audit import Sources, audit
from custody.holdings import Level
from custody.recounted import Recounting
from evidence.errors import ParserError, VaultUnavailableError
from evidence.ids import new_id
from evidence.note import parse_vkey
from evidence.states import Listed
from ingest.names import NamePattern
from ingest.session import dock
from ingest.tools import Plan, Rules, Tools
from tests.fakes.clock import FixedClock
from vault.feed import pairs
from vault.founding import Founding
from vault.lazy import LazyCatalogue
from vault.ledger import LedgerStore
from vault.objects import LocalObjects
from vault.places import places_of
from vault.projection import project_all
from vault.tiles import TreeFolder

SHANGHAI = ZoneInfo("Asia/Shanghai")
PATTERNS = (
    NamePattern(
        "dcam",
        re.compile(
            r"(?P<maker>DCAM)_(?P<device>\w+?)_(?P<officer>\d{6})_(?P<time>\d{8}_\d{6})"
            r"(?P<important>_IMP)?\.\w+"
        ),
        "%Y%m%d_%H%M%S",
    ),
)
FOUNDING = Founding("house.example/dock/station-1/1", "station-1", "dockseal test")


@dataclass
class Breaker:
    """Breaks the ``nth`` occurrence of one step; ``applied``: it is done, but reports failure."""

    step: str | None = None
    applied: bool = False
    nth: int = 1
    seen: list[str] = field(default_factory=list)

    @contextmanager
    def __call__(self, step):
        self.seen.append(step)
        broken = step == self.step and self.seen.count(step) == self.nth
        if broken and not self.applied:
            raise VaultUnavailableError("planted", step=step)
        yield
        if broken:
            raise VaultUnavailableError("planted", step=step)


class NoParsers:
    """No child at hand: every file is cut every 1 MiB, and nothing is known of it."""

    def parse(self, task, source, request):
        del source, request
        raise ParserError("parser_refused", task=task, because="test")


@dataclass
class Heard:
    """An observer that remembers."""

    stages: list[str] = field(default_factory=list)
    findings: list[tuple[str | None, str]] = field(default_factory=list)

    def docking(self, stage, **facts):
        del facts
        self.stages.append(stage)

    def progress(self, listed: Listed, done_bytes):
        assert done_bytes <= max(listed.file.size, 1)

    def noted(self, listed, finding):
        self.findings.append((listed.file.path if listed else None, finding))

    def sealed(self, sealed):
        assert sealed.index >= 0

    def recognised(self, recognised):
        assert recognised.index >= 0

    def left(self, listed, because):
        self.findings.append((listed.file.path, because))


class OneAtATime:
    """The store for several threads, as the ledger process serves it: one thread writes."""

    def __init__(self, house):
        self._house = house
        self._mutex = Lock()

    def __getattr__(self, name):
        return getattr(self._house.store, name)

    def append(self, drafts):
        with self._mutex:
            return self._house.store.append(drafts)


class House:
    """One home: founded where there is none, else opened as a start after a stop opens it."""

    def __init__(self, root: Path, breaker=None, parsers=None, reserve_bytes=0, clock=None):
        self.root = root
        self.breaker = breaker or Breaker()
        self.parsers = parsers or NoParsers()
        self.reserve_bytes = reserve_bytes
        self.clock = clock or FixedClock()
        self.heard = Heard()
        places = places_of(root)
        begin = LedgerStore.open if places.vkey.exists() else LedgerStore.create
        self.ledger = OneAtATime(self)
        self.store = begin(places, FOUNDING, self.clock, self.breaker)
        self.catalogue = LazyCatalogue(root / "catalogue.sqlite")

    @property
    def objects(self):
        return LocalObjects(
            self.root / "vault", reserve_bytes=self.reserve_bytes, steps=self.breaker
        )

    @property
    def tools(self):
        rules = Rules(PATTERNS, SHANGHAI)
        return Tools(self.objects, self.ledger, self.parsers, self.clock, self.heard, rules)

    def dock(self, recorder, after="keep"):
        docking = new_id("d", secrets.token_bytes(16))
        return dock(recorder, Plan(docking, "1", after), self.tools)

    def restart(self):
        """What a power cut or a crash leaves, opened again, with nothing broken any more."""
        self.close()
        self.breaker.step = None
        self.store = LedgerStore.open(places_of(self.root), FOUNDING, self.clock, self.breaker)
        self.catalogue = LazyCatalogue(self.root / "catalogue.sqlite")

    def close(self):
        """Let go of everything, as the end of the process does."""
        self.store.close()
        opened = self.catalogue._opened
        if opened is not None:
            opened.close()

    def entries(self, kind=None):
        found = [self.store.entry(index) for index in range(self.store.size)]
        return [entry for entry in found if kind in {None, entry.type}]

    def project(self):
        """Bring the catalogue up to the ledger, as the ledger process does after each batch."""
        applied = self.catalogue.applied()
        if applied < self.store.size:
            with self.breaker("catalogue.apply"):
                self.catalogue.apply(list(pairs(self.store, applied, self.store.size)))

    def rebuild(self):
        """Make the catalogue anew from entry 0."""
        with self.breaker("catalogue.rebuild"):
            self.catalogue.rebuild(self._projected())

    def audit(self, *, catalogue=True):
        """Return what the real audit finds, to the last byte; everything that there is, is asked.

        The catalogue is brought up to the ledger first, and then compared with one made anew.
        """
        if catalogue:
            self.project()
        places = places_of(self.root)
        sources = Sources(
            TreeFolder(places.ledger),
            parse_vkey(places.vkey.read_text().removesuffix("\n")),
            self.objects,
            statements=Papers(self.store),
            index=self.store.last,
            counted=self.store.subjects,
            pseudonym=self.store.pseudonym,
            catalogue=self._catalogue_differences if catalogue else None,
            recount=Recounting(self.ledger, TreeFolder(places.ledger), SHANGHAI),
        )
        return audit(sources, Level.DIGEST, now=self.clock.now())

    def _projected(self):
        yield project_all(list(pairs(self.store, 0, self.store.size)))

    def _catalogue_differences(self):
        beside = self.root / "audited.sqlite"
        LazyCatalogue(beside).rebuild(self._projected())
        ours, anew = rows_of(self.root / "catalogue.sqlite"), rows_of(beside)
        beside.unlink()
        for table in ours.keys() | anew.keys():
            if ours.get(table) != anew.get(table):
                yield {"table": table}


@dataclass
class Papers:
    """The statements as an audit asks for them."""

    store: LedgerStore

    def get(self, commitment):
        return self.store.paper(commitment)

    def commitments(self):
        after = None
        while page := self.store.papers(after):
            yield from ((seq, commitment) for _, seq, commitment in page)
            after = page[-1][0]


def rows_of(path):
    """Return every row of every table of a SQLite file, by table, sorted.

    Not of the full-text index: how it is cut into segments depends on how it came about.
    """
    tables = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'label_words%'"
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute(tables)]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608 - names of our own tables
            for name in names
        }

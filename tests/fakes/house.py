"""A whole house for one docking on real stores, in one process: ledger, vault, rules.

``Breaker`` stands around every durable step and breaks one of them in either way.
"""

import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from evidence.errors import ParserError, VaultUnavailableError
from evidence.ids import new_id
from evidence.states import Listed
from ingest.names import NamePattern
from ingest.session import dock
from ingest.tools import Plan, Rules, Tools
from tests.fakes.clock import FixedClock
from vault.founding import Founding
from vault.ledger import LedgerStore
from vault.objects import LocalObjects
from vault.places import places_of

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
    """One home; ``begin`` opens it (again, after a stop), ``dock`` is one whole docking."""

    def __init__(self, root: Path, breaker=None, parsers=None):
        self.root = root
        self.breaker = breaker or Breaker()
        self.parsers = parsers or NoParsers()
        self.clock = FixedClock()
        self.heard = Heard()
        self.ledger = OneAtATime(self)
        self.store = LedgerStore.create(places_of(root), FOUNDING, self.clock, self.breaker)

    @property
    def objects(self):
        return LocalObjects(self.root / "vault", reserve_bytes=0, steps=self.breaker)

    @property
    def tools(self):
        rules = Rules(PATTERNS, SHANGHAI)
        return Tools(self.objects, self.ledger, self.parsers, self.clock, self.heard, rules)

    def dock(self, recorder, after="keep"):
        docking = new_id("d", secrets.token_bytes(16))
        return dock(recorder, Plan(docking, "1", after), self.tools)

    def restart(self):
        """What a power cut or a crash leaves, opened again, with nothing broken any more."""
        self.store.close()
        self.breaker.step = None
        self.store = LedgerStore.open(places_of(self.root), FOUNDING, self.clock, self.breaker)

    def entries(self, kind=None):
        found = [self.store.entry(index) for index in range(self.store.size)]
        return [entry for entry in found if kind in {None, entry.type}]

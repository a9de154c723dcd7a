"""Real ledgers in a directory, for tests: drafts, places, and an independent root."""

import atexit
import hashlib
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from evidence.checkpoint import parse
from evidence.entry import Draft, Private
from evidence.errors import VaultUnavailableError
from evidence.note import open_note, parse_vkey
from tests.fakes.clock import FixedClock
from vault.founding import Founding
from vault.ledger import LedgerStore
from vault.places import places_of
from vault.reader import LedgerReader

FOUNDING = Founding("test.example/dock/station-1/1", "station-1", "test 1")
DOCKING = "d:" + "0" * 32
OTHER = "d:" + "1" * 32


def draft(about=(DOCKING,), expect=None, private=None, **body):
    return Draft("alarm.raised", "sys:ingest", about, body, expect or {}, private)


def secret_draft(about=(DOCKING,), lines=(), **facts):
    return draft(about, private=Private(about[0], facts, lines))


def new_docking():
    return "d:" + secrets.token_hex(16)


@dataclass
class Breaker:
    """Breaks the ``nth`` occurrence of a step; ``applied``: it is done, but reports failure."""

    step: str | None = None
    applied: bool = False
    nth: int = 1
    error: type[Exception] = VaultUnavailableError
    seen: list[str] = field(default_factory=list)
    depth: int = 0

    @contextmanager
    def __call__(self, step):
        self.seen.append(step)
        broken = step == self.step and self.seen.count(step) == self.nth
        if broken and not self.applied:
            raise self.error("planted", step=step)
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
        if broken:
            raise self.error("planted", step=step)

    def aim(self, step, *, applied, nth=1):
        self.step, self.applied, self.nth = step, applied, nth
        self.seen.clear()

    def rest(self):
        self.step = None


def create(home, clock=None, steps=None):
    return LedgerStore.create(places_of(home), FOUNDING, clock or FixedClock(), steps or Breaker())


@cache
def _template():
    """A founded ledger that is copied, not founded, for every test that is not about founding."""
    folder = TemporaryDirectory(prefix="dockseal-template-")
    atexit.register(folder.cleanup)
    create(Path(folder.name)).close()
    return Path(folder.name)


def young(home, clock=None, steps=None):
    """Return an open ledger with entry 0 only, made quickly; its keys are those of all others."""
    shutil.copytree(_template(), home, dirs_exist_ok=True)
    return reopen(home, clock, steps)


def reopen(home, clock=None, steps=None):
    return LedgerStore.open(places_of(home), FOUNDING, clock or FixedClock(), steps or Breaker())


def brute_force_root(leaves):
    """RFC 6962 2.1, by its recursive definition and nothing of ours."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = brute_force_root(leaves[:split]), brute_force_root(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()


def check_tree(home):
    """Hold that the published tree is whole, by its checkpoint; return its leaves."""
    places = places_of(home)
    key = parse_vkey(places.vkey.read_text().removesuffix("\n"))
    reader = LedgerReader(places.ledger)
    checkpoint = parse(open_note(reader.note(), [key]))
    leaves = list(reader.leaves(0, checkpoint.size, checkpoint.size))
    assert brute_force_root(leaves) == checkpoint.root
    lasts = {}
    for index, entry in enumerate(reader.entries(0, checkpoint.size, checkpoint.size)):
        assert entry.seq == index
        assert entry.about == {subject: lasts.get(subject) for subject in entry.about}
        lasts |= dict.fromkeys(entry.about, index)
    return leaves

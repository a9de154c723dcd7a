"""A finished home that somebody may spoil at rest, and the audit that is to find out.

Two dockings lie in it, with 300 alarms between them so that the tree has a second level.  The
audit is the real one: the ledger process' server over its socket, in a thread of the test.
"""

import secrets
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from appliance.compare import catalogue_differences
from appliance.home import Home as Paths
from appliance.reports import AuditPlan, read_vkey, run_audit
from evidence.checkpoint import parse
from evidence.codec import decode_entry
from evidence.entry import Draft
from evidence.errors import EvidenceError
from evidence.ids import new_id
from evidence.note import open_note
from evidence.recorders import Identity
from tests.fakes.clock import NOON, FixedClock
from tests.fakes.house import FOUNDING, House
from tests.fakes.recorder import MemoryRecorder
from vault.client import LedgerClient
from vault.lazy import LazyCatalogue
from vault.ledger import LedgerStore
from vault.objects import LocalObjects
from vault.places import places_of
from vault.reader import LedgerReader
from vault.server import LedgerServer
from vault.wire import error_answer, raise_error

FIRST = {
    "DCIM/DCAM_CAM001_000001_20261121_100000.mp4": bytes(range(256)) * 9000,
    "DCIM/DCAM_CAM001_000001_20261121_103000.mp4": b"second film " * 900,
    "LOG/empty.log": b"",
}
SECOND = {
    "DCIM/DCAM_CAM001_000001_20261121_103000.mp4": b"second film " * 900,
    "DCIM/DCAM_CAM001_000001_20261122_090000.mp4": b"third film " * 500,
}
ALARMS = 300
RECORDER = Identity(serial="T000001", maker="DCAM", device="CAM001", officer="000001")


@dataclass
class Home:
    """One home, closed: nothing runs over it.  ``now`` is what its clock says at the audit."""

    path: Path
    older: Path  # a copy of this very home from before its second docking
    founding: object = FOUNDING
    clock: FixedClock = field(default_factory=FixedClock)
    lock: Path | None = None  # where the configuration says that the lock database lies
    settings: object = None  # of the configuration that is in force at the audit
    reached: object = None  # called once the ledger process answers

    @property
    def places(self):
        return places_of(self.path, self.lock)

    @property
    def paths(self):
        return Paths(self.path)

    @property
    def key(self):
        return read_vkey(self.older / "vkey")

    @property
    def note(self):
        return (self.path / "ledger" / "checkpoint").read_bytes()

    @property
    def leaves(self):
        """The entries as they lie in the public tree."""
        size = parse(open_note(self.note, [self.key])).size
        return list(LedgerReader(self.path / "ledger").leaves(0, size, size))

    def entries(self, kind=None):
        found = [decode_entry(leaf) for leaf in self.leaves]
        return [entry for entry in found if kind in {None, entry.type}]

    def object(self, sha256):
        return self.path / "vault" / "objects" / sha256[:2] / sha256

    @contextmanager
    def database(self, name):
        """Open one of the home's databases as a person with root does."""
        with closing(sqlite3.connect(self.path / name, isolation_level=None)) as connection:
            yield connection

    @contextmanager
    def opened(self):
        """Open the ledger for writing, as whoever has the shell can."""
        store = LedgerStore.open(self.places, self.founding, self.clock)
        try:
            yield store
        finally:
            store.close()

    def append(self, *drafts):
        """Write entries through the real door; return the index of the first."""
        with self.opened() as store:
            return store.append(list(drafts)).indexes[0]

    def audit(self, level="digest", known=None):
        """Audit as ``dockseal audit`` does."""
        running = []

        def reach():
            client = _reach(self, running)
            if self.reached:
                self.reached()
            return client

        def size():
            key = read_vkey(self.paths.vkey)
            return parse(open_note(running[0].client.checkpoint(), [key])).size

        plan = AuditPlan(
            ledger=self.paths.ledger,
            vkey=self.paths.vkey,
            objects=lambda: LocalObjects(self.paths.vault, reserve_bytes=0),
            reach=reach,
            catalogue=lambda: catalogue_differences(self.paths, running[0].client, size),
            workers=2,
            settings=self.settings,
            clock=self.clock,
        )
        try:
            return run_audit(plan, level, known, lambda _done, _of: None)
        finally:
            for each in running:
                each.stop()


@dataclass
class Running:
    """A ledger process in a thread."""

    server: LedgerServer
    thread: Thread
    client: LedgerClient

    def stop(self):
        self.client.close()
        with suppress(OSError):  # it has stopped by itself, and closed what would wake it
            self.server.stop()
        self.thread.join()


def _reach(home, running):
    """Start the ledger process; its refusals cross the wire as in real life."""
    try:
        store = LedgerStore.open(home.places, home.founding, home.clock)
    except EvidenceError as error:
        raise_error(error_answer(error))
        raise
    server = LedgerServer(store, home.paths.socket, LazyCatalogue(home.paths.catalogue))
    thread = Thread(target=_run, args=(server,))
    thread.start()
    running.append(Running(server, thread, LedgerClient(home.paths.socket)))
    return running[0].client


def _run(server):
    with suppress(EvidenceError):  # what stops a ledger process ends it; its clients are told
        server.run()


def alarm(number=0, about=()):
    return Draft("alarm.raised", "sys:ingest", tuple(about), {"alarm": "x", "facts": {"n": number}})


def build(folder):
    """Make the home and its older copy; return both paths."""
    path, older = folder / "home", folder / "older"
    house = House(path)
    (path / "run").mkdir()
    house.dock(MemoryRecorder(dict(FIRST), told=RECORDER), after="erase")
    subjects = [new_id("d", secrets.token_bytes(16)) for _ in range(3)]
    for start in range(0, ALARMS, 100):
        drafts = [alarm(n, subjects[: n % 3]) for n in range(start, start + 100)]
        house.store.append(drafts)
    house.store.close()
    keep(path, older)
    house.clock.forward(hours=4)
    house.restart()
    assert house.dock(MemoryRecorder(dict(SECOND), told=RECORDER)).outcome == "complete"
    house.store.close()
    fill(path, hours=5)
    return path, older


def fill(path, hours=1):
    """Let the catalogue follow the ledger."""
    report = Home(path, path, clock=later(hours)).audit("presence")
    assert report.clean, report.findings


def keep(path, older):
    fill(path)
    shutil.copytree(path, older)


def later(hours=6):
    clock = FixedClock(NOON)
    clock.forward(hours=hours)
    return clock

"""Weeks of a small bureau, lived in a minute: the real rules on the real stores.

Only the clock is played: it runs as ours does, and is set forward from act to act.  The ledger,
the vault and every rule take its word as they take that of the system's clock, and none of them is
asked to look away: what may not be done in life cannot be done here.
"""

import secrets
import shutil
import time as system_time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count

from appliance.children import FencedParsers
from appliance.declared import declared
from appliance.desk import load_access_rules, make_desk
from appliance.items import items_file, load_items
from appliance.keeper import make_keeper
from appliance.patterns import load_patterns, patterns_file
from appliance.wiring import SOFTWARE
from custody.configuration import declare
from custody.entrance import Entrance
from custody.recordings import of_docking
from custody.register import read_register
from drivers.registry import open_recorder
from evidence.errors import RefusedError
from evidence.ids import new_id, recorder_text
from evidence.people import Actor
from ingest.session import dock
from ingest.tools import Plan, Rules, Tools
from tests.demo.shifts import build_shift
from tests.fakes.house import SHANGHAI, Heard
from vault.accounts import FileAccounts
from vault.founding import Founding
from vault.ledger import LedgerStore
from vault.objects import LocalObjects
from vault.places import places_of


class PlayedClock:
    """Implements ``evidence.ports.Clock``: runs as ours does, and is set forward.

    Back only by ``ahead``, as a clock that was wrong and is set right.
    """

    def __init__(self, now):
        self._began, self._now = system_time.monotonic(), now

    def now(self):
        return self._now + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self):
        return system_time.monotonic()

    def forward_to(self, moment):
        self._now, self._began = max(moment, self.now()), self.monotonic()

    @contextmanager
    def ahead(self, by):
        self._now += by
        yield
        self._now -= by


@dataclass(frozen=True, slots=True)
class Docked:
    """What came home: ``segments`` in their order."""

    docking: str
    segments: tuple[str, ...]


class Weeks:
    """A home that is being lived in.  ``folder`` is for recorders on their way."""

    def __init__(self, settings, folder, begin):
        self.settings, self.folder = settings, folder
        self.clock = PlayedClock(begin)
        config, home = settings.config, settings.home
        founding = Founding(config.station.origin, config.station.station, SOFTWARE)
        self.ledger = LedgerStore.create(places_of(home.path), founding, self.clock)
        self.rules = load_access_rules(settings)
        self.items = load_items(items_file(settings))
        FileAccounts.create(home.accounts)
        self.accounts = FileAccounts(home.accounts)
        self.parsers = FencedParsers()
        self.numbers = count()
        self.people = {}  # workers, by what the ledger calls them
        self.units = {}

    @property
    def desk(self):
        return replace(make_desk(self.settings.home, self.ledger, self.rules), clock=self.clock)

    @property
    def entrance(self):
        return Entrance(self.desk, self.accounts, read_register(self.ledger))

    def actor(self, worker):
        """Return who acts, and has just proved that it is them."""
        return Actor(self.people[worker], self.clock.now())

    def at(self, day, clock):
        """Go to a time of a day, as clocks in the bureau show it."""
        moment = datetime.combine(day, time.fromisoformat(clock), SHANGHAI)
        self.clock.forward_to(moment.astimezone(UTC))

    def recorder(self, serial):
        return self.ledger.pseudonym("r", recorder_text(serial, None, None, None))

    def dock(self, serial, officer, day, kinds):
        """Let a recorder of a shift come home into a free slot."""
        number = next(self.numbers)
        folder = self.folder / f"{number:03}"
        description = build_shift(folder, serial, officer, day, kinds)
        patterns = load_patterns(patterns_file(self.settings))
        config = self.settings.config
        declare(declared(config, patterns), SOFTWARE, config.station.station, self.ledger)
        recorder = open_recorder(description, parsers=self.parsers, zone=SHANGHAI)
        try:
            docking = new_id("d", secrets.token_bytes(16))
            rules = Rules(patterns, SHANGHAI)
            objects = LocalObjects(self.settings.home.vault, reserve_bytes=0)
            tools = Tools(objects, self.ledger, self.parsers, self.clock, Heard(), rules)
            dock(recorder, Plan(docking, str(number % 4 + 1), "confirm"), tools)
        finally:
            recorder.close()
        shutil.rmtree(folder)
        return Docked(docking, of_docking(self.ledger, docking, 100))

    @property
    def keeper(self):
        """The keeper, as ``dispose run`` has it."""
        vault = self.settings.home.vault
        return make_keeper(vault, self.ledger, self.clock, SHANGHAI, self.rules)

    def refused(self, act):
        """Let somebody try what they may not; the ledger says that they did."""
        with suppress(RefusedError):
            act()
            raise AssertionError("nobody refused it")

    def close(self):
        self.parsers.close()
        self.accounts.close()
        self.ledger.close()

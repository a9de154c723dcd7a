"""The one place where rules meet the world: every command's needs, answered by the real rooms."""

import json
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from appliance.clock import SystemClock
from appliance.config import LimitsSection
from appliance.declared import declared, pattern_facts
from appliance.launch import found_ledger, ledger_command, reach_ledger
from appliance.ledgerplan import LedgerPlan
from appliance.mistakes import ConfigurationError
from appliance.ourselves import our_module
from appliance.patterns import load_patterns, patterns_file
from appliance.services import (
    AuditReport,
    ClockAccepted,
    Filter,
    HistoryEvent,
    KeyMade,
    Level,
    Page,
    Ready,
    Rebuilt,
    SeamRow,
    SegmentDetail,
    SlotJob,
    Tell,
    VerifyReport,
    Walls,
)
from appliance.settings import Settings, access_file
from appliance.version import VERSION
from drivers.limits import ListingLimits
from evidence.candidates import Wanted
from evidence.json import JsonObject
from evidence.search import Page as Digests
from ingest.abandoned import end_abandoned
from vault.client import LedgerClient

if TYPE_CHECKING:  # half of what a command weighs
    from appliance.keeper import Keeping
    from appliance.looking import Looking
    from appliance.searching import Searching
    from custody.desk import AccessRules, Desk
    from vault.accounts import FileAccounts

SOFTWARE = f"dockseal {VERSION}"
REBUILD_LIMIT_S = 24 * 3600.0
ACTOR = "sys:local"  # an open home: nobody has been enrolled yet


def wire(settings: Settings) -> "House":
    """Return the house of this configuration; nothing is opened yet."""
    return House(settings)


class House:
    """Implements ``appliance.services.Services``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = settings.home

    def prepare(self) -> Ready:
        """See ``Services``."""
        made = not self._home.exists
        if made:
            self._found()
        return Ready(made, self._home.vkey.read_text("utf-8").strip())

    def open(self) -> Ready:
        """See ``Services``."""
        opened = self.prepare()
        self._ledger.checkpoint()
        return opened

    def make_key(self) -> KeyMade:
        """See ``Services``."""
        self._found()
        return KeyMade(self._plan.origin, self._home.vkey.read_text("utf-8").strip())

    def ledger_command(self) -> Sequence[str]:
        """See ``Services``."""
        return ledger_command(self._plan_for(None))

    def end_docking(self, docking: str, because: str) -> None:
        """See ``Services``."""
        end_abandoned(docking, because, self._ledger)

    def fence(self) -> Walls:
        """See ``Services``."""
        from appliance.children import FencedParsers, ParserLimits  # noqa: PLC0415 - rarely asked

        parsers = FencedParsers(ParserLimits(need_seccomp=False))
        try:
            return {n: wall for n, wall in parsers.fence("device_log").items() if type(wall) is int}
        finally:
            parsers.close()

    def slot_command(self, job: SlotJob) -> Sequence[str]:
        """See ``Services``."""
        return our_module("appliance.slot", json.dumps(self._slot_plan(job)))

    def segments(self, wanted: Filter) -> Page:
        """See ``Services``."""
        return self._looking.lookup.segments(wanted)

    def candidates(self, wanted: Wanted, after: str | None = None) -> Digests[str]:
        """See ``Services``."""
        return self._looking.lookup.candidates(wanted, after)

    def segment(self, start: str) -> SegmentDetail:
        """See ``Services``."""
        return self._looking.lookup.segment(start)

    def seams(self, docking: str | None, *, every: bool) -> Sequence[SeamRow]:
        """See ``Services``."""
        return self._looking.lookup.seams(docking, every=every)

    def history(self, start: str) -> Sequence[HistoryEvent]:
        """See ``Services``."""
        return self._looking.history(start)

    def audit(self, level: Level, known: Path | None, tell: Tell) -> AuditReport:
        """See ``Services``."""
        return self._looking.audit(level, known, tell)

    def verify(
        self, ledger: Path, vkey: str | None, known: Path | None, tell: Tell
    ) -> VerifyReport:
        """See ``Services``."""
        from appliance.looking import verify  # noqa: PLC0415 - see _looking

        return verify(ledger, vkey, known, tell)

    def rebuild(self, tell: Tell) -> Rebuilt:
        """See ``Services``."""
        begin = time.monotonic()
        tell(0, 1)
        patient = LedgerClient(self._home.socket, REBUILD_LIMIT_S)
        self._ledger.checkpoint()
        entries, rows = patient.rebuild_catalogue()
        return Rebuilt(entries, rows, int((time.monotonic() - begin) * 1000))

    def accept_clock(self) -> ClockAccepted:
        """See ``Services``."""
        index = self._ledger.accept_clock(ACTOR).indexes[0]
        body = self._ledger.entry(index).body
        return ClockAccepted(str(body["before"]), str(body["after"]), index)

    @cached_property
    def desk(self) -> "Desk":
        """See ``Services``."""
        from appliance.desk import make_desk  # noqa: PLC0415 - see _looking

        return make_desk(self._home, self._ledger, self._access_rules())

    @cached_property
    def accounts(self) -> "FileAccounts":
        """See ``Services``."""
        from vault.accounts import FileAccounts  # noqa: PLC0415 - a docking knows nobody

        FileAccounts.create(self._home.accounts)
        return FileAccounts(self._home.accounts)

    @cached_property
    def catalogue(self) -> "Searching":
        """See ``Services``."""
        return self._looking.searching

    @property
    def keeper(self) -> "Keeping":
        """See ``Services``."""
        from appliance.keeper import make_keeper  # noqa: PLC0415 - nobody else can remove bytes

        zone, rules = ZoneInfo(self._settings.config.station.time_zone), self._access_rules()
        return make_keeper(self._home.vault, self._ledger, SystemClock(), zone, rules)

    def recorder(self, text: str) -> str:
        """See ``Services``."""
        return self._looking.lookup.recorder(text)

    def docking(self, text: str) -> str:
        """See ``Services``."""
        return self._looking.lookup.docking(text)

    def close(self) -> None:
        """Let go of what was opened; the end of the process does the same."""
        for name in ("_ledger", "accounts"):
            opened = vars(self).pop(name, None)
            if opened is not None:
                opened.close()

    @cached_property
    def _ledger(self) -> LedgerClient:
        return reach_ledger(self._plan)

    @cached_property
    def _looking(self) -> "Looking":
        from appliance.looking import Looking  # noqa: PLC0415 - a docking needs nothing of it

        workers = self._settings.config.audit.workers
        return Looking(
            self._home, lambda: self._ledger, workers, self._declared, self._access_rules
        )

    def _access_rules(self) -> "AccessRules":
        from appliance.desk import load_access_rules  # noqa: PLC0415 - see _looking

        return load_access_rules(self._settings)

    def _declared(self) -> JsonObject | None:
        """Return the settings in force; None where the patterns are broken: an audit goes on."""
        try:
            return declared(self._settings.config, load_patterns(patterns_file(self._settings)))
        except ConfigurationError:
            return None

    @property
    def _plan(self) -> LedgerPlan:
        return self._plan_for(self._settings.config.ledger.linger_s)

    def _plan_for(self, linger_s: int | None) -> LedgerPlan:
        config = self._settings.config
        return LedgerPlan(
            home=str(self._home.path),
            lock=config.ledger.lock_path,
            socket=str(self._home.socket),
            catalogue=str(self._home.catalogue),
            origin=config.station.origin,
            station=config.station.station,
            software=SOFTWARE,
            linger_s=linger_s,
            time_zone=config.station.time_zone,
            access=str(access_file(self._settings) or ""),
            demo_keys=config.access.demo_keys,
        )

    def _found(self) -> None:
        found_ledger(self._plan)

    def _slot_plan(self, job: SlotJob) -> dict[str, object]:
        config = self._settings.config
        patterns = load_patterns(patterns_file(self._settings))
        return {
            "slot": job.number,
            "path": job.path,
            "after": job.after,
            "states": str(self._home.slots),
            "socket": str(self._home.socket),
            "vault": str(self._home.vault),
            "reserve_bytes": config.vault.reserve_bytes,
            "zone": config.station.time_zone,
            "seam_tolerance_ms": config.ingest.seam_tolerance_ms,
            "clock_tolerance_ms": config.ingest.clock_tolerance_ms,
            "earliest": config.ingest.earliest,
            "sm3": config.vault.sm3,
            "patterns": [pattern_facts(row) for row in patterns],
            "station": config.station.station,
            "software": SOFTWARE,
            "settings": declared(config, patterns),
            **_limits(config.limits),
        }


def _limits(limits: LimitsSection) -> dict[str, object]:
    """Return the limits as those who hold them call them."""
    return {
        "parser": {
            "memory_bytes": limits.memory_bytes,
            "cpu_s": limits.cpu_s,
            "total_s": limits.wall_s,
            "silent_s": limits.silent_s,
            "parses": limits.files_per_child,
            "answer_bytes": limits.answer_bytes,
            "answer_values": limits.answer_values,
            "need_seccomp": limits.require_seccomp,
        },
        "probe": {
            "index_bytes": limits.max_index_bytes,
            "samples": limits.max_samples,
            "packets": limits.max_packets,
        },
        "driver": {name: getattr(limits, name) for name in ListingLimits().request()},
    }

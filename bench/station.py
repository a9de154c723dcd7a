"""One station in this process, with a ledger process and parser children of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from appliance.children import FencedParsers
from appliance.clock import SystemClock
from appliance.launch import found_ledger, reach_ledger
from appliance.ledgerplan import LedgerPlan
from evidence.states import Listed
from ingest.tools import Rules, Tools
from tests.fakes.house import PATTERNS, Heard
from vault.objects import LocalObjects

ZONE = ZoneInfo("Asia/Shanghai")
LINGER_S = 1


@dataclass
class Watched(Heard):
    """An observer that knows when the last byte came, and when a recorder may be taken."""

    last_byte_s: float = 0.0
    done_s: float = 0.0
    left_behind: list[str] = field(default_factory=list)

    def progress(self, listed: Listed, done_bytes: int) -> None:
        """Take the time of every piece; the last one counts."""
        del listed, done_bytes
        self.last_byte_s = perf_counter()

    def docking(self, stage: str, **facts: object) -> None:
        """Take the time of the end."""
        if stage == "done":
            self.done_s = perf_counter()
            assert facts["outcome"] == "complete", facts  # noqa: S101 - a bench of half a docking

    @property
    def waited_s(self) -> float:
        """Return how long an officer waited for us and not for the cable."""
        return self.done_s - self.last_byte_s


@contextmanager
def station(home: Path) -> Iterator[tuple[Tools, Watched]]:
    """Yield the tools of a docking in a new home; everything has started up already."""
    (home / "run").mkdir(parents=True)
    plan = LedgerPlan(
        home=str(home),
        lock="",
        socket=str(home / "run" / "ledger.sock"),
        catalogue=str(home / "catalogue.sqlite"),
        origin="bench.example/dock/station-1/1",
        station="station-1",
        software="bench",
        linger_s=LINGER_S,
    )
    found_ledger(plan)
    ledger, parsers, watched = reach_ledger(plan), FencedParsers(), Watched()
    parsers.prepare("probe")
    objects = LocalObjects(home / "vault", reserve_bytes=0)
    try:
        yield (
            Tools(objects, ledger, parsers, SystemClock(), watched, Rules(PATTERNS, ZONE)),
            watched,
        )
    finally:
        parsers.close()
        ledger.close()

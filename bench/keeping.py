"""Keeping: candidates among a million, one decision, a disposal, and the audit's second look at it.

``python -m bench.keeping HOME`` finds and decides what may go; prints JSON: a process of its own,
because the largest memory it ever had is what is asked.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median

from appliance.clock import SystemClock
from appliance.desk import read_access_rules
from appliance.home import Home
from appliance.keeper import make_keeper
from bench.aged import fill
from bench.aging import Aged, processor_s, say_day, served
from bench.fill import memory_mb
from bench.made import scratch
from bench.office import Office
from bench.rows import Row, row
from custody.deciding import Deciding
from custody.history import chain
from custody.kept import facts_of
from custody.lawful import Lawful
from custody.past import Past
from custody.register import hosts_of
from custody.retention import keeping_of
from custody.shelf import read_shelf
from evidence.candidates import Wanted
from evidence.people import Actor
from tests.fakes.clock import FixedClock
from tests.fakes.desk import SQUAD, person
from tests.fakes.house import FOUNDING, SHANGHAI
from tests.fakes.shelf import hold, of_window
from vault.client import LedgerClient
from vault.feed import pairs
from vault.ledger import LedgerStore
from vault.places import places_of
from vault.projection import project_all
from vault.remembering import RememberingLedger
from vault.search import CatalogueReader
from vault.sql import sqlite_url

SEGMENTS, DUE, HELD, GONE = 1_000_000, 1_000, 500, 10_000
FIRST = 2_000_000  # number of the first segment with entries: behind those of ``bench.aged``
CANDIDATES_S, DECISION_MS, DISPOSED, MEMORY_MB = 20.0, 5.0, 200.0, 64.0


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    size, due, held, gone = (4_000, 40, 20, 120) if quick else (SEGMENTS, DUE, HELD, GONE)
    with scratch("keeping") as folder:
        return [*_candidates(folder / "many", size, due, held), *_disposal(folder / "gone", gone)]


# --- candidates ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What one process has found, on one core with the ledger process that it asked."""

    due: int
    decided: int
    seconds: float
    cpu_s: float  # of this process alone
    memory_mb: float  # the most, beyond what was there before
    decision_ms: tuple[float, float]  # half of them, and 95 of 100


def _candidates(home: Path, size: int, due: int, held: int) -> list[Row]:
    filled_s = _prepare(home, size, due, held)
    with _one_core(), served(home) as (_client, pid):
        before = processor_s(pid)
        found = _measured(home)
        ledger_s = processor_s(pid) - before
    if (found.due, found.decided) != (due, due + held):
        raise ValueError(str(found))
    note = (
        f"{found.due:,} due among {found.decided:,} decided; {found.cpu_s:.1f} + {ledger_s:.1f} "
        f"CPU s, its own and the ledger's; made in {filled_s:.0f} s"
    )
    half, most = found.decision_ms
    return [
        row(f"candidates among {size:,} segments, each decided from the ledger, one core",
            found.seconds, "s", CANDIDATES_S, at_most=True, note=note),
        row("memory that takes", found.memory_mb, "MB", MEMORY_MB, at_most=True),
        row("one segment decided from its own entries, p95", most, "ms", DECISION_MS, at_most=True,
            note=f"half of them {half:.2f} ms"),
    ]  # fmt: skip


def _prepare(home: Path, size: int, due: int, held: int) -> float:
    """Make a home: what may go and what a window over a unit holds by entries, the rest by rows."""
    started = time.monotonic()
    home.mkdir()
    aged = Aged(home)
    aged.seal(due, first=FIRST, kept=False)
    aged.clock.forward(days=3)
    since = aged.clock.now()
    aged.seal(held, first=FIRST + due, kept=False)
    until = aged.clock.now() + timedelta(days=1)
    hold(aged.bureau, of_window(SQUAD, since, until))
    aged.live_until_now()
    aged.close()
    store = LedgerStore.open(places_of(home), FOUNDING, FixedClock(aged.now))
    known = [project_all(list(pairs(store, 0, store.size)))]
    applied = store.size
    store.close()
    catalogue = Home(home).catalogue
    fill(catalogue, size - due - held, aged.now, known)
    with sqlite3.connect(catalogue) as connection:
        connection.execute("UPDATE meta SET applied = ?", (applied,))
    connection.close()
    return time.monotonic() - started


@contextmanager
def _one_core() -> Iterator[None]:
    """Let this process, and those that it starts, have one core between them."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _measured(home: Path) -> Found:
    command = [sys.executable, "-m", "bench.keeping", str(home)]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found = json.loads(told.stdout)
    return Found(**{**found, "decision_ms": tuple(found["decision_ms"])})


def find(home: Path) -> Found:
    """Find and decide everything that may go, as ``dispose propose --due`` does."""
    office = Office(home)
    reader = CatalogueReader(sqlite_url(office.home.catalogue))
    proposed: list[str] = []

    def propose(wanted: Wanted | None) -> Iterator[str]:
        after: str | None = None
        while wanted:  # ends with the last page
            page = reader.candidates(wanted, after=after)
            for each in page.items:
                proposed.append(f"s:{each}")
                yield proposed[-1]
            if page.after is None:
                return
            after = page.after

    chief, had = Actor(person("chief"), None), memory_mb()
    started, cpu = time.perf_counter(), time.process_time()
    deciding = Deciding(office.desk, chief, SHANGHAI, propose)
    due = sum(1 for _ in deciding.due())
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    reader.close()
    grown = max(memory_mb() - had, 0.1)
    took = sorted(_alone(office, each) for each in islice(proposed, DUE))
    half = median(took), took[int(len(took) * 0.95)]
    return Found(due, len(proposed), seconds, cpu, grown, half)


def _alone(office: Office, segment: str) -> float:
    """Return how many ms the decision of one segment takes, with nothing known of any other."""
    shelf, now = read_shelf(office.ledger), office.clock.now()
    started = time.perf_counter()
    keeping_of(facts_of(Past(office.ledger), segment, shelf), shelf, SHANGHAI, now)
    return (time.perf_counter() - started) * 1000


# --- disposal -----------------------------------------------------------------------------------


def _disposal(home: Path, count: int) -> list[Row]:
    home.mkdir()
    aged = Aged(home)
    disposal = aged.dispose(aged.seal(count))
    aged.close()
    rules = read_access_rules(None, demo_keys=True)
    with served(home) as (client, pid):
        say_day(aged.today(client), SystemClock().now())
        keeping = make_keeper(Home(home).vault, client, SystemClock(), SHANGHAI, rules)
        now, ledger_s, cpu = keeping.now(), processor_s(pid), time.process_time()
        started = time.perf_counter()
        ran = keeping.run(disposal, now, lambda _decided: None)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        ledger_s = processor_s(pid) - ledger_s
        if (ran.disposed, ran.done) != (count, True):
            raise ValueError(str(ran))
        again = _again(client, disposal)
    note = f"{seconds:.0f} s; {cpu:.1f} CPU s of the keeper, {ledger_s:.1f} of the ledger process"
    return [
        row(f"disposal of {count:,} segments", count / seconds, "segments/s", DISPOSED, note=note),
        row("ends of segments decided again by an audit", again, "segments/s"),
    ]


def _again(client: LedgerClient, disposal: str) -> float:
    """Return how many tombstones are decided again in a second, from the entries before them."""
    ledger = RememberingLedger(client)
    ends = [each for each in chain(disposal, ledger) if each.type == "segment.disposed"][::-1]
    rules = read_access_rules(None, demo_keys=True)
    lawful = Lawful(ledger, SHANGHAI, rules, hosts_of(ledger))
    started = time.perf_counter()
    for each in ends:
        faults = lawful(each, f"s:{each.body['sha256']}")
        if faults:
            raise ValueError(str(faults))
    return len(ends) / (time.perf_counter() - started)


if __name__ == "__main__":
    print(json.dumps(asdict(find(Path(sys.argv[1])))))

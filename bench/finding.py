"""How fast somebody finds what they may list among a million labelled segments.

Asked as a browser asks: over TLS, through the process that serves, with the session, the ledger
that says who may list what, and the names of the officers; once by one person, once by fifty who
read each page for two seconds.  One of two users is above everything, and searches in everything.
The other one is of a unit, and searches in the last hours: the ledger knows what these brought, and
is asked about each row of a page.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.labelled import CAUSES, EVERY_S, FILES_OF_A_DOCKING, RARE, case_number, fill, party
from bench.made import scratch
from bench.office import API, Line, Office, Served, opened, served
from bench.rows import Row, row
from tests.fakes.desk import SQUAD, person
from vault.search import CatalogueReader
from vault.sql import sqlite_url

SEGMENTS, SEALED = 1_000_000, 2_000
OFFICERS = 40
ROUNDS, USERS, SECONDS, READING_S = 8, 50, 25.0, 2.0
ALONE_MS, TOGETHER_MS = 100.0, 300.0
BATCH = 200  # entries of one append
Search = tuple[str, dict[str, object]]  # its name, what is asked


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    size, sealed, rounds, users, seconds = (
        (2_000, 200, 1, 4, 1.0) if quick else (SEGMENTS, SEALED, ROUNDS, USERS, SECONDS)
    )
    with scratch("finding") as folder:
        wanted, filled_s = _prepare(folder / "home", size, sealed)
        with opened(folder / "home") as office, served(office, ()) as server:
            who = [User(server.sign_in("searcher"), wanted),
                   User(server.sign_in("supervisor"), _lately(wanted, sealed))]  # fmt: skip
            note = f"{size:,} segments, filled in {filled_s:.0f} s"
            return [_alone(server, who, rounds, note), _together(server, who, users, seconds)]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody signed in by ``cookie``, and what they look for."""

    cookie: str
    searches: Sequence[Search]


def _lately(searches: Sequence[Search], sealed: int) -> Sequence[Search]:
    since = (datetime.now(UTC) - timedelta(seconds=EVERY_S * sealed)).isoformat()
    return [(name, {**wanted, "since": since}) for name, wanted in searches]


def _prepare(home: Path, size: int, sealed: int) -> tuple[list[Search], float]:
    """Make a home whose newest segments the ledger knows; return what to look for."""
    with opened(home) as office:
        officers = _officers(office)
        _seal(office, range(size - sealed, size))
        cases = {case: office.ledger.pseudonym("c", case_number(case)) for case in _cases(size)}
        applied = _applied(office)
    started = time.monotonic()
    fill(office.home.catalogue, size, officers, cases, applied)
    return list(_searches(size, officers)), time.monotonic() - started


def _applied(office: Office) -> int:
    """Return how many entries there are, when the catalogue has them all."""
    office.ledger.wait_catalogue(office.ledger.last(office.bureau.recorder()) or 0)
    reader = CatalogueReader(sqlite_url(office.home.catalogue))
    applied = reader.applied()
    reader.close()
    return applied


def _officers(office: Office) -> list[str]:
    bureau, names = office.bureau, [f"officer {number}" for number in range(OFFICERS)]
    for name in names:
        bureau.enrol(name, SQUAD)
        bureau.role(name, "officer", SQUAD)
    return [person(name) for name in names]


def _seal(office: Office, numbers: range) -> None:
    bureau = office.bureau
    for start in range(numbers.start, numbers.stop, BATCH):
        bureau.batch = []
        for number in range(start, min(start + BATCH, numbers.stop)):
            bureau.seal(number)
        drafts, bureau.batch = bureau.batch, None
        office.ledger.append(drafts)


def _cases(size: int) -> list[int]:
    return [size // 7 - 3, size // 14]


def _searches(size: int, officers: Sequence[str]) -> Iterator[Search]:
    now = datetime.now(UTC)
    day = {"since": (now - timedelta(days=1)).isoformat(), "until": now.isoformat()}
    recorder = {"recorder": f"r:{size // FILES_OF_A_DOCKING % 200:064x}"}
    yield "newest", {}
    yield "a day", day
    yield "an officer", {"person": officers[3]}
    yield "an officer's day", {"person": officers[3], **day}
    yield "a recorder", recorder
    yield "a slot", {"slot": "slot-3"}
    yield "an item", {"item": "seizure"}
    yield "no case", {"no_case": "patrol"}
    yield "unlabelled", {"unlabelled": True}
    yield "a finding", {"finding": "gap_inside"}
    yield "important", {"important": True}
    yield "a cause", {"cause": CAUSES[2]}
    yield "two signs of a cause", {"cause": "油烟"}
    yield "a party", {"party": party(_cases(size)[1])}
    yield "a family name", {"party": "罗"}
    yield "a case", {"case_number": case_number(_cases(size)[0])}
    yield "words", {"words": "拒绝签字"}
    yield "two signs", {"words": "邻居"}
    yield "rare words", {"words": RARE}
    yield "words that nobody said", {"words": "无人说过"}
    yield "a cause and an item", {"cause": "噪声", "item": "inquiry", **day}
    yield "an officer's cause", {"person": officers[5], "cause": "渣土"}


# --- one ------------------------------------------------------------------------------------------


def _alone(server: Served, who: Sequence[User], rounds: int, note: str) -> Row:
    """Ask every search of both users again and again; the first, cold time is not told."""
    took: dict[str, list[float]] = {}
    for user in who:
        with server.line(user.cookie) as line:
            for number in range(rounds + 1):
                for name, wanted in user.searches:
                    ms = _ask(line, wanted)
                    if number:
                        took.setdefault(name, []).append(ms)
    every = list(itertools.chain.from_iterable(took.values()))
    slowest = sorted(took, key=lambda name: -_p95(took[name]))[:3]
    told = ", ".join(f"{name} {_p95(took[name]):.0f} ms" for name in slowest)
    note = f"{note}; {len(every)} pages, half of them {_p50(every):.0f} ms; slowest: {told}"
    return row("a page of a search over labels, p95", _p95(every), "ms", ALONE_MS, at_most=True,
               note=note)  # fmt: skip


def _ask(line: Line, wanted: dict[str, object]) -> float:
    started = time.perf_counter()
    line.ask("POST", f"{API}/segments/search", wanted)
    line.take_all()
    return (time.perf_counter() - started) * 1000


# --- many -----------------------------------------------------------------------------------------


def _together(server: Served, who: Sequence[User], users: int, seconds: float) -> Row:
    def use(number: int) -> list[float]:
        return _reading(server, who[number % len(who)], number, seconds)

    cpu = server.cpu_s()
    with ThreadPoolExecutor(users) as pool:
        every = list(itertools.chain.from_iterable(pool.map(use, range(users))))
    cpu = server.cpu_s() - cpu
    note = f"{len(every)} pages, half of them {_p50(every):.0f} ms"
    note += f"; {cpu / len(every) * 1000:.0f} CPU ms a page"
    name = f"the same with {users} users, {READING_S:.0f} s between pages, p95"
    return row(name, _p95(every), "ms", TOGETHER_MS, at_most=True, note=note)


def _reading(server: Served, user: User, number: int, seconds: float) -> list[float]:
    """Look for one thing after the other; begin at another moment than the others."""
    took = []
    time.sleep(READING_S * (number % 20) / 20)
    until = time.monotonic() + seconds
    first = number % len(user.searches)
    with server.line(user.cookie) as line:
        for _, wanted in itertools.cycle([*user.searches[first:], *user.searches[:first]]):
            took.append(_ask(line, wanted))
            time.sleep(READING_S)
            if time.monotonic() >= until:
                break
    return took


def _p95(found: Sequence[float]) -> float:
    return sorted(found)[int(len(found) * 0.95)]


def _p50(found: Sequence[float]) -> float:
    return sorted(found)[len(found) // 2]

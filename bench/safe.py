"""After the last byte: how long until it is "safe to take", on a cable as slow as USB 2."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.made import make_noise, scratch
from bench.rows import Row, row
from bench.station import ZONE, station
from drivers.limits import ListingLimits
from drivers.registry import open_recorder
from evidence.digest import digest_of
from evidence.ids import new_id
from ingest.session import dock
from ingest.tools import Plan
from vault.staged import read_past_cache

RATE = 40_000_000  # bytes a second: USB 2, as its recorders give them
CARDS = ((4, 64 << 20), (1_000, 256 << 10))  # files, bytes of each
GRACE_S = 2.0
ROUNDS = 3


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    cards = ((2, 1 << 20), (20, 64 << 10)) if quick else CARDS
    return [_card(count, size, 1 if quick else ROUNDS) for count, size in cards]


def _card(count: int, size: int, rounds: int) -> Row:
    with scratch("safe") as folder:
        (folder / "card").mkdir()
        files = make_noise(folder / "card", count, size)
        describe = folder / "card.recorder.json"
        identity = {"serial": "BENCH01"}
        describe.write_text(
            json.dumps({"image": "card", "identity": identity, "rate_bytes_per_s": RATE})
        )
        waited = [_waited(describe, folder / f"home{number}") for number in range(rounds)]
        return row(
            f"safe to take after the last byte, card of {count:,} files",
            median(waited),
            "s",
            GRACE_S + _read_back(files),
            at_most=True,
            note=" ".join(f"{seconds:.3f} s" for seconds in waited),
        )


def _waited(described: Path, home: Path) -> float:
    with station(home) as (tools, watched):
        recorder = open_recorder(
            described, parsers=tools.parsers, zone=ZONE, limits=ListingLimits()
        )
        docking = new_id("d", secrets.token_bytes(16))
        dock(recorder, Plan(docking, "1", "confirm"), tools)
        recorder.close()
        return watched.waited_s


def _read_back(files: Sequence[Path]) -> float:
    """Return how long the last file takes to come back from the medium, digested."""
    started = perf_counter()
    digest_of(read_past_cache(files[-1]))
    return perf_counter() - started

"""The ledger: durable entries a second, start-up whatever its size, and what it keeps in memory."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from threading import Thread

from appliance.clock import SystemClock
from bench.fill import FOUNDING
from bench.made import scratch
from bench.rounds import alternate
from bench.rows import Row, row
from evidence.entry import Draft, Private
from vault.client import LedgerClient
from vault.lazy import LazyCatalogue
from vault.ledger import LedgerStore
from vault.places import places_of
from vault.server import LedgerServer

BATCH, BATCHES = 256, 40
CALLERS, CALLER_PROCESSES = 16, 2
SECONDS, ROUNDS = 5.0, 3
SYNCS = 100
SIZES = (1_000, 100_000, 1_000_000)


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    rounds, batches, seconds = (1, 2, 0.5) if quick else (ROUNDS, BATCHES, SECONDS)
    with scratch("ledger") as folder:
        note = f"one fsync: {1000 * _sync_s(folder / 'file'):.2f} ms"
        rows = [_batches(folder / "batches", rounds, batches, note)]
        rows += _callers(folder / "callers", rounds, seconds, note)
        return rows + _sizes(folder / "sizes", (300, 1_000) if quick else SIZES)


def sealed(docking: str) -> Draft:
    """Return the draft of a segment as a docking writes it: about three, with a statement."""
    digest = secrets.token_hex(32)
    track = {"kind": "video", "codec": "avc1", "samples": 2250, "first_ms": 0, "last_ms": 89960}
    body = {
        "size": 134_217_728, "sha256": digest, "sm3": None, "kind": "video", "container": "mp4",
        "duration_ms": 90_000, "tracks": [track, {**track, "kind": "audio", "codec": "mp4a"}],
        "parser": "bench 1", "slices": {"count": 45, "root": digest, "sha256": digest},
        "sighting": {
            "docking": docking, "line": 7, "inventory": 2, "important": False,
            "claimed_at": "2026-11-21T02:30:00.000Z", "claimed_from": "name",
            "corrected_at": "2026-11-21T02:29:00.000Z",
        },
        "noted": [],
    }  # fmt: skip
    facts = {
        "path": "DCIM/100MEDIA/DCAM_CAM001_000001_20261121_103000.mp4", "maker": "DCAM",
        "device": "CAM001", "officer": "000001", "pattern": "dcam", "number": None,
    }  # fmt: skip
    segment = f"s:{digest}"
    about = (segment, docking, f"r:{docking[2:]}{docking[2:]}")
    private = Private(segment, facts)
    return Draft("segment.sealed", "sys:ingest", about, body, {segment: None}, private)


def _sync_s(path: Path) -> float:
    """Return how long the medium takes for a block behind the others.

    A batch waits for keys, statements, staging and lock, and behind its answer for its names.
    """
    seconds = []
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - started)
    return median(seconds)


def _docking() -> str:
    return "d:" + secrets.token_hex(16)


# --- batches ----------------------------------------------------------------------------------


def _batches(home: Path, rounds: int, batches: int, note: str) -> Row:
    store = LedgerStore.create(places_of(home), FOUNDING, SystemClock())
    made = iter([[sealed(_docking()) for _ in range(BATCH)] for _ in range(rounds * batches)])

    def append() -> None:
        for _ in range(batches):
            store.append(next(made))

    took = alternate({"append": append}, rounds)["append"]
    store.close()
    rate = BATCH * batches / took.s
    return row("ledger: durable entries in batches of 256", rate, "entries/s", 8_000.0,
               note=f"{took.spread}; {note}")  # fmt: skip


# --- callers ----------------------------------------------------------------------------------


def _callers(home: Path, rounds: int, seconds: float, note: str) -> list[Row]:
    """Let sixteen callers wait, each for its own entry."""
    store = LedgerStore.create(places_of(home), FOUNDING, SystemClock())
    socket = home / "ledger.sock"
    server = LedgerServer(store, socket, LazyCatalogue(home / "catalogue.sqlite"))
    serving = Thread(target=server.run)
    serving.start()
    try:
        ours = [_called(socket, seconds) for _ in range(rounds)]
    finally:
        server.stop()
        serving.join()
    note = f"{' '.join(f'{each:,.0f}' for each in ours)}; {note}"
    return [row("ledger: entries through the socket, 16 callers", median(ours), "entries/s",
                2_000.0, note=note)]  # fmt: skip


def _called(socket: Path, seconds: float) -> float:
    command = [sys.executable, "-m", "bench.ledger", str(socket), str(seconds)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(CALLER_PROCESSES)]
    return sum(float(process.communicate()[0]) for process in processes)


def call(socket: Path, seconds: float, callers: int) -> float:
    """Append from so many threads for a while; return entries a second."""
    client = LedgerClient(socket)
    docking = _docking()
    client.append([sealed(docking)])
    started = time.monotonic()

    def caller(_number: int) -> int:
        count = 0
        while time.monotonic() - started < seconds:
            client.append([sealed(docking)])
            count += 1
        return count

    with ThreadPoolExecutor(callers) as pool:
        count = sum(pool.map(caller, range(callers)))
    return count / (time.monotonic() - started)


# --- sizes ------------------------------------------------------------------------------------


def _sizes(home: Path, sizes: Sequence[int]) -> list[Row]:
    """Let a ledger grow in a process of its own, which tells start-up and memory at each size."""
    command = [sys.executable, "-m", "bench.fill", home, *map(str, sizes)]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    small, large = told[0], told[-1]
    note = "; ".join(
        f"{each['entries']:,} entries: {each['start_s'] * 1000:.1f} ms, {each['memory_mb']:.0f} MB"
        for each in told
    )
    return [
        row(f"ledger: start-up with {large['entries']:,} entries", large["start_s"], "s", 0.5,
            peer=f"with {small['entries']:,}", peer_value=small["start_s"], at_most=True,
            note=note),
        row(f"ledger: more memory with {large['entries']:,} entries",
            large["memory_mb"] - small["memory_mb"], "MB", 16.0, at_most=True, note=note),
    ]  # fmt: skip


if __name__ == "__main__":
    print(call(Path(sys.argv[1]), float(sys.argv[2]), CALLERS // CALLER_PROCESSES))

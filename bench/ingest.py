"""Ingest of 3 GB from a fast source: copy and digest alone, and with every promise kept."""

import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from appliance.clock import SystemClock
from bench import limits, peers
from bench.house import Docked, dock
from bench.made import make_films, make_noise, scratch
from bench.rounds import Timing, alternate
from bench.rows import Row, row
from drivers.folder import FolderRecorder
from drivers.limits import ListingLimits
from evidence.recorders import Identity
from evidence.states import Listed, NameFacts
from ingest.receive import receive
from ingest.tools import Rules, Tools
from tests.fakes.house import Heard, NoParsers
from tests.fakes.ledger import MemoryLedger
from vault.objects import LocalObjects

FILES, FILE_BYTES, ROUNDS = 24, 128 << 20, 3
SMALL_FILES, SMALL_BYTES = 300, 1 << 20
AT_ONCE = 4
PASSES = 3  # SHA-256 over every byte: received, given back, in its slice
GB = 1e9


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    count, size, rounds = (4, 1 << 20, 1) if quick else (FILES, FILE_BYTES, ROUNDS)
    with scratch("ingest") as folder:
        source, target = folder / "source", folder / "target"
        source.mkdir()
        bagit = peers.has_bagit(install=not quick)
        rows = _bulk(make_films(source, count, size), target, rounds, bagit=bagit)
    with scratch("small") as folder:
        source, target = folder / "source", folder / "target"
        source.mkdir()
        files = make_noise(source, 10 if quick else SMALL_FILES, SMALL_BYTES)
        return rows + _small(files, target, rounds)


def _bulk(files: Sequence[Path], target: Path, rounds: int, *, bagit: bool) -> list[Row]:
    """Measure limits, peers and ourselves over the same files, in turns."""
    docked: list[Docked] = []
    jobs = {
        "hash one": lambda: limits.hash_all(files, 1),
        "hash all": lambda: limits.hash_all(files),
        "write one": lambda: limits.dd_write(files, target, 1),
        "write four": lambda: limits.dd_write(files, target, AT_ONCE),
        "read one": lambda: limits.dd_read(files, 1),
        "read four": lambda: limits.dd_read(files, AT_ONCE),
        "ours one": lambda: copy_and_digest(files, target, 1),
        "ours four": lambda: copy_and_digest(files, target, AT_ONCE),
        "ours whole": lambda: _docked(files, target, docked),
        "cp": lambda: peers.cp_sum_sync(files, target),
        "cp check": lambda: peers.cp_sum_sync_check(files, target),
        "bagit": lambda: peers.cp_bagit(files, target),
    }
    if not bagit:
        del jobs["bagit"]
    took = alternate(jobs, rounds, lambda: _empty(target))
    return [*_rows(took, sum(map(_size, files))), _startup(docked)]


def _rows(took: Mapping[str, Timing], size: int) -> list[Row]:
    def rate(*names: str) -> float:
        return size / GB / max(took[name].s for name in names)

    write = min("write one", "write four", key=lambda name: took[name].s)
    read = min("read one", "read four", key=lambda name: took[name].s)
    disk_s = took[write].s + took[read].s
    whole = size / GB / max(PASSES * took["hash all"].s, disk_s)
    one, four, every = rate("ours one"), rate("ours four"), rate("ours whole")
    spread = {name: f"{name}: {timing.spread}" for name, timing in took.items()}

    def note(*names: str) -> str:
        return "; ".join(spread[name] for name in names)

    rows = [
        row("copy and digest, one file at once", one, "GB/s", 0.90,
            limit=rate("hash one", "write one"),
            note="one file is hashed by one core; " + note("hash one", "write one", "ours one")),
        row("copy and digest, four at once", four, "GB/s", 0.85,
            limit=rate("hash all", write), note=note("hash all", write, "ours four")),
        row("the same beside cp", four, "GB/s", 5.0, peer="cp, sha256sum, sync",
            peer_value=rate("cp"), note=note("cp")),
        row("every promise kept", every, "GB/s", 0.80, limit=whole,
            note=f"three passes of hash all or dd: {disk_s:.2f} s; " + note("ours whole", read)),
        row("the same beside cp and a check", every, "GB/s", 4.0,
            peer="cp, sha256sum, sync, drop, -c", peer_value=rate("cp check"),
            note=note("cp check")),
    ]  # fmt: skip
    if "bagit" in took:
        peer = "cp, bagit.py in two processes"
        rows.append(row("copy and digest beside bagit.py", four, "GB/s", 1.5, peer=peer,
                        peer_value=rate("bagit"), note=note("bagit")))  # fmt: skip
    return rows


def _small(files: Sequence[Path], target: Path, rounds: int) -> list[Row]:
    docked: list[Docked] = []
    jobs = {
        "whole": lambda: _docked(files, target, docked),
        "cp check": lambda: peers.cp_sum_sync_check(files, target),
    }
    took = alternate(jobs, rounds, lambda: _empty(target))
    rate = len(files) / took["whole"].s
    peer = len(files) / took["cp check"].s
    return [
        row("small files (1 MiB), every promise kept", rate, "files/s",
            peer="cp, sha256sum, sync, drop, -c", peer_value=peer,
            note=took["whole"].spread)
    ]  # fmt: skip


def copy_and_digest(files: Sequence[Path], target: Path, at_once: int) -> None:
    """Receive every file into a vault's staging, durable and digested, so many at once."""
    recorder = FolderRecorder(files[0].parent, limits=ListingLimits())
    tools = Tools(
        objects=LocalObjects(target, reserve_bytes=0),
        ledger=MemoryLedger(),
        parsers=NoParsers(),
        clock=SystemClock(),
        observer=Heard(),
        rules=Rules((), ZoneInfo("Asia/Shanghai")),
    )

    def one(listed: Listed) -> None:
        receive(recorder, listed, Identity(), tools).staged.close()

    listing = recorder.listing().files
    names = (Listed("d:bench", line, file, NameFacts(None)) for line, file in enumerate(listing))
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, names))
    recorder.close()


def _docked(files: Sequence[Path], target: Path, docked: list[Docked]) -> float:
    done = dock(target / "home", [files[0].parent], len(files))
    docked.append(done)
    return done.first_to_last_s


def _startup(docked: Sequence[Docked]) -> Row:
    return row(
        "start-up: founding, ledger, slot, parsers", median(d.startup_s for d in docked), "s"
    )


def _empty(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)


def _size(path: Path) -> int:
    return path.stat().st_size

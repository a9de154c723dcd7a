"""Grinds hostile cases through the parsers in this process: ``python -m tests.hostile.grind``.

    media FROM TO NOTE      mutants of every scene and bomb, through the probe
    volumes FROM TO NOTE    mutants of small volumes, through listing and reading

Run as a child with limits of its own: a parser in C may fall, and then the file NOTE still names
the seed that felled it.  Prints one JSON object with what it counted; a broken promise is a
traceback with the seed in it.
"""

import faulthandler
import json
import mmap
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from drivers.limits import ListingLimits
from drivers.registry import open_recorder
from evidence.errors import DeviceError
from evidence.slices import check_cuts
from ingest import log_task, packets, probe_task
from ingest.probe import probe
from tests.fakes.parsers import DirectParsers
from tests.hostile.mutants import mutant
from tests.tools.hostile import ALL as VOLUMES
from tests.tools.hostile import hostile
from tests.tools.spoil import mutated
from tests.unit.appliance.sources import BytesSource
from tests.unit.drivers.made import SHANGHAI

MEMORY_BYTES = 512 * 1024 * 1024  # beyond what is in use before the first case
CASE_LIMIT_S = 30.0  # by the clock on the wall: a busy machine is no hang
GROUND = (
    "names",
    "names_exfat",
    "lawful_fat32",
    "lawful_exfat",
    "overlapping_files",
    "cyclic_chain",
    "cyclic_chain_exfat",
    "set_without_end",
    "directory_in_itself",
)


class Promise(AssertionError):  # noqa: N818 - what was promised and not kept
    """A parser did what it promises never to do."""


def main(arguments: list[str]) -> None:
    """Grind the asked range of seeds and print the counts."""
    what, start, end, note = arguments[0], int(arguments[1]), int(arguments[2]), Path(arguments[3])
    with tempfile.TemporaryDirectory() as folder:
        case = {"media": lambda: media_case, "volumes": lambda: volume_case(Path(folder))}[what]()
        case(start)  # everything is loaded now
        _limit()
        sys.stdout.write(json.dumps(grind(case, range(start, end), note)) + "\n")


def grind(case: Callable[[int], str], seeds: range, note: Path) -> dict[str, object]:
    """Run ``case`` for every seed; return the counts, the slowest case and the memory."""
    done: Counter[str] = Counter()
    slowest, slowest_seed, begin = 0.0, -1, time.monotonic()
    with _open_note(note) as where:
        for seed in seeds:
            where[:20] = b"%-20d" % seed
            took = _timed(case, seed, done)
            if took > slowest:
                slowest, slowest_seed = took, seed
    return {
        "cases": len(seeds),
        **done,
        "seconds": round(time.monotonic() - begin, 1),
        "slowest_ms": round(slowest * 1000),
        "slowest_seed": slowest_seed,
        "memory_mib": _most_memory_mib(),
    }


def _most_memory_mib() -> int:
    """Return what this program had at most.  ``ru_maxrss`` counts the one that started it too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _timed(case: Callable[[int], str], seed: int, done: "Counter[str]") -> float:
    """Run one case and count it; the process ends, with a traceback, where the case hangs."""
    faulthandler.dump_traceback_later(CASE_LIMIT_S, exit=True)
    started = time.monotonic()
    try:
        done[case(seed)] += 1
    except Exception as error:
        raise Promise(f"seed {seed}") from error
    finally:
        faulthandler.cancel_dump_traceback_later()
    return time.monotonic() - started


def _open_note(note: Path) -> mmap.mmap:
    note.write_bytes(b" " * mmap.PAGESIZE)
    with note.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def _limit() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- films, pictures, logs --------------------------------------------------------------------

TASKS = {"probe": probe_task.probe, "packets": packets.packets}


def media_case(seed: int) -> str:
    """Probe one mutant: it is told or refused in declared words, and its cuts tile it."""
    name, data = mutant(seed)
    source = BytesSource(data)
    media = probe(source, f"{name}.mp4", DirectParsers(TASKS))
    check_cuts(media.cuts, len(data))
    if media.kind == "log":
        log_task.read_log(source, {})
    if any(note.facts.get("because") == "memory" for note in media.noted):
        return "memory"
    return "told" if media.parser != "none/1" else _refused(media.noted[0].facts)


def _refused(facts: object) -> str:
    if facts != {"because": "parser_refused"}:
        raise Promise(f"refused in another word: {facts}")
    return "refused"


# --- volumes ----------------------------------------------------------------------------------


def volume_case(folder: Path) -> Callable[[int], str]:
    """Return a case over mutants of small volumes that are made below ``folder``."""
    made = [hostile(name, folder) for name in GROUND if name in VOLUMES]

    def case(seed: int) -> str:
        path = mutated(made[seed % len(made)], seed, folder / "mutant.img")
        try:
            recorder = open_recorder(
                path, parsers=DirectParsers(), zone=SHANGHAI, limits=ListingLimits()
            )
        except DeviceError:
            return "refused"
        try:
            files = recorder.listing().files
        except DeviceError:
            return "refused"
        else:
            _read(recorder, files, path.stat().st_size)
            return "listed"
        finally:
            recorder.close()

    return case


def _read(recorder, files, size: int) -> None:
    """Read every file: never more than it claims, never from behind the end."""
    for file in files:
        given = 0
        try:
            for chunk in recorder.read(file):
                given += len(chunk)
        except DeviceError:
            continue
        if not given <= file.size <= size:
            raise Promise(f"{file.path} gave {given} of {file.size} bytes")


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    packets.warm()
    main(sys.argv[1:])

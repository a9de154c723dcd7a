"""The probe: footage told from its sample tables, beside a demuxer that walks through it.

An hour is twelve films of five minutes; one film is read twelve times, from the page cache.  What
the fence adds (``appliance/children.py``) is a row of its own.
"""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import av

from appliance.children import FencedParsers
from bench.made import NOISY, scratch
from bench.rounds import Timing, alternate
from bench.rows import Row, row
from evidence.media import Media
from evidence.ports import Parsers
from ingest.answer import ProbeLimits
from ingest.probe import media_of, probe
from ingest.probe_task import probe as read_tables
from tests.tools.encode import Recipe, write

FILM_S, FILMS, ROUNDS = 300, 12, 5
HOUR_S = 3600
TIMES = 4  # as often by tables as by packets: processor time comes in hundredths of a second
PICTURES = replace(NOISY, crf=24)  # with the sound about 12 Mbit/s
SOUND_RATE = 48_000
HOURS_TARGET, CPU_TARGET_MS, PEER_TARGET = 50.0, 25.0, 80.0
GAP_S = 1


@dataclass(frozen=True, slots=True)
class Film:
    """A file as the probe wants it: ``evidence.ports.Source``."""

    path: Path
    size: int
    descriptor: int

    def read(self, offset: int, length: int) -> bytes:
        """Return at most ``length`` bytes."""
        return os.pread(self.descriptor, length, offset)


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    seconds, films, rounds = (10, 1, 1) if quick else (FILM_S, FILMS, ROUNDS)
    with scratch("probe") as folder, closing(FencedParsers()) as parsers:
        recipe = Recipe(video=PICTURES, audio_rate=SOUND_RATE, duration_ms=1000 * seconds)
        path = write(recipe, folder / "film.mp4")
        with path.open("rb") as file:
            film = Film(path, path.stat().st_size, file.fileno())
            took = _measured(film, parsers, films, rounds)
            return _rows(film, took, seconds, films * seconds / HOUR_S)


def _measured(film: Film, parsers: Parsers, films: int, rounds: int) -> dict[str, Timing]:
    """Time many films by the tables, alone and fenced, and fewer by the demuxer."""
    packets = _walked(film)
    jobs: dict[str, Callable[[], None]] = {
        "tables": lambda: _expect(packets, [_told(film) for _ in range(TIMES * films)]),
        "fenced": lambda: _expect(
            packets, [probe(film, film.path.name, parsers) for _ in range(TIMES * films)]
        ),
        "demux": lambda: _expect_walked(packets, [_walked(film) for _ in range(films)]),
    }
    return alternate(jobs, rounds)


def _told(film: Film) -> Media:
    """Read the tables as the child does, and check the answer as its parent does."""
    return media_of(read_tables(film, ProbeLimits().request()), film.size)


def _walked(film: Film) -> int:
    """Count the packets of all streams, looking for gaps in their times; there are none."""
    count, last = 0, dict[int, float]()
    with av.open(str(film.path)) as container:
        for packet in container.demux():
            if packet.pts is None:
                continue
            count += 1
            at = float(packet.pts * packet.time_base)
            if at - last.get(packet.stream_index, at) > GAP_S:
                raise ValueError(f"a gap at {at} s")
            last[packet.stream_index] = at
    return count


def _expect(packets: int, told: list[Media]) -> None:
    for media in told:
        if media.noted or sum(track.samples for track in media.tracks) != packets:
            raise ValueError(str(media)[:200])


def _expect_walked(packets: int, walked: list[int]) -> None:
    if set(walked) != {packets}:
        raise ValueError(f"{walked} packets, and not {packets}")


def _rows(film: Film, took: dict[str, Timing], seconds: int, hours: float) -> list[Row]:
    tables, fenced, demux = (took[name] for name in ("tables", "fenced", "demux"))
    note = f"films of {seconds} s, {film.size / seconds / 125_000:.1f} Mbit/s; "
    note += "; ".join(f"{name}: {timing.spread}" for name, timing in took.items())
    cpu_ms = 1000 * max(tables.cpu_s, 0.01) / TIMES / hours
    peer_ms = 1000 * max(demux.cpu_s, 0.01) / hours
    return [
        row("probe: footage told from its tables, one core", TIMES * hours / tables.s, "h/s",
            HOURS_TARGET, note=note),
        row("probe: processor time of an hour", cpu_ms, "ms", CPU_TARGET_MS, at_most=True),
        row("the same beside a demuxer", cpu_ms, "ms", PEER_TARGET,
            peer="PyAV demux", peer_value=peer_ms, at_most=True),
        row("probe: through the fenced child", TIMES * hours / fenced.s, "h/s"),
    ]  # fmt: skip

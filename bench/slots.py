"""Sixteen slots at once against one: the same films, through the real processes."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.house import Docked, dock
from bench.made import make_films, scratch
from bench.rounds import alternate
from bench.rows import Row, row

SLOTS, FILMS_OF_A_SLOT, FILM_BYTES, ROUNDS = 16, 2, 96 << 20, 3
UNFAIR = 2.0  # slowest slot to fastest


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    slots, size, rounds = (3, 1 << 20, 1) if quick else (SLOTS, FILM_BYTES, ROUNDS)
    with scratch("slots") as folder:
        whole = folder / "whole"
        whole.mkdir()
        films = make_films(whole, slots * FILMS_OF_A_SLOT, size)
        cards = [_card(folder / f"card{n:02d}", films[n::slots]) for n in range(slots)]
        return _rows(folder / "home", whole, cards, len(films), rounds)


def _rows(home: Path, whole: Path, cards: Sequence[Path], count: int, rounds: int) -> list[Row]:
    many: list[Docked] = []

    def one_slot() -> float:
        return dock(home, [whole], count).first_to_last_s

    def all_slots() -> float:
        many.append(dock(home, cards, count))
        return many[-1].first_to_last_s

    jobs = {"one": one_slot, "all": all_slots}
    took = alternate(jobs, rounds, lambda: shutil.rmtree(home, ignore_errors=True))
    bytes_ = sum(path.stat().st_size for path in whole.iterdir())
    spread = median(max(docked.slots_ms) / min(docked.slots_ms) for docked in many)
    return [
        row(f"{len(cards)} slots at once", bytes_ / took["all"].s / 1e9, "GB/s", 1.0,
            peer="one slot", peer_value=bytes_ / took["one"].s / 1e9,
            note=f"one: {took['one'].spread}; all: {took['all'].spread}"),
        row(f"{len(cards)} slots at once: slowest to fastest", spread, "x", UNFAIR, at_most=True),
        row(f"start-up of {len(cards)} slots", median(docked.startup_s for docked in many), "s"),
    ]  # fmt: skip


def _card(folder: Path, films: Sequence[Path]) -> Path:
    folder.mkdir()
    for film in films:
        os.link(film, folder / film.name)
    return folder

"""Jobs measured side by side: A B C, A B C, …, so that a noisy minute hits all of them."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall and CPU seconds (children included) of each round of one job."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def s(self) -> float:
        """Return the median wall time in seconds."""
        return median(self.wall)

    @property
    def cpu_s(self) -> float:
        """Return the median CPU time in seconds."""
        return median(self.cpu)

    @property
    def spread(self) -> str:
        """Return fastest and slowest, for whoever wants to know how noisy the machine was."""
        return f"{min(self.wall):.2f}-{max(self.wall):.2f} s, {self.cpu_s:.2f} CPU s"


def alternate(
    jobs: Mapping[str, Job], rounds: int, before: Callable[[], None] = lambda: None
) -> dict[str, Timing]:
    """Run every job once a round, after ``before``, which is in nobody's time."""
    wall: dict[str, list[float]] = {name: [] for name in jobs}
    cpu: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            before()
            seconds, cpu_seconds = timed(job)
            wall[name].append(seconds)
            cpu[name].append(cpu_seconds)
    return {name: Timing(tuple(wall[name]), tuple(cpu[name])) for name in jobs}


def timed(job: Job) -> tuple[float, float]:
    """Run a job; return wall and CPU seconds.  A job that returns a float tells its own wall."""
    before, started = os.times(), time.perf_counter()
    told = job()
    seconds, after = time.perf_counter() - started, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    return (told if isinstance(told, float) else seconds), cpu

"""How fast the permission table answers: every act, in situations as they come."""

import time
from itertools import combinations

from bench.rows import Row, row
from custody.permission import DOES, FACTS, Situation, refusals
from evidence.people import ROLES

ANSWERS = 1_000_000
TARGET = 100_000.0  # answers/s


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    rate = _answers(2_000 if quick else ANSWERS)
    note = "act and situation given; every row in the way is found"
    return [row("permission", rate, "answers/s", TARGET, note=note)]


def _answers(count: int) -> float:
    """Return answers a second, over every act with every two roles and every two facts."""
    situations = [
        Situation(frozenset(roles), frozenset(facts))
        for roles in combinations(ROLES, 2)
        for facts in combinations(FACTS, 2)
    ]
    asked = [(act, each) for each in situations for act in DOES]
    rounds = -(-count // len(asked))
    started = time.perf_counter()
    for _ in range(rounds):
        for act, situation in asked:
            refusals(act, situation)
    return rounds * len(asked) / (time.perf_counter() - started)

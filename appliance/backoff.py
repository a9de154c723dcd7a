"""How long to wait before something that ended is begun again.

Whoever was killed, even a dozen times in a row, is back at once.  Whoever ends again and again by
itself comes back more and more slowly.
"""

from dataclasses import dataclass

FORGIVEN = 12  # ends in a row after which the pause begins to double: a loop, and no bad day
DOUBLINGS_LIMIT = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """The pauses of one kind of thing, in seconds."""

    first_s: float
    last_s: float
    steady_s: float  # what lived this long begins its row anew

    def row(self, failures: int, lived_s: float) -> int:
        """Return how many ends in a row there are with the one after a life of ``lived_s``."""
        return 1 if lived_s >= self.steady_s else failures + 1

    def pause_s(self, failures: int) -> float:
        """Return how long to wait after so many ends in a row."""
        doublings = min(max(failures - FORGIVEN, 0), DOUBLINGS_LIMIT)
        return float(min(self.first_s * 2**doublings, self.last_s))

"""An interruption as a strip: the film before, the hole, the film after, to scale where it can be.

Whole numbers of a view box; a part that is too short to be seen gets its least width all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH = 600
LEAST = 60

Kind = Literal["film", "hole"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the strip."""

    kind: Kind
    x: int
    width: int


def strip(parts: Sequence[tuple[Kind, int | None]]) -> tuple[Bar, ...]:
    """Return the bars of ``parts``: (kind, milliseconds; None or 0 where nobody knows)."""
    total = sum(ms or 0 for _, ms in parts)
    spare = WIDTH - LEAST * len(parts)
    bars: list[Bar] = []
    at = 0
    for number, (kind, ms) in enumerate(parts):
        last = number == len(parts) - 1
        share = (ms or 0) * spare // total if total else spare // len(parts)
        width = WIDTH - at if last else LEAST + share
        bars.append(Bar(kind, at, width))
        at += width
    return tuple(bars)

"""What may be destroyed soon, as the catalogue is asked for it: values (``custody/candidates.py``).

The catalogue proposes and never decides.  What it proposes too much costs the time of a decision;
what it hides is kept longer.
"""

from dataclasses import dataclass
from datetime import date, datetime

CANDIDATES_LIMIT = 10_000  # segments of one page


@dataclass(frozen=True, slots=True)
class Since:
    """A day, where the station stands, and a moment that surely is not before it."""

    day: date
    moment: datetime


@dataclass(frozen=True, slots=True)
class Bound:
    """What one rule of one pack still keeps: all that came into custody at ``since`` or later.

    ``since`` None: it has no end.  ``case``: the rule counts from the close of the case: it keeps
    what is in an open one, or in one that was closed ``since`` then.
    """

    since: Since | None
    before: int | None = None  # of what was sealed before this entry; None: of everything
    items: tuple[str, ...] = ()  # of a label; (): everything
    list: str | None = None  # of these items
    case: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What no bound keeps; ``blocked``: also what something else forbids to go at ``now``."""

    now: datetime
    bounds: tuple[Bound, ...]
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """How much one reason keeps from going, as far as the catalogue tells."""

    count: int = 0
    bytes: int = 0

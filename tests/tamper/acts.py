"""What one manipulation is, and what the audit must say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tests.tamper.homes import Home


class At(NamedTuple):
    """What the finding must point at; None: it has nothing to point at, or it is not asked."""

    entry: int | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Act:
    """``do`` spoils a home; the audit must find ``code`` there, and may find ``also`` besides."""

    name: str
    do: Callable[[Home], At]
    code: str
    also: frozenset[str] = frozenset()
    level: str = "digest"

    def __str__(self):
        return self.name


def act(code, also="", level="digest"):
    """Make an ``Act`` of a function; its name is its sentence."""

    def made(do):
        return Act(do.__name__.replace("_", " "), do, code, frozenset(also.split()), level)

    return made

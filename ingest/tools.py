"""What one docking needs from the world, and the numbers it works by."""

from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Literal

from evidence.ports import Clock, Ledger, Objects, Observer, Parsers
from ingest.answer import ProbeLimits
from ingest.names import NamePattern

ACTOR = "sys:ingest"


@dataclass(frozen=True, slots=True)
class Rules:
    """The configured part of the rules of ingest."""

    patterns: tuple[NamePattern, ...]
    zone: tzinfo  # in which FAT times and names are read
    seam_tolerance_ms: int = 1500  # names tell whole seconds, FAT every second one
    clock_tolerance_ms: int = 60_000  # a file this far in our future bounds the recorder's clock
    earliest: date = date(2016, 1, 1)  # a claim before it is a clock that was reset
    sm3: bool = False
    probe: ProbeLimits = field(default_factory=ProbeLimits)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of one docking."""

    docking: str  # d:…, fresh
    slot: str
    after: Literal["keep", "confirm", "erase"] = "keep"


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports that the stages of a docking use."""

    objects: Objects
    ledger: Ledger
    parsers: Parsers
    clock: Clock
    observer: Observer
    rules: Rules

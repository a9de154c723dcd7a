"""What a scene is: a file whose faults are known, told as data."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from evidence.findings import Finding

CHINA = timezone(timedelta(hours=8))
BEGIN = datetime(2026, 11, 21, 10, 0, 0, tzinfo=CHINA)  # when every ordinary scene was recorded

Kind = Literal["video", "audio", "photo", "log", "unknown", "empty"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A track as it was written: how many samples of which codec."""

    kind: Literal["video", "audio"]
    codec: str
    samples: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A file made by code, and the truth about it.

    ``must`` are the findings that a probe (or, for those about names and clocks, the docking) has
    to report; of ``any_of`` at least one; ``may`` are allowed; anything else is a false alarm.
    ``duration_ms``, ``container`` and ``tracks`` tell what was *written*, before the damage;
    None or nothing where there never was any.  ``facts``: numbers that a finding should carry.
    """

    name: str
    file_name: str
    data: bytes
    kind: Kind
    fault: str = ""  # what is wrong with it, for people; "" for nothing
    container: str | None = None
    duration_ms: int | None = None
    tracks: tuple[Sample, ...] = ()
    created: datetime | None = None  # as the container tells, UTC
    must: frozenset[Finding] = frozenset()
    any_of: frozenset[Finding] = frozenset()
    may: frozenset[Finding] = frozenset()
    facts: dict[str, int] = field(default_factory=dict, hash=False)

    @property
    def codec(self) -> str | None:
        """Codec of the first track."""
        return self.tracks[0].codec if self.tracks else None

    def accepts(self, found: set[Finding]) -> bool:
        """Whether these findings tell all that is wrong with the file, and nothing else."""
        known = self.must | self.any_of | self.may
        return self.must <= found <= known and (not self.any_of or bool(self.any_of & found))


def dcam_name(when: datetime = BEGIN, ext: str = "mp4", *, important: bool = False) -> str:
    """Return a name after <maker>_<device>_<officer>_<yyyyMMdd>_<HHmmss>[_IMP].<ext>."""
    mark = "_IMP" if important else ""
    return f"DCAM_CAM001_000001_{when:%Y%m%d_%H%M%S}{mark}.{ext}"


def utc(when: datetime) -> datetime:
    """Return the same moment in UTC."""
    return when.astimezone(UTC)

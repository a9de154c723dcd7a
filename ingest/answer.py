"""What child and parent say to each other: limits go in, one shape of answer comes out.

``ingest/probe.py`` is the other side: it checks every value again, for it believes none.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from evidence.findings import Finding
from evidence.json import Json, JsonObject

TRACK_FIELDS: Final = (
    "kind",
    "codec",
    "samples",
    "first_ms",
    "last_ms",
    "timescale",
    "first_pts",
    "last_pts",
    "width",
    "height",
    "rate_milli",
    "channels",
)
JSON_LIMIT: Final = (1 << 53) - 1  # RFC 8785: larger integers are not exact everywhere


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """How much of a file's claims a probe is ready to look at; beyond, the rest is still told."""

    index_bytes: int = 64 * 1024 * 1024  # of ``moov``; a day of pictures and sound needs about 50
    samples: int = 2_000_000  # of all tracks that are looked at one by one: 18 hours at 30 a second
    packets: int = 8_000_000  # of all streams of a file without an index

    def request(self) -> dict[str, Json]:
        """Return the form in which a parser child gets them."""
        return asdict(self)

    @classmethod
    def of(cls, request: JsonObject) -> "ProbeLimits":
        """Return the limits of a request; what is no positive integer is ours."""
        ours = asdict(cls())
        asked = {name: request.get(name) for name in ours}
        taken = {n: v for n, v in asked.items() if isinstance(v, int) and v > 0}
        return cls(**{**ours, **taken})


def answer(
    kind: str,
    container: str | None,
    parser: str,
    *,
    duration_ms: int | None = None,
    created_ms: int | None = None,
    tracks: Iterable[JsonObject] = (),
    cuts: JsonObject | None = None,
    noted: Iterable[JsonObject] = (),
) -> dict[str, Json]:
    """Return the answer; ``cuts`` None asks the parent for fixed ones."""
    return {
        "kind": kind,
        "container": container,
        "parser": parser,
        "duration_ms": duration_ms,
        "created_ms": created_ms,
        "tracks": list(tracks),
        "cuts": cuts,
        "noted": list(noted),
    }


def track(kind: str, codec: str, samples: int, **facts: Json) -> dict[str, Json]:
    """Return one track with every field, those that are not known as None."""
    told: dict[str, Json] = dict.fromkeys(TRACK_FIELDS)
    told.update(kind=kind, codec=codec, samples=samples, **facts)
    return told


def note(finding: Finding, **facts: Json) -> dict[str, Json]:
    """Return a finding; integers beyond what JSON keeps exact are cut to that."""
    clipped = {
        name: min(value, JSON_LIMIT) if isinstance(value, int) else value
        for name, value in facts.items()
    }
    return {"finding": str(finding), **clipped}

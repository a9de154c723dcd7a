"""What the child tells its parent: one shape for every way in which a file was read.

``ingest/probe.py`` is the other side: it checks every value again, for it believes none.
"""

from collections.abc import Iterable
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

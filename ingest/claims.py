"""When a file claims to have been recorded, and who says so."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from evidence.media import Media
from evidence.states import Listed

APART_LIMIT_S = 24 * 3600  # containers often carry local time as UTC, so hours say nothing


@dataclass(frozen=True, slots=True)
class Claim:
    """The claimed beginning of a recording, its source, and how far the sources are apart."""

    time: datetime | None
    source: Literal["name", "container", "directory"] | None
    disagreement_s: int | None = None  # None: they agree, or there is only one


def claim_of(listed: Listed, media: Media | None) -> Claim:
    """Return the claim: from the name, else from the container, else from the directory.

    The directory's time is when the file was closed, so its beginning is that less the duration.
    """
    container = _container_time(media) if media else None
    disagreement = _apart(listed.name.time, container)
    if listed.name.time:
        return Claim(listed.name.time, "name", disagreement)
    if container:
        return Claim(container, "container")
    if listed.file.modified:
        duration = timedelta(milliseconds=(media and media.duration_ms) or 0)
        return Claim(listed.file.modified - duration, "directory")
    return Claim(None, None)


def _container_time(media: Media) -> datetime | None:
    if media.created_ms is None:
        return None
    try:
        return datetime.fromtimestamp(media.created_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None  # a hostile number is no time


def _apart(name: datetime | None, container: datetime | None) -> int | None:
    if not name or not container:
        return None
    apart = int(abs((name - container).total_seconds()))
    return apart if apart > APART_LIMIT_S else None

"""What a parser saw in a file.  Bad video is a finding, never a refusal."""

from dataclasses import dataclass
from typing import Literal

from evidence.findings import Noted


@dataclass(frozen=True, slots=True)
class Track:
    """One track of a container.  Times in milliseconds of media time."""

    kind: Literal["video", "audio", "data"]
    codec: str  # "h264", "hevc", "aac", "mjpeg", …; the fourcc where unknown
    samples: int
    first_ms: int | None
    last_ms: int | None  # end of the last sample
    timescale: int | None = None  # ticks per second of first_pts and last_pts
    first_pts: int | None = None
    last_pts: int | None = None  # of the last sample, in presentation order
    width: int | None = None
    height: int | None = None
    rate_milli: int | None = None  # frames per 1000 s / samples per second x 1000
    channels: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """One slice to be: a byte range of the file (``evidence.slices`` holds the rule)."""

    offset: int
    length: int
    key: bool  # begins with a key frame
    pts0_ms: int | None  # first and last presentation time of the video packets in it
    pts1_ms: int | None
    packets: int


@dataclass(frozen=True, slots=True)
class Media:
    """The answer of a probe.

    ``kind`` is what it is for a person: a log is text, a photo has one picture.
    ``cuts`` tile the file: 0 … size without a hole.
    """

    kind: Literal["video", "audio", "photo", "log", "unknown", "empty"]
    container: str | None  # "mp4", "fragmented mp4", "avi", "mpegts", "jpeg", …
    duration_ms: int | None
    created_ms: int | None  # container creation time, ms since 1970 UTC, a claim; None if absent
    tracks: tuple[Track, ...]
    cuts: tuple[Cut, ...]
    noted: tuple[Noted, ...]
    parser: str  # "boxes/1", "packets/1", "plain/1": which code answered

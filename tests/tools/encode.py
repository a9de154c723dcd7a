"""Real video and sound by PyAV: a recipe in, the bytes of a file out.

A short base stream is encoded once for each set of codec values and kept; a file of any length is
the base packets again and again with new times.  So an hour costs a copy, not an hour of encoding.
"""

import heapq
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.container import OutputContainer

from tests.tools.pattern import picture, tone

TICKS = 90_000  # per second, of every video time stamp handed to a muxer
# In which container the base stream is made, so that its packets suit the target as they are.
BASES = {"mp4": "mp4", "mov": "mp4", "matroska": "mp4", "mpegts": "mpegts", "avi": "avi"}
X26X = {"preset": "ultrafast", "bf": "0", "threads": "1"}
OPTIONS: dict[str, dict[str, str]] = {
    "libx264": {**X26X, "x264-params": "scenecut=0:bframes=0:sliced-threads=0"},
    "libx265": {
        **X26X,
        "x265-params": "scenecut=0:bframes=0:log-level=none:pools=none:frame-threads=1:info=0",
    },
    "mjpeg": {"threads": "1"},
}


@dataclass(frozen=True, slots=True)
class Picturing:
    """How the pictures of a base stream are made."""

    codec: str = "libx264"
    width: int = 160
    height: int = 120
    rate: int = 10  # frames per second
    gop: int = 10  # frames from key frame to key frame
    noise: int = 0  # grain, 0..127
    crf: int = 30
    frames: int = 20  # of the base stream; a multiple of gop
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """A media file to be.  Times in milliseconds of media time; sizes in pixels.

    ``gap``: at which time the clock jumps, and by how much, in every track.
    ``vary``: the pictures come at irregular times.  ``created``: UTC, written into the container.
    """

    container: str = "mp4"
    video: Picturing | None = field(default_factory=Picturing)
    audio: str | None = "aac"
    audio_rate: int = 16_000
    duration_ms: int = 4_000
    created: datetime | None = None
    options: tuple[tuple[str, str], ...] = ()
    gap: tuple[int, int] | None = None
    vary: bool = False

    @property
    def frames(self) -> int:
        """Number of pictures in the file."""
        return self.duration_ms * self.video.rate // 1000 if self.video else 0


@dataclass(frozen=True, slots=True)
class _Timed:
    seconds: Fraction
    track: int
    data: bytes
    key: bool
    length: Fraction


@lru_cache(maxsize=128)
def encode(recipe: Recipe) -> bytes:
    """Return the bytes of a (small) file; the same bytes for the same recipe.  Kept in memory."""
    out = io.BytesIO()
    _mux(recipe, out)
    return out.getvalue()


def write(recipe: Recipe, path: Path) -> Path:
    """Write the file that ``encode`` would give, of any length, without holding it in memory."""
    with path.open("w+b") as out:
        _mux(recipe, out)
    return path


def _mux(recipe: Recipe, out: BinaryIO) -> None:
    with av.open(out, "w", format=recipe.container, options=_muxing(recipe)) as target:
        if recipe.created:
            target.metadata["creation_time"] = (
                f"{recipe.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            )
        tracks = [_add(target, base) for base in _bases(recipe)]
        timelines = [_timeline(recipe, track) for track in range(len(tracks))]
        for each in heapq.merge(*timelines, key=lambda packet: (packet.seconds, packet.track)):
            target.mux(_packet(each, tracks[each.track]))


def sample_counts(recipe: Recipe) -> tuple[int, int]:
    """Return how many video packets and how many audio packets the file has."""
    counts = [sum(1 for _ in _timeline(recipe, track)) for track in range(len(_bases(recipe)))]
    pictures = counts.pop(0) if recipe.video else 0
    return pictures, counts[0] if counts else 0


def _muxing(recipe: Recipe) -> dict[str, str]:
    return {"fflags": "+bitexact", **dict(recipe.options)}


def _add(target: OutputContainer, base: bytes) -> Any:
    with av.open(io.BytesIO(base)) as source:
        return target.add_stream_from_template(source.streams[0])


def _packet(timed: _Timed, track: Any) -> "av.Packet[Any]":
    packet: av.Packet[Any] = av.Packet(timed.data)
    packet.time_base = Fraction(1, TICKS)
    packet.pts = packet.dts = round(timed.seconds * TICKS)
    packet.duration = round(timed.length * TICKS)
    packet.is_keyframe = timed.key
    packet.stream = track
    return packet


# --- time -----------------------------------------------------------------------------------


def _timeline(recipe: Recipe, track: int) -> Iterator[_Timed]:
    """Yield the packets of one track with their times, the base again and again."""
    packets = _read(_bases(recipe)[track])
    video = bool(recipe.video) and track == 0
    end, now, number = Fraction(recipe.duration_ms, 1000), Fraction(0), 0
    while now + packets[number % len(packets)].length <= end:
        one = packets[number % len(packets)]
        yield replace(one, track=track, seconds=_shown(recipe, now, number if video else 0))
        now, number = now + one.length, number + 1


def _shown(recipe: Recipe, now: Fraction, number: int) -> Fraction:
    """Return the time that the file tells for what happened ``now``."""
    if recipe.vary and number % 3:
        now += Fraction(number % 7, 100)
    if recipe.gap and now * 1000 >= recipe.gap[0]:
        now += Fraction(recipe.gap[1], 1000)
    return now


# --- base streams ---------------------------------------------------------------------------


def _bases(recipe: Recipe) -> list[bytes]:
    container = BASES[recipe.container]
    bases = [_pictures(container, recipe.video)] if recipe.video else []
    if recipe.audio:
        bases.append(_sound(container, recipe.audio, recipe.audio_rate))
    return bases


@lru_cache(maxsize=64)
def _pictures(container: str, how: Picturing) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container, options={"fflags": "+bitexact"}) as target:
        options = {**OPTIONS[how.codec], "crf": str(how.crf), "g": str(how.gop)}
        if how.codec == "mjpeg":
            options = {**OPTIONS["mjpeg"], "qmin": "2", "qmax": "8"}
        stream: Any = target.add_stream(how.codec, rate=how.rate, options=options)
        stream.width, stream.height = how.width, how.height
        stream.pix_fmt = "yuvj420p" if how.codec == "mjpeg" else "yuv420p"
        for number in range(how.frames):
            array = picture(number, how.width, how.height, noise=how.noise, seed=how.seed)
            frame = av.VideoFrame.from_ndarray(array, format=stream.pix_fmt)
            frame.pts = number
            frame.time_base = Fraction(1, how.rate)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


@lru_cache(maxsize=16)
def _sound(container: str, codec: str, rate: int) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container, options={"fflags": "+bitexact"}) as target:
        stream: Any = target.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 32_000
        for number in range(32):
            samples = tone(number * 1024, 1024, rate)
            frame = av.AudioFrame.from_ndarray(samples, format="s16p", layout="mono")
            frame.sample_rate = rate
            frame.pts = number * 1024
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


@lru_cache(maxsize=64)
def _read(base: bytes) -> list[_Timed]:
    with av.open(io.BytesIO(base), "r") as source:
        stream: Any = source.streams[0]
        video = stream.type == "video"
        length = 1 / Fraction(stream.average_rate) if video else None
        return [
            _Timed(
                seconds=Fraction(0),
                track=0,
                data=bytes(packet),
                key=packet.is_keyframe,
                length=length or _sounding(packet),
            )
            for packet in source.demux(stream)
            if packet.size
        ]


def _sounding(packet: "av.Packet[Any]") -> Fraction:
    return (packet.duration or 0) * Fraction(packet.time_base)

"""The library of named scenes: ``scene("gap_of_7s").data`` and what a probe has to say about it.

Names: ``NAMES``.  ``GOOD`` are those that any player opens and that have no fault.  Everything is
made by code, deterministic, and small unless a ``Scale`` asks for more.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from evidence.findings import Finding
from tests.tools import malformed, mp4, plainfiles
from tests.tools.encode import Picturing, Recipe, encode, sample_counts
from tests.tools.scene import BEGIN, CHINA, Sample, Scene, dcam_name, utc

CODECS = {"libx264": "h264", "libx265": "hevc", "mjpeg": "mjpeg", "aac": "aac"}
CONTAINERS = {"mp4": "mp4", "matroska": "matroska", "mpegts": "mpegts", "avi": "avi"}
EXTENSIONS = {"mp4": "mp4", "matroska": "mkv", "mpegts": "ts", "avi": "avi"}
FRAGMENTED = (("movflags", "frag_keyframe+empty_moov+default_base_moof"),)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a scene is.  Pixels, frames per second, milliseconds; ``noise`` makes bytes."""

    width: int = 160
    height: int = 120
    rate: int = 10
    duration_ms: int = 4_000
    noise: int = 0
    crf: int = 30
    seed: int = 0
    begin: datetime = BEGIN

    def pictures(self, codec: str = "libx264") -> Picturing:
        """Return the recipe for the pictures: a key frame every second, a base of two seconds."""
        return Picturing(
            codec=codec, width=self.width, height=self.height, rate=self.rate, gop=self.rate,
            frames=2 * self.rate, noise=self.noise, crf=self.crf, seed=self.seed,
        )  # fmt: skip


SMALL = Scale()
Build = Callable[[Scale], Scene]


@lru_cache(maxsize=256)
def scene(name: str, scale: Scale = SMALL) -> Scene:
    """Return the scene of this name; KeyError if there is none."""
    return replace(_ALL[name](scale), name=name)


def write_scene(name: str, folder: Path, scale: Scale = SMALL) -> Path:
    """Write a scene's file under its suggested name and return its path."""
    made = scene(name, scale)
    path = folder / made.file_name
    path.write_bytes(made.data)
    return path


# --- what recorders write when all is well ----------------------------------------------------


def _media(how: Recipe, begin: datetime) -> Scene:
    pictures, sounds = sample_counts(how)
    tracks = [Sample("video", CODECS[how.video.codec], pictures)] if how.video else []
    if how.audio:
        tracks.append(Sample("audio", CODECS.get(how.audio, how.audio), sounds))
    return Scene(
        name="",
        file_name=dcam_name(begin, EXTENSIONS[how.container]),
        data=encode(how),
        kind="video" if how.video else "audio",
        container=CONTAINERS[how.container],
        duration_ms=how.duration_ms,
        tracks=tuple(tracks),
        created=how.created,
    )


def recipe(scale: Scale, codec: str = "libx264") -> Recipe:
    """Return the recipe of an ordinary recording, for those who need it longer or otherwise."""
    return Recipe(
        video=scale.pictures(codec), duration_ms=scale.duration_ms, created=utc(scale.begin)
    )


def _clean(scale: Scale) -> Scene:
    return _media(recipe(scale), scale.begin)


def _clean_faststart(scale: Scale) -> Scene:
    made = _clean(scale)
    return replace(made, data=mp4.faststart(made.data))


def _h265(scale: Scale) -> Scene:
    return _media(recipe(scale, "libx265"), scale.begin)


def _mdat_64bit(scale: Scale) -> Scene:
    made = _clean(scale)
    return replace(made, data=mp4.large_mdat(made.data))


def _fragmented(scale: Scale) -> Scene:
    made = _media(replace(recipe(scale), options=FRAGMENTED), scale.begin)
    return replace(made, container="fragmented mp4")


def _container(container: str, audio: str, codec: str = "libx264") -> Build:
    def build(scale: Scale) -> Scene:
        how = replace(recipe(scale, codec), container=container, audio=audio)
        if container != "matroska":  # TS and AVI of libavformat carry no time of creation
            how = replace(how, created=None)
        return _media(how, scale.begin)

    return build


def _audio_only(scale: Scale) -> Scene:
    made = _media(replace(recipe(scale), video=None), scale.begin)
    # 62 packets of 64 ms end a little before the asked duration.
    length = made.tracks[0].samples * 1024 * 1000 // 16_000
    name = dcam_name(scale.begin, "m4a")
    return replace(made, file_name=name, duration_ms=length, may=frozenset({Finding.NO_VIDEO}))


def _imp_mark(scale: Scale) -> Scene:
    name = dcam_name(scale.begin, important=True)
    return replace(_clean(scale), file_name=name, must=frozenset({Finding.IMPORTANT}))


# --- what goes wrong --------------------------------------------------------------------------


def _no_audio(scale: Scale) -> Scene:
    made = _media(replace(recipe(scale), audio=None), scale.begin)
    return replace(made, fault="has no sound", must=frozenset({Finding.NO_AUDIO}))


def _gap_of_7s(scale: Scale) -> Scene:
    at = scale.duration_ms // 2
    made = _media(replace(recipe(scale), gap=(at, 7_000)), scale.begin)
    return replace(
        made,
        fault="jumps over seven seconds in the middle, in both tracks",
        duration_ms=scale.duration_ms + 7_000,
        must=frozenset({Finding.GAP_INSIDE}),
        facts={"at_ms": at, "length_ms": 7_000},
    )


def _vfr(scale: Scale) -> Scene:
    made = _media(replace(recipe(scale), vary=True), scale.begin)
    must = frozenset({Finding.VARIABLE_RATE})
    return replace(made, fault="its pictures come at irregular times", must=must)


def _long_gop(scale: Scale) -> Scene:
    heavy = Picturing(width=320, height=240, gop=120, frames=120, noise=100, crf=4)
    return _media(replace(recipe(scale), video=heavy, duration_ms=12_000), scale.begin)


def _moov_missing(scale: Scale) -> Scene:
    made = _clean(scale)
    return replace(
        made,
        data=mp4.without(made.data, b"moov"),
        fault="the power went before the index was written",
        must=frozenset({Finding.NO_INDEX}),
        may=frozenset({Finding.TRUNCATED}),
    )


def _truncated(scale: Scale) -> Scene:
    made = _clean_faststart(scale)
    mdat = mp4.find(made.data, b"mdat")
    return replace(
        made,
        data=made.data[: mdat.offset + mdat.size * 6 // 10],
        fault="ends in the middle of its media data, though its index promises more",
        must=frozenset({Finding.TRUNCATED}),
    )


def _fragmented_cut(scale: Scale) -> Scene:
    made = _fragmented(scale)
    last = list(mp4.everywhere(made.data, b"mdat"))[-1]
    return replace(
        made,
        data=made.data[: last.offset + last.size // 2],
        fault="its last fragment is cut in the middle",
        must=frozenset({Finding.TRUNCATED}),
    )


def _ts_cut(scale: Scale) -> Scene:
    made = scene("ts", scale)
    return replace(
        made,
        data=made.data[: len(made.data) * 6 // 10 // 188 * 188 + 77],
        fault="ends in the middle of a transport packet",
        may=frozenset({Finding.TRUNCATED, Finding.DAMAGED}),
    )


def _clock_reset(scale: Scale) -> Scene:
    reset = replace(scale, begin=datetime(2015, 1, 1, 0, 3, 20, tzinfo=CHINA))
    must = frozenset({Finding.CLOCK_RESET})
    return replace(_clean(reset), fault="its recorder woke up in 2015", must=must)


def _from_the_future(scale: Scale) -> Scene:
    ahead = replace(scale, begin=datetime(2099, 7, 1, 12, 0, 0, tzinfo=CHINA))
    must = frozenset({Finding.FROM_THE_FUTURE})
    return replace(_clean(ahead), fault="its recorder's clock is far ahead", must=must)


def _plain(make: Callable[[datetime], Scene]) -> Build:
    return lambda scale: make(scale.begin)


def _spoilt(spoil: malformed.Spoil) -> Build:
    return lambda scale: spoil(_clean(scale), _fragmented(scale))


GOOD: tuple[str, ...] = (
    "clean", "clean_faststart", "h265", "mdat_64bit", "fragmented_mp4", "avi", "mjpeg_avi", "ts",
    "ts_h265", "mkv", "audio_only", "imp_mark", "long_gop",
)  # fmt: skip

_ALL: dict[str, Build] = {
    "clean": _clean,
    "clean_faststart": _clean_faststart,
    "h265": _h265,
    "mdat_64bit": _mdat_64bit,
    "fragmented_mp4": _fragmented,
    "avi": _container("avi", "pcm_s16le"),
    "mjpeg_avi": _container("avi", "pcm_s16le", "mjpeg"),
    "ts": _container("mpegts", "aac"),
    "ts_h265": _container("mpegts", "aac", "libx265"),
    "mkv": _container("matroska", "aac"),
    "audio_only": _audio_only,
    "imp_mark": _imp_mark,
    "long_gop": _long_gop,
    "no_audio": _no_audio,
    "gap_of_7s": _gap_of_7s,
    "vfr": _vfr,
    "moov_missing": _moov_missing,
    "truncated_in_mdat": _truncated,
    "fragmented_cut": _fragmented_cut,
    "ts_cut": _ts_cut,
    "clock_reset_to_2015": _clock_reset,
    "from_the_future": _from_the_future,
    **{name: _plain(make) for name, make in plainfiles.ALL.items()},
    **{name: _spoilt(spoil) for name, spoil in malformed.ALL.items()},
}

NAMES: tuple[str, ...] = tuple(_ALL)

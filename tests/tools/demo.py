"""The two recorders of the demo: one shift each, with everything that can happen in a shift.

A: FAT32, H.264, names that tell maker, device and officer; segments of equal length, then seven
seconds that are missing, a marked recording, a photo, a log, a deleted recording.
B: exFAT, H.265 and H.264, folders and numbers after the HiSilicon habit; one film that lost its
index, one that was cut, an empty one, sound, a photo, a log in GBK.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from tests.tools import mp4
from tests.tools.encode import Recipe, write
from tests.tools.plainfiles import device_log, photo
from tests.tools.recorders import Card, RecorderSpec, build_recorder, naive
from tests.tools.scene import CHINA
from tests.tools.scenes import Scale, recipe
from tests.tools.volumes import VolumeFile

DAY = date(2026, 11, 21)
DEMO = Scale(width=640, height=360, rate=25, duration_ms=30_000, noise=40, crf=30)
A = Card(serial="K7F3A2C", maker="DCAM", device="CAM001", officer="000001")
B = Card(serial="H9D2B4E", maker="HISI", device="CAM002", officer="000002")
GAP_S = 7


def build_demo(folder: Path, day: date = DAY, scale: Scale = DEMO) -> tuple[Path, Path]:
    """Build both recorders; return the paths of their descriptions.

    ``scale`` gives the size: pictures, and the length of one segment (whole seconds).
    """
    work = folder / "media"
    work.mkdir(parents=True, exist_ok=True)
    first = build_recorder(folder, "fat32", recorder_a(work, day, scale))
    second = build_recorder(folder, "exfat", recorder_b(work, day, scale))
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    return first, second


# --- recorder A -------------------------------------------------------------------------------


def recorder_a(work: Path, day: date = DAY, scale: Scale = DEMO) -> RecorderSpec:
    """Return recorder A; its media is written below ``work``."""
    films = list(_films_a(work, _at(day, "10:00:00"), scale))
    picture = _at(day, "10:00:41")
    early = _at(day, "09:12:00")
    names = tuple(film.path.rpartition("/")[2] for film in films)
    log = device_log(_at(day, "09:58:00"), names, **_told(A))
    gone = _film(work, _name_a(early), replace(scale, begin=early, duration_ms=8_000))
    files = (
        VolumeFile("DEVICE.LOG", log.encode(), _end(day)),
        *films,
        VolumeFile(_name_a(picture, "jpg"), photo(picture, 1280, 720), naive(picture)),
        replace(gone, deleted=True),
    )
    return RecorderSpec(
        "recorder-a", files, A, clock_offset_ms=83_000, battery_percent=64, label="DCAM"
    )


def _films_a(work: Path, begin: datetime, scale: Scale) -> Iterator[VolumeFile]:
    """One recording of four full segments that breaks off, its rest, and a marked one at noon."""
    whole = timedelta(milliseconds=scale.duration_ms)
    for number in range(6):
        broken_off = timedelta(seconds=GAP_S if number >= 4 else 0)
        # The last one was stopped by hand, so it is shorter.
        length = scale.duration_ms * 3 // 5 // 1000 * 1000 if number == 5 else scale.duration_ms
        at = begin + number * whole + broken_off
        how = replace(scale, begin=at, duration_ms=length, seed=1)
        yield _film(work, _name_a(at), how, fragments=3 if number == 2 else 1)
    noon = begin.replace(hour=14, minute=5)
    how = replace(scale, begin=noon, duration_ms=scale.duration_ms // 2 // 1000 * 1000, seed=2)
    yield _film(work, _name_a(noon, mark="_IMP"), how)


def _name_a(when: datetime, ext: str = "mp4", mark: str = "") -> str:
    return f"DCIM/{A.maker}_{A.device}_{A.officer}_{when:%Y%m%d_%H%M%S}{mark}.{ext}"


# --- recorder B -------------------------------------------------------------------------------


def recorder_b(work: Path, day: date = DAY, scale: Scale = DEMO) -> RecorderSpec:
    """Return recorder B; its media is written below ``work``."""
    locked, picture, spoken = _at(day, "15:20:00"), _at(day, "13:31:05"), _at(day, "15:40:00")
    short = replace(scale, duration_ms=scale.duration_ms // 2 // 1000 * 1000, seed=4)
    films = [*_films_b(work, _at(day, "13:30:00"), replace(scale, seed=3))]
    films.append(_locked(work, _name_b("EMR", locked, 7, "TS"), replace(short, begin=locked)))
    names = tuple(film.path.rpartition("/")[2] for film in films)
    log = device_log(_at(day, "13:29:00"), names, **_told(B)) + f"{day} 注意:存储卡将满\r\n"
    sound = replace(recipe(replace(short, begin=spoken)), video=None)
    files = (
        *films,
        VolumeFile(
            _name_b("Photo", picture, 1, "JPG"), photo(picture, 1280, 720, 9), naive(picture)
        ),
        _written(work, _name_b("Audio", spoken, 1, "M4A"), sound, spoken),
        VolumeFile("LOG/日志.TXT", log.encode("gbk"), _end(day)),
    )
    return RecorderSpec(
        "recorder-b",
        files,
        B,
        clock_offset_ms=-134_000,
        battery_percent=31,
        label="HISI",
        volume_serial=0x2611_2102,
    )


def _films_b(work: Path, begin: datetime, scale: Scale) -> Iterator[VolumeFile]:
    """Three segments in H.265, then one without its index, a cut one and an empty one."""
    whole = timedelta(milliseconds=scale.duration_ms)
    for number in range(5):
        at = begin + number * whole
        how = replace(scale, begin=at)
        name = _name_b("Movie", at, number + 1, "MP4")
        film = _written(work, name, recipe(how, "libx265"), at, fragments=2 if number == 1 else 1)
        if number == 3 and isinstance(film.content, Path):
            film = replace(film, content=mp4.without(film.content.read_bytes(), b"moov"))
        if number == 4 and isinstance(film.content, Path):
            data = mp4.faststart(film.content.read_bytes())
            film = replace(film, content=data[: len(data) * 6 // 10])
        yield film
    at = begin + 5 * whole
    yield VolumeFile(_name_b("Movie", at, 6, "MP4"), b"", naive(at))


def _locked(work: Path, path: str, scale: Scale) -> VolumeFile:
    how = replace(recipe(scale), container="mpegts", created=None)
    return _written(work, path, how, scale.begin)


def _name_b(folder: str, when: datetime, number: int, ext: str) -> str:
    return f"{folder}/{when:%Y_%m_%d_%H%M%S}_{number:02d}.{ext}"


# --- both -------------------------------------------------------------------------------------


def _film(work: Path, path: str, scale: Scale, fragments: int = 1) -> VolumeFile:
    return _written(work, path, recipe(scale), scale.begin, fragments)


def _written(work: Path, path: str, how: Recipe, begin: datetime, fragments: int = 1) -> VolumeFile:
    """Write a media file; a recorder's directory tells when it was closed."""
    media = write(how, work / path.replace("/", "_"))
    closed = begin + timedelta(milliseconds=how.duration_ms)
    return VolumeFile(path, media, naive(closed), naive(begin), fragments=fragments)


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), CHINA)


def _end(day: date) -> datetime:
    return naive(_at(day, "17:30:00"))


def _told(card: Card) -> dict[str, str]:
    return {
        "serial": card.serial,
        "device": card.device,
        "officer": card.officer,
        "unit": card.unit,
    }

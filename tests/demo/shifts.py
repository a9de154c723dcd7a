"""What a recorder of the bureau carries home from one shift: small films of a minute each."""

from datetime import datetime, time, timedelta

from tests.tools.encode import write
from tests.tools.recorders import Card, RecorderSpec, build_recorder, naive
from tests.tools.scene import CHINA
from tests.tools.scenes import Scale, recipe
from tests.tools.volumes import VolumeFile

MINUTE = timedelta(minutes=1)
BROKEN_OFF = timedelta(seconds=7)


def build_shift(folder, serial, officer, day, kinds):
    """Build the recorder of one shift; return its description.

    ``kinds``, one for each recording: ``whole`` (two files), ``gap`` (broke off, went on),
    ``short`` and ``marked``.
    """
    # Nobody begins when others do: two films of the same moment would be the same bytes.
    files, begin = [], datetime.combine(day, time(9, 2, day.day), CHINA)
    begin += int(officer) * timedelta(minutes=11)
    device = f"CAM{serial[-1]}{serial[1]}"
    folder.mkdir(parents=True)
    for number, kind in enumerate(kinds):
        films = RECORDINGS[kind](begin + number * timedelta(hours=1, minutes=25))
        for at, length, mark in films:
            name = f"DCIM/DCAM_{device}_{officer}_{at:%Y%m%d_%H%M%S}{mark}.mp4"
            files.append(_film(folder, name, at, length))
    card = Card(serial=serial, maker="DCAM", device=device, officer=officer)
    offset = 1000 * (ord(serial[-1]) % 7 * 20 - 60)
    spec = RecorderSpec("recorder", tuple(files), card, clock_offset_ms=offset, battery_percent=58)
    return build_recorder(folder, "folder", spec)


def _whole(begin):
    yield begin, MINUTE, ""
    yield begin + MINUTE, MINUTE * 2 / 3, ""


def _gap(begin):
    for number in range(3):
        yield begin + number * MINUTE, MINUTE, ""
    yield begin + 3 * MINUTE + BROKEN_OFF, MINUTE / 2, ""


def _short(begin):
    yield begin, MINUTE / 2, ""


def _marked(begin):
    yield begin, MINUTE * 2 / 3, "_IMP"


RECORDINGS = {"whole": _whole, "gap": _gap, "short": _short, "marked": _marked}


def _film(folder, path, at, length):
    scale = Scale(duration_ms=int(length.total_seconds() * 1000), begin=at)
    media = write(recipe(scale), folder / path.rpartition("/")[2])
    content = media.read_bytes()
    media.unlink()
    return VolumeFile(path, content, naive(at + length), naive(at))

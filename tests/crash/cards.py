"""Recorders for a rack under attack: put in, lost in the middle of a read, put in again.

Three kinds: a played one over a folder (with a serial, a limited rate and faults of its cable), a
bare folder, and an exFAT image.  Whatever is put in is whole at once, as a plug makes it.
"""

import json
import os
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from appliance.slotstate import SlotState
from tests.crash.ground import stamp
from tests.tools.encode import Recipe, encode
from tests.tools.exfat import write_image
from tests.tools.mp4 import make
from tests.tools.volumes import VolumeFile, local

Kind = Literal["played", "folder", "image"]
RATE_BYTES_S = 400_000
# How the cable of a played recorder fails: in a read, when it is asked, and while it forgets.
CABLES = (
    "unplugged", "unplugged", "unplugged", "unplugged", "gone_at_identity", "gone_at_listing",
    "erase_unplugged", "erase_done_unplugged",
)  # fmt: skip


@cache
def film() -> bytes:
    """Return a short film, so that a parser has something to say."""
    return encode(Recipe(duration_ms=6_000))


def shift(number: int, chance: random.Random) -> dict[str, bytes]:
    """Return what card ``number`` holds: no two files of all cards are the same."""
    sizes = [chance.randrange(1, 200_000) for _ in range(8)]
    contents = [chance.randbytes(size) for size in sizes]
    contents.append(film() + make(b"free", chance.randbytes(500)))
    contents.append(chance.randbytes(4096))
    names = (f"DCAM_CAM{number:04d}_000001_20261122_{9 + at:02d}0000.mp4" for at in range(10))
    return {f"DCIM/{name}": content for name, content in zip(names, contents, strict=True)}


@dataclass
class Card:
    """One recorder, and the place where it is put in."""

    kind: Kind
    place: Path  # what the slot watches
    number: int
    chance: random.Random
    files: Mapping[str, bytes] = field(init=False)
    forgotten: list[str] = field(default_factory=list)
    apart: Path = field(init=False)  # beside, on the same file system: not seen by the slot

    def __post_init__(self) -> None:
        self.files = shift(self.number, self.chance)
        self.apart = self.place.with_name(f"apart-{self.number}")
        if self.kind == "image":
            rows = [
                VolumeFile(path, content, modified=local("2026-11-22 10:00"))
                for path, content in self.files.items()
            ]
            write_image(self.apart, rows, volume_serial=self.number + 1)
        else:
            for path, content in self.files.items():
                target = self.apart / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            stamp(self.apart)

    def done(self, state: SlotState) -> bool:
        """Tell whether a docking that says so has brought all of it into custody."""
        whole = state.outcome == "complete" and state.docking is not None
        if whole and self.kind != "image" and self._folder.exists():
            gone = len(self._gone())
            if gone or state.told == "erased":
                return gone == len(self.files)
        mine = state.recorder in {f"K{self.number:06d}", f"CAM{self.number:04d}"}
        return whole and mine and state.files == len(self.files)

    def put_in(self, *, faulty: bool = False) -> None:
        """Put it in, also after it was lost."""
        if self.kind == "image":
            beside = self.place.with_name(f"beside-{self.number}")
            shutil.copyfile(self.apart, beside)
            beside.rename(self.place)
            return
        if self.apart.exists():
            self.apart.rename(self._folder)
        if self.kind == "played":
            self._describe(faulty=faulty)

    def lose(self) -> None:
        """Pull the cable: what is open fails at its next read or its next name."""
        if self.kind == "image":
            os.truncate(self.place, 0)
            return
        self._folder.rename(self.apart)
        kept = self.apart.with_name(f"kept-{self.number}")
        shutil.copytree(self.apart, kept, copy_function=os.link)
        shutil.rmtree(self.apart)
        kept.rename(self.apart)

    def take(self) -> None:
        """Take it out for good; ``forgotten`` tells from now on what it had to forget."""
        self.forgotten = self._gone()
        if self.kind == "image":
            self.place.unlink(missing_ok=True)
            self.apart.unlink(missing_ok=True)
            return
        if self.kind == "played":
            self.place.unlink(missing_ok=True)
        for folder in (self._folder, self.apart):
            shutil.rmtree(folder, ignore_errors=True)

    def _gone(self) -> list[str]:
        if self.kind == "image":
            return []
        return [path for path in self.files if not (self._folder / path).exists()]

    @property
    def _folder(self) -> Path:
        return self.place if self.kind == "folder" else self.place.with_name(f"card-{self.number}")

    def _describe(self, *, faulty: bool) -> None:
        size = sum(map(len, self.files.values()))
        fault = {"fault": self.chance.choice(CABLES), "bytes": self.chance.randrange(size)}
        told = {
            "image": self._folder.name,
            "identity": {"serial": f"K{self.number:06d}", "device": f"CAM{self.number:04d}"},
            "clock_offset_ms": 0,
            "rate_bytes_per_s": RATE_BYTES_S,
            "faults": [fault] if faulty else [],
        }
        beside = self.place.with_name(f"beside-{self.number}")
        beside.write_text(json.dumps(told))
        beside.rename(self.place)

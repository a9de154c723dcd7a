"""Whole recorders: an image (or a folder) with everything on it, and the description beside it.

``<name>.recorder.json`` is what the simulated recorder answers with:
``{"image", "identity": {"serial","maker","device","officer","unit"}, "clock_offset_ms",
"battery_percent", "wipe_only", "faults"}``; ``image`` is relative to the description.
Everybody and everything named here is fictional.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from tests.tools import exfat, fat32
from tests.tools.scene import CHINA
from tests.tools.volumes import Layout, VolumeFile, Zeros

Kind = Literal["fat32", "exfat", "folder"]
WRITERS: dict[str, Callable[..., Layout]] = {
    "fat32": fat32.write_image,
    "exfat": exfat.write_image,
}


@dataclass(frozen=True, slots=True)
class Card:
    """Who a recorder is: 7 characters, maker, product number, 6 digits, 12 digits."""

    serial: str = "K7F3A2C"
    maker: str = "DCAM"
    device: str = "CAM001"
    officer: str = "000001"
    unit: str = "330100000001"


@dataclass(frozen=True, slots=True)
class RecorderSpec:
    """A recorder to be.  ``clock_offset_ms``: its clock minus ours, None where it cannot tell."""

    name: str
    files: tuple[VolumeFile, ...]
    card: Card = field(default_factory=Card)
    clock_offset_ms: int | None = 0
    battery_percent: int = 80
    wipe_only: bool = False
    faults: tuple[str, ...] = ()
    volume_serial: int = 0x2611_2101
    label: str = "RECORDER"
    cluster_bytes: int = 32_768
    size_bytes: int | None = None


def build_recorder(folder: Path, kind: Kind, spec: RecorderSpec) -> Path:
    """Write the recorder's medium and its description; return the path of the description."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        image = folder / spec.name
        _write_folder(image, spec)
    else:
        image = folder / f"{spec.name}.img"
        WRITERS[kind](
            image,
            spec.files,
            volume_serial=spec.volume_serial,
            label=spec.label,
            size_bytes=spec.size_bytes,
            cluster_bytes=spec.cluster_bytes,
        )
    description = {
        "image": image.name,
        "identity": asdict(spec.card),
        "clock_offset_ms": spec.clock_offset_ms,
        "battery_percent": spec.battery_percent,
        "wipe_only": spec.wipe_only,
        "faults": list(spec.faults),
    }
    path = folder / f"{spec.name}.recorder.json"
    path.write_text(json.dumps(description, indent=2) + "\n", "utf-8")
    return path


def _write_folder(root: Path, spec: RecorderSpec) -> None:
    """Write the living files as a mounted card shows them; a folder has no deleted entries."""
    root.mkdir()
    for file in spec.files:
        if file.deleted:
            continue
        parts = PurePosixPath(file.path).parts
        if ".." in parts or file.path.startswith("/"):
            raise ValueError(file.path)
        path = root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_file(path, file)
        when = file.modified.replace(tzinfo=CHINA).timestamp()
        os.utime(path, (when, when))


def _write_file(path: Path, file: VolumeFile) -> None:
    if isinstance(file.content, Zeros):
        path.touch()
        os.truncate(path, file.content.size)
    else:
        content = file.content
        path.write_bytes(content.read_bytes() if isinstance(content, Path) else content)


def naive(when: datetime) -> datetime:
    """Return a moment as the recorder's own clock shows it, without its zone."""
    return when.astimezone(CHINA).replace(tzinfo=None)

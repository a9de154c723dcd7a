"""Helpers: run a checker of another house, and read a volume with The Sleuth Kit."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytsk3
from hypothesis import strategies as st

from tests.needs import PLACES
from tests.tools.volumes import VolumeFile, local


def run(tool: str, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    found = shutil.which(tool, path=PLACES)
    assert found is not None
    command = [found, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=20)


def read_all(image: Path, offset: int = 0) -> dict[str, tuple[bytes, bool]]:
    """Return path: (content, living) of every file, as The Sleuth Kit sees them.

    A deleted short name has lost its first letter; where it now equals a living one, that one wins.
    """
    system = pytsk3.FS_Info(pytsk3.Img_Info(str(image)), offset=offset)
    found = [(path, _read(entry)) for path, entry in _entries(system, "")]
    return dict(sorted(found, key=lambda each: each[1][1]))


def _entries(system: Any, above: str) -> Iterator[tuple[str, Any]]:
    for entry in system.open_dir(above or "/"):
        name = entry.info.name.name.decode()
        meta = entry.info.meta
        if name in {".", ".."} or name.startswith("$") or "Volume Label" in name:
            continue
        if meta.type == pytsk3.TSK_FS_META_TYPE_DIR:
            yield from _entries(system, f"{above}{name}/")
        else:
            yield above + name, entry


def _read(entry: Any) -> tuple[bytes, bool]:
    size = entry.info.meta.size
    content = entry.read_random(0, size) if size else b""
    return content, entry.info.name.flags == pytsk3.TSK_FS_NAME_FLAG_ALLOC


SAFE = st.sampled_from("abcXYZ019 _-+.执法记录仪éЖ😀")
NAMES = st.text(SAFE, min_size=1, max_size=40).filter(
    lambda name: name == name.strip(" .") and name.strip(" .")
)
CONTENTS = st.one_of(
    st.just(b""),
    st.binary(min_size=1, max_size=200),
    st.integers(1, 9_000).map(lambda size: (b"%08d" % size * 1200)[:size]),
)
FIRST, LAST = local("1980-01-01"), local("2107-12-31 23:59:58")


@st.composite
def file_sets(draw: st.DrawFn) -> list[VolumeFile]:
    """Lawful files in up to three directories; no two names differ only in case."""
    folders = draw(st.lists(NAMES, max_size=3, unique_by=str.upper))
    names = draw(st.lists(NAMES, max_size=12, unique_by=str.upper))
    taken = {folder.upper() for folder in folders}
    places = st.sampled_from(["", *(f"{folder}/" for folder in folders)])
    return [
        VolumeFile(
            draw(places) + name,
            draw(CONTENTS),
            draw(st.datetimes(FIRST, LAST)),
            fragments=draw(st.integers(1, 5)),
            deleted=draw(st.integers(0, 5)) == 0,
        )
        for name in names
        if name.upper() not in taken
    ]


def living(files: list[VolumeFile]) -> dict[str, bytes]:
    return {
        file.path: file.content
        for file in files
        if not file.deleted and isinstance(file.content, bytes)
    }


def even_seconds(when: datetime) -> datetime:
    return when.replace(second=when.second // 2 * 2, microsecond=0)

"""Commands as documents and help texts print them, and a desk on which they are tried."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.config import Config
from tests.docs.tree import ROOT
from tests.tools.recorders import RecorderSpec, build_recorder
from tests.tools.volumes import VolumeFile
from vault.founding import Founding
from vault.ledger import LedgerStore
from vault.places import places_of

STEP_LIMIT_S = 120
UP_FOR_S = 3  # `dockseal up` runs until it is stopped
STOPPED_BY_TIMEOUT = 124  # timeout(1)

FILES = (
    VolumeFile("DCIM/DCAM_CAM001_000001_20261121_100000.mp4", b"\0" * 4_096),
    VolumeFile("DCIM/DCAM_CAM001_000001_20261121_100500_IMP.mp4", b"\1" * 5_000),
    VolumeFile("DCIM/DCAM_CAM001_000001_20261121_101000.jpg", b"\xff\xd8\xff\xd9"),
    VolumeFile("notes.txt", b"made by code\n"),
)


def sh_blocks(text: str) -> list[str]:
    """Return the ```sh blocks of a Markdown text, in order, without comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"(^|\s+)# .*$", "", block, flags=re.MULTILINE).strip() for block in blocks]


def examples(help_text: str) -> list[str]:
    """Return the lines of a help text that show how ``dockseal`` is called: they are indented."""
    found = re.findall(r"^ +(?:\$ )?(dockseal .*)$", help_text, re.MULTILINE)
    return [re.split(r"\s{2,}|\s+# ", line)[0] for line in found]


def make_targets(text: str) -> set[str]:
    """Return every target that a text tells to make."""
    return set(re.findall(r"^(?:sudo )?make ([a-z-]+)", "\n".join(sh_blocks(text)), re.MULTILINE))


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with a card, an image and a home in which the card was docked once."""

    folder: Path

    @property
    def home(self) -> Path:
        """The home that DOCKSEAL_HOME names, as in the README."""
        return self.folder / "evidence"

    def run(self, script: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run shell lines as a person would who stands at this desk; stops at the first failure."""
        return subprocess.run(
            ["/bin/sh", "-e", "-c", self.placed(script)],
            cwd=self.folder,
            env=self._environment(home or self.home),
            capture_output=True,
            text=True,
            timeout=STEP_LIMIT_S,
            check=False,
        )

    def placed(self, script: str) -> str:
        """Put what lies on this desk in the place of what a document can only call by a sign."""
        for pattern, here in self._signs():
            script = re.sub(pattern, here, script, flags=re.MULTILINE)
        script = re.sub(r"(?<![\w/.-])([\w-]+)\.img\b", self._image, script)
        if "SEGMENT" in script:
            script = script.replace("SEGMENT", self.segment())
        stop = f"timeout -s INT {UP_FOR_S} \\1 || test $? = {STOPPED_BY_TIMEOUT}"
        return re.sub(r"^(dockseal .*\bup\b.*)$", stop, script, flags=re.MULTILINE)

    def segment(self) -> str:
        """Return the beginning of a digest that names one segment in custody."""
        listed = self.run("dockseal list --json")
        return str(json.loads(listed.stdout)["segments"][0]["segment"])[:12]

    def _signs(self) -> tuple[tuple[str, str], ...]:
        return (
            (r"/media/copy\b", str(self.home)),  # somebody's copy of a home's public part
            (r"/media/\S+", str(self.folder / "card")),
            (r"/srv/\S+", str(self.folder / "srv")),
            (r"/dev/(sd[a-z])\b", r"\1.img"),
            (r"\b(show|history) [0-9a-f]{4,}$", r"\1 SEGMENT"),
        )

    def _image(self, match: re.Match[str]) -> str:
        """Return an image of this name: a copy of the card's, because one may be erased."""
        image = self.folder / match[0]
        if not image.exists():
            shutil.copy(self.folder / "card.img", image)
        return str(image)

    def _environment(self, home: Path) -> dict[str, str]:
        """Return an environment of this desk alone: nothing of the person who runs the tests."""
        path = os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin"))
        return {"PATH": path, "HOME": str(self.folder), "LANG": "C.UTF-8",
                "DOCKSEAL_HOME": str(home)}  # fmt: skip


def lay_out(folder: Path) -> Desk:
    """Build a desk; the first docking makes its home, as in the README."""
    build_recorder(folder, "folder", RecorderSpec("card", FILES))
    build_recorder(folder, "fat32", RecorderSpec("card", FILES, cluster_bytes=512))
    desk = Desk(folder)
    shipped = (ROOT / "config/appliance.toml").read_text(encoding="utf-8")
    slot = f'\n[[slots]]\nnumber = 1\npath = "{folder / "card"}"\n'
    (folder / "appliance.toml").write_text(shipped + slot, encoding="utf-8")
    desk.home.mkdir()
    for name, where in (
        (".venv", ROOT / ".venv"),
        ("config", ROOT / "config"),
        ("ledger", desk.home / "ledger"),
        ("vkey", desk.home / "vkey"),
        ("evidence/appliance.toml", folder / "appliance.toml"),
    ):
        (folder / name).symlink_to(where)
    docked = desk.run("dockseal dock /media/card")
    if docked.returncode:
        raise RuntimeError(docked.stdout + docked.stderr)
    return desk


class Tomorrow:
    """A clock that is a day ahead: whoever looks again with the right one sees it go back."""

    def now(self) -> datetime:
        """Return the time a day from now."""
        return datetime.now(UTC) + timedelta(days=1)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


def found_tomorrow(home: Path) -> None:
    """Make a home whose ledger was begun by a clock that was a day ahead."""
    station = Config().station
    founding = Founding(station.origin, station.station, "dockseal of tests")
    LedgerStore.create(places_of(home), founding, Tomorrow()).close()

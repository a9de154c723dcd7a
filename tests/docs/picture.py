"""``python -m tests.docs.picture``: draws docs/demo.svg from a docking that really happens.

The two recorders of the demo are docked side by side.  The picture shows the first as it was told
"safe to take" and the second as it was being read: as they stand beside each other when one
officer comes a minute after the other.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from appliance.display import picture
from appliance.slotstate import SlotState, read_state
from appliance.words import load_words
from tests.docs.tree import ROOT
from tests.tools.demo import build_demo

PROGRAM = Path(sys.executable).with_name("dockseal")
LOOK_EVERY_S = 0.01
COLUMNS = 100


def main() -> None:
    """Dock, look, draw."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = watch(Path(folder))
    shown = [replace(each, path=Path(each.path).name) for each in (first, second)]
    drawn = picture(shown, load_words("en"), COLUMNS)
    text = "\n".join(line.rstrip() for line in drawn.split("\n"))
    (ROOT / "docs/demo.svg").write_text(text, encoding="utf-8")


def watch(folder: Path) -> tuple[SlotState, SlotState]:
    """Return what slot 1 said at its end, and slot 2 in the middle of its reading."""
    recorders = build_demo(folder / "recorders")
    slots = folder / "home/run/slots"
    command = [str(PROGRAM), "dock", *map(str, recorders), "--home", str(folder / "home")]
    first, reading = SlotState(1), [SlotState(2)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as docking:
        while docking.poll() is None:
            first = read_state(slots, 1) or first
            second = read_state(slots, 2) or SlotState(2)
            if second.stage == "reading" and second.bytes_done != reading[-1].bytes_done:
                reading.append(second)
            time.sleep(LOOK_EVERY_S)
    return read_state(slots, 1) or first, reading[len(reading) * 2 // 3]


if __name__ == "__main__":
    main()

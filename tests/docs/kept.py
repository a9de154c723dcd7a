"""``python -m tests.docs.kept``: draws docs/kept.svg from the year of the demo.

Why a recording is kept, what the keeper says a year ahead, and what remains of one that is gone.
"""

import io
import shlex
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from appliance.display import SVG
from tests.demo.__main__ import Demo
from tests.demo.keeping import Keeping
from tests.docs.tree import ROOT

COLUMNS = 140
SHOWN = ("retention", "tend", "disposed")


class Heard(Demo):
    """Says nothing, and remembers what was typed and answered."""

    def __init__(self, folder):
        super().__init__(folder, "en")
        self.heard = []

    def show(self, *arguments, prompt="", seat=None, keep=False, home=None):
        """Run the program; ``heard``: (command, line as typed, answer)."""
        del keep
        ended = self.start([*arguments, *(["--home", str(home)] if home else [])], seat,
                           capture=True)  # fmt: skip
        typed = f"{prompt}$ dockseal {shlex.join(arguments)}"
        self.heard.append((arguments, typed, ended.stdout.rstrip()))
        return ended

    def print(self, text):
        """Nobody listens."""


def main():
    """Live, look, draw."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Heard(Path(folder))
        keeping = Keeping(demo)
        keeping.run()
        lacking = keeping.lacking()
    if lacking:
        raise RuntimeError(lacking)
    console = Console(
        file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, highlight=False,
        color_system="truecolor",
    )  # fmt: skip
    console.print(Text("\n\n").join(scenes(demo.heard)))
    drawn = console.export_svg(title="Dockseal", code_format=SVG, unique_id="kept")
    text = "\n".join(line.rstrip() for line in drawn.split("\n"))
    (ROOT / "docs/kept.svg").write_text(text, encoding="utf-8")


def scenes(heard):
    """Yield what was typed and answered, of the scenes that are shown."""
    for command in SHOWN:
        found = [(typed, said) for (first, *rest), typed, said in heard
                 if first == command and not {"due", "blocked"} & set(rest)]  # fmt: skip
        typed, said = found[0]
        yield Text.assemble((typed, "bold green"), f"\n{said}")


if __name__ == "__main__":
    main()

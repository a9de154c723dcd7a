"""``python -m tests.demo [--open]``: build two recorders, dock them side by side, look, audit.

Every step is the real program in a process of its own, shown as a person would type it.  Exits 0
only when everything that the recorders carry was found: a demo that shows nothing wrong is wrong.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.words import choose_language, load_words
from tests.demo.ahead import command as command_ahead
from tests.demo.ahead import ledger_ahead
from tests.demo.bureau import AUDITOR, OFFICER, Bureau
from tests.demo.expected import missing, unlogged
from tests.demo.keeping import Keeping
from tests.demo.opened import Opened
from tests.demo.terminals import WrongTurnError
from tests.tools.demo import build_demo

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path("build") / "demo"
PROGRAM = Path(sys.executable).with_name("dockseal")
USB2_BYTES_PER_S = 8_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")


def main():
    """Run the demo; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="everything lies here")
    parser.add_argument("--lang", help="zh-CN or en; default: as the environment says")
    parser.add_argument("--open", action="store_true", help="leave a bureau open on localhost")
    options = parser.parse_args()
    demo = Demo(options.folder, options.lang)
    code = demo.run()
    if code or not options.open:
        return code
    return Opened(options.folder / "bureau", demo.lang, demo.words).run()


class Demo:
    """One run, from empty folder to verdict."""

    def __init__(self, folder, lang):
        self.folder = folder
        self.lang = choose_language(lang, "", os.environ)
        self.words = load_words(self.lang)
        self.home = folder / "home"
        self.program = (str(PROGRAM),)

    def run(self):
        self.say("demo.about")
        recorders = self.build()
        self.say("demo.dock")
        here = {"home": self.home}
        codes = [self.show("dock", *map(str, recorders), "--erase", **here).returncode]
        self.say_how_they_left()
        self.say("demo.list")
        codes.append(self.show("list", **here).returncode)
        self.say("demo.seams")
        codes.append(self.show("seams", **here).returncode)
        marked = self.marked()
        self.say("demo.history")
        codes.append(self.show("history", marked, **here).returncode)
        lacking = missing(self.document)
        bureau = Bureau(self, datetime.now(UTC).astimezone(SHANGHAI).date())
        lacking += self.ask_and_approve(bureau, marked)
        self.say("demo.audit")
        here |= {"prompt": bureau.names[AUDITOR], "seat": bureau.environment(AUDITOR)}
        codes.append(self.show("audit", **here).returncode)
        self.say("demo.verify")
        codes.append(self.show("verify", str(self.home / "ledger")).returncode)
        keeping = Keeping(self)
        lacking += self.keep(keeping)
        if lacking:
            self.say("demo.lacking", what=", ".join(lacking))
        desks = self.folder / "terminals"
        self.say("demo.next", home=self.home, segment=marked, desks=desks)
        if keeping.lived:
            gone = keeping.lived.approved[0].removeprefix("s:")
            self.say("demo.next_year", home=keeping.home, gone=gone, desks=desks)
        return 1 if lacking else max(codes)

    def marked(self):
        """Return the recording that the officer of recorder A marked as important."""
        found = self.document("list", "--important", "--officer", OFFICER)["segments"]
        return found[0]["segment"][:12]

    def ask_and_approve(self, bureau, segment):
        """Let nothing leave without people; return what did not come to light."""
        try:
            bureau.run(segment)
        except WrongTurnError as error:
            return [str(error)]
        return unlogged(lambda *asked: self.document(*asked, seat=bureau.environment(AUDITOR)))

    def keep(self, keeping):
        """Keep by the law and forget by the law; return what did not come to light."""
        try:
            keeping.run()
        except WrongTurnError as error:
            return [str(error)]
        return keeping.lacking()

    def build(self):
        """Make both recorders anew, as of the shift that ended a moment ago."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.home.mkdir(parents=True)
        # A key in a file may sign here and nowhere else: the organisation ends in ".example".
        (self.home / "appliance.toml").write_text("[access]\ndemo_keys = true\n")
        self.say("demo.building")
        yesterday = (datetime.now(UTC) - timedelta(days=1)).astimezone(SHANGHAI).date()
        recorders = build_demo(self.folder / "recorders", yesterday)
        if sys.stderr.isatty():
            for path in recorders:
                at_usb2_speed(path)
        return recorders

    def show(self, *arguments, home=None, prompt="", seat=None, keep=False):
        """Run the program as a person would, on this terminal; return how it ended.

        ``prompt``: who types; ``seat``: their environment; ``keep``: keep what it says, too.
        """
        where = ["--home", str(home)] if home else []
        typed = shlex.join([*arguments[:1], *where, *arguments[1:]])
        self.print(f"\n{prompt}$ dockseal {typed}")  # what a person would type
        ended = self.start([*arguments, *where], seat, capture=keep)
        if keep:
            self.print(ended.stdout.rstrip())
        return ended

    @contextmanager
    def ahead(self, home, days):
        """Let everything below live ``days`` ahead of the real time."""
        with ledger_ahead(home, days):
            self.program = command_ahead(days)
            yield
            self.program = (str(PROGRAM),)

    def document(self, *arguments, seat=None, home=None):
        """Return the JSON document of a command."""
        where = str(home or self.home)
        said = self.start([*arguments, "--home", where, "--json"], seat, capture=True)
        return json.loads(said.stdout)

    def start(self, arguments, seat=None, *, capture=False):
        command = [*self.program, "--lang", self.lang, *arguments]
        output = subprocess.PIPE if capture else None
        return subprocess.run(
            command, check=False, stdout=output, text=True, env=seat, stdin=subprocess.DEVNULL
        )

    def say_how_they_left(self):
        """Tell whether this machine could clear both recorders."""
        told = {json.loads(path.read_text())["told"] for path in self.states()}
        self.say("demo.erased" if told == {"erased"} else "demo.confirmed")

    def states(self):
        return sorted((self.home / "run" / "slots").glob("*.json"))

    def say(self, key, **facts):
        self.print(self.words(key, **facts))

    def print(self, text):
        print(text, flush=True)  # noqa: T201 - the demo speaks to a person


def at_usb2_speed(description):
    """Let a recorder give its bytes no faster than a cheap one does, so that there is to see."""
    told = json.loads(description.read_text())
    description.write_text(json.dumps({**told, "rate_bytes_per_s": USB2_BYTES_PER_S}, indent=2))


if __name__ == "__main__":
    sys.exit(main())

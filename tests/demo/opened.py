"""The bureau, left open: a year of history behind it, served to this machine's browsers alone.

``python -m tests.demo.opened`` does what ``make demo OPEN=1`` does after the demo.  It speaks HTTP
without TLS, and only because browsers trust the name localhost: it listens on the loopback address,
and answers to no other name.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.settings import load_settings
from appliance.words import choose_language, load_words
from custody.desk import Hosts
from tests.demo.story import Story
from tests.demo.weeks import Weeks
from tests.demo.year import BEGIN_DAYS
from tests.fakes.house import SHANGHAI

PROGRAM = Path(sys.executable).with_name("dockseal")
FOLDER = Path("build") / "demo" / "bureau"
PORT = 8080  # or any that is free
STOP_S = 30
CONFIG = """[access]
demo_keys = true

[http]
address = "127.0.0.1"
port = {port}
"""


class Opened:
    """Everything lies in ``folder``; ``words``: those of ``lang``."""

    def __init__(self, folder, lang, words):
        self.folder, self.lang, self.words = folder, lang, words
        self.home = folder / "home"

    def run(self):
        """Live through a year, then serve until Ctrl-C; return the exit code."""
        port = free_port()
        self.say("demo.weeks")
        for worker, code in self.live(port):
            link = f"http://localhost:{port}/enrol#{code}"
            role, name = self.words(f"role.{worker.role}"), worker.called(self.lang)
            self.print(f"  {role}  {name}  {link}")
        self.say("demo.open", port=port, home=self.home)
        return self.serve()

    def say(self, key, **facts):
        self.print(self.words(key, **facts))

    def print(self, text):
        print(text, flush=True)  # noqa: T201 - the demo speaks to a person

    def live(self, port):
        """Make the home; return who enrols today, and by which code."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.home.mkdir(parents=True)
        (self.home / "appliance.toml").write_text(CONFIG.format(port=port))
        settings, now = load_settings(None, str(self.home), {}), datetime.now(UTC)
        weeks = Weeks(settings, self.folder / "work", now - timedelta(days=BEGIN_DAYS))
        hosts = Hosts(f"localhost:{port}", f"sign.localhost:{port}", "sign.localhost")
        try:
            return Story(weeks, now.astimezone(SHANGHAI).date(), self.lang).tell(hosts)
        finally:
            weeks.close()

    def serve(self):
        command = [str(PROGRAM), "--lang", self.lang, "--home", str(self.home), "serve"]
        # Who was started in the background by a shell ignores it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # Ctrl-C goes to the server too, and it is we who wait until it has closed every look.
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, env=dict(os.environ)) as server:
            try:
                code = server.wait()
            except KeyboardInterrupt:
                server.send_signal(signal.SIGTERM)
                with suppress(KeyboardInterrupt):
                    server.wait(STOP_S)
                return 0
        return code


def free_port():
    """Return ``PORT``, or another one where somebody listens there."""
    for port in (PORT, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise OSError("no port is free")


def main():
    """Open the bureau without the demo before it."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.opened")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="everything lies here")
    parser.add_argument("--lang", help="zh-CN or en; default: as the environment says")
    options = parser.parse_args()
    lang = choose_language(options.lang, "", os.environ)
    return Opened(options.folder, lang, load_words(lang)).run()


if __name__ == "__main__":
    sys.exit(main())

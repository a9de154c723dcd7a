"""The real process of the pages, over a real home, for a real browser."""

import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import uvicorn

from api.app import create_app
from custody.desk import Hosts
from tests.api.browser import Office
from tests.fakes.desk import docked
from tests.fakes.house import House

RUN = "import sys; from appliance.cli import main; sys.exit(main())"
START_S = 30.0
CONFIG = '[station]\norganisation = "web.example"\n[http]\nport = {port}\n'


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@dataclass
class Served:
    """A home in ``folder``; ``login`` and ``sign`` are origins."""

    folder: Path
    port: int
    process: subprocess.Popen | None = None

    @property
    def login(self):
        return f"http://dock.localhost:{self.port}"

    @property
    def sign(self):
        return f"http://sign.localhost:{self.port}"

    def run(self, *arguments, check=True):
        config = self.folder / "appliance.toml"
        config.write_text(CONFIG.format(port=self.port))
        where = ["--home", str(self.folder / "home"), "--config", str(config), "--lang", "en"]
        environment = os.environ | {"XDG_RUNTIME_DIR": str(self.folder)}
        command = [sys.executable, "-c", RUN, *where, *arguments]
        return subprocess.run(
            command, check=check, capture_output=True, text=True, env=environment, timeout=120
        )

    def start(self):
        config = self.folder / "appliance.toml"
        where = ["--home", str(self.folder / "home"), "--config", str(config)]
        command = [sys.executable, "-c", RUN, *where, "serve"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                client = HTTPConnection("127.0.0.1", self.port, timeout=1)
                host = {"Host": self.login.removeprefix("http://")}
                client.request("GET", "/sign-in", headers=host)
                client.getresponse().read()
                client.close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("it does not serve")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)


class Bureaucracy:
    """The small bureau, on real stores, behind a real server in a thread of this process."""

    def __init__(self, folder, port):
        self.port = port
        house = House(folder / "house")
        self.bureau, self.segments = docked(house)
        hosts = Hosts(f"dock.localhost:{port}", f"sign.localhost:{port}", "sign.localhost")
        self.bureau.desk = replace(self.bureau.desk, hosts=hosts)
        office = Office(self.bureau, self.segments)
        config = uvicorn.Config(
            create_app(office.site), "127.0.0.1", port, lifespan="off", log_config=None, ws="none"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    login, sign = Served.login, Served.sign

    def start(self):
        self.thread.start()
        until = time.monotonic() + START_S
        while not self.server.started and time.monotonic() < until:
            time.sleep(0.05)

    def stop(self):
        self.server.should_exit = True
        self.thread.join(30)

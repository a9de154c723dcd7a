"""The application behind the very server of the product, spoken to byte by byte over TLS."""

import logging
import socket
import ssl
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import uvicorn

from api.app import create_app
from appliance.apid import Listening, configured
from appliance.tls import prepare
from appliance.wire import OneLine
from tests.api.browser import an_office

HOST = "dock1.example"
PATIENCE_S = 5.0  # until an answer, or the end of the connection
QUIET_S = 0.3  # nothing more comes in that time: it waits for us
HEAD = f"Host: {HOST}\r\nOrigin: https://{HOST}\r\n"


class Lines(logging.Handler):
    """Keeps what the server would write to the log, as it would stand there."""

    def __init__(self):
        super().__init__()
        self.setFormatter(OneLine("%(levelname)s %(message)s"))
        self.text = ""

    def emit(self, record):
        self.text += self.format(record) + "\n"


@dataclass
class Counted:
    """The application; ``seen``: what reached it."""

    app: object
    seen: list = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        self.seen.append((scope["method"], scope["path"]))
        await self.app(scope, receive, send)


@dataclass
class Wire:
    """A server in a thread of this process."""

    folder: object
    tls: bool = True

    def __post_init__(self):
        self.office = an_office()
        self.app = Counted(create_app(self.office.site))
        self.seen = self.app.seen
        files = prepare(self.folder, [HOST], None, datetime.now(UTC)) if self.tls else None
        names = (files.certificate, files.key) if files else (None, None)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        config = configured(self.app, Listening("127.0.0.1", self.port, *names))
        self.server = uvicorn.Server(config)
        self.lines = Lines()
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))

    def start(self):
        for name in ("uvicorn", "asyncio"):
            logging.getLogger(name).addHandler(self.lines)
        self.thread.start()
        until = time.monotonic() + PATIENCE_S * 4
        while not self.server.started and time.monotonic() < until:
            time.sleep(0.01)
        return self

    def stop(self):
        self.server.should_exit = True
        self.thread.join(30)
        for name in ("uvicorn", "asyncio"):
            logging.getLogger(name).removeHandler(self.lines)

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        if not self.tls:
            return plain
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        return context.wrap_socket(plain, server_hostname=HOST)

    def say(self, *parts):
        """Send bytes; return everything that came back, and whether the connection is closed."""
        with closing(self.connect()) as opened:
            for part in parts:
                opened.sendall(part if isinstance(part, bytes) else part.encode())
            return hear(opened)


def hear(opened):
    heard, closed = b"", False
    opened.settimeout(PATIENCE_S)
    while True:
        try:
            more = opened.recv(65536)
        except TimeoutError:
            break
        except OSError:  # it was cut: what we still sent was not wanted
            closed = True
            break
        if not more:
            closed = True
            break
        heard += more
        opened.settimeout(QUIET_S)
    return heard, closed


def answers(heard):
    """Return the status of each answer on a connection, in order."""
    return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]

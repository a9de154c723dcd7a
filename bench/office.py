"""An appliance with people in it: a home, its ledger process, and pages and API over TLS.

``python -m bench.office HOME PORT FILE…`` serves a home as ``dockseal serve`` does, and one thing
more: ``/plain/N`` gives file N as it lies there, unverified, through the same server, in chunks of
the same size.
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Self

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.site import Site
from api.streaming import CHUNK_BYTES
from appliance.apid import Listening, configured
from appliance.clock import SystemClock
from appliance.home import Home
from appliance.launch import found_ledger, ledger_command
from appliance.lean import keep_one_heap
from appliance.ledgerplan import LedgerPlan
from appliance.looking import Looking
from appliance.parent import told_to
from appliance.searching import Searching
from appliance.tls import files_of, prepare
from custody.desk import Desk
from custody.entrance import plain_password
from ingest.tools import Rules, Tools
from tests.api.browser import ITEMS, LOGIN, PHRASE, WORDS
from tests.fakes.desk import RULES, Bureau, desk_of, person, small_bureau
from tests.fakes.grants import granted
from tests.fakes.house import FOUNDING, PATTERNS, SHANGHAI, Heard, NoParsers
from vault.accounts import FileAccounts
from vault.client import LedgerClient
from vault.meter import FileMeter
from vault.objects import LocalObjects
from vault.remembering import RememberingLedger

API = "/api/v1"
SIGNING_IN = ("supervisor", "searcher")  # a password takes its time
USES = 100  # of one grant: the most
START_S, STOP_S = 60.0, 20.0
EVERY_S = 0.05
HOST = LOGIN.removeprefix("https://")
RECEIVE_BYTES = 1 << 20
SMALL_BYTES = 64 << 10


class Office:
    """A home in ``root`` with the small bureau of the tests on real stores."""

    def __init__(self, root: Path) -> None:
        self.root, self.home, self.clock = root, Home(root), SystemClock()
        self.ledger = LedgerClient(self.home.socket)
        self.objects = LocalObjects(self.home.vault, reserve_bytes=0)

    @property
    def tools(self) -> Tools:
        """Return what a docking is done with; every file is cut every MiB."""
        rules = Rules(PATTERNS, SHANGHAI)
        return Tools(self.objects, self.ledger, NoParsers(), self.clock, Heard(), rules)

    @cached_property
    def desk(self) -> Desk:
        """Return the desk of this home, counting on disk."""
        return replace(desk_of(self), meter=FileMeter(self.home.meter))

    @cached_property
    def bureau(self) -> Bureau:
        """Return the people, who are set up now."""
        bureau = small_bureau(self)
        bureau.desk = self.desk
        accounts = FileAccounts(self.home.accounts)
        for name in SIGNING_IN:
            accounts.passwords.set(person(name), name, plain_password(PHRASE))
        accounts.close()
        return bureau

    @property
    def catalogue(self) -> Searching:
        """Return what is searched in, as the real process asks it."""
        return Looking(self.home, lambda: self.ledger, 1, lambda: None, lambda: RULES).searching

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """Return what trusts the certificate of this home, which is made now."""
        prepare(self.home.tls, [HOST], None, self.clock.now())
        return ssl.create_default_context(cafile=self.home.tls / "ca.pem")

    def object(self, segment: str) -> Path:
        """Return where the bytes of a segment (s:…) lie."""
        digest = segment.removeprefix("s:")
        return self.home.vault / "objects" / digest[:2] / digest

    def grants(self, segment: str, uses: int) -> list[str]:
        """Return grants of a segment to the supervisor, for so many copies together."""
        count = -(-uses // USES)
        return [granted(self.bureau, segment, times=USES).id for _ in range(count)]


@contextmanager
def opened(root: Path) -> Iterator[Office]:
    """Yield a home, new or made before, with its ledger process, which ends with the block."""
    plan = LedgerPlan(str(root), "", str(Home(root).socket), str(Home(root).catalogue),
                      FOUNDING.origin, FOUNDING.station, FOUNDING.software, None)  # fmt: skip
    if not Home(root).exists:
        found_ledger(plan)
    with child(ledger_command(plan)) as ledger:
        assert ledger.stdout is not None  # noqa: S101 - it is a pipe
        ledger.stdout.readline()  # it is ready
        FileAccounts.create(Home(root).accounts)
        office = Office(root)
        yield office
        office.ledger.close()


@contextmanager
def child(command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Yield a process that ends with the block, and with us where we are killed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=told_to(os.environ))
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=STOP_S)


# --- the process that serves ----------------------------------------------------------------------


class PlainResponse(Response):
    """A file as the body of an answer: read where the events are, for it lies in the cache."""

    def __init__(self, path: Path) -> None:
        super().__init__(None, 200, media_type="application/octet-stream")
        self.headers["Content-Length"] = str(path.stat().st_size)
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything."""
        del scope, receive
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        left = self._path.stat().st_size
        with self._path.open("rb", buffering=0) as file:
            while left and (chunk := file.read(CHUNK_BYTES)):
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM."""
    keep_one_heap()
    office, port = Office(Path(arguments[0])), int(arguments[1])
    desk = replace(office.desk, ledger=RememberingLedger(office.ledger))
    files = [Path(each) for each in arguments[2:]]
    accounts = FileAccounts(office.home.accounts)
    app = create_app(Site(desk, accounts, WORDS, SHANGHAI, ITEMS, office.catalogue))

    def plain(request: Request) -> Response:
        return PlainResponse(files[int(request.path_params["number"])])

    app.add_route("/plain/{number}", plain)
    tls = files_of(office.home.tls)
    where = Listening("127.0.0.1", port, tls.certificate, tls.key)
    uvicorn.Server(configured(app, where)).run()


# --- who asks it ----------------------------------------------------------------------------------


class Line:
    """One connection over TLS, kept alive.  Bodies come as they are asked for."""

    def __init__(self, port: int, trust: ssl.SSLContext, *, small: bool = False) -> None:
        """Connect; ``small``: the kernel keeps little ready for who reads slowly."""
        plain = socket.socket()
        plain.settimeout(START_S)
        if small:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BYTES)
        try:
            plain.connect(("127.0.0.1", port))
            self._socket = trust.wrap_socket(plain, server_hostname=HOST)
        except OSError:
            plain.close()
            raise
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))
        self.status, self.left = 0, 0  # of the answer: code, and bytes that are to come
        self.cookie = ""

    def ask(self, method: str, path: str, body: object = None, **more: str) -> None:
        """Send a request and read the head of its answer."""
        said = json.dumps(body).encode() if body is not None else b""
        headers = {"Host": HOST, "Origin": LOGIN, "Cookie": self.cookie,
                   "Content-Type": "application/json", "Content-Length": str(len(said)),
                   **{name.replace("_", "-"): value for name, value in more.items()}}  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + said)
        told, _, begun = self._head().partition(b"\r\n\r\n")
        lines = (line.partition(": ") for line in told.decode("latin-1").split("\r\n")[1:])
        fields = {name.lower(): value for name, _, value in lines}
        self.status = int(told[9:12])
        self.left = int(fields.get("content-length", 0)) - len(begun)
        self.body = begun
        if "set-cookie" in fields:
            self.cookie = fields["set-cookie"].partition(";")[0]

    def _head(self) -> bytes:
        got = b""
        while b"\r\n\r\n" not in got:
            more = self._socket.recv(RECEIVE_BYTES)
            if not more:
                raise ConnectionError(got)
            got += more
        return got

    def take(self, limit: int) -> None:
        """Read so many bytes of the body and forget them; raise where it breaks off."""
        limit = min(limit, self.left)
        self.left -= limit
        while limit > 0:
            got = self._socket.recv_into(self._buffer, min(limit, RECEIVE_BYTES))
            if not got:
                raise ConnectionError
            limit -= got

    def take_all(self) -> None:
        """Read the rest of the body; raise where the answer is no answer."""
        if self.status != HTTPStatus.OK:
            raise ConnectionError(self.status, self.json())
        self.take(self.left)

    def json(self) -> object:
        """Return the body as JSON."""
        got = [self.body]
        while self.left > 0:
            got.append(self._socket.recv(min(self.left, RECEIVE_BYTES)))
            self.left -= len(got[-1])
        return json.loads(b"".join(got))

    def close(self) -> None:
        """End the connection, in the middle of an answer too."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers at ``port``; ``pid``: its process."""

    port: int
    pid: int
    trust: ssl.SSLContext

    def line(self, cookie: str = "", *, small: bool = False) -> Line:
        """Return a new connection of whoever has this cookie; ``small``: see ``Line``."""
        line = Line(self.port, self.trust, small=small)
        line.cookie = cookie
        return line

    def sign_in(self, account: str) -> str:
        """Return the cookie of somebody who signs in."""
        with self.line() as line:
            line.ask("POST", f"{API}/session", {"account": account, "password": PHRASE})
            line.take_all()
            return line.cookie

    def cpu_s(self) -> float:
        """Return what the server has used of its processors."""
        told = Path("/proc", str(self.pid), "stat").read_text("ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(office: Office, files: Sequence[Path]) -> Iterator[Served]:
    """Yield the server of an office, which ends with the block."""
    port, trust = free_port(), office.trust
    command = [sys.executable, "-m", "bench.office", office.root, str(port), *files]
    with child([str(each) for each in command]) as process:
        server = Served(port, process.pid, trust)
        wait_for(server)
        yield server


def free_port() -> int:
    """Return a port at which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(server: Served) -> None:
    """Wait until it takes connections."""
    until = time.monotonic() + START_S
    while True:  # ends by success, or by the clock
        try:
            server.line().close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(EVERY_S)
        else:
            return


if __name__ == "__main__":
    main(sys.argv[1:])

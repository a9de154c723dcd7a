"""How fast granted bytes leave, each verified, and what two hundred slow readers cost.

The same server gives the same bytes in two ways, in turns: under a grant, and as they lie there.
nginx gives them a third time, where it is installed.  All of it over TLS on this machine, out of a
warm cache, to one reader who forgets them at once.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from bench.made import make_noise, scratch
from bench.memory import MB, pss
from bench.office import API, Line, Office, Served, free_port, opened, served, wait_for
from bench.rounds import Timing, alternate
from bench.rows import Row, row

FILM_BYTES, ROUNDS = 512 << 20, 5
TARGET = 0.8
READERS, READER_BYTES, SECONDS = 200, 256 << 10, 25
SETTLED_S = 10  # then everybody has had a second slice: the heap has its size
GROWTH = 1.1  # the last second against the one in which it has settled
NGINX = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off;
  sendfile on;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {tls}/server.pem;
    ssl_certificate_key {tls}/server.key;
    location /plain/0 {{ alias {film}; }}
  }}
}}
"""


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    size, rounds, readers, seconds = (
        (2 << 20, 1, 4, 1) if quick else (FILM_BYTES, ROUNDS, READERS, SECONDS)
    )
    with scratch("leaving") as folder, opened(folder / "home") as office:
        (noise,) = make_noise(folder, 1, size)
        (segment,) = office.bureau.dock({"DCIM/F1.MP4": noise.read_bytes()})
        film = office.object(segment)
        grants = iter(office.grants(segment, rounds + readers + 1))
        with served(office, [film]) as server:
            uses = Uses(server, list(grants))
            rows = _speed(office, server, uses, film, rounds)
            rows.append(_slow_readers(server, uses, readers, seconds))
    return rows


class Uses:
    """Copies under grants, each a use with a key of its own."""

    def __init__(self, server: Served, grants: list[str]) -> None:
        self.cookie = server.sign_in("supervisor")
        self._grants, self._numbers = grants, count()

    def ask(self, line: Line) -> None:
        """Ask for a copy over a connection; the head of the answer is read."""
        number = next(self._numbers)
        grant = self._grants[number % len(self._grants)]
        line.ask("POST", f"{API}/grants/{grant}/copies", {"span": 0},
                 Idempotency_Key=f"bench-{number:08}")  # fmt: skip


# --- one reader who is as fast as can be ----------------------------------------------------------


def _speed(office: Office, server: Served, uses: Uses, film: Path, rounds: int) -> list[Row]:
    size = film.stat().st_size
    with ExitStack() as stack:
        line = stack.enter_context(server.line(uses.cookie))
        jobs = {"granted": partial(_granted, line, uses), "plain": partial(_plain, line)}
        if shutil.which("nginx"):
            other = stack.enter_context(_nginx(office, film))
            jobs["nginx"] = partial(_plain, stack.enter_context(other.line()))
        for job in jobs.values():
            job()  # warm: code, cache, connection
        cpu = dict.fromkeys(jobs, 0.0)
        took = alternate({name: partial(_metered, server, cpu, name, jobs[name]) for name in jobs},
                         rounds)  # fmt: skip
    rate = {name: size / each.s / 1e9 for name, each in took.items()}
    told = "; ".join(f"{name}: {each.spread}" for name, each in took.items())
    used = {name: size * rounds / max(cpu[name], 0.01) / 1e9 for name in ("granted", "plain")}
    note = f"by CPU: {used['granted']:.2f} and {used['plain']:.2f} GB/CPU s; {told}"
    return [
        row("granted bytes over TLS, each slice verified", rate["granted"], "GB/s", TARGET,
            peer="same server, unverified", peer_value=rate["plain"], note=note),
        _beside_nginx(took, rate),
    ]  # fmt: skip


def _beside_nginx(took: dict[str, Timing], rate: dict[str, float]) -> Row:
    name = "granted bytes over TLS, beside nginx"
    if "nginx" not in took:
        return row(name, rate["granted"], "GB/s", peer="nginx is not installed here")
    return row(name, rate["granted"], "GB/s", peer="nginx with TLS", peer_value=rate["nginx"])


def _metered(server: Served, cpu: dict[str, float], name: str, job: partial[None]) -> None:
    before = server.cpu_s()
    job()
    cpu[name] += server.cpu_s() - before


def _granted(line: Line, uses: Uses) -> None:
    uses.ask(line)
    line.take_all()


def _plain(line: Line) -> None:
    line.ask("GET", "/plain/0")
    line.take_all()


@contextmanager
def _nginx(office: Office, film: Path) -> Iterator[Served]:
    """Yield an nginx of our own, with our certificate, that ends with the block."""
    folder, port = office.root.parent / "nginx", free_port()
    folder.mkdir()
    told = folder / "nginx.conf"
    told.write_text(NGINX.format(folder=folder, port=port, tls=office.home.tls, film=film), "ascii")
    command = ["nginx", "-p", str(folder), "-c", str(told), "-e", str(folder / "nginx.log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        nginx = Served(port, process.pid, office.trust)
        wait_for(nginx)
        yield nginx
    finally:
        process.terminate()
        process.wait()


# --- many who are slow ----------------------------------------------------------------------------


def _slow_readers(server: Served, uses: Uses, readers: int, seconds: int) -> Row:
    """Let many take a little each second; none of them may cost more the longer it lasts."""
    before = pss(server.pid)
    with ExitStack() as stack:
        lines = [stack.enter_context(server.line(uses.cookie, small=True)) for _ in range(readers)]
        for line in lines:
            uses.ask(line)
        found = list(_while_reading(server, lines, seconds))
    settled = min(SETTLED_S, len(found) - 1)
    whole = max(found) - before
    grown = (found[-1] - before) / (found[settled] - before or 1)
    note = (f"{whole / readers / MB:.2f} MB for each reader, {whole / MB:.0f} MB for all; "
            f"{seconds} s, {READER_BYTES >> 10} KiB/s each")  # fmt: skip
    name = f"memory of {readers} slow readers, after {seconds} s against {settled + 1} s"
    return row(name, grown, "x", GROWTH, at_most=True, note=note)


def _while_reading(server: Served, lines: list[Line], seconds: int) -> Iterator[int]:
    """Yield the server's memory each second, after everybody has taken their part."""
    started = time.monotonic()
    for second in range(1, seconds + 1):
        for line in lines:
            line.take(READER_BYTES)
        time.sleep(max(0.0, started + second - time.monotonic()))
        yield pss(server.pid)

"""Ready is told only where it is so: real processes, each way in which they are not, and back."""

import http.client
import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from appliance.launch import found_ledger, ledger_command
from appliance.ledgerplan import LedgerPlan
from appliance.parent import VARIABLE
from custody.clockwatch import raise_alarm
from tests.fakes.clock import NOON
from tests.web.server import Served, free_port
from vault.client import LedgerClient

PROGRAM = Path(sys.executable).with_name("dockseal")
SOON_S = 20.0  # no measure: longer than anything here takes


class Asking(http.client.HTTPConnection):
    """Speaks HTTP over a Unix socket, or over a port."""

    def __init__(self, place):
        super().__init__("localhost", timeout=SOON_S)
        self.place = place

    def connect(self):
        family = socket.AF_UNIX if isinstance(self.place, str) else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.connect(self.place)


def get(place, path, method="GET", **headers):
    with closing(Asking(place)) as asking:
        asking.request(method, path, headers=headers)
        answer = asking.getresponse()
        return answer.status, answer.read()


def checks(place):
    """Return the status of /ready, and why each question is answered with no."""
    status, body = get(place, "/ready")
    rows = json.loads(body)["checks"]
    return status, {row["question"]: row["because"] for row in rows if not row["ready"]}


def soon(ask, wanted):
    """Ask again and again until the answer is the wanted one; return the last answer."""
    until = time.monotonic() + SOON_S
    while (found := ask()) != wanted and time.monotonic() < until:
        time.sleep(0.05)
    return found


@contextmanager
def running(command, environment=None):
    """A process that ends with the test; its first line on standard error is ``said``."""
    told = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(environment or {})}
    with subprocess.Popen(
        command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(SOON_S)


class Station:
    """A home whose ledger process can be killed and started again."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.plan = LedgerPlan(
            home=str(self.home), lock="", socket=str(self.home / "run" / "ledger.sock"),
            catalogue=str(self.home / "catalogue.sqlite"),
            origin="dockseal.example/dock/station-1/1", station="station-1",
            software="dockseal test", linger_s=None,
        )  # fmt: skip
        found_ledger(self.plan)
        self.ledger = None
        self.start()

    def start(self):
        self.ledger = subprocess.Popen(ledger_command(self.plan), stdout=subprocess.PIPE, text=True)
        assert json.loads(self.ledger.stdout.readline()) == {"ready": True}

    def stop(self, number=signal.SIGTERM):
        self.ledger.send_signal(number)
        self.ledger.wait(SOON_S)
        self.ledger.stdout.close()

    def write(self):
        """One more entry in the ledger."""
        client = LedgerClient(self.home / "run" / "ledger.sock")
        raise_alarm(client, f"planted_{time.monotonic_ns()}", NOON, {})
        client.close()


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    made = Station(tmp_path_factory.mktemp("station"))
    yield made
    made.stop()


def metrics(station, listen):
    return [str(PROGRAM), "--home", str(station.home), "metrics", "--listen", listen]


@pytest.fixture(scope="module")
def server(station):
    """The listener at a Unix socket; ``place`` is where."""
    place = str(station.home / "run" / "metrics.sock")
    behind = {"DOCKSEAL_METRICS_BEHIND_ENTRIES": "2"}
    with running(metrics(station, f"unix:{place}"), behind) as process:
        assert place in process.stderr.readline()
        process.place = place
        yield process
    assert not Path(place).exists()


def said(station, code, **environment):
    command = [str(PROGRAM), "--home", str(station.home), "ready", "--json"]
    told = {"PATH": os.environ["PATH"], **environment}
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    rows = json.loads(done.stdout)["checks"]
    return {row["question"]: row["because"] for row in rows if not row["ready"]}


def healthy(server):
    return get(server.place, "/health") == (200, b'{"health": "ok"}\n')


def test_a_house_that_works_is_ready(station, server):
    assert soon(lambda: checks(server.place), (200, {})) == (200, {})
    assert said(station, 0) == {}
    assert Path(server.place).stat().st_mode & 0o777 == 0o660


def test_a_ledger_process_that_died_is_told_and_its_return_as_well(station, server):
    station.stop(signal.SIGKILL)
    dead = {"ledger": "ledger_unreachable", "catalogue": "catalogue_down"}
    assert checks(server.place) == (503, dead)
    assert said(station, 5) == dead
    assert healthy(server)
    assert b"dockseal_ledger_up 0.0" in get(server.place, "/metrics")[1]
    station.start()
    assert soon(lambda: checks(server.place), (200, {})) == (200, {})


def test_a_ledger_process_that_hangs_is_not_ready_and_health_waits_for_nobody(station, server):
    os.kill(station.ledger.pid, signal.SIGSTOP)
    try:
        assert checks(server.place)[1]["ledger"] == "ledger_unreachable"
        assert healthy(server)
    finally:
        os.kill(station.ledger.pid, signal.SIGCONT)
    assert soon(lambda: checks(server.place), (200, {})) == (200, {})


def test_a_catalogue_that_cannot_follow_is_told_once_it_is_too_far_behind(station, server):
    assert soon(lambda: checks(server.place), (200, {})) == (200, {})
    with closing(sqlite3.connect(station.home / "catalogue.sqlite", isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")  # nobody else can write it now
        station.write()
        station.write()
        assert checks(server.place) == (200, {})  # two entries behind, as it is allowed
        station.write()
        status, because = checks(server.place)
        assert (status, set(because)) == (503, {"catalogue"})
        assert because["catalogue"] in {"catalogue_behind", "catalogue_down"}
        assert healthy(server)
        held.execute("ROLLBACK")
    assert soon(lambda: checks(server.place), (200, {})) == (200, {})


def test_a_home_that_takes_no_byte_is_not_writable(station, server):
    _, most = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, most))
    assert checks(server.place) == (503, {"writable": "file too large"})
    assert healthy(server)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, most))
    assert checks(server.place) == (200, {})
    assert not list((station.home / "run").glob(".ready*"))


def test_a_folder_that_is_gone_is_not_writable(station):
    run, aside = station.home / "run", station.home / "aside"
    run.rename(aside)
    try:
        assert said(station, 5)["writable"] == "no such file or directory"
    finally:
        aside.rename(run)


def test_a_disk_below_the_reserve_is_told_at_a_port_too(station):
    full = {"DOCKSEAL_VAULT_RESERVE_BYTES": str(2**50)}
    assert said(station, 5, **full) == {"reserve": "no_space_left"}
    with running(metrics(station, "127.0.0.1:0"), full) as process:
        port = int(process.stderr.readline().split("127.0.0.1:")[1].split(".")[0])
        place = ("127.0.0.1", port)
        assert checks(place) == (503, {"reserve": "no_space_left"})
        assert b'dockseal_ready_check{check="reserve"} 0.0' in get(place, "/metrics")[1]
        assert get(place, "/metrics", Host="evil.example")[0] == 421
        assert get(place, "/metrics", Host=f"127.0.0.1:{port}")[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/metrics", 405), ("GET", "/", 404), ("HEAD", "/health", 200)],
)
def test_nothing_else_is_answered(server, method, path, status):
    assert get(server.place, path, method)[0] == status


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "localhost:0", "unix:metrics.sock"])
def test_a_place_that_others_could_reach_is_refused(station, listen):
    done = subprocess.run(
        metrics(station, listen), capture_output=True, text=True, check=False, timeout=SOON_S
    )
    assert done.returncode == 2
    assert "127.0.0.1:9464" in done.stderr


def test_two_do_not_listen_at_one_place_and_no_file_is_taken_away(station, server):
    for place in (server.place, str(station.home / "vkey")):
        before = Path(place).stat().st_ino
        done = subprocess.run(
            metrics(station, f"unix:{place}"), capture_output=True, check=False, timeout=SOON_S
        )
        assert done.returncode == 2
        assert Path(place).stat().st_ino == before
    assert healthy(server)


def test_a_socket_that_a_killed_process_has_left_is_taken_over(station, tmp_path):
    place = str(tmp_path / "left.sock")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(place)
    with running(metrics(station, f"unix:{place}")) as process:
        assert place in process.stderr.readline()
        assert get(place, "/health")[0] == 200


def test_up_answers_monitoring_where_it_is_told_to_and_its_part_ends_with_it(tmp_path):
    place, home = str(tmp_path / "m.sock"), tmp_path / "home"
    watched = tmp_path / "slot"
    told = {"DOCKSEAL_METRICS_ENABLED": "true", "DOCKSEAL_METRICS_LISTEN": f"unix:{place}"}
    command = [str(PROGRAM), "--home", str(home), "up", "--watch", str(watched)]
    with running(command, told) as process:
        assert soon(lambda: Path(place).exists() and checks(place), (200, {})) == (200, {})
        process.kill()
        process.wait(SOON_S)
    assert soon(lambda: Path(place).exists(), wanted=False) is False


def test_who_serves_pages_ends_where_the_process_that_started_it_is_gone(tmp_path):
    served = Served(tmp_path, free_port())
    hosts = [f"--{name}-host={name}.localhost:{served.port}" for name in ("login", "sign")]
    people = ["--admin", "admin,000001", "--admin", "second,000002", "--auditor", "auditor,000003"]
    served.run("setup", "--organisation", "Bureau", *hosts, *people)
    told = {VARIABLE: "1", "DOCKSEAL_HTTP_PORT": str(served.port)}  # not who starts it here
    command = [str(PROGRAM), "--home", str(tmp_path / "home"), "--quiet", "serve"]
    with running(command, told) as process:
        assert process.wait(SOON_S) == 143

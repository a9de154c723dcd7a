"""``make demo OPEN=1``: a real browser comes in by a link that was printed, and Ctrl-C ends it."""

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest
from playwright.sync_api import sync_playwright

from evidence.people import ROLES
from tests.demo.opened import PROGRAM
from vault.reader import LedgerReader

NEEDS = ("chromium",)
LINK = re.compile(r"http://localhost:(\d+)/enrol#([0-9A-Z-]{23})")
PHRASE = "three words and a comma"
WAIT_S = 240
LISTENS, LOOPBACK = "0A", "0100007F"  # as proc(5) writes them
COMMAND = [sys.executable, "-m", "tests.demo.opened", "--lang", "en", "--folder"]


@pytest.fixture(scope="module")
def bureau(tmp_path_factory):
    """Yield the links, by role, of an open bureau, and its folder; it ends as Ctrl-C ends it."""
    folder = tmp_path_factory.mktemp("open") / "bureau"
    process = subprocess.Popen(
        [*COMMAND, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(WAIT_S, process.kill)
    watchdog.start()
    try:
        said = []
        for line in iter(process.stdout.readline, ""):
            said.append(line)
            if "Ctrl-C" in line:
                break
        process.stderr.readline()  # the server: it listens
        yield "".join(said), folder
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)
        assert process.returncode == 0, rest
        assert "Traceback" not in "".join(said) + rest[0] + rest[1]
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


@contextmanager
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser.new_context().new_page()
        browser.close()


def link_of(said, role):
    (line,) = [each for each in said.split("\n") if each.strip().startswith(role)]
    return LINK.search(line)


@pytest.mark.timeout(300)
def test_a_link_is_printed_for_every_role_and_whoever_opens_one_is_in(bureau):
    said, _ = bureau
    assert len(LINK.findall(said)) == len(ROLES)
    link = link_of(said, "unit head")
    with page() as browser:
        browser.goto(link[0])
        assert browser.input_value("[name=code]") == link[2]
        assert link[2] not in browser.url, "no history keeps it"
        browser.fill("[name=password]", PHRASE)
        browser.locator("main button").click()
        browser.wait_for_url("**/keys")
        browser.goto(f"http://localhost:{link[1]}/")
        questions = browser.locator("main li").count()
        assert questions >= 3, browser.inner_text("main")
        assert "Zhou" in browser.inner_text("main")


def test_nobody_but_this_machine_is_answered_and_no_other_name(bureau):
    said, _ = bureau
    port = int(LINK.search(said)[1])
    for host in ("dock.example", f"127.0.0.1:{port}", f"localhost:{port}.example"):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": host})
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)  # noqa: S310 - ours
        assert refused.value.code == 404
        refused.value.close()
    lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").split("\n")[1:-1]]
    ours = [line for line in lines if line[1].endswith(f":{port:04X}") and line[3] == LISTENS]
    assert {line[1].partition(":")[0] for line in ours} == {LOOPBACK}


def test_a_year_is_behind_it_in_a_ledger_that_proves_itself(bureau):
    _, folder = bureau
    kinds = Counter(entry.type for entry in entries(folder / "home"))
    assert kinds["docking.ended"] > 25
    assert kinds["request.made"] >= 8
    assert kinds["copy.opened"] == kinds["copy.closed"] >= 4
    for kind in ("segment.labelled", "gap.explained", "gap.answered", "grant.withdrawn",
                 "handover.out", "holder.resolved", "access.refused", "hold.placed", "alarm.raised",
                 "clock.accepted", "segment.disposed", "disposal.done"):  # fmt: skip
        assert kinds[kind], kind
    assert kinds["disposal.proposed"] > kinds["disposal.approved"], "one waits for the head"
    signed = [entry.body for entry in entries(folder / "home") if entry.type == "key.registered"]
    assert {body["signer"] for body in signed} == {"demo"}
    command = [str(PROGRAM), "--home", str(folder / "home"), "--json"]
    done = subprocess.run([*command, "verify", str(folder / "home" / "ledger")], check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert json.loads(done.stdout)["verify"]["verdicts"]["intact"] == "yes", done.stdout


def entries(home):
    size = int((home / "ledger" / "checkpoint").read_text("utf-8").split("\n")[1])
    return list(LedgerReader(home / "ledger").entries(0, size, size))

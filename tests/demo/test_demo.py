"""The demo, as ``make demo`` runs it, without a terminal."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.demo.bureau import Bureau
from tests.demo.expected import TRIED, missing, unlogged
from tests.demo.terminals import WrongTurnError
from tests.docs.tree import ROOT

pytestmark = pytest.mark.timeout(600)  # half a hundred commands, one after the other
REFUSED_AND_GIVEN = ("label", "request", "decide", "copy", "access-log", "dispose")
NO_SENTENCE = r"\b[a-z_]+\.[a-z_]+ {2,}"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def run(folder, *more, **options):
    command = [sys.executable, "-m", "tests.demo", "--folder", str(folder), *more]
    return subprocess.run(command, check=False, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The demo as it ran once, without a terminal, and the folder in which a reader stands."""
    desk = tmp_path_factory.mktemp("desk")
    return run(desk / "build" / "demo", "--lang", "en"), desk


def test_the_demo_shows_everything_and_ends_well(shown):
    done, _ = shown
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "GAP" in done.stdout
    for refused_and_given in REFUSED_AND_GIVEN:
        assert done.stdout.count(f"$ dockseal {refused_and_given} ") > 1, refused_and_given
    assert not re.search(NO_SENTENCE, done.stdout), "a word that has no sentence"
    assert "\x1b" not in done.stdout + done.stderr, "plain lines where there is no terminal"


def test_what_the_readme_prints_for_after_the_demo_works_as_printed(shown):
    _, desk = shown
    (block,) = re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    path = os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin"))
    environment = {"PATH": path, "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(desk)}
    done = subprocess.run(["/bin/sh", "-e", "-c", block], check=False, capture_output=True,
                          text=True, cwd=desk, env=environment)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("under hold", "closed by", "our clock is ahead", "Everything is as"):
        assert word in done.stdout, word


def test_the_demo_draws_its_picture_on_a_terminal_and_speaks_chinese(tmp_path):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tests.demo", "--folder", str(tmp_path / "demo")]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LANG": "zh_CN.UTF-8"}
    for name in ("LC_ALL", "LC_MESSAGES"):
        environment.pop(name, None)
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as demo:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # the other side of a terminal that was closed
        assert demo.wait(120) == 0, shown[-4000:].decode(errors="replace")
    told = shown.decode()
    assert "\x1b[" in told
    for word in ("K7F3A2C", "间断", "长期保存", "销毁凭证"):
        assert word in told, word
    assert not re.search(NO_SENTENCE, told), "a word that has no sentence"


def test_a_demo_in_which_somebody_gets_through_would_fail(tmp_path):
    everything_works = SimpleNamespace(
        lang="en", folder=tmp_path, home=tmp_path, say=lambda *_args, **_facts: None,
        show=lambda *_args, **_how: SimpleNamespace(returncode=0, stdout=""),
    )  # fmt: skip
    bureau = Bureau(everything_works, date(2026, 11, 22))
    with pytest.raises(WrongTurnError):
        bureau.label("3fa9c1")
    bureau.works("", "list")


def test_what_the_access_log_does_not_tell_is_missed():
    nothing = unlogged(lambda *_arguments: {"log": []})
    assert set(nothing) == {"question", "signature", "copy", *(f"refused {act}" for act in TRIED)}


def test_a_demo_that_finds_nothing_would_fail():
    def nothing(command, *_arguments):
        if command == "seams":
            return {"seams": []}
        if command == "history":
            return {"events": []}
        row = {"segment": "0", "findings": [], "kind": "video", "important": False, "tracks": []}
        return {"segments": [row], "segment": row} if command == "list" else {"segment": row}

    assert set(missing(nothing)) >= {"gap", "damaged", "deleted", "important", "H.265"}
    assert json.dumps(missing(nothing))

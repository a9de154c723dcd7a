"""The slots at work: states, locks, processes, and what ``dock`` and ``up`` make of them."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from appliance.backoff import FORGIVEN
from appliance.exits import Exit
from appliance.output import Terminal
from appliance.rack import Rack, is_slot
from appliance.services import SlotJob
from appliance.slotlock import take_free_slot, take_slot
from appliance.slotstate import (
    SlotState,
    clear_state,
    read_state,
    read_states,
    state_file,
    write_state,
)
from appliance.supervisor import PACE, Supervisor
from appliance.view import PlainView
from appliance.words import load_words
from evidence.errors import UsageError
from tests.unit.appliance.fake_house import FakeHouse, say

EN = load_words("en")
PYTHON = sys.executable
ROOT = Path(__file__).parents[3]
FULL = {
    "docking": "d:1", "recorder": "T5A01", "officer": "012345", "files": 24, "files_done": 24,
    "bytes": 100, "bytes_done": 100, "sealed": 23, "seen": 1, "outcome": "complete",
    "clock": {"kind": "measured", "offset_ms": 182000}, "told": "kept", "safe_to_take": True,
    "findings": ["important", "seam_gap", "important"],
}  # fmt: skip
LEFT = {**FULL, "outcome": "left_behind", "left": 2, "because": "nothing_to_certify"}


class Time:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        time.sleep(0.001)


# states


def test_a_state_comes_back_as_it_was_written(tmp_path):
    state = SlotState(3, **{**FULL, "findings": ("important",)}, at_ms=7)
    write_state(tmp_path, state)
    assert read_state(tmp_path, 3) == state
    assert os.listdir(tmp_path) == ["3.json"]  # noqa: PTH208 - also hidden leftovers


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'"text"', b" " * 70_000 + b"{}"],
)
def test_a_state_that_cannot_be_read_is_a_slot_that_says_nothing(tmp_path, content):
    state_file(tmp_path, 1).write_bytes(content)
    assert read_state(tmp_path, 1) is None
    assert read_states(tmp_path) == ()


def test_a_state_of_another_writer_is_read_as_far_as_it_fits(tmp_path):
    state_file(tmp_path, 1).write_text(
        '{"slot": "x", "files": "many", "bytes": true, "stage": 3, "findings": "a", "clock": [],'
        ' "safe_to_take": 1, "recorder": "T5", "colour": "red", "eta_s": null}'
    )
    assert read_state(tmp_path, 1) == SlotState(1, recorder="T5")


def test_the_states_are_those_of_numbered_files_in_order(tmp_path):
    for number in (10, 2):
        write_state(tmp_path, SlotState(number))
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "2.lock").write_text("")
    assert [state.slot for state in read_states(tmp_path)] == [2, 10]
    clear_state(tmp_path, 2)
    clear_state(tmp_path, 2)
    assert [state.slot for state in read_states(tmp_path)] == [10]


# locks


def test_a_slot_is_docked_in_once_at_a_time(tmp_path):
    lock = take_slot(tmp_path, 1)
    with pytest.raises(UsageError, match="slot_busy"):
        take_slot(tmp_path, 1)
    free = take_free_slot(tmp_path, frozenset({2}))
    assert free.number == 3
    lock.release()
    again = take_slot(tmp_path, 1)
    again.release()
    free.release()


def test_a_slot_stays_taken_while_its_process_lives_though_its_parent_was_killed(tmp_path):
    text = (
        "import os, pathlib, sys, time; from appliance.slotlock import take_slot;"
        "from appliance.supervisor import Supervisor; here = pathlib.Path(sys.argv[1]);"
        "lock = take_slot(here, 1); supervisor = Supervisor();"
        "supervisor.start('slot 1', [sys.executable, '-c', 'import time; time.sleep(600)'],"
        " inherited=(lock.descriptor,));"
        "print(supervisor._children['slot 1'].process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [*script(text), str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with parent:
        slot = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    with pytest.raises(UsageError, match="slot_busy"):
        take_slot(tmp_path, 1)
    os.kill(slot, signal.SIGKILL)
    wait_for(lambda: gone(slot))
    take_slot(tmp_path, 1).release()


def test_a_slot_that_was_given_up_is_free_though_its_process_hangs(tmp_path):
    lock = take_slot(tmp_path, 1)
    still_open = os.dup(lock.descriptor)  # as in a process that cannot even be killed
    lock.release()
    take_slot(tmp_path, 1).release()
    os.close(still_open)


PART = """
import signal, sys, time
from appliance.parent import end_with_parent
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
time.sleep({late})
end_with_parent()
time.sleep(600)
"""


@pytest.mark.parametrize("late", [0, 1])
def test_a_part_ends_with_the_parent_that_was_killed(late):
    """Also where the parent was gone before the part had asked to be told."""
    text = (
        "import sys, time; from appliance.supervisor import Supervisor; s = Supervisor();"
        f"s.start('slot 1', [sys.executable, '-c', {PART.format(late=late)!r}]);"
        "print(s._children['slot 1'].process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(script(text), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with parent:
        part = int(parent.stdout.readline())
        time.sleep(0 if late else 0.5)
        parent.kill()
        parent.wait()
    wait_for(lambda: gone(part))


# processes


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def script(text):
    return [PYTHON, "-c", text]


def test_a_child_that_ends_is_told_with_its_code_and_forgotten():
    supervisor = Supervisor()
    supervisor.start("a", script("raise SystemExit(5)"))
    news = []
    wait_for(lambda: news.extend(supervisor.poll()) or news)
    assert [(each.name, each.code, each.again_in_s) for each in news] == [("a", 5, None)]
    assert not supervisor.running("a")
    assert supervisor.stop() == []


def test_a_child_that_dies_again_and_again_comes_back_more_and_more_slowly():
    clock = Time()
    supervisor = Supervisor(monotonic=clock, sleep=clock.sleep)
    supervisor.start("ledger", script("raise SystemExit(1)"), restart=True)
    pauses = []
    for _ in range(FORGIVEN + 8):
        news = []
        wait_for(lambda: news.extend(supervisor.poll()) or news)  # noqa: B023 - waited for here
        pauses.append(news[0].again_in_s)
        assert supervisor.running("ledger")
        clock.now += news[0].again_in_s
        supervisor.poll()
    supervisor.stop()
    assert pauses[:FORGIVEN] == [0.5] * FORGIVEN  # killed a few times, it is back within 5 s
    assert pauses[FORGIVEN:] == [1.0, 2.0, 4.0, 8.0, 16.0, *[PACE.last_s] * 3]


def test_a_child_that_lived_long_comes_back_at_once():
    clock = Time()
    supervisor = Supervisor(monotonic=clock, sleep=clock.sleep)
    supervisor.start("ledger", script("import sys; sys.stdin.read(); raise SystemExit(1)"))
    supervisor.stop()
    supervisor.start("ledger", script("raise SystemExit(1)"), restart=True)
    clock.now += PACE.steady_s
    news = []
    wait_for(lambda: news.extend(supervisor.poll()) or news)
    supervisor.stop()
    assert news[0].again_in_s == 0.5


def test_ending_a_child_ends_its_whole_group(tmp_path):
    told = tmp_path / "pid"
    text = (
        "import subprocess, sys, pathlib, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"pathlib.Path({str(told)!r}).write_text(str(child.pid));"
        "time.sleep(600)"
    )
    supervisor = Supervisor()
    supervisor.start("slot 1", script(text))
    wait_for(lambda: told.exists() and told.read_text())
    supervisor.kill("slot 1")
    wait_for(lambda: gone(int(told.read_text())))


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - of the kernel
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_a_child_that_does_not_listen_is_killed_after_a_while(tmp_path):
    ready = tmp_path / "ready"
    clock = Time()
    supervisor = Supervisor(monotonic=clock, sleep=clock.sleep)
    text = (
        "import signal, time, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).write_text('x'); time.sleep(600)"
    )
    supervisor.start("a", script(text))
    wait_for(ready.exists)
    assert supervisor.stop() == []
    assert not supervisor.running("a")


def test_the_slots_end_before_the_ledger(tmp_path):
    told = tmp_path / "order"
    text = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        " open({told!r}, 'a').write({name!r} + ' ')\n"
        " sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path({told!r} + {name!r}).write_text('x')\n"
        "time.sleep(600)\n"
    )
    supervisor = Supervisor()
    for name in ("ledger", "slot1"):
        supervisor.start(name, script(text.format(told=str(told), name=name)))
    wait_for(lambda: all((tmp_path / f"order{name}").exists() for name in ("ledger", "slot1")))
    assert supervisor.stop((lambda name: name.startswith("slot"), lambda _: True)) == []
    assert told.read_text().split() == ["slot1", "ledger"]


def test_ctrl_c_at_the_terminal_reaches_only_us():
    supervisor = Supervisor()
    supervisor.start("a", script("import os; raise SystemExit(os.getpgrp() != os.getpid())"))
    news = []
    wait_for(lambda: news.extend(supervisor.poll()) or news)
    assert news[0].code == 0


# the rack


class Home:
    def __init__(self, path):
        self.slots = path


class Settings:
    def __init__(self, path):
        self.home = Home(path)


class NoCradle:
    def descriptor(self):
        return None


def test_a_slot_that_gives_no_sign_of_life_while_it_reads_is_given_up(tmp_path):
    clock = Time()
    house = FakeHouse(Settings(tmp_path))
    house.slot_command = lambda _: script("import time; time.sleep(600)")
    rack = Rack(house, Supervisor(), tmp_path, hung_after_s=90, monotonic=clock, cradle=NoCradle())
    rack.dock(SlotJob(1, "/dev/sdb"), take_slot(tmp_path, 1))
    write_state(tmp_path, SlotState(1, stage="reading", files=3, at_ms=1))
    assert rack.poll() == []
    clock.now = 80
    write_state(tmp_path, SlotState(1, stage="reading", files=3, at_ms=2))  # a sign of life
    assert rack.poll() == []
    clock.now = 160
    assert rack.poll() == []
    clock.now = 171
    [given_up] = rack.poll()
    assert (given_up.state.because, given_up.state.outcome) == ("slot_hung", "interrupted")
    assert given_up.exit is Exit.DEVICE
    assert rack.idle
    take_slot(tmp_path, 1).release()


@pytest.mark.parametrize("stage", ["starting", "sealing"])
def test_a_slot_may_be_silent_while_it_works_on_its_own_side(tmp_path, stage):
    clock = Time()
    house = FakeHouse(Settings(tmp_path))
    house.slot_command = lambda _: script("import time; time.sleep(600)")
    supervisor = Supervisor()
    rack = Rack(house, supervisor, tmp_path, hung_after_s=90, monotonic=clock, cradle=NoCradle())
    rack.dock(SlotJob(1, "/dev/sdb"), take_slot(tmp_path, 1))
    write_state(tmp_path, SlotState(1, stage=stage, at_ms=1))
    rack.poll()
    clock.now = 1000
    assert rack.poll() == []
    supervisor.stop((is_slot,))


# dock


def dock(tmp_path, slots, *arguments):
    for name in slots:
        (tmp_path / name).mkdir(exist_ok=True)
    paths = [str(tmp_path / name) for name in slots]
    return say(tmp_path / "home", "dock", *paths, *arguments, slots=slots)


def test_a_docking_is_told_to_people_and_to_programs(tmp_path):
    said = dock(tmp_path, {"card": (0, FULL)}, "--json")
    assert said.code == Exit.OK
    [row] = said.document["docked"]
    assert row["findings"] == {"important": 2, "seam_gap": 1}
    assert (row["slot"], row["sealed"], row["seen"], row["exit"]) == (1, 23, 1, 0)
    assert said.document["made"] is True
    assert "A new home" in said.err
    text = dock(tmp_path, {"card": (0, FULL)}).out
    assert "T5A01 is safe to take. 24 files" in text
    assert "2 × marked as important" in text
    assert "1 × gap" in text
    assert "clock +3 min 02 s" in text


def test_one_recorder_that_fails_does_not_stop_the_others(tmp_path):
    slots = {
        "good": (0, FULL),
        "left": (3, LEFT),
        "cut": (4, {"outcome": "interrupted", "because": "unplugged", "files": 5}),
        "died": (9, {"stage": "reading", "files": 2}),
    }
    said = dock(tmp_path, slots, str(tmp_path / "missing"), "--json")
    rows = {row["path"].rpartition("/")[2]: row for row in said.document["docked"]}
    assert {name: (row["outcome"], row["because"], row["exit"]) for name, row in rows.items()} == {
        "good": ("complete", None, 0),
        "left": ("left_behind", "nothing_to_certify", 3),
        "cut": ("interrupted", "unplugged", 4),
        "died": ("interrupted", "slot_died", 70),
        "missing": ("failed", "path_missing", 4),
    }
    assert said.code == Exit.INTERNAL
    assert sorted(row["slot"] for row in rows.values()) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_outcome_has_its_sentences(tmp_path, language):
    slots = {
        "left": (3, LEFT),
        "cut": (4, {"outcome": "interrupted", "because": "unplugged", "files": 5}),
        "failed": (4, {"outcome": "failed", "because": "path_unknown"}),
        "kept": (0, {**FULL, "told": "confirmed", "because": "erase_unsupported"}),
    }
    said = dock(tmp_path, slots, "--lang", language)
    assert said.code == Exit.DEVICE
    assert len(said.out.splitlines()) > 8
    assert "error." not in said.out
    assert "because." not in said.out
    assert "?" not in said.out


def test_an_integrity_alarm_of_one_slot_is_the_code_of_all(tmp_path):
    said = dock(tmp_path, {"a": (6, LEFT), "b": (4, {"outcome": "interrupted"})})
    assert said.code == Exit.INTEGRITY


def test_slots_take_the_numbers_that_were_asked_for(tmp_path):
    said = dock(tmp_path, {"a": (0, FULL), "b": (0, FULL)}, "--slot", "7", "--json")
    assert [row["slot"] for row in said.document["docked"]] == [7, 8]


def test_a_configured_slot_brings_its_number_and_what_becomes_of_the_recorder(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    text = f"[[slots]]\nnumber = 5\npath = '{tmp_path}/a'\nafter = 'erase'\nname = 'left'\n"
    (home / "appliance.toml").write_text(text)
    said = dock(tmp_path, {"a": (0, FULL), "b": (0, FULL)})
    jobs = [asked[1] for asked in said.asked if asked[0] == "slot_command"]
    assert [(job.number, job.after, job.name) for job in jobs] == [
        (5, "erase", "left"),
        (1, "keep", ""),
    ]
    said = dock(tmp_path, {"a": (0, FULL)}, "--confirm")
    assert [asked[1].after for asked in said.asked if asked[0] == "slot_command"] == ["confirm"]


def test_nothing_is_erased_unless_somebody_asked_for_it(tmp_path):
    for arguments, after in (((), "keep"), (("--erase",), "erase"), (("--confirm",), "confirm")):
        said = dock(tmp_path, {"a": (0, FULL)}, *arguments)
        assert [asked[1].after for asked in said.asked if asked[0] == "slot_command"] == [after]


@pytest.mark.parametrize(
    ("paths", "word"), [(["a", "a"], "path_twice"), (["a", "b/../a"], "path_twice"),
                        (["none"], "path_missing")]
)  # fmt: skip
def test_paths_that_make_no_sense_are_refused_before_anything_is_made(tmp_path, paths, word):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    said = say(tmp_path / "home", "dock", *(str(tmp_path / path) for path in paths), "--json")
    assert said.code == Exit.USAGE
    assert said.document["error"]["word"] == word
    assert said.asked == []


def test_a_busy_slot_is_refused(tmp_path):
    slots = tmp_path / "home" / "run" / "slots"
    slots.mkdir(parents=True)
    lock = take_slot(slots, 2)
    said = dock(tmp_path, {"a": (0, FULL)}, "--slot", "2")
    assert said.code == Exit.USAGE
    assert "Slot 2" in said.err
    lock.release()


def test_what_an_earlier_docking_said_is_not_taken_for_this_one(tmp_path):
    folder = tmp_path / "home" / "run" / "slots"
    folder.mkdir(parents=True)
    write_state(folder, SlotState(1, outcome="complete", safe_to_take=True, stage="done"))
    house = FakeHouse(Settings(folder))
    house.slot_command = lambda _: script("raise SystemExit(4)")
    rack = Rack(house, Supervisor(), folder, hung_after_s=90, cradle=NoCradle())
    rack.dock(SlotJob(1, "x"), take_slot(folder, 1))
    ended = []
    wait_for(lambda: ended.extend(rack.poll()) or ended)
    assert (ended[0].state.outcome, ended[0].exit) == ("failed", Exit.DEVICE)


# plain lines


def test_plain_lines_tell_changes_and_no_more_than_one_a_second():
    clock, out = Time(), io.StringIO()
    view = PlainView(Terminal(io.StringIO(), out), EN, clock)
    clock.now = 10.0
    for files_done in range(5):
        view.show([SlotState(1, stage="reading", files=9, files_done=files_done)])
    view.show([SlotState(1, stage="sealing", files=9, files_done=9)])
    clock.now = 11.5
    view.show([SlotState(1, stage="sealing", files=9, files_done=9)])
    done = SlotState(1, stage="done", outcome="complete", safe_to_take=True)
    view.show([done, SlotState(2)])
    view.close()
    stages = Counter(line.split("  ")[1] for line in out.getvalue().splitlines())
    assert stages == {"reading": 1, "sealing": 1, "SAFE TO TAKE": 1, "starting": 1}


def test_quiet_shows_nothing_on_the_way_and_still_answers(tmp_path):
    said = dock(tmp_path, {"a": (0, FULL)}, "--quiet")
    assert said.err == ""
    assert "safe to take" in said.out


def test_what_a_slot_process_says_goes_into_the_log_and_not_to_a_person(tmp_path, monkeypatch):
    text = "import sys; sys.stderr.write('path_unknown (where=x)'); sys.exit(4)"
    monkeypatch.setattr(FakeHouse, "slot_command", lambda *_: script(text))
    said = dock(tmp_path, {"a": (4, {})})
    assert said.code == Exit.DEVICE
    assert "path_unknown" not in said.err + said.out
    assert "path_unknown (where=x)" in (tmp_path / "home" / "dockseal.log").read_text()


# up, as a process of its own: it ends by signal only

UP = """
import sys, pathlib
sys.path[:0] = {path!r}
from appliance.cli import run, _stop
import signal
from tests.unit.appliance.fake_house import FakeHouse
from appliance import watch
watch.LOOK_EVERY_S = 0.05
watch.Watch.__init__.__defaults__ = (0.1,)
signal.signal(signal.SIGTERM, _stop)
full = {full!r}
wire = lambda settings: FakeHouse(settings, slots={{"card": (0, full)}})
sys.exit(run({arguments!r}, {{"HOME": {home!r}}}, wire))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_up_docks_what_appears_and_ends_when_it_is_told_to(tmp_path, number):
    card = tmp_path / "card"
    card.mkdir()
    arguments = ["--home", str(tmp_path / "home"), "--json", "up", "--watch", str(card)]
    text = UP.format(path=sys.path, full=FULL, arguments=arguments, home=str(tmp_path))
    with subprocess.Popen(
        script(text), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        (card / "a.mp4").write_bytes(b"x")
        state = tmp_path / "home" / "run" / "slots" / "1.json"
        wait_for(state.exists)
        wait_for(lambda: "SAFE" in process.stderr.readline())
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == Exit.OK
    assert "Traceback" not in err
    assert [row["outcome"] for row in json.loads(out)["docked"]] == ["complete"]


def test_up_with_nothing_to_watch_says_what_to_do(tmp_path):
    said = say(tmp_path, "up")
    assert said.code == Exit.USAGE
    assert "--watch" in said.err

"""The cradle: what it forks is as alone as what is started alone, and ends with who ordered it."""

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from appliance import frames
from appliance.births import CradleKeeper, bear
from appliance.children import FencedParsers, ParserLimits, Task
from tests.unit.appliance.sources import BytesSource

HOSTILE = "tests.process.appliance.hostile"
TASKS = {
    "echo": Task(f"{HOSTILE}:echo", several=True),
    "misbehave": Task(f"{HOSTILE}:misbehave", several=True),
    "environment": Task(f"{HOSTILE}:environment", several=True),
}
BOUNDS = ParserLimits().bounds


@pytest.fixture
def keeper():
    ours = CradleKeeper()
    yield ours
    ours.close()


def wait_for(what, patience_s=10.0):
    until = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def born(parsers):
    return parsers.parse("echo", BytesSource(b"x"), {})["pid"]


def test_a_child_of_the_cradle_is_not_ours(keeper):
    parsers = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    pid = born(parsers)
    assert parent_of(pid) not in {os.getpid(), 1}
    parsers.close()
    assert gone(pid)


def test_the_slots_share_one_cradle(keeper):
    ones = [FencedParsers(tasks=TASKS, cradle=keeper.descriptor()) for _ in range(3)]
    pids = [born(each) for each in ones]
    assert len({parent_of(pid) for pid in pids}) == 1
    assert len(set(pids)) == 3
    for each in ones:
        each.close()


def test_a_child_ends_with_the_slot_that_ordered_it(keeper):
    """The slot is killed: it cannot say anything any more."""
    told, telling = os.pipe()
    descriptor = keeper.descriptor()
    slot = os.fork()
    if slot == 0:
        parsers = FencedParsers(tasks=TASKS, cradle=descriptor)
        os.write(telling, str(born(parsers)).encode())
        time.sleep(60)
    pid = int(os.read(told, 20))
    assert not gone(pid)
    os.kill(slot, signal.SIGKILL)
    os.waitpid(slot, 0)
    wait_for(lambda: gone(pid))
    os.close(told)
    os.close(telling)


def test_a_child_ends_with_the_cradle(keeper):
    parsers = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    pid = born(parsers)
    os.kill(parent_of(pid), signal.SIGKILL)
    wait_for(lambda: gone(pid))
    parsers.close()


def test_a_slot_whose_cradle_has_died_goes_on_alone(keeper):
    parsers = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    os.kill(parent_of(born(parsers)), signal.SIGKILL)
    parsers.close()
    wait_for(lambda: parent_of(born(parsers)) == os.getpid())
    parsers.close()


def test_the_next_slot_gets_a_new_cradle(keeper):
    parsers = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    cradle = parent_of(born(parsers))
    os.kill(cradle, signal.SIGKILL)
    parsers.close()
    wait_for(lambda: gone(cradle))
    again = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    assert parent_of(born(again)) not in {cradle, os.getpid()}
    again.close()


def test_the_cradle_ends_when_nobody_can_order_any_more():
    keeper = CradleKeeper()
    parsers = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    cradle = parent_of(born(parsers))
    parsers.close()
    keeper.close()
    wait_for(lambda: gone(cradle))


def test_an_order_without_descriptors_is_no_order(keeper):
    descriptor = keeper.descriptor()
    with socket.socket(fileno=os.dup(descriptor)) as orders:
        orders.send(b"{}")
    parsers = FencedParsers(tasks=TASKS, cradle=descriptor)
    assert born(parsers)
    parsers.close()


def test_how_a_child_ended_is_told(keeper):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        life = bear(f"{HOSTILE}:misbehave", BOUNDS, theirs, keeper.descriptor())
        theirs.close()
        assert ours.recv(1) == bytes([frames.READY])
        life.end()
        assert life.code(0) == -signal.SIGKILL
        life.end()


def test_a_machine_without_a_cradle_has_parsers_all_the_same(monkeypatch):
    def refuse(*_given, **_named):
        raise BlockingIOError

    keeper = CradleKeeper()
    with monkeypatch.context() as patch:
        patch.setattr("appliance.births.subprocess.Popen", refuse)
        assert keeper.descriptor() is None
    parsers = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    assert born(parsers)
    parsers.close()
    keeper.close()


def test_children_born_at_once_are_not_mixed_up(keeper):
    """Two slots, eight threads: each channel leads to a child of its own."""
    descriptor = keeper.descriptor()
    seen, mixed = [], []

    def work(number):
        parsers = FencedParsers(tasks=TASKS, cradle=descriptor)
        content = bytes([number]) * 50_000
        for _ in range(3):
            told = parsers.parse("echo", BytesSource(content), {})
            if told["head"] != content[:4].hex():
                mixed.append(number)
        seen.append(told["pid"])
        parsers.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not mixed
    assert len(set(seen)) == 8


def test_a_child_of_the_cradle_inherits_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("DOCKSEAL_SECRET", "not for children")
    keeper = CradleKeeper()
    parsers = FencedParsers(tasks=TASKS, cradle=keeper.descriptor())
    told = parsers.parse("environment", BytesSource(b""), {})
    assert "DOCKSEAL_SECRET" not in told["variables"]
    parsers.close()
    keeper.close()

"""The parent of parser children: lied to, flooded, hung up on, and alive."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.births import CradleKeeper
from appliance.children import TASKS as PRODUCT
from appliance.children import Child, FencedParsers, ParserLimits, Task, _twice_if_killed
from evidence.errors import ParserError, UnpluggedError
from tests.process.appliance.hostile import FAULTS
from tests.unit.appliance.sources import BytesSource

HOSTILE = "tests.process.appliance.hostile"
TASKS = {
    "echo": Task(f"{HOSTILE}:echo", several=True),
    "once": Task(f"{HOSTILE}:echo", several=False),
    "misbehave": Task(f"{HOSTILE}:misbehave", several=True),
    "missing": Task(f"{HOSTILE}:no_such_task", several=True),
}
LIMITS = ParserLimits(memory_bytes=64 << 20, answer_bytes=100_000, answer_values=10_000)
IMPATIENT = replace(LIMITS, silent_s=0.2, total_s=0.4)  # for those who are to run into it
WORDS = {
    "segfault": ("parser_crashed", None),
    "memory": ("parser_memory", "memory"),
    "spin": ("parser_deadline", None),
    "hang": ("parser_deadline", None),
    "ask_for_ever": ("parser_deadline", None),
    "exit": ("parser_crashed", None),
    "quiet_exit": ("parser_crashed", None),
    "garbage": ("parser_answer", "size"),
    "half_header": ("parser_deadline", None),
    "half_frame": ("parser_deadline", None),
    "huge_frame": ("parser_answer", "size"),
    "huge_failure": ("parser_answer", "size"),
    "flood": ("parser_answer", "size"),
    "not_json": ("parser_answer", "json"),
    "float": ("parser_answer", "json"),
    "infinity": ("parser_answer", "json"),
    "huge_integer": ("parser_answer", "json"),
    "deep": ("parser_answer", "values"),
    "many_values": ("parser_answer", "values"),
    "read_beyond": ("parser_answer", "read_outside"),
    "read_too_much": ("parser_answer", "read_outside"),
    "read_nothing": ("parser_answer", "read_outside"),
    "read_short": ("parser_answer", "protocol"),
    "claims_deadline": ("parser_crashed", "its_own_idea"),
    "raises": ("parser_crashed", "valueerror"),
}


@pytest.fixture(scope="module", params=["alone", "cradle"])
def cradle(request):
    """In both ways of coming into the world: the descriptor of a cradle, or None."""
    keeper = CradleKeeper()
    yield keeper.descriptor() if request.param == "cradle" else None
    keeper.close()


@pytest.fixture(scope="module")
def parsers(cradle):
    ours = FencedParsers(tasks=TASKS, cradle=cradle)
    yield ours
    ours.close()


@pytest.fixture(scope="module")
def by_word(cradle):
    """For the word of a refusal to come: parsers that wait for it as long as it is worth."""
    patient = FencedParsers(LIMITS, TASKS, cradle)
    impatient = FencedParsers(IMPATIENT, TASKS, cradle)
    yield lambda word: impatient if word == "parser_deadline" else patient
    patient.close()
    impatient.close()


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_every_fault_has_its_word():
    assert set(WORDS) == set(FAULTS)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_child_that_misbehaves_is_refused_by_its_word(by_word, fault):
    word, because = WORDS[fault]
    with pytest.raises(ParserError) as caught:
        by_word(word).parse("misbehave", BytesSource(b"x" * 64), {"fault": fault})
    assert (caught.value.word, caught.value.facts.get("because")) == (word, because)


def test_the_same_parsers_work_on_after_a_misbehaving_child(cradle):
    ours = FencedParsers(tasks=TASKS, cradle=cradle)
    with pytest.raises(ParserError):
        ours.parse("misbehave", BytesSource(b""), {"fault": "segfault"})
    assert ours.parse("echo", BytesSource(b"next"), {})["size"] == 4
    ours.close()


def test_a_deep_answer_within_the_limits_is_refused_too():
    limits = ParserLimits(answer_values=200_000)
    parsers = FencedParsers(limits, TASKS)
    with pytest.raises(ParserError, match="because=json"):
        parsers.parse("misbehave", BytesSource(b""), {"fault": "deep"})
    parsers.close()


def test_too_much_cpu_time_ends_a_child_as_a_deadline(cradle):
    parsers = FencedParsers(ParserLimits(cpu_s=1), TASKS, cradle)
    with pytest.raises(ParserError, match=r"parser_deadline.*cpu"):
        parsers.parse("misbehave", BytesSource(b""), {"fault": "spin"})
    parsers.close()


def test_many_megabytes_pass_in_pieces_and_arrive_whole(parsers):
    source = BytesSource(os.urandom(3 << 20) + b"end")
    told = parsers.parse("echo", source, {})
    assert told["size"] == source.size
    assert told["head"] == source.content[:4].hex()
    assert source.reads == 4


def test_one_child_serves_several_files_of_a_docking(parsers):
    pids = {parsers.parse("echo", BytesSource(b"x"), {})["pid"] for _ in range(3)}
    assert len(pids) == 1


def test_a_child_is_replaced_after_its_share_of_files(cradle):
    parsers = FencedParsers(ParserLimits(parses=2), TASKS, cradle)
    pids = [parsers.parse("echo", BytesSource(b"x"), {})["pid"] for _ in range(4)]
    parsers.close()
    assert pids[0] == pids[1] != pids[2] == pids[3]
    assert all(map(gone, pids))


def test_a_child_that_saw_a_volume_sees_nothing_else(parsers):
    pids = {parsers.parse("once", BytesSource(b"x"), {})["pid"] for _ in range(2)}
    assert len(pids) == 2
    assert all(map(gone, pids))


def test_an_error_of_the_source_comes_through_and_ends_the_child(parsers):
    class Unplugged(BytesSource):
        def read(self, _offset, _length):
            raise UnpluggedError("unplugged", where="slot 1")

    before = parsers.parse("echo", BytesSource(b"x"), {})["pid"]
    with pytest.raises(UnpluggedError):
        parsers.parse("echo", Unplugged(b"xyz"), {})
    assert gone(before)
    assert parsers.parse("echo", BytesSource(b"x"), {})["pid"] != before


def test_a_source_that_shrinks_gives_fewer_bytes_and_no_hang(parsers):
    class Shrunk(BytesSource):
        size = 1 << 22

    assert parsers.parse("echo", Shrunk(b"abc"), {})["size"] == 3


def test_a_slow_source_is_not_the_silence_of_the_child(monkeypatch):
    late = [0.0]
    real = time.monotonic
    monkeypatch.setattr("appliance.children.time.monotonic", lambda: real() + late[0])

    class Slow(BytesSource):
        def read(self, offset, length):
            late[0] += 100  # seconds: more than a child may be silent, less than a parse may take
            return super().read(offset, length)

    parsers = FencedParsers(tasks=TASKS)
    parsers.prepare("echo")
    late[0] += 1_000  # prepared long before it is needed
    assert parsers.parse("echo", Slow(b"abc"), {})["size"] == 3
    parsers.close()


def test_a_source_that_takes_for_ever_ends_the_parse(monkeypatch):
    late = [0.0]
    real = time.monotonic
    monkeypatch.setattr("appliance.children.time.monotonic", lambda: real() + late[0])

    class Stuck(BytesSource):
        def read(self, offset, length):
            late[0] += 1_000
            return super().read(offset, length)

    with pytest.raises(ParserError, match="parser_deadline"):
        FencedParsers(tasks=TASKS).parse("echo", Stuck(b"abc"), {})


def test_a_task_that_cannot_be_loaded_is_a_crash_with_its_name(parsers):
    with pytest.raises(ParserError, match=r"parser_crashed.*attributeerror"):
        parsers.parse("missing", BytesSource(b""), {})


def test_a_child_that_never_gets_ready_is_given_up():
    parsers = FencedParsers(ParserLimits(start_s=0.001), TASKS)
    with pytest.raises(ParserError, match="parser_deadline"):
        parsers.parse("echo", BytesSource(b""), {})


def test_a_child_that_was_killed_while_idle_is_replaced_unnoticed(parsers):
    pid = parsers.parse("echo", BytesSource(b"x"), {})["pid"]
    os.kill(pid, 9)
    assert parsers.parse("echo", BytesSource(b"x"), {})["pid"] != pid


class Deadly(BytesSource):
    """Kills whoever is named in ``victims`` as soon as it is asked for bytes."""

    def __init__(self, victims):
        super().__init__(b"abc")
        self.victims = victims

    def read(self, offset, length):
        while self.victims:
            os.kill(self.victims.pop(), 9)
        return super().read(offset, length)


def test_a_child_that_is_killed_over_a_file_costs_nobody_the_file(parsers):
    pid = parsers.parse("echo", BytesSource(b"x"), {})["pid"]
    deadly = Deadly([pid])
    assert parsers.parse("echo", deadly, {})["size"] == 3
    assert deadly.reads == 2


def test_a_file_over_which_every_child_is_killed_is_left_at_that():
    tried = []

    def killed():
        tried.append(1)
        raise ParserError("parser_crashed", task="probe", ended=-9)

    with pytest.raises(ParserError, match="parser_crashed"):
        _twice_if_killed(killed)
    assert len(tried) == 2


def test_a_child_that_crashes_by_itself_is_not_asked_again():
    tried = []

    def crashed():
        tried.append(1)
        raise ParserError("parser_crashed", task="probe", ended=-11)

    with pytest.raises(ParserError, match="parser_crashed"):
        _twice_if_killed(crashed)
    assert len(tried) == 1


def test_a_machine_that_cannot_start_processes_is_a_refusal(monkeypatch):
    def refuse(*_given, **_named):
        raise BlockingIOError

    monkeypatch.setattr("appliance.births.subprocess.Popen", refuse)
    with pytest.raises(ParserError, match="because=start"):
        FencedParsers(LIMITS, TASKS).parse("echo", BytesSource(b""), {})


def test_to_end_a_child_twice_does_no_harm():
    child = Child("echo", TASKS["echo"].target, LIMITS)
    child.end()
    child.end()


def test_no_descriptor_is_left_behind(cradle):
    def open_now():
        return len(list(Path("/proc/self/fd").iterdir()))

    parsers = FencedParsers(LIMITS, TASKS, cradle)
    before = open_now()
    for fault in ("exit", "garbage", "segfault"):
        with pytest.raises(ParserError):
            parsers.parse("misbehave", BytesSource(b""), {"fault": fault})
    parsers.parse("echo", BytesSource(b""), {})
    parsers.close()
    assert open_now() == before


@pytest.mark.parametrize("task", sorted(PRODUCT))
def test_every_task_of_the_product_loads_and_is_fenced(cradle, task):
    parsers = FencedParsers(cradle=cradle)
    assert parsers.fence(task)["seccomp"] == 1
    parsers.close()

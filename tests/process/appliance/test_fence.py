"""The fence: what a taken-over parser child can still do, which is to compute and to answer."""

import errno
import os
import struct

import pytest

from appliance import bpf
from appliance.births import CradleKeeper
from appliance.bpf import ALLOW, ERRNO_EPERM, KILL_PROCESS, MACHINES, Step, assemble
from appliance.children import FencedParsers, Task
from appliance.fence import Bounds, close_fence
from evidence.errors import ParserError
from tests.process.appliance.hostile import ATTEMPTS
from tests.unit.appliance.sources import BytesSource

TASKS = {
    "escape": Task("tests.process.appliance.hostile:escape", several=True),
    "environment": Task("tests.process.appliance.hostile:environment", several=True),
    "echo": Task("tests.process.appliance.hostile:echo", several=True),
}


@pytest.fixture(scope="module", params=["alone", "cradle"])
def parsers(request):
    keeper = CradleKeeper()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKSEAL_SECRET", "not for children")
        cradle = keeper.descriptor() if request.param == "cradle" else None
        ours = FencedParsers(tasks=TASKS, cradle=cradle)
        yield ours
        ours.close()
    keeper.close()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kept").write_bytes(b"evidence")
    return tmp_path


@pytest.mark.parametrize("attempt", sorted(ATTEMPTS))
def test_a_taken_over_child_cannot_get_out(parsers, folder, attempt):
    open_to_the_child = os.open(folder / "kept", os.O_RDONLY)
    os.set_inheritable(open_to_the_child, True)  # as a careless library would leave it
    facts = {"try": attempt, "parent": os.getpid(), "folder": str(folder)}

    answer = parsers.parse("escape", BytesSource(b""), facts)

    os.close(open_to_the_child)
    denied = errno.EBADF if attempt == "other_descriptors" else errno.EPERM
    assert answer == {"denied": denied}
    assert [path.name for path in folder.iterdir()] == ["kept"]
    assert (folder / "kept").read_bytes() == b"evidence"


@pytest.mark.parametrize("attempt", ["open_passwd", "write_file", "fork", "tcp_socket", "pipe"])
def test_the_same_attempts_succeed_where_there_is_no_fence(folder, attempt):
    """The suite above can fail: outside, the same code gets what it asks for."""
    child = os.fork()
    if child == 0:
        try:
            made = ATTEMPTS[attempt]({"parent": os.getppid(), "folder": str(folder)})
        except OSError:
            os._exit(1)
        if attempt == "fork" and made:
            os.waitpid(made, 0)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_child_inherits_no_secret_of_the_environment(parsers):
    told = parsers.parse("environment", BytesSource(b""), {})
    assert "DOCKSEAL_SECRET" not in told["variables"]
    assert "PATH" not in told["variables"]


def test_a_child_tells_which_walls_stand(parsers):
    walls = parsers.fence("echo")
    assert walls["seccomp"] == 1
    assert walls["capabilities"] == 1
    assert set(walls) == {"seccomp", "landlock", "namespaces", "capabilities"}


def test_a_child_that_cannot_be_fenced_refuses_to_parse(monkeypatch):
    assert in_a_fork(monkeypatch, Bounds(memory_bytes=1 << 30, cpu_s=10)) == "fence_missing"


def test_a_fence_without_seccomp_needs_leave_by_configuration(monkeypatch):
    bounds = Bounds(memory_bytes=1 << 30, cpu_s=10, need_seccomp=False)
    assert in_a_fork(monkeypatch, bounds) == "closed"


def in_a_fork(monkeypatch, bounds):
    """Close the fence in a fork of this process, on a machine whose calls have no numbers."""
    monkeypatch.setattr("appliance.fence.MACHINES", {})
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(theirs, 2)
        try:
            close_fence(bounds)
            os.write(2, b"closed")
        except ParserError as error:
            os.write(2, error.word.encode())
        finally:
            os._exit(0)
    os.close(theirs)
    told = os.read(ours, 100).decode()
    os.close(ours)
    os.waitpid(child, 0)
    return told


def run(program, number, architecture, protection=0):
    """Interpret a classic BPF program over one struct seccomp_data, as the kernel would."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, 0, 0, protection, 0, 0, 0)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator = place = 0
    while True:
        code, yes, no, operand = steps[place]
        place += 1
        if code == bpf.RETURN:
            return operand
        if code == bpf.LOAD:
            accumulator = struct.unpack_from("=I", data, operand)[0]
            continue
        tests = {
            bpf.EQUAL: accumulator == operand,
            bpf.AT_LEAST: accumulator >= operand,
            bpf.ANY_BIT: bool(accumulator & operand),
        }
        place += yes if tests[code] else no


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_the_filter_allows_exactly_its_list(name):
    machine = MACHINES[name]
    program = bpf.parser_filter(machine)
    allowed = {n for n in range(1024) if run(program, n, machine.audit) == ALLOW}
    assert allowed == {*machine.free.values(), *machine.unexecutable.values()}
    assert {run(program, n, machine.audit) for n in range(1024)} == {ALLOW, ERRNO_EPERM}


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_memory_that_can_be_run_is_refused(name):
    machine = MACHINES[name]
    program = bpf.parser_filter(machine)
    for number in machine.unexecutable.values():
        assert run(program, number, machine.audit, protection=3) == ALLOW
        assert run(program, number, machine.audit, protection=5) == ERRNO_EPERM


def test_a_foreign_architecture_and_x32_numbers_end_the_process():
    machine = MACHINES["x86_64"]
    program = bpf.parser_filter(machine)
    i386 = 0x40000003
    assert run(program, 3, i386) == KILL_PROCESS
    assert run(program, 0x40000000 | 1, machine.audit) == KILL_PROCESS


def test_the_two_lists_name_the_same_calls():
    x86, arm = (MACHINES[name] for name in ("x86_64", "aarch64"))
    assert {*x86.free} - {*arm.free} == {"time", "poll"}  # aarch64 never had them
    assert {*arm.free} - {*x86.free} == {"ppoll"}


def test_a_jump_backwards_or_too_far_does_not_assemble():
    back = [Step(bpf.RETURN, 0, label="start"), Step(bpf.EQUAL, 0, yes="start")]
    far = [Step(bpf.EQUAL, 0, yes="end"), *[Step(bpf.LOAD, 0)] * 300]
    far.append(Step(bpf.RETURN, 0, label="end"))
    for steps in (back, far):
        with pytest.raises(ValueError, match=r"start|end"):
            assemble(steps)

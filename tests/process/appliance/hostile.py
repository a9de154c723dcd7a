"""What a taken-over parser child would do.  Tasks for the tests; no product table names them."""

import ctypes
import mmap
import os
import platform
import resource
import signal
import socket
import sys
import time
from pathlib import Path

from appliance import frames

LIBC = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
NUMBERS = {  # x86_64, aarch64
    "bpf": (321, 280),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execveat": (322, 281),
    "fork": (57, 220),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "open": (2, 56),
    "open_by_handle_at": (304, 265),
    "openat2": (437, 437),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_open": (434, 434),
    "prlimit64": (302, 261),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "seccomp": (317, 277),
    "setns": (308, 268),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}


def call(name, *arguments):
    """Make a system call by number, past libc and Python, as injected code would."""
    number = NUMBERS[name][0 if X86 else 1]
    if LIBC.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), name)


def executable_memory():
    page = LIBC.mmap
    page.restype = ctypes.c_void_p
    where = page(None, ctypes.c_size_t(4096), 7, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    if where == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")


def make_executable():
    where = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(where))
    if LIBC.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 5):
        raise OSError(ctypes.get_errno(), "mprotect")


def other_descriptors():
    """Read whatever is open beside the channel: an inherited descriptor would answer."""
    for number in (*range(3, 256), 1023, 1024, 4095):
        try:
            os.read(number, 1)
        except OSError:
            continue
        return
    raise OSError(9, "nothing else is open")


def grow_limit():
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    except ValueError as error:  # how Python tells EPERM of this one call
        raise OSError(1, "setrlimit") from error


def kept(facts):
    return Path(facts["folder"], "kept")


ATTEMPTS = {
    "open_passwd": lambda _: os.open("/etc/passwd", os.O_RDONLY),
    "open_shadow_by_number": lambda _: call("open", 0, 0, 0),
    "openat2": lambda _: call("openat2", -100, 0, 0, 0),
    "open_parent_memory": lambda facts: os.open(f"/proc/{facts['parent']}/mem", os.O_RDONLY),
    "open_own_memory": lambda _: os.open("/proc/self/mem", os.O_RDWR),
    "list_root": lambda _: list(Path("/").iterdir()),
    "write_file": lambda facts: kept(facts).with_name("escaped").write_bytes(b"x"),
    "unlink": lambda facts: kept(facts).unlink(),
    "rename": lambda facts: kept(facts).rename(kept(facts).with_name("gone")),
    "truncate": lambda facts: os.truncate(kept(facts), 0),
    "chmod": lambda facts: kept(facts).chmod(0o600),
    "chown": lambda facts: os.chown(kept(facts), 0, 0),
    "mkdir": lambda facts: kept(facts).with_name("made").mkdir(),
    "symlink": lambda facts: kept(facts).with_name("link").symlink_to("/"),
    "link": lambda facts: kept(facts).with_name("second").hardlink_to(kept(facts)),
    "stat": lambda _: Path("/etc/passwd").stat(),
    "chroot": lambda _: os.chroot("/proc"),
    "chdir": lambda _: os.chdir("/proc"),
    "mount": lambda _: mount(),
    "tcp_socket": lambda _: socket.socket(),
    "unix_socket": lambda _: socket.socket(socket.AF_UNIX),
    "netlink_socket": lambda _: socket.socket(16, socket.SOCK_RAW),
    "socket_pair": lambda _: socket.socketpair(),
    "send_descriptor": lambda _: send_descriptor(),
    "fork": lambda _: os.fork(),
    "fork_by_number": lambda _: call("fork", 17, 0, 0, 0, 0),
    "thread": lambda _: call("clone", 0x100, 0, 0, 0, 0),
    "clone3": lambda _: call("clone3", 0, 88),
    "execve": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606 - the attack itself
    "execveat": lambda _: call("execveat", -100, 0, 0, 0, 0),
    "pipe": lambda _: os.pipe(),
    "dup": lambda _: os.dup(0),
    "memory_file": lambda _: call("memfd_create", 0, 0),
    "ptrace_parent": lambda facts: call("ptrace", 16, facts["parent"], 0, 0),
    "read_parent": lambda facts: call("process_vm_readv", facts["parent"], 0, 0, 0, 0, 0),
    "write_parent": lambda facts: call("process_vm_writev", facts["parent"], 0, 0, 0, 0, 0),
    "kill_parent": lambda facts: os.kill(facts["parent"], signal.SIGTERM),
    "kill_group": lambda _: os.killpg(0, signal.SIGCONT),
    "hold_parent": lambda facts: call("pidfd_open", facts["parent"], 0),
    "io_uring": lambda _: call("io_uring_setup", 1, 0),
    "bpf": lambda _: call("bpf", 0, 0, 0),
    "perf": lambda _: call("perf_event_open", 0, 0, 0, 0, 0),
    "userfaultfd": lambda _: call("userfaultfd", 0),
    "keyring": lambda _: call("keyctl", 0, -3, 0, 0, 0),
    "namespace": lambda _: call("unshare", 0x10000000),
    "join_namespace": lambda _: call("setns", 0, 0),
    "handle": lambda _: call("open_by_handle_at", -100, 0, 0),
    "second_filter": lambda _: call("seccomp", 1, 0, 0),
    "personality": lambda _: call("personality", 0x0040000),
    "grow_limit": lambda _: grow_limit(),
    "limit_of_parent": lambda facts: call("prlimit64", facts["parent"], 7, 0, 0),
    "executable_memory": lambda _: executable_memory(),
    "make_executable": lambda _: make_executable(),
    "other_descriptors": lambda _: other_descriptors(),
    "set_user": lambda _: os.setuid(0),
    "priority": lambda facts: os.setpriority(os.PRIO_PROCESS, facts["parent"], 19),
}


def mount():
    if LIBC.mount(b"none", b"/mnt", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "mount")


def send_descriptor():
    """Use the one socket there is to hand over a descriptor, past the frames."""
    message = ctypes.create_string_buffer(56)
    if LIBC.sendmsg(frames.CHANNEL, message, 0) < 0:
        raise OSError(ctypes.get_errno(), "sendmsg")


def escape(_source, request):
    """Try one way out; tell the errno, or that it worked."""
    try:
        ATTEMPTS[request["try"]](request)
    except OSError as error:
        return {"denied": error.errno}
    return {"escaped": True}


def misbehave(source, request):
    """Do to the parent what a crashing, looping or lying parser does."""
    return FAULTS[request["fault"]](source)


def crash(_source):
    ctypes.string_at(1)


def allocate(_source):
    return len(bytearray(1 << 34))


def spin(_source):
    while True:
        time.monotonic()


def ask_for_ever(source):
    while True:
        source.read(0, 1)


def raw(content):
    def fault(_source):
        os.write(frames.CHANNEL, content)
        time.sleep(30)

    return fault


def flood(_source):
    while True:
        os.write(frames.CHANNEL, frames.HEADER.pack(frames.ANSWER, 1 << 30) + bytes(1 << 20))


def raise_value_error(_source):
    raise ValueError("\x00 not a word \N{SNOWMAN}")


def deep(_source):
    content = b"[" * 100_000
    os.write(frames.CHANNEL, frames.HEADER.pack(frames.ANSWER, len(content)) + content)
    time.sleep(30)


HEADER, ASK = frames.HEADER, frames.ASK
FAULTS = {
    "segfault": crash,
    "memory": allocate,
    "spin": spin,
    "hang": lambda _: time.sleep(60),
    "ask_for_ever": ask_for_ever,
    "exit": lambda _: os._exit(7),
    "quiet_exit": lambda _: os._exit(0),
    "garbage": raw(b"\xff" * 512),
    "half_header": raw(b"\x03\x00"),
    "half_frame": raw(HEADER.pack(frames.ANSWER, 100) + b"{"),
    "huge_frame": raw(HEADER.pack(frames.ANSWER, 0xFFFFFFFF)),
    "huge_failure": raw(HEADER.pack(frames.FAILED, 100_000)),
    "flood": flood,
    "not_json": raw(HEADER.pack(frames.ANSWER, 2) + b"{\xff"),
    "float": raw(HEADER.pack(frames.ANSWER, 3) + b"1.5"),
    "infinity": raw(HEADER.pack(frames.ANSWER, 8) + b"Infinity"),
    "huge_integer": raw(HEADER.pack(frames.ANSWER, 9000) + b"9" * 9000),
    "deep": deep,
    "many_values": raw(HEADER.pack(frames.ANSWER, 60_001) + b"[" + b"1," * 29_999 + b"1]"),
    "read_beyond": raw(HEADER.pack(frames.READ, 12) + ASK.pack(1 << 62, 1)),
    "read_too_much": raw(HEADER.pack(frames.READ, 12) + ASK.pack(0, (1 << 20) + 1)),
    "read_nothing": raw(HEADER.pack(frames.READ, 12) + ASK.pack(0, 0)),
    "read_short": raw(HEADER.pack(frames.READ, 3) + b"abc"),
    "claims_deadline": raw(
        HEADER.pack(frames.FAILED, 54) + b'{"word": "parser_deadline", "because": "its_own_idea"}'
    ),
    "raises": raise_value_error,
}


def echo(source, _request):
    """Behave: read the whole source and answer its size and first bytes."""
    content = source.read(0, source.size)
    return {"size": len(content), "head": content[:4].hex(), "pid": os.getpid()}


def environment(_source, _request):
    """Tell what the child was given."""
    return {"variables": sorted(os.environ), "arguments": len(sys.argv)}

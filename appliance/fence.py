"""The fence round a parser child, closed from inside before it sees the first hostile byte.

Three walls, each enough against most escapes: limits of the kernel (memory, CPU, no files, no
processes), no way to name anything (own namespaces, Landlock, no capabilities), and seccomp, which
leaves a parser nothing but computing and the descriptors that it has.  Only seccomp is
obligatory: the others are not everywhere (containers forbid namespaces, old kernels lack
Landlock) and it alone denies what they deny.

Sources: ``prctl(2)``, ``seccomp(2)``, ``landlock(7)``, ``unshare(2)``, ``capset(2)``.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Final

from appliance.bpf import MACHINES, Machine, parser_filter
from appliance.frames import CHANNEL, Bounds
from evidence.errors import ParserError
from evidence.json import Json

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_NO_NEW_PRIVS: Final = 38
SECCOMP_SET_MODE_FILTER: Final = 1
SECCOMP_FILTER_FLAG_TSYNC: Final = 1
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
CAPABILITY_VERSION_3: Final = 0x20080522

LANDLOCK_CREATE: Final = 444  # the same numbers on every architecture
LANDLOCK_RESTRICT: Final = 446
LANDLOCK_VERSION_FLAG: Final = 1
# How many access rights to files each ABI knows: to handle one it does not know is an error.
LANDLOCK_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
LANDLOCK_NETWORK_FROM: Final = 4  # bind and connect of TCP
LANDLOCK_SCOPES_FROM: Final = 6  # abstract Unix sockets and signals

OPEN_FILES: Final = 3  # the channel, and /dev/null twice


def close_fence(bounds: Bounds, *, forked: bool = False) -> dict[str, Json]:
    """Close the fence round this process, for ever, and tell which walls stand.

    ``forked``: it is to end with the process that forked it, which serves no one else's threads.
    Returns ``{"seccomp": …, "landlock": ABI, "namespaces": …, "capabilities": …}``: 1 where a wall
    stands, 0 where it does not.
    Raises ``ParserError`` ``fence_missing`` (``because``: which wall) where an obligatory one
    cannot be built; then nothing hostile may be read here.
    """
    machine = MACHINES.get(platform.machine())
    _forget_descriptors()
    memory, data = _used_bytes()
    namespaces = _call("unshare", CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC)
    if not namespaces:  # a container that forbids user namespaces may still allow the other two
        namespaces = _call("unshare", CLONE_NEWNET | CLONE_NEWIPC)
    if not _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise ParserError("fence_missing", because="no_new_privs")
    _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)
    capabilities = machine is not None and _drop_capabilities(machine)
    if forked:  # after the namespaces: new credentials forget it (prctl(2))
        _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    landlock = _close_files()  # needs a descriptor for a moment, so the limits come after it
    _limit(memory, data, bounds)
    seccomp = machine is not None and _filter_calls(machine)
    if bounds.need_seccomp and not seccomp:
        raise ParserError("fence_missing", because="seccomp")
    return {
        "seccomp": int(seccomp),
        "landlock": landlock,
        "namespaces": int(namespaces),
        "capabilities": int(capabilities),
    }


def _forget_descriptors() -> None:
    """Close what an import may have opened; the channel and /dev/null stay."""
    os.closerange(CHANNEL + OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _used_bytes() -> tuple[int, int]:
    """Return address space and private data of this process, in bytes (proc(5), statm)."""
    fields = Path("/proc/self/statm").read_bytes().split()
    page = resource.getpagesize()
    return int(fields[0]) * page, int(fields[5]) * page


def _limit(memory: int, data: int, bounds: Bounds) -> None:
    """Set the limits, soft and hard alike, so that no way leads back.

    Of CPU the hard limit is a second later: the soft one ends the child by a signal that says so.
    """
    for which, value in (
        (resource.RLIMIT_AS, memory + bounds.memory_bytes),
        (resource.RLIMIT_DATA, data + bounds.memory_bytes),
        (resource.RLIMIT_CPU, bounds.cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        hard = sys.maxsize if hard == resource.RLIM_INFINITY else hard
        cap = min(value, hard)
        resource.setrlimit(which, (cap, cap + (which == resource.RLIMIT_CPU and cap < hard)))


def _drop_capabilities(machine: Machine) -> bool:
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    return _syscall(machine.capset, header, bytes(24)) == 0


def _close_files() -> int:
    """Deny every access to files and sockets by name through Landlock; return its ABI, or 0."""
    abi = _syscall(LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION_FLAG)
    if abi < 1:
        return 0
    rights = LANDLOCK_FILE_RIGHTS.get(abi, LANDLOCK_FILE_RIGHTS[max(LANDLOCK_FILE_RIGHTS)])
    words = [(1 << rights) - 1]
    if abi >= LANDLOCK_NETWORK_FROM:
        words.append(0b11)
    if abi >= LANDLOCK_SCOPES_FROM:
        words.append(0b11)
    attributes = struct.pack(f"={len(words)}Q", *words)
    ruleset = _syscall(LANDLOCK_CREATE, attributes, len(attributes), 0)
    if ruleset < 0:
        return 0
    done = _syscall(LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return abi if done == 0 else 0


def _filter_calls(machine: Machine) -> bool:
    """Install the seccomp filter in every thread of this process."""
    code = parser_filter(machine)
    held = ctypes.create_string_buffer(code, len(code))  # must live until the kernel has copied it
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(held))
    done = _syscall(machine.seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program)
    return done == 0


def _call(name: str, *arguments: int) -> bool:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    return bool(function(*(ctypes.c_ulong(argument) for argument in arguments)) == 0)


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    """Call the kernel by number; -1 is every error (it is only ever "this wall is missing")."""
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(function(ctypes.c_long(number), *given))

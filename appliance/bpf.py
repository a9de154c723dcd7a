"""A small assembler for seccomp filters (classic BPF), and the filter of a parser child.

The filter is an allow-list: what a parser needs to compute and to talk over the descriptors that
it already has.  Everything else is refused with EPERM; a foreign architecture ends the process,
because its numbers mean other calls.  Sources: Linux ``seccomp(2)``, ``linux/filter.h``,
``linux/seccomp.h``, ``asm/unistd_64.h`` (x86_64) and ``asm-generic/unistd.h`` (aarch64).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import pack
from typing import Final

LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS: a word of seccomp_data into the accumulator
EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN: Final = 0x06  # BPF_RET | BPF_K

KILL_PROCESS: Final = 0x80000000
ERRNO_EPERM: Final = 0x00050000 | 1
ALLOW: Final = 0x7FFF0000

NUMBER_AT: Final = 0  # offsets into struct seccomp_data
ARCHITECTURE_AT: Final = 4
PROTECTION_AT: Final = 16 + 2 * 8  # low word of the third argument of mmap and mprotect
PROT_EXEC: Final = 4
X32_BIT: Final = 0x40000000  # the x32 numbers of x86_64: other calls behind the same architecture
JUMP_LIMIT: Final = 255  # a jump is one byte


@dataclass(frozen=True, slots=True)
class Machine:
    """One architecture: its AUDIT_ARCH number and the numbers of the calls that are named here."""

    audit: int
    seccomp: int
    capset: int
    free: Mapping[str, int]  # allowed with any arguments
    unexecutable: Mapping[str, int]  # allowed unless the third argument asks for PROT_EXEC


MACHINES: Final[Mapping[str, Machine]] = {
    "x86_64": Machine(
        audit=0xC000003E,
        seccomp=317,
        capset=126,
        free={
            "read": 0,
            "write": 1,
            "readv": 19,
            "close": 3,
            "fstat": 5,
            "poll": 7,
            "lseek": 8,
            "munmap": 11,
            "brk": 12,
            "rt_sigprocmask": 14,
            "rt_sigreturn": 15,
            "sched_yield": 24,
            "mremap": 25,
            "madvise": 28,
            "nanosleep": 35,
            "getpid": 39,
            "exit": 60,
            "gettimeofday": 96,
            "sigaltstack": 131,
            "gettid": 186,
            "time": 201,
            "futex": 202,
            "restart_syscall": 219,
            "clock_gettime": 228,
            "clock_nanosleep": 230,
            "exit_group": 231,
            "getrandom": 318,
        },
        unexecutable={"mmap": 9, "mprotect": 10},
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        seccomp=277,
        capset=91,
        free={
            "close": 57,
            "lseek": 62,
            "read": 63,
            "write": 64,
            "readv": 65,
            "ppoll": 73,
            "fstat": 80,
            "exit": 93,
            "exit_group": 94,
            "futex": 98,
            "nanosleep": 101,
            "clock_gettime": 113,
            "clock_nanosleep": 115,
            "sched_yield": 124,
            "restart_syscall": 128,
            "sigaltstack": 132,
            "rt_sigprocmask": 135,
            "rt_sigreturn": 139,
            "gettimeofday": 169,
            "getpid": 172,
            "gettid": 178,
            "brk": 214,
            "munmap": 215,
            "mremap": 216,
            "madvise": 233,
            "getrandom": 278,
        },
        unexecutable={"mmap": 222, "mprotect": 226},
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction; ``yes`` and ``no`` name labels, empty means the next instruction."""

    code: int
    operand: int
    yes: str = ""
    no: str = ""
    label: str = ""


def parser_filter(machine: Machine) -> bytes:
    """Return the filter of a parser child as an array of ``struct sock_filter``."""
    steps = [
        Step(LOAD, ARCHITECTURE_AT),
        Step(EQUAL, machine.audit, no="kill"),
        Step(LOAD, NUMBER_AT),
        Step(AT_LEAST, X32_BIT, yes="kill"),
        *(Step(EQUAL, number, yes="protection") for number in machine.unexecutable.values()),
        *(Step(EQUAL, number, yes="allow") for number in machine.free.values()),
        Step(RETURN, ERRNO_EPERM, label="refuse"),
        Step(LOAD, PROTECTION_AT, label="protection"),
        Step(ANY_BIT, PROT_EXEC, yes="refuse_exec", no="allow"),
        Step(RETURN, ERRNO_EPERM, label="refuse_exec"),
        Step(RETURN, ALLOW, label="allow"),
        Step(RETURN, KILL_PROCESS, label="kill"),
    ]
    return assemble(steps)


def assemble(steps: Sequence[Step]) -> bytes:
    """Resolve labels to forward distances and return the machine form, 8 bytes an instruction.

    Raises ``ValueError`` for a label that is unknown, behind, or too far away.
    """
    places = {step.label: place for place, step in enumerate(steps) if step.label}
    return b"".join(
        pack(
            "=HBBI",
            step.code,
            _distance(places, step.yes, here),
            _distance(places, step.no, here),
            step.operand,
        )
        for here, step in enumerate(steps)
    )


def _distance(places: Mapping[str, int], label: str, here: int) -> int:
    if not label:
        return 0
    distance = places.get(label, -1) - here - 1
    if not 0 <= distance <= JUMP_LIMIT:
        raise ValueError(label)
    return distance

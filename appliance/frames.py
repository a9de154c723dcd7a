"""The frames between a parser child and its parent: one byte of kind, four of length, the rest.

    child -> parent   READY   JSON: what the fence holds, sent once, after it is closed
                      READ    offset (8 bytes) and length (4 bytes), big endian, at most 1 MiB
                      ANSWER  one JSON value: the task is done
                      FAILED  JSON {"word", "because"}: the task is over without an answer
    parent -> child   TASK    JSON {"size", "request"}
                      DATA    what was asked for; fewer bytes only at the end of the source

The child is trusted until READY and by nobody after it.  ``Bounds`` it is told at birth; where it
is born from the cradle (``appliance/cradle.py``), ``CODE`` is how the cradle tells its end.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

READY: Final = 1
READ: Final = 2
ANSWER: Final = 3
FAILED: Final = 4
TASK: Final = 5
DATA: Final = 6

HEADER: Final = Struct(">BI")  # kind, length of what follows in bytes
ASK: Final = Struct(">QI")  # offset, length, both in bytes

READ_LIMIT_BYTES: Final = 1024 * 1024
TASK_LIMIT_BYTES: Final = 64 * 1024
NOTE_LIMIT_BYTES: Final = 4 * 1024  # of READY and FAILED
CHANNEL: Final = 0  # the one descriptor that a child gets is its standard input
CODE: Final = Struct(">i")  # an exit code as os.waitstatus_to_exitcode gives it


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use in its whole life, beyond what it used before the fence."""

    memory_bytes: int
    cpu_s: int
    need_seccomp: bool = True

"""A part of ``up`` ends when the process that started it is gone, also where that was killed.

Else a slot would go on docking a recorder that the next ``up`` docks too, and a ledger process
would keep the writer's lock for ever.
"""

import ctypes
import os
import signal
from collections.abc import Mapping
from typing import Final

VARIABLE: Final = "LIVES_WITH"  # the number of the parent, in the environment of its parts
PR_SET_PDEATHSIG: Final = 1


def told_to(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a part that is to end with this process."""
    return {**environment, VARIABLE: str(os.getpid())}


def end_with_parent() -> None:
    """Get SIGTERM when the parent ends, or at once where it has; nothing where nobody asks for it.

    The handler must be there already.  Source: ``prctl(2)``.
    """
    parent = os.environ.pop(VARIABLE, None)
    if parent is None:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):  # it ended before we asked to be told
        os.kill(os.getpid(), signal.SIGTERM)

"""One docking at a time in each slot: a lock that ends with the processes that hold it.

The process of the slot inherits it: where the one that started it is killed, nobody docks there
before the slot's own process has ended too.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import UsageError, VaultUnavailableError

SLOTS_LIMIT = 999  # as in the configuration


@dataclass(frozen=True, slots=True)
class SlotLock:
    """A slot that is ours until ``release`` or the end of this process."""

    number: int
    descriptor: int

    def release(self) -> None:
        """Let others dock here, also where the slot's process hangs and still has it open.

        The file stays, so that nobody locks one that is being removed.
        """
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        os.close(self.descriptor)


def take_slot(folder: Path, number: int) -> SlotLock:
    """Return the lock of one slot, or raise ``UsageError`` when somebody docks there now."""
    lock = _try(folder, number)
    if lock is None:
        raise UsageError("slot_busy", slot=number)
    return lock


def take_free_slot(folder: Path, taken: frozenset[int]) -> SlotLock:
    """Return the first slot that nobody uses and that is not among ``taken``."""
    for number in range(1, SLOTS_LIMIT + 1):
        lock = None if number in taken else _try(folder, number)
        if lock:
            return lock
    raise UsageError("slots_all_busy", limit=SLOTS_LIMIT)


def _try(folder: Path, number: int) -> SlotLock | None:
    path = folder / f"{number}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        because = error.strerror or "?"
        raise VaultUnavailableError("vault_io", path=str(path), because=because) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return SlotLock(number, descriptor)

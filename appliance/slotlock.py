"""One docking at a time in each slot: a lock that ends with the process that holds it."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import UsageError

SLOTS_LIMIT = 999  # as in the configuration


@dataclass(frozen=True, slots=True)
class SlotLock:
    """A slot that is ours until ``release`` or the end of this process."""

    number: int
    descriptor: int

    def release(self) -> None:
        """Let others dock here; the file stays, so that nobody locks one that is being removed."""
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
    descriptor = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return SlotLock(number, descriptor)

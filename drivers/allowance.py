"""How much one recorder may give: not more than its medium can hold, and a little.

Files that overlap, or that were never written, can claim a hundred times what there is; believed,
a card of some gigabytes fills the vault.
"""

from dataclasses import dataclass, field

from evidence.errors import UnreadableError


@dataclass(slots=True)
class Allowance:
    """Counts what the files of one listing give; each once, however often it is read."""

    where: str
    capacity_bytes: int
    percent: int  # of the capacity
    _given: int = 0  # bytes
    _handles: set[int] = field(default_factory=set)

    def take(self, handle: int, size: int) -> None:
        """Count a file that will give ``size`` bytes.

        Raises ``UnreadableError`` ``recorder_overfull`` where that is too much; smaller ones may
        still be read.
        """
        if handle in self._handles:
            return
        if self._given + size > self.capacity_bytes * self.percent // 100:
            raise UnreadableError("recorder_overfull", where=self.where, holds=self.capacity_bytes)
        self._handles.add(handle)
        self._given += size

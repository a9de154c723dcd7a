"""How a docking ended, for the entry, the screen and the caller."""

from dataclasses import dataclass, field

from evidence.json import Json
from evidence.states import Inventory, Recognised, Sealed
from ingest.certify import read_whole
from ingest.seams import Seam


@dataclass(frozen=True, slots=True)
class Left:
    """A file that stays on the recorder, and the word of the error that left it there."""

    line: int
    because: str


@dataclass(slots=True)
class Progress:
    """What a docking has reached so far; what stands here when it breaks off is what holds."""

    docking: str
    started: float  # monotonic seconds
    inventory: Inventory | None = None
    sealed: list[Sealed] = field(default_factory=list)
    recognised: list[Recognised] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    seams: tuple[Seam, ...] = ()
    recorder: str = "kept"  # kept | confirmed | erased
    because: str | None = None  # why the recorder was cleared less than was asked
    cut: str | None = None  # the error that ended the docking before its time

    @property
    def outcome(self) -> str:
        """Return complete, left_behind, interrupted (it was cut) or failed (never listed)."""
        if self.inventory is None:
            return "failed"
        settled = len(self.sealed) + len(self.recognised) + len(self.left)
        if self.cut and settled < len(self.inventory.files):
            return "interrupted"
        partial = any(not read_whole(each) for each in self.sealed)
        kept = self.recorder == "confirmed" and self.because not in {None, "erase_unsupported"}
        return "left_behind" if self.left or partial or self.cut or kept else "complete"

    @property
    def safe_to_take(self) -> bool:
        """Return whether everything readable is sealed and nothing is being written."""
        return self.outcome in {"complete", "left_behind"}

    def counts(self) -> dict[str, Json]:
        """Return the counts that stand in ``docking.ended``."""
        again = sum(each.index != each.sealed_index for each in self.sealed)
        return {
            "files": len(self.inventory.files) if self.inventory else 0,
            "sealed": len(self.sealed) - again,
            "seen": again + len(self.recognised),
            "left": len(self.left),
            "bytes": sum(each.stored.received.size for each in self.sealed),
        }

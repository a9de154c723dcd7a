"""A recorder in memory.  It polices: nothing is erased without its certificate."""

from dataclasses import dataclass, field
from datetime import timedelta

from evidence.errors import EraseError, UnpluggedError, UnreadableError
from evidence.recorders import ClockReading, FileEntry, Identity, Listing
from tests.fakes.clock import NOON


def file_of(handle, path, size, *, minutes_ago=60, **more):
    return FileEntry(
        handle, path, path.encode(), size, modified=NOON - timedelta(minutes=minutes_ago), **more
    )


@dataclass
class MemoryRecorder:
    files: dict[str, bytes]
    told: Identity = field(default_factory=lambda: Identity(serial="T000001"))
    offset_ms: int | None = 0
    minutes_ago: dict[str, int] = field(default_factory=dict)
    chunk: int = 1000
    unplug_at: int | None = None  # after so many bytes of this docking
    unreadable: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset()  # gives one byte less than it lists
    cannot_erase: bool = False
    journal: list[str] = field(default_factory=list)
    driver: str = "simulated"
    where: str = "memory"

    def __post_init__(self):
        self._given = 0

    def identity(self):
        return self.told

    def clock(self, now):
        del now
        if self.offset_ms is None:
            return ClockReading("unknown")
        return ClockReading("measured", self.offset_ms, "vendor")

    def battery_percent(self):
        return 80

    def listing(self):
        self.journal.append("recorder.listing")
        files = [
            file_of(n, path, len(content), minutes_ago=self.minutes_ago.get(path, 60))
            for n, (path, content) in enumerate(self.files.items())
        ]
        return Listing(tuple(files), file_system="folder")

    def read(self, file):
        self.journal.append(f"recorder.read {file.path}")
        content = self.files[file.path]
        if file.path in self.short:
            content = content[:-1]
        for at in range(0, len(content), self.chunk):
            if file.path in self.unreadable:
                raise UnreadableError("read_failed", path=file.path)
            chunk = content[at : at + self.chunk]
            self._given += len(chunk)
            if self.unplug_at is not None and self._given > self.unplug_at:
                raise UnpluggedError("unplugged", where=self.where)
            yield chunk

    def sample(self, file, offset, length):
        self.journal.append(f"recorder.sample {file.path}")
        return self.files[file.path][offset : offset + length]

    def erase(self, certificate):
        assert certificate.indexes, "a certificate stands in the ledger"
        if self.cannot_erase:
            raise EraseError("erase_unsupported", where=self.where)
        for sealed in certificate.sealed:
            del self.files[sealed.stored.received.listed.file.path]
        self.journal.append("recorder.erase")

    def close(self):
        self.journal.append("recorder.close")

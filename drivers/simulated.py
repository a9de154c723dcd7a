"""A recorder that is played: an image or a folder, with an identity, a clock, and faults.

Everything that it serves is really read from the image, and what it forgets is really gone from
there; only who it is, what time it has and how it fails is made up.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn, Protocol

from drivers.description import SUFFIX, Description, read_description
from drivers.erase import Plan, plan_for, prove, require_whole
from drivers.faults import Fault, Injection
from evidence.digest import Chunk
from evidence.errors import DeadlineError, DeviceError, EraseError, UnpluggedError, UnreadableError
from evidence.ports import Recorder
from evidence.recorders import ClockReading, FileEntry, Identity, Listing
from evidence.states import Certificate

GARBLED = "\ufffd\ufffd\ufffd"
ANOTHER_SERIAL, ANOTHER_OFFICER = "9999999", "999999"
IMPOSSIBLE_PERCENT = 255
PIECES_PER_SECOND = 20  # of a recorder with a limited rate
LEAST_PIECE = 1 << 16
STOPS = (Fault.UNPLUGGED, Fault.READ_ERROR, Fault.SHORT_READ, Fault.HANG, Fault.HANG_BOUNDED)
FOREVER_S = 3600.0  # one sleep of a hang, which never ends


class Inner(Recorder, Protocol):
    """The real driver below the play."""

    def remove(self, chosen: Plan) -> str:
        """Remove the named files; return the word of what kept one from going."""
        ...


def claims(path: Path) -> bool:
    """Return whether this is the description of a recorder to be played."""
    return path.name.endswith(SUFFIX) and path.is_file()


def open_simulated(path: Path, open_inner: Callable[[Path], Inner]) -> "SimulatedRecorder":
    """Return the recorder that a description file describes."""
    description = read_description(path)
    return SimulatedRecorder(description, open_inner(description.image), str(path))


@dataclass(slots=True)
class SimulatedRecorder:
    """Implements ``evidence.ports.Recorder``."""

    description: Description
    inner: Inner
    where: str
    driver: str = "simulated"
    gone: bool = False
    asked: int = 0  # for its identity
    timed: int = 0  # for its clock
    listed: int = 0
    total: int = 0  # bytes given away
    readings: dict[bytes, int] = field(default_factory=dict)

    def identity(self) -> Identity:
        """Return what the description says, and the volume's serial from the volume."""
        self._strike(Fault.GONE_AT_IDENTITY)
        self.asked += 1
        if self._has(Fault.IDENTITY_EMPTY):
            return Identity()
        identity, volume = self.description.identity, self.inner.identity()
        if self._has(Fault.IDENTITY_GARBLED):
            identity = replace(identity, serial=GARBLED, officer=GARBLED)
        changed = self._has(Fault.IDENTITY_CHANGES) and self.asked > 1
        if changed or self._has(Fault.IDENTITY_OF_ANOTHER):
            identity = replace(identity, serial=ANOTHER_SERIAL, officer=ANOTHER_OFFICER)
        return replace(identity, volume=volume.volume, sources=(*identity.sources, *volume.sources))

    def clock(self, now: datetime) -> ClockReading:
        """Return the offset that the description gives."""
        del now
        self._alive()
        if self._has(Fault.CLOCK_FAILS):
            raise DeviceError("clock_unanswered", where=self.where)
        offset = self.description.clock_offset_ms
        if offset is None or self._has(Fault.CLOCK_UNKNOWN):
            return ClockReading("unknown")
        jump = self._find(Fault.CLOCK_JUMPS)
        offset += self.timed * jump.ms if jump else 0
        self.timed += 1
        return ClockReading("measured", offset, "vendor")

    def battery_percent(self) -> int | None:
        """Return what the description gives."""
        self._alive()
        if self._has(Fault.BATTERY_FAILS):
            raise DeviceError("battery_unanswered", where=self.where)
        if self._has(Fault.BATTERY_LIES):
            return IMPOSSIBLE_PERCENT
        return self.description.battery_percent

    def listing(self) -> Listing:
        """Return what lies on the image."""
        self._strike(Fault.GONE_AT_LISTING)
        if self._has(Fault.LISTING_REFUSED):
            raise DeviceError("volume_refused", where=self.where, because="simulated")
        listing = self.inner.listing()
        self.listed += 1
        return replace(listing, files=self._disturbed(listing.files))

    def read(self, file: FileEntry) -> Iterator[Chunk]:
        """Yield the file, as far as the faults let it come."""
        self._alive()
        reading = self.readings[file.raw] = self.readings.get(file.raw, 0) + 1
        at = 0
        for piece in self._pieces(self.inner.read(file)):
            stop = self._stop(file, at, len(piece))
            given = piece[: stop[0]] if stop else piece
            if given:
                yield self._changed(file, at, given, reading)
            self.total += len(given)
            at += len(given)
            if stop:
                self._fail(stop[1], at)
                return

    def sample(self, file: FileEntry, offset: int, length: int) -> bytes:
        """Return a part of the file; changed on request, as by a second reading."""
        self._alive()
        return bytes(self._changed(file, offset, self.inner.sample(file, offset, length), 2))

    def erase(self, certificate: Certificate) -> None:
        """Let the image forget; the proof is made here, whatever the played device says."""
        self._alive()
        chosen = plan_for(certificate, self.listing(), self.where)
        if self.description.wipe_only:
            require_whole(certificate, chosen)
        if self._has(Fault.ERASE_REFUSED):
            raise EraseError("erase_unsupported", where=self.where, lacks="simulated")
        because = self.inner.remove(self._told(chosen))
        if self._has(Fault.ERASE_UNPLUGGED) or self._has(Fault.ERASE_DONE_UNPLUGGED):
            self._pull()
        prove(chosen, self.listing(), because)

    def close(self) -> None:
        """Let go of the image.  Never raises."""
        self.inner.close()

    def _has(self, fault: Fault) -> bool:
        return self._find(fault) is not None

    def _find(self, fault: Fault, file: FileEntry | None = None) -> Injection | None:
        for each in self.description.faults:
            if each.fault is fault and (file is None or each.file in {None, file.path}):
                return each
        return None

    def _alive(self) -> None:
        if self.gone:
            raise UnpluggedError("unplugged", where=self.where)

    def _strike(self, fault: Fault) -> None:
        self._alive()
        if self._has(fault):
            self._pull()

    def _pull(self) -> NoReturn:
        """Be gone, for every later question too, as a real one would."""
        self.gone = True
        raise UnpluggedError("unplugged", where=self.where)

    def _disturbed(self, files: tuple[FileEntry, ...]) -> tuple[FileEntry, ...]:
        """Return the files as the second and every later listing shows them."""
        if self.listed == 1:
            return files
        if self._has(Fault.LISTING_GAINS_FILE):
            return (*files, FileEntry(len(files), "GHOST.MP4", b"GHOST.MP4", 1))
        loses, grows = self._find(Fault.LISTING_LOSES_FILE), self._find(Fault.LISTING_FILE_GROWS)
        if loses:
            lost = _meant(loses, files)
            return tuple(file for file in files if file is not lost)
        if grows:
            grown = _meant(grows, files)
            return tuple(replace(f, size=f.size + grows.bytes) if f is grown else f for f in files)
        return files

    def _pieces(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield the bytes in the pieces, and at the rate, in which this recorder gives them."""
        rate, slow = self.description.rate_bytes_per_s, self._find(Fault.SLOW)
        size = max(LEAST_PIECE, rate // PIECES_PER_SECOND) if rate else None
        for chunk in chunks:
            step = size or len(chunk)
            for start in range(0, len(chunk), step):
                piece = chunk[start : start + step]
                time.sleep((len(piece) / rate if rate else 0) + (slow.ms / 1000 if slow else 0))
                yield piece

    def _stop(self, file: FileEntry, at: int, length: int) -> tuple[int, Injection] | None:
        """Return after how many bytes of this piece the first fault strikes, and which."""
        stops: list[tuple[int, Injection]] = []
        for each in self.description.faults:
            if each.fault in STOPS and each.file in {None, file.path}:
                # Without a file the cable counts all bytes; everything else counts the file's.
                overall = each.fault is Fault.UNPLUGGED and each.file is None
                stops.append((max(0, each.bytes - (self.total if overall else at)), each))
        first = min(stops, key=lambda stop: stop[0], default=None)
        return first if first and first[0] < length else None

    def _fail(self, injection: Injection, at: int) -> None:
        """Fail as the fault says; a short read just ends."""
        if injection.fault is Fault.UNPLUGGED:
            self._pull()
        if injection.fault is Fault.READ_ERROR:
            raise UnreadableError("unreadable", where=self.where, at=at, error="EIO")
        while injection.fault is Fault.HANG:
            time.sleep(FOREVER_S)
        if injection.fault is Fault.HANG_BOUNDED:
            time.sleep(injection.ms / 1000)
            raise DeadlineError("device_silent", where=self.where)

    def _changed(self, file: FileEntry, at: int, piece: Chunk, reading: int) -> Chunk:
        change = self._find(Fault.BYTES_CHANGE, file)
        if not change or reading == 1 or not at <= change.bytes < at + len(piece):
            return piece
        changed = bytearray(piece)
        changed[change.bytes - at] ^= 1
        return bytes(changed)

    def _told(self, chosen: Plan) -> Plan:
        """Return what the played device makes of what it is told."""
        half = chosen.named[: len(chosen.named) // 2]
        if self._has(Fault.ERASE_DOES_NOTHING):
            return replace(chosen, named=())
        if self._has(Fault.ERASE_TOO_MUCH):
            return replace(chosen, named=(*chosen.named, *chosen.others), others=())
        if self._has(Fault.ERASE_HALF) or self._has(Fault.ERASE_UNPLUGGED):
            return replace(chosen, named=half)
        return chosen


def _meant(injection: Injection, files: tuple[FileEntry, ...]) -> FileEntry | None:
    return next((file for file in files if injection.file in {None, file.path}), None)

"""A recorder that docks as a disk: a block device or an image of one, read without mounting."""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path

from drivers.allowance import Allowance
from drivers.answer import Found, Reader
from drivers.buffers import CHUNK_BYTES, buffers
from drivers.device import Device
from drivers.erase import Plan, forget, not_nameable, plan_for, prove
from drivers.limits import ListingLimits
from drivers.ways import Medium
from evidence.digest import Chunk
from evidence.errors import DeadlineError, DeviceError, ParserError, UnreadableError
from evidence.json import Json, JsonObject
from evidence.ports import Parsers
from evidence.recorders import ClockReading, Extent, FileEntry, Identity, Listing
from evidence.states import Certificate

TASK = "list_volume"
ZEROS = bytes(1 << 20)


class DiskRecorder:
    """Implements ``evidence.ports.Recorder`` over a raw FAT or exFAT volume.

    A fenced child parses the volume and names the extents; they are checked against the device
    (``drivers/answer.py``) and read here, so bulk bytes cross no pipe.
    """

    driver = "disk"

    def __init__(
        self,
        path: Path,
        *,
        parsers: Parsers,
        zone: tzinfo,
        limits: ListingLimits,
        mounts: Path,
    ) -> None:
        self.where = str(path)
        self._parsers = parsers
        self._zone = zone
        self._limits = limits
        self._mounts = mounts
        self._device = Device(path)
        self._found: Found | None = None
        self._allowance = self._new_allowance()

    def identity(self) -> Identity:
        """Return the serial of the file system: a bare volume says nothing else of its recorder."""
        facts = self._reader.facts(self._parse({"entries": False}))
        return Identity(volume=facts.serial, sources=(("volume", "volume"),))

    def clock(self, now: datetime) -> ClockReading:
        """Return unknown: a file system has no clock; what its files tell is the rules' affair."""
        del now
        return ClockReading("unknown")

    def battery_percent(self) -> int | None:
        """Return None: a file system has no battery."""
        return None

    def listing(self) -> Listing:
        """Return what lies on the volume now; the child reads it anew."""
        self._found = self._read_volume()
        self._allowance = self._new_allowance()
        return self._found.listing

    def read(self, file: FileEntry) -> Iterator[Chunk]:
        """Yield the bytes of a file of the last listing, as far as the volume has them."""
        found = self._found
        if found is None or found.listing.files[file.handle : file.handle + 1] != (file,):
            raise UnreadableError("file_not_listed", where=self.where)
        extents = self._all_extents(file) if file.handle in found.cut else file.extents
        zeros = found.zeros.get(file.handle, 0)
        if file.size and not extents and not zeros:
            raise UnreadableError("file_without_extents", where=self.where)
        self._allowance.take(file.handle, zeros + sum(extent.length for extent in extents))
        for wanted, buffer in zip(_chunks(extents), buffers(), strict=False):
            filled = 0
            for extent in wanted:
                filled += self._device.read_into(buffer[filled:][: extent.length], extent.offset)
            yield buffer[:filled]
        # exFAT keeps how much was ever written; every system gives zeros for the rest, so do we.
        yield from _zeros(zeros)

    def sample(self, file: FileEntry, offset: int, length: int) -> bytes:
        """See ``evidence.ports.Recorder``; a file with holes or lost extents is not sampled."""
        found = self._found
        if found is None or found.listing.files[file.handle : file.handle + 1] != (file,):
            raise UnreadableError("file_not_listed", where=self.where)
        if file.handle in found.cut or found.zeros.get(file.handle):
            raise UnreadableError("file_without_extents", where=self.where)
        parts = _window(file.extents, offset, length)
        return b"".join(self._device.read(part.offset, part.length) for part in parts)

    def erase(self, certificate: Certificate) -> None:
        """See ``evidence.ports.Recorder``; ``drivers/erase.py`` has the ways and the proof."""
        chosen = plan_for(certificate, self.listing(), self.where)
        because = self.remove(chosen)
        prove(chosen, self.listing(), because)

    def remove(self, chosen: Plan) -> str:
        """Remove the named files of the last listing; what kept one from going is the answer."""
        found = self._found or self._read_volume()
        medium = Medium(self._device.path, self._device.is_block, found.facts, self._mounts)
        shut_out = not_nameable(chosen, found.aliases)
        self._device.close()  # a way of writing needs the device for itself
        try:
            return forget(medium, chosen, shut_out, self._listed_again)
        finally:
            self._device = Device(self._device.path)

    def close(self) -> None:
        """Let go of the device.  Never raises."""
        self._device.close()

    @property
    def _reader(self) -> Reader:
        return Reader(self.where, self._device.size, self._zone, self._limits)

    def _new_allowance(self) -> Allowance:
        return Allowance(self.where, self._device.size, self._limits.max_given_percent)

    def _listed_again(self) -> Listing:
        self._device = Device(self._device.path)
        try:
            return self.listing()
        finally:
            self._device.close()

    def _read_volume(self) -> Found:
        return self._reader.found(self._parse({}))

    def _all_extents(self, file: FileEntry) -> tuple[Extent, ...]:
        most = self._limits.max_extents
        request: JsonObject = {"only": file.inode, "max_extents_per_file": most}
        extents = self._reader.extents(self._parse(request), file.inode or 0)
        if not extents:
            raise UnreadableError("file_fragmented", where=self.where, most=most)
        return extents

    def _parse(self, request: JsonObject) -> Json:
        """Ask the fenced child; its failures become the device's."""
        self._device.forget_cache()
        try:
            return self._parsers.parse(TASK, self._device, {**self._limits.request(), **request})
        except ParserError as error:
            raise _parser_error(error, self.where) from error


def _parser_error(error: ParserError, where: str) -> DeviceError:
    because = str(error.facts.get("because", error.word))
    if error.word == "parser_refused":
        return DeviceError("volume_refused", where=where, because=because)
    if error.word == "parser_deadline":
        return DeadlineError("volume_deadline", where=where)
    return DeviceError("volume_parser", where=where, because=error.word)


def _chunks(extents: Iterable[Extent]) -> Iterator[list[Extent]]:
    """Yield the extents in their order, cut and gathered to chunks of at most ``CHUNK_BYTES``."""
    chunk: list[Extent] = []
    room = CHUNK_BYTES
    for extent in extents:
        offset, left = extent.offset, extent.length
        while left:
            take = min(left, room)
            chunk.append(Extent(offset, take))
            offset, left, room = offset + take, left - take, room - take
            if not room:
                yield chunk
                chunk, room = [], CHUNK_BYTES
    if chunk:
        yield chunk


def _window(extents: Iterable[Extent], offset: int, length: int) -> Iterator[Extent]:
    """Yield where ``length`` bytes from ``offset`` of a file lie on the device."""
    before = 0  # bytes of the file in the extents that are passed
    for extent in extents:
        start = max(offset - before, 0)
        stop = min(offset + length - before, extent.length)
        if start < stop:
            yield Extent(extent.offset + start, stop - start)
        before += extent.length


def _zeros(count: int) -> Iterator[bytes]:
    while count:
        part = ZEROS[:count]
        yield part
        count -= len(part)

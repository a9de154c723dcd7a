"""What the fenced child said of a volume, checked against the device before it is believed.

The child parsed hostile bytes and may be in hostile hands: nothing is indexed, allocated or read
by its numbers before they are known to lie inside the device.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from drivers.claims import ClaimError, Claims, code, integer
from drivers.limits import ListingLimits
from drivers.localtime import to_utc
from drivers.overlaps import overlapping
from evidence.errors import DeviceError
from evidence.findings import Finding, Noted
from evidence.json import Json
from evidence.recorders import DeletedEntry, Extent, FileEntry, Listing

EXACT = 2**53 - 1  # RFC 8785: the largest integer that an entry can carry
COUNTER = 2**64 - 1  # the largest number that stands on any medium we read
SYSTEMS = ("FAT12", "FAT16", "FAT32", "exFAT")
SHORT = 40  # characters of a serial or a code
PROBLEMS = 16  # codes of one file
CODES = 64  # of one volume


@dataclass(frozen=True, slots=True)
class Facts:
    """The volume itself; offsets and sizes in bytes."""

    file_system: str
    serial: str
    offset: int
    size: int
    total_bytes: int
    free_bytes: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A listing, and what the driver alone needs to know about its files (by handle)."""

    facts: Facts
    listing: Listing
    aliases: Mapping[int, bytes]  # the 8.3 name beside a long one
    zeros: Mapping[int, int]  # bytes at the end that were never written
    cut: frozenset[int]  # a limit was reached: not all their extents are here


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers about one device.  Raises ``DeviceError("volume_answer")`` for nonsense."""

    where: str
    device_bytes: int
    zone: tzinfo
    limits: ListingLimits

    def found(self, answer: Json) -> Found:
        """Return the whole answer, checked."""
        try:
            return self._found(Claims(answer))
        except ClaimError as error:
            raise self._nonsense(error) from error

    def facts(self, answer: Json) -> Facts:
        """Return the facts of the volume."""
        try:
            return self._facts(Claims(answer))
        except ClaimError as error:
            raise self._nonsense(error) from error

    def extents(self, answer: Json, inode: int) -> tuple[Extent, ...]:
        """Return all extents of the one file that was asked for; none if they are not all there."""
        try:
            for line in Claims(answer).objects("files", self.limits.max_entries):
                if line.integer("inode", EXACT) == inode and not _is_cut(line):
                    return self._extents(line)[0]
        except ClaimError as error:
            raise self._nonsense(error) from error
        return ()

    def _nonsense(self, error: ClaimError) -> DeviceError:
        return DeviceError("volume_answer", where=self.where, field=str(error))

    def _facts(self, answer: Claims) -> Facts:
        system, total = answer.text("file_system", SHORT), answer.integer("total_bytes", COUNTER)
        if system not in SYSTEMS:
            raise ClaimError("file_system")
        return Facts(
            file_system=system,
            serial=answer.text("serial", SHORT),
            offset=answer.integer("offset", self.device_bytes),
            size=answer.integer("volume_bytes", COUNTER),
            total_bytes=min(total, EXACT),
            free_bytes=answer.optional_integer("free_bytes", min(total, EXACT)),
        )

    def _found(self, answer: Claims) -> Found:
        facts = self._facts(answer)
        lines = list(answer.objects("files", self.limits.max_entries))
        files = tuple(self._file(handle, line) for handle, line in enumerate(lines))
        shared = overlapping(files)
        deleted = answer.objects("deleted", self.limits.max_entries)
        listing = Listing(
            files=tuple(_shared(file) if file.handle in shared else file for file in files),
            deleted=tuple(self._deleted(line) for line in deleted),
            file_system=facts.file_system,
            total_bytes=facts.total_bytes,
            free_bytes=facts.free_bytes,
            noted=tuple(_volume_notes(Claims(answer.fields.get("noted"), "noted"))),
        )
        most = self.limits.max_name_bytes
        return Found(
            facts,
            listing,
            aliases={n: one.hexadecimal("alias", most) for n, one in _having(lines, "alias")},
            zeros={n: self._zeros(one) for n, one in _having(lines, "valid")},
            cut=frozenset(n for n, one in enumerate(lines) if _is_cut(one)),
        )

    def _file(self, handle: int, line: Claims) -> FileEntry:
        extents, outside = self._extents(line)
        noted = [_damage(code(each)) for each in line.many("problems", PROBLEMS)]
        if outside:
            noted.append(_damage("outside_device"))
        if line.integer("size", COUNTER) > self.device_bytes:
            noted.append(_damage("size_impossible", claimed=str(line.integer("size", COUNTER))))
        if "valid" in line:
            noted.append(_damage("never_written", zeros=self._zeros(line)))
        modified, created = self._time(line, "modified", noted), self._time(line, "created", noted)
        path = self._path(line)
        most = self.limits.max_name_bytes
        return FileEntry(
            handle=handle,
            path=path,
            raw=line.hexadecimal("raw", most) if "raw" in line else path.encode(),
            size=self._size(line),
            modified=modified,
            created=created,
            inode=line.integer("inode", EXACT),
            extents=extents,
            noted=tuple(noted),
        )

    def _size(self, line: Claims) -> int:
        """Return the size; a claim beyond the device becomes the device's, and is noted.

        An impossible number must neither reserve room in the vault nor break an entry's integers.
        """
        return min(line.integer("size", COUNTER), self.device_bytes)

    def _zeros(self, line: Claims) -> int:
        size = self._size(line)
        return size - min(line.integer("valid", COUNTER), size)

    def _extents(self, line: Claims) -> tuple[tuple[Extent, ...], bool]:
        """Return the extents as far as they lie on the device, and whether one does not.

        What follows one that does not is left out: it would not be where the file goes on.  More
        bytes than the file's size are left out too.
        """
        numbers = line.many("extents", 2 * self.limits.max_extents)
        flat = [integer(each, "extents", COUNTER) for each in numbers]
        if len(flat) % 2:
            raise ClaimError("extents")
        kept: list[Extent] = []
        left = self._size(line)
        for offset, length in zip(flat[::2], flat[1::2], strict=True):
            wanted = min(length, left)
            inside = min(wanted, self.device_bytes - offset)
            if inside > 0:
                kept.append(Extent(offset, inside))
            if inside < wanted:
                return tuple(kept), True
            left -= wanted
        return tuple(kept), False

    def _deleted(self, line: Claims) -> DeletedEntry:
        modified = self._time(line, "modified", [])
        return DeletedEntry(self._path(line), self._size(line), modified, line.flag("first_free"))

    def _path(self, line: Claims) -> str:
        return line.text("path", 4 * self.limits.max_name_bytes)  # an escape is four characters

    def _time(self, line: Claims, name: str, noted: list[Noted]) -> datetime | None:
        text = line.optional_text(name, SHORT)
        time = to_utc(text, self.zone) if text else None
        if text and not time:
            noted.append(_damage("time_impossible"))
        return time


def _having(lines: list[Claims], name: str) -> list[tuple[int, Claims]]:
    return [(number, line) for number, line in enumerate(lines) if name in line]


def _is_cut(line: Claims) -> bool:
    return "limit_extents" in line.many("problems", PROBLEMS)


def _volume_notes(counts: Claims) -> list[Noted]:
    if len(counts.fields) > CODES:
        raise ClaimError("noted")
    return [_damage(code(name), count=counts.integer(name, EXACT)) for name in counts.fields]


def _shared(file: FileEntry) -> FileEntry:
    return replace(file, noted=(*file.noted, _damage("overlap")))


def _damage(because: str, **facts: Json) -> Noted:
    return Noted(Finding.VOLUME_DAMAGED, {"because": because, **facts})

"""One pass over all directories of a volume, breadth first, each of them once.

Runs in the fenced child.  TSK (``Chains``) says where the clusters of a file lie; what TSK
refuses as implausible is followed in the allocation table as far as it goes, because what can be
read is evidence.  TSK's $OrphanFiles is not asked for: opening it makes TSK read the whole card.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from drivers.dentries import DOTS, SIZE, Slot, decode_exfat, decode_fat
from drivers.fat import FREE, Table, free_clusters, read_all
from drivers.limits import ListingLimits
from drivers.names import JOIN, text_of, text_of_short
from evidence.json import Json

SELF = (b".", b"?")  # the entry of a FAT directory for itself, living or deleted
ROOT_INODE = 2  # of TSK
Runs = list[tuple[int, int]]  # device offset and length, in bytes


class Chains(Protocol):
    """What TSK tells about one volume."""

    def runs(self, inode: int, size: int) -> Runs | None:
        """Return where the first ``size`` bytes lie, or None where TSK refuses the entry."""
        ...

    def live(self, inode: int) -> set[int] | None:
        """Return the inodes in use of one directory, or None where TSK refuses it."""
        ...


@dataclass(slots=True)
class Place:
    """A directory that waits to be read."""

    parts: tuple[str, ...]
    raw: bytes
    runs: Runs
    inode: int
    deleted: bool = False


@dataclass(slots=True)
class Walk:
    """Gathers the answer of ``disk.list_volume``, whose docstring describes it."""

    chains: Chains
    table: Table
    limits: ListingLimits
    only: int | None = None  # list this inode alone, with all its extents
    files: list[dict[str, Json]] = field(default_factory=list)
    deleted: list[dict[str, Json]] = field(default_factory=list)
    noted: dict[str, int] = field(default_factory=dict)
    label: str | None = None
    bitmap: Runs = field(default_factory=list)
    entered: set[int] = field(default_factory=set)  # offsets of directories
    seen: set[int] = field(default_factory=set)  # inodes
    places: deque[Place] = field(default_factory=deque)
    directory_bytes: int = 0
    extents: int = 0

    def answer(self, *, entries: bool) -> Json:
        """Walk; ``entries`` false reads the root only, for label and serial."""
        geometry = self.table.geometry
        self._enter(Place((), b"", self._root(), ROOT_INODE))
        while self.places:
            self._read(self.places.popleft(), entries=entries)
        free = free_clusters(self.table, self.bitmap)
        return {
            "file_system": geometry.kind,
            "serial": geometry.serial,
            "label": self.label,
            "offset": geometry.start,
            "volume_bytes": geometry.size,
            "total_bytes": geometry.clusters * geometry.cluster,
            "free_bytes": None if free is None else free * geometry.cluster,
            "cluster_bytes": geometry.cluster,
            "device_bytes": self.table.source.size,
            "files": self.files,
            "deleted": self.deleted,
            "noted": self.noted,
        }

    def _root(self) -> Runs:
        geometry = self.table.geometry
        if not geometry.root:
            return [(geometry.heap - geometry.root_bytes, geometry.root_bytes)]
        return self._chain(geometry.root, self.limits.max_directory_bytes)

    def _chain(self, first: int, most: int) -> Runs:
        """Follow a chain of the volume itself (a directory, the bitmap)."""
        runs, problem = self.table.chain(first, most)
        if problem:
            self._note(problem)
        return runs

    def _note(self, code: str) -> None:
        self.noted[code] = self.noted.get(code, 0) + 1

    def _enter(self, place: Place) -> None:
        """Queue a directory unless it was read before: here a directory in itself ends."""
        if not place.runs:
            self._note("directory_empty")
        elif place.runs[0][0] in self.entered:
            self._note("directory_twice")
        elif len(place.parts) > self.limits.max_depth:
            self._note("limit_depth")
        else:
            self.entered.add(place.runs[0][0])
            self.places.append(place)

    def _read(self, place: Place, *, entries: bool) -> None:
        self.directory_bytes += sum(length for _, length in place.runs)
        if self.directory_bytes > self.limits.max_directories_bytes:
            self._note("limit_directories")
            return
        live: set[int] = set()
        special: set[int] = set()
        for slot in self._slots(place):
            inode = self._inode(place, slot)
            if slot.kind not in {"file", "directory"}:
                special.add(inode)
                self._special(place, slot)
            elif entries and not (slot.short and slot.raw in DOTS):
                if len(self.seen) >= self.limits.max_entries:
                    self._note("limit_entries")
                    self.places.clear()
                    return
                self._take(place, slot, inode)
                live |= set() if slot.deleted else {inode}
        if entries and not place.deleted:
            self._compare(place, live, special)

    def _slots(self, place: Place) -> Iterator[Slot]:
        source, geometry = self.table.source, self.table.geometry
        data = b"".join(read_all(source, *run) for run in place.runs)
        if geometry.kind == "exFAT":
            return decode_exfat(data)
        return decode_fat(data, wide=geometry.kind == "FAT32")

    def _inode(self, place: Place, slot: Slot) -> int:
        at = slot.position * SIZE
        for offset, length in place.runs:
            if at < length:
                return self.table.geometry.inode(offset + at)
            at -= length
        return 0  # never: the position lies in what was read

    def _special(self, place: Place, slot: Slot) -> None:
        if place.parts or slot.deleted:
            return
        if slot.kind == "label":
            self.label = text_of_short(slot.raw) if slot.short else text_of(slot.raw)
        elif slot.kind == "bitmap" and not self.bitmap:
            self.bitmap = self._chain(slot.first, -(-self.table.geometry.clusters // 8))

    def _take(self, place: Place, slot: Slot, inode: int) -> None:
        if inode in self.seen:
            self._note("entry_twice")  # reached through an overlapping directory
            return
        self.seen.add(inode)
        parts = (*place.parts, text_of_short(slot.raw) if slot.short else text_of(slot.raw))
        raw = place.raw + JOIN + slot.raw if place.raw else slot.raw
        if len(raw) > self.limits.max_name_bytes:
            self._note("limit_name")
        elif slot.deleted or place.deleted:
            self._take_deleted(parts, raw, slot)
        elif slot.kind == "directory":
            self._enter(Place(parts, raw, self._directory(slot), inode))
        else:
            self._take_file(parts, raw, slot, inode)

    def _directory(self, slot: Slot) -> Runs:
        most = self.limits.max_directory_bytes
        size = min(slot.size, most) if self.table.geometry.kind == "exFAT" else most
        if slot.contiguous:
            return self._straight(slot, size)
        return self._chain(slot.first, size)

    def _straight(self, slot: Slot, size: int) -> Runs:
        """Return the one run of an exFAT entry that says it needs no chain (section 6.3.4.2)."""
        geometry = self.table.geometry
        if not geometry.holds(slot.first) or size <= 0:
            return []
        room = (geometry.clusters + 2 - slot.first) * geometry.cluster
        return [(geometry.offset(slot.first), min(size, room))]

    def _take_deleted(self, parts: tuple[str, ...], raw: bytes, slot: Slot) -> None:
        self.deleted.append(
            {
                "path": "/".join(parts),
                "size": slot.size,
                "modified": slot.modified,
                "first_free": self._first_free(slot.first),
            }
        )
        if slot.kind == "directory" and self._still_directory(slot):
            # Its chain is gone.  One cluster is what it surely had, if nobody took it since.
            run = (self.table.geometry.offset(slot.first), self.table.geometry.cluster)
            self._enter(Place(parts, raw, [run], 0, deleted=True))

    def _still_directory(self, slot: Slot) -> bool:
        """Return whether the first cluster of a deleted directory is free and still looks like one.

        A FAT directory begins with the entry "." (some tools delete that, too) that names its own
        cluster.
        """
        geometry = self.table.geometry
        if not self._first_free(slot.first):
            return False
        begin = read_all(self.table.source, geometry.offset(slot.first), SIZE)
        if geometry.kind == "exFAT":
            return begin[:1] in {b"\x85", b"\x05"}
        first = next(decode_fat(begin, wide=geometry.kind == "FAT32"), None)
        return first is not None and first.raw in SELF and first.first == slot.first

    def _first_free(self, first: int) -> bool | None:
        """Return whether the first cluster is free; None where exFAT's bitmap is needed."""
        geometry = self.table.geometry
        if not geometry.holds(first):
            return None
        if geometry.kind != "exFAT":
            return self.table.next(first) == FREE
        at = (first - 2) // 8
        for offset, length in self.bitmap:
            if at < length:
                byte = read_all(self.table.source, offset + at, 1)
                return not byte[0] >> (first - 2) % 8 & 1 if byte else None
            at -= length
        return None

    def _take_file(self, parts: tuple[str, ...], raw: bytes, slot: Slot, inode: int) -> None:
        if self.only not in {None, inode}:
            return
        runs, problems = self._runs(slot, inode)
        most = min(self.limits.max_extents_per_file, self.limits.max_extents - self.extents)
        if len(runs) > most:
            runs, problems = runs[:most], [*problems, "limit_extents"]
        self.extents += len(runs)
        path, plain = "/".join(parts), "/".join(parts).encode()
        file: dict[str, Json] = {"path": path, "size": slot.size, "inode": inode}
        file["extents"] = [number for run in runs for number in run]
        # Left out where it says nothing: an answer of ten thousand files has to stay small.
        optional: dict[str, Json] = {
            "raw": None if raw == plain else raw.hex(),
            "alias": slot.alias.hex() if slot.alias else None,
            "valid": None if slot.valid == slot.size else slot.valid,
            "modified": slot.modified,
            "created": slot.created,
            "problems": [*slot.problems, *problems] or None,
        }
        self.files.append(file | {n: value for n, value in optional.items() if value is not None})

    def _runs(self, slot: Slot, inode: int) -> tuple[Runs, list[str]]:
        """Return where the written bytes of a file lie, and what is wrong with them."""
        if not slot.valid:
            return [], []
        runs = self.chains.runs(inode, slot.valid)
        if runs is not None:
            return runs, []
        if slot.contiguous:
            runs, problem = self._straight(slot, slot.valid), None
        else:
            runs, problem = self.table.chain(slot.first, slot.valid)
        if sum(length for _, length in runs) < slot.valid:
            return runs, [problem or "chain_short"]
        return runs, ["tsk_refused"]

    def _compare(self, place: Place, live: set[int], special: set[int]) -> None:
        """Note where TSK and we do not see the same entries in use."""
        theirs = self.chains.live(place.inode)
        if theirs is None:
            self._note("tsk_refused_directory")
        elif theirs - live - special:
            self._note("tsk_sees_more")
        elif live - theirs:
            self._note("tsk_sees_less")

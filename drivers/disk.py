"""The door of pytsk3 (The Sleuth Kit): everything that lies on a raw FAT or exFAT volume.

Runs inside a fenced child (``appliance/children.py``) and is never imported by a slot: the volume
is hostile, and a parser in C may fall.  What it answers is checked again by the parent
(``drivers/answer.py``).  TSK finds the partition, opens the volume and follows the cluster chains;
``drivers/walk.py`` reads the directories and compares its list of each with TSK's.
"""

from collections.abc import Iterator
from typing import Any

import pytsk3

from drivers.fat import Table, add_run, read_all, read_geometry
from drivers.limits import ListingLimits
from drivers.names import text_of_short
from drivers.walk import Runs, Walk
from evidence.errors import ParserError
from evidence.json import Json, JsonObject
from evidence.ports import Source

PLAIN = (int(pytsk3.TSK_FS_NAME_TYPE_REG), int(pytsk3.TSK_FS_NAME_TYPE_DIR))
IN_USE = int(pytsk3.TSK_FS_NAME_FLAG_ALLOC)


class Image(pytsk3.Img_Info):  # type: ignore[misc]  # pytsk3 carries no types
    """Gives TSK the bytes of a source; keeps the source's own error, which C would swallow."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.failed: Exception | None = None
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def read(self, offset: int, length: int) -> bytes:
        """Return what lies there; nothing after an error, which ``check`` raises later."""
        if self.failed:
            return b""
        try:
            return read_all(self.source, offset, length)
        except Exception as error:  # noqa: BLE001 - kept, and raised by check()
            self.failed = error
            return b""

    def get_size(self) -> int:
        """Return the size of the device in bytes."""
        return self.source.size

    def close(self) -> None:
        """Do nothing: the source belongs to the caller."""

    def check(self) -> None:
        """Raise the error of the source, if there was one."""
        if self.failed:
            raise self.failed


class Volume:
    """One FAT or exFAT volume as TSK sees it; the port ``Chains`` of ``drivers/walk.py``."""

    def __init__(self, image: Image, start: int, system: Any) -> None:  # noqa: ANN401 - untyped
        self.start = start
        self._image = image
        self._system = system
        self._block = int(system.info.block_size)
        self._virtual = int(system.info.last_inum) - 3  # $MBR, $FAT1, $FAT2, $OrphanFiles

    def runs(self, inode: int, size: int) -> Runs | None:
        """Return where ``size`` bytes lie; None where TSK takes this for no file of that size."""
        try:
            file = self._system.open_meta(inode)
            pieces = [run for attribute in file for run in attribute]
        except OSError:
            self._image.check()
            return None
        runs: Runs = []
        for piece in pieces:
            length = min(int(piece.len) * self._block, size)
            if length > 0:
                add_run(runs, self.start + int(piece.addr) * self._block, length)
            size -= length
        return None if size else runs

    def live(self, inode: int) -> set[int] | None:
        """Return the numbers of the entries in use of one directory; None where TSK refuses it."""
        try:
            names = [entry.info.name for entry in self._system.open_dir(inode=inode)]
        except OSError:
            self._image.check()
            return None
        return {
            int(name.meta_addr)
            for name in names
            if int(name.type) in PLAIN
            and int(name.flags) == IN_USE
            and name.name not in (b".", b"..")
            and int(name.meta_addr) < self._virtual
        }


def warm() -> None:
    """Import what behind the fence no file could be opened for: the codec of 8.3 names."""
    text_of_short("执".encode("gbk"))


def list_volume(source: Source, request: JsonObject) -> Json:
    """Return the whole listing of the FAT or exFAT volume on ``source``.

    ``request``: ``ListingLimits.request()``, and ``"entries": false`` for the volume's facts only,
    or ``"only": inode`` for one file, whose extents were too many for the list of all.
    The answer: ``file_system``, ``serial``, ``label`` (or null), ``offset`` of the volume on the
    device, ``volume_bytes``, ``total_bytes``, ``free_bytes`` (or null), ``cluster_bytes``,
    ``device_bytes``, ``files``, ``deleted`` and ``noted`` (codes of damage with counts).
    A file: ``path``, ``size``, ``inode`` (TSK's number of its directory entry), ``extents``
    (offset, length, offset, … on the device), and where they say something: ``raw`` (hex, if it
    is not the path in UTF-8), ``alias`` (8.3 name beside a long one, hex), ``valid`` (bytes ever
    written, if fewer than its size: the rest reads as zeros), ``modified`` and ``created`` (as
    ``drivers/localtime.py`` reads them), ``problems`` (codes).
    A deleted entry: ``path``, ``size``, ``modified``, ``first_free`` (null: cannot tell).

    Raises ``ParserError("parser_refused")`` with ``because``: ``file_system_unknown`` or
    ``boot_sector``; errors of the source as they are.
    """
    image = Image(source)
    limits = ListingLimits.of(request)
    volumes = list(_volumes(image, limits.max_partitions))
    image.check()
    if not volumes:
        raise ParserError("parser_refused", because="file_system_unknown")
    geometry = read_geometry(source, volumes[0].start)
    only = request.get("only")
    one = only if isinstance(only, int) else None
    walk = Walk(volumes[0], Table(source, geometry), limits, one)
    if len(volumes) > 1:
        walk.noted["further_volumes"] = len(volumes) - 1
    answer = walk.answer(entries=request.get("entries") is not False)
    image.check()
    return answer


def _volumes(image: Image, most: int) -> Iterator[Volume]:
    bare = _volume(image, 0)
    if bare:  # what looks like a partition table in it is its boot code
        yield bare
        return
    for start in _partitions(image, most):
        volume = _volume(image, start)
        if volume:
            yield volume


def _partitions(image: Image, most: int) -> list[int]:
    try:
        table = pytsk3.Volume_Info(image)
        parts = [part for _, part in zip(range(most), table, strict=False)]
        block = int(table.info.block_size)
    except OSError:
        image.check()
        return []
    in_use = int(pytsk3.TSK_VS_PART_FLAG_ALLOC)
    return [int(part.start) * block for part in parts if int(part.flags) & in_use]


def _volume(image: Image, start: int) -> Volume | None:
    try:
        system = pytsk3.FS_Info(image, offset=start, type=pytsk3.TSK_FS_TYPE_FAT_DETECT)
    except OSError:
        image.check()
        return None
    return Volume(image, start, system)

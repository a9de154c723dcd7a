"""What a recorder says of itself.  Claims, every one: a recorder is an untrusted disk."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from evidence.findings import Noted


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the recorder says it is, and where each answer came from.

    ``None`` is unknown: an identity is read from the recorder that is in the slot now, or it is
    unknown; it is never remembered (DESIGN, invariant 8).
    """

    serial: str | None = None  # of the recorder itself (cSerial, 7 characters in GA/T 947.4)
    maker: str | None = None
    device: str | None = None  # product number as it stands in file names
    officer: str | None = None  # police number (userNo), a claim
    unit: str | None = None  # unit number (unitNo), a claim
    volume: str | None = None  # serial of the file system, "FAT32:1A2B-3C4D"
    sources: tuple[tuple[str, str], ...] = ()  # (field, "vendor" | "names" | "log" | "volume")


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The recorder's clock against ours, before anybody sets it.

    ``measured``: the recorder was asked; ``offset_ms`` is its time minus ours.
    ``at_least``: a bound from a file of the future; it is ahead by at least ``offset_ms``.
    ``unknown``: nothing tells; ``offset_ms`` is None.  Never guessed.
    """

    kind: Literal["measured", "at_least", "unknown"]
    offset_ms: int | None = None
    how: Literal["vendor", "newest_file", "log", "none"] = "none"


@dataclass(frozen=True, slots=True)
class Extent:
    """A run of bytes of one file on the raw device: offset and length in bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    r"""One file as the recorder lists it.

    ``path`` is text for people: directories joined by "/", undecodable bytes and control
    characters escaped as ``\xNN``.  ``raw`` is exactly what the medium said (UTF-8 where the
    medium speaks UTF-16).  Neither is ever a path of ours.  ``handle`` is the driver's own number.
    """

    handle: int
    path: str
    raw: bytes
    size: int  # bytes, as listed
    modified: datetime | None = None  # UTC; FAT times are local, read in the configured zone
    created: datetime | None = None
    inode: int | None = None  # directory entry on the medium
    extents: tuple[Extent, ...] = ()  # empty where the driver does not see the device
    noted: tuple[Noted, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletedEntry:
    """A directory entry that the recorder, or somebody, has deleted."""

    path: str
    size: int
    modified: datetime | None = None
    first_free: bool | None = None  # whether its first cluster is still free; None: cannot tell


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that lies on a recorder at one moment."""

    files: tuple[FileEntry, ...]
    deleted: tuple[DeletedEntry, ...] = ()
    file_system: str | None = None  # "FAT32", "exFAT", "folder"
    total_bytes: int | None = None
    free_bytes: int | None = None
    noted: tuple[Noted, ...] = field(default=())

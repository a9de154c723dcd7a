"""The life of a docking and of its segments, one type for each promise kept.

Docking:  Inventory -> all its Sealed -> Certificate
Segment:  Listed -> Received -> Stored -> Sealed

Each stage of ``ingest`` takes the type on the left and returns the one on the right; only the
module named in a docstring constructs that type (``tests/test_architecture.py`` holds it).
"""

from dataclasses import dataclass, field
from datetime import datetime

from evidence.entry import Entry
from evidence.findings import Noted
from evidence.media import Media
from evidence.recorders import ClockReading, DeletedEntry, FileEntry, Identity
from evidence.staging import Staged


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What the name of a file claims.  Made by ``ingest/names.py``."""

    pattern: str | None  # which pattern of config/names.toml matched; None: no one did
    maker: str | None = None
    device: str | None = None
    officer: str | None = None
    time: datetime | None = None  # UTC, claimed
    number: int | None = None
    important: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A file on the recorder, as line ``line`` of the inventory.  Made by ingest/inventory.py."""

    docking: str
    line: int
    file: FileEntry
    name: NameFacts


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that lay on the recorder and what its clock said is in the ledger; no byte read yet.

    Made by ingest/inventory.py.
    """

    docking: str  # d:…
    recorder: str | None  # r:…, None where nothing identifies it
    identity: Identity
    clock: ClockReading
    files: tuple[Listed, ...]  # in inventory order: line i is files[i]
    deleted: tuple[DeletedEntry, ...]
    noted: tuple[Noted, ...]
    index: int  # of the entry inventory.taken
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """Its bytes are durable in the vault's staging and digested.  Made by ingest/receive.py."""

    listed: Listed
    staged: Staged
    sha256: str  # lower-case hex
    size: int  # bytes received
    received_at: datetime
    sm3: str | None = None  # where configured
    noted: tuple[Noted, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """The medium gave its bytes back, equal, past the page cache.  Made by ingest/store.py."""

    received: Received
    media: Media
    slices: "SliceRoll"
    known: bool  # the object was in custody before this docking


@dataclass(frozen=True, slots=True)
class SliceRoll:
    """The slices of one segment, as a roll in the vault.  Made by evidence/slices.py."""

    count: int
    root: str  # RFC 6962 root over the slice records, hex
    sha256: str  # of the roll (the records as lines), hex: its name in the vault


@dataclass(frozen=True, slots=True)
class Sealed:
    """Its entry is under a durable checkpoint.  Made by ingest/seal.py.

    ``index`` is the entry of this sighting: ``segment.sealed`` for the first, else
    ``segment.seen``; ``sealed_index`` is always that of ``segment.sealed``.
    """

    stored: Stored
    index: int
    sealed_index: int
    noted: tuple[Noted, ...] = ()

    @property
    def segment(self) -> str:
        """Return the subject id of the segment."""
        return f"s:{self.stored.received.sha256}"


@dataclass(frozen=True, slots=True)
class Recognised:
    """It looks like a segment in custody, block by random block; the sighting is in the ledger.

    Not a ``Sealed``: it was not read whole, so no certificate can name it.  Made by
    ingest/recognise.py.
    """

    listed: Listed
    sha256: str
    index: int  # of its segment.seen
    sealed: Entry  # the segment.sealed of the segment
    noted: tuple[Noted, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """Leave to erase exactly these sightings, in the ledger.  Made by ingest/certify.py.

    ``whole`` tells that nothing else lies on the recorder: a medium that can only be wiped whole
    refuses a certificate that is not.
    """

    docking: str
    sealed: tuple[Sealed, ...]
    whole: bool
    indexes: tuple[int, ...] = field(default=())

"""What the rules need from the world.  ``drivers`` and ``vault`` provide it; tests fake it.

A docstring here is a contract: ``tests/contract`` runs one suite for each port over the fake and
over every real adapter.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from evidence.digest import Chunk
from evidence.entry import Commitment, Draft, Entry, Receipt, Statement
from evidence.json import Json, JsonObject
from evidence.recorders import ClockReading, FileEntry, Identity, Listing
from evidence.staging import Staged
from evidence.states import Certificate, Listed, Recognised, Sealed


class Clock(Protocol):
    """Tells the time.  Simulated in tests."""

    def now(self) -> datetime:
        """Return the time now, in UTC with zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, for deadlines and rates."""
        ...


class Source(Protocol):
    """Random access to bytes that a fenced parser may ask for."""

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes; fewer only at the end.  Raises DeviceError, VaultError."""
        ...


class Parsers(Protocol):
    """Runs hostile-input parsers in a fenced child: no network, file, device, key or process.

    The child asks its parent for ``read(offset, length)`` and answers with one JSON value.
    """

    def parse(self, task: str, source: Source, request: JsonObject) -> Json:
        """Return the child's answer to ``task`` over ``source``.

        Raises ``ParserError`` with the word ``parser_crashed``, ``parser_deadline``,
        ``parser_memory``, ``parser_answer`` (not JSON, or too large) or ``parser_refused`` (the
        task's own refusal; fact ``because`` is its code).  Errors of ``source`` come through as
        they are.  The child is ended in every case of doubt; the parent lives.
        """
        ...


class Recorder(Protocol):
    """One docked recorder, or whatever stands for one.  Reading changes nothing on it.

    Every method raises only ``DeviceError`` (``ParserError`` is mapped to it by the driver), also
    from inside the generator that yields the bytes.
    """

    driver: str  # "disk", "folder", "simulated": stands in the entry of the docking
    where: str  # what a person calls the place: a path, for messages only

    def identity(self) -> Identity:
        """Return what the device and its volume say; no file is opened."""
        ...

    def clock(self, now: datetime) -> ClockReading:
        """Return the offset of the recorder's clock if it can be asked, else unknown."""
        ...

    def battery_percent(self) -> int | None:
        """Return 0-100, or None where it cannot be asked."""
        ...

    def listing(self) -> Listing:
        """Return everything that lies on it now, read anew at every call."""
        ...

    def read(self, file: FileEntry) -> Iterator[Chunk]:
        """Yield the file from its first byte in chunks of at most 4 MiB, then stop.

        A chunk is valid until ``evidence.digest.BUFFERS`` further ones are asked for: a caller
        may digest the last ones while the next is read.
        Yields fewer bytes than listed only where the medium has no more; raises
        ``UnreadableError`` for a fault of this file and ``UnpluggedError`` when the device is gone.
        """
        ...

    def sample(self, file: FileEntry, offset: int, length: int) -> bytes:
        """Return up to ``length`` (at most 1 MiB) bytes of a listed file, fewer only at its end.

        For recognising a file, never for taking it in.  Raises as ``read``.
        """
        ...

    def erase(self, certificate: Certificate) -> None:
        """Let it forget what the certificate names and nothing else; then list again to prove it.

        Raises ``CertificateError`` where the certificate is partial and the medium can only be
        wiped whole, ``EraseError`` with the word ``erase_unsupported`` where this machine has no
        way to write to the medium, and ``EraseError`` otherwise where something is still there.
        """
        ...

    def close(self) -> None:
        """Let go of the device.  Never raises."""
        ...


class Objects(Protocol):
    """The vault: bytes under the SHA-256 of their plain form, written once, never changed.

    Speaks of plain digests; what is stored may be encrypted, so ``stat`` knows the stored one.
    There is no update and no remove in this port.
    """

    def stage(self, key: str, *, expected_size: int) -> Staged:
        """Begin, or find again, the staged file named by ``key`` (hex of ours, 32-64 characters).

        Raises ``NoSpaceError`` when ``expected_size`` more bytes would touch the reserve.
        """
        ...

    def place(self, staged: Staged, sha256: str) -> bool:
        """Put a staged file, synced and read back, under its digest; return whether it is new.

        Durable when it returns: link, read-only, fsync of the directory.  When the name exists,
        nothing is changed and the caller must read the old object back before trusting it.  The
        staged name is gone afterwards in both cases.
        """
        ...

    def put(self, content: bytes) -> str:
        """Store a small object (a roll) durably, read it back, and return its SHA-256 in hex."""
        ...

    def size(self, sha256: str) -> int | None:
        """Return the size of the plain bytes, or None when there is no such object."""
        ...

    def read(self, sha256: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes in chunks of at most 4 MiB."""
        ...

    def read_back(self, sha256: str) -> Iterator[memoryview]:
        """Yield all bytes as the medium has them, past the page cache; see ``Staged``."""
        ...

    def names(self) -> Iterator[str]:
        """Yield every name that lies there, sorted; also names that are none of ours."""
        ...

    def unguarded(self, sha256: str) -> str | None:
        """Return why an object is not kept as ``place`` leaves it, or None where it is.

        ``elsewhere`` (its name points to another place), ``no_file``, ``writable``, ``shared``
        (the same bytes have a further name, through which they could be changed).
        """
        ...


class Ledger(Protocol):
    """The append-only log of everything that happened: the truth."""

    def append(self, drafts: Sequence[Draft]) -> Receipt:
        """Append all or none, and return only when they are under a durable checkpoint.

        Raises ``ConflictError`` when an ``expect`` does not hold, ``MalformedError`` for what
        makes no entry and for a statement that came with its salt before (nothing is written), and
        ``LedgerUnavailableError`` when the answer did not come: then it is not known whether the
        entries are there, and the caller looks before it writes again.
        """
        ...

    def last(self, subject: str) -> int | None:
        """Return the index of the last entry about ``subject``, or None."""
        ...

    def entry(self, index: int) -> Entry:
        """Return one entry."""
        ...

    def statement(self, index: int) -> Statement | None:
        """Return the statement behind an entry, or None if it has none or its key is destroyed."""
        ...

    def pseudonym(self, kind: str, text: str) -> str:
        """Return the subject id ``<kind>:`` + HMAC-SHA256 of ``text`` under the station secret."""
        ...


class Tiles(Protocol):
    """The public tree of a ledger as third parties read it (C2SP tlog-tiles).

    Bytes as they lie there: nothing is checked.  Everything raises ``VaultUnavailableError``.
    """

    def checkpoint(self) -> bytes | None:
        """Return the published signed note, or None when there is none."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return the tile or bundle at ``path`` (``evidence.tiles``), or None if there is none.

        A file longer than any tile may be given back cut; it is refused for its length.
        """
        ...

    def names(self) -> Iterator[str]:
        """Yield the path of every file of the tree but the checkpoint, also of none of ours."""
        ...


class Statements(Protocol):
    """The private facts behind entries, for who may read them."""

    def get(self, commitment: Commitment) -> Statement | None:
        """Return the statement, or None when its subject's key is destroyed.

        Raises ``IntegrityError`` when it is missing although the key is there, or damaged.
        """
        ...

    def commitments(self) -> Iterator[tuple[int, Commitment]]:
        """Yield (index of the entry that it was made for, commitment) of all that are kept.

        What is not under any checkpoint, because its batch was cut, is among them.
        """
        ...


class Keys(Protocol):
    """One random key for each subject; destroying it makes the subject's statements unreadable."""

    def key(self, subject: str) -> bytes | None:
        """Return the 32-byte key of ``subject``, or None when there is none (any more)."""
        ...

    def keys(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        """Return the keys of those subjects that have one."""
        ...

    def make(self, subjects: Sequence[str]) -> Mapping[str, bytes]:
        """Return the keys of ``subjects``, making those that are missing; durable on return."""
        ...


class Catalogue(Protocol):
    """A searchable view of the ledger; can be deleted at any moment and rebuilt, row by row."""

    def applied(self) -> int:
        """Return how many entries of the ledger have been applied."""
        ...

    def apply(self, entries: Sequence[tuple[Entry, Statement | None]]) -> None:
        """Apply the next entries, in order, in one transaction."""
        ...


class Count(Protocol):
    """What one use of a grant lets leave, counted on disk.  One thread at a time."""

    grant: str  # g:…
    after: int  # the entry about the grant that this use follows: no other use does

    def parts(self) -> Mapping[int, tuple[int, int]]:
        """Return (slices, bytes) by the number of the part, of all parts that have begun."""
        ...

    def leaving(self, part: int, slices: int, size: int) -> None:
        """Say that so many slices, ``size`` bytes, of a part have left or are about to.

        Both are counted from the beginning of the part (0 to 59) and only grow.  Written before
        they leave; survives a killed process, a power cut may lose the last second.
        """
        ...

    def end(self) -> None:
        """Forget it: copy.closed is durable, or copy.opened never came to be."""
        ...

    def drop(self) -> None:
        """Let go of it as it stands: whoever asks next for what is left over gets it."""
        ...


Use = tuple[str, int]  # of a grant: its id, and the entry about it that the use follows


class Meter(Protocol):
    """Counts on disk what leaves, so that a crash cannot hide it."""

    def begin(self, grant: str, after: int) -> Count:
        """Begin to count, before copy.opened is written; durable when it returns."""
        ...

    def left_over(self) -> Iterator[Count]:
        """Yield what nobody is counting any more, taken over: others do not get it meanwhile.

        Of two that began after the same entry only one was opened: they are one, with the larger
        counts, and none while either of them is still counting.
        """
        ...

    def counting(self) -> Collection[Use]:
        """Return the uses of grants that somebody is counting now.  Takes nothing over."""
        ...


class Observer(Protocol):
    """Hears what happens in a docking, for the live display and metrics; must not raise."""

    def docking(self, stage: str, **facts: Json) -> None:
        """Tell that the docking reached ``stage`` (opened, inventoried, reading, waiting, done)."""
        ...

    def progress(self, listed: Listed, done_bytes: int) -> None:
        """Tell how far the copy of one file has come."""
        ...

    def noted(self, listed: Listed | None, finding: str) -> None:
        """Tell that something was noticed, of a file or of the whole docking (None)."""
        ...

    def sealed(self, sealed: Sealed) -> None:
        """Tell that one segment is sealed."""
        ...

    def recognised(self, recognised: Recognised) -> None:
        """Tell that a file was recognised as a segment in custody, without reading it whole."""
        ...

    def left(self, listed: Listed, because: str) -> None:
        """Tell that one file stays on the recorder."""
        ...

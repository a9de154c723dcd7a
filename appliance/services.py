"""What the commands need from the house, and the values they get back.

``appliance/wiring.py`` provides it from the real rooms; the tests provide it from fakes.  The field
names of these values are those of the ``--json`` documents (``docs/cli.md``).  Times are RFC 3339
UTC with milliseconds, ``*_ms`` milliseconds, sizes bytes; a segment is its SHA-256 in hex.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from custody.desk import Desk
from evidence.accounts import Accounts
from evidence.candidates import Wanted
from evidence.json import Json, JsonObject
from evidence.search import Page as Digests

if TYPE_CHECKING:  # a docking needs neither
    from appliance.keeper import Keeping
    from appliance.searching import Searching

After = Literal["keep", "confirm", "erase"]
Level = Literal["presence", "size", "digest", "slices"]
Tell = Callable[[int, int], None]  # done, of: for progress; called from the caller's thread


@dataclass(frozen=True, slots=True)
class Ready:
    """A home that is ready: its ledger process answers."""

    made: bool  # home and key did not exist before
    vkey: str  # the verifier key, one line


@dataclass(frozen=True, slots=True)
class SlotJob:
    """One recorder to dock: the slot's number, what is in it, and what it may be told after."""

    number: int
    path: str
    after: After = "keep"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which segments to list; empty fields do not filter."""

    officer: str | None = None
    recorder: str | None = None  # r:… or its start, serial, product number
    docking: str | None = None  # d:… or its start
    kind: str | None = None
    finding: str | None = None
    since: str | None = None  # by corrected time, else claimed time; RFC 3339
    until: str | None = None
    important: bool = False
    slot: str | None = None
    # Of the label that holds:
    person: str | None = None  # p:…, an officer in it
    item: str | None = None
    no_case: str | None = None
    case: str | None = None  # c:…
    cause: str | None = None  # contained in it, and so the next two
    party: str | None = None
    words: str | None = None
    unlabelled: bool = False
    limit: int = 50
    after: str | None = None  # ``Page.next`` of the page before


@dataclass(frozen=True, slots=True)
class LabelRow:
    """The label that holds.  The last five are None once the key is destroyed."""

    entry: int
    item: str | None
    step: str | None
    no_case: str | None
    complete: bool
    sensitivity: str
    people: tuple[str, ...]
    cause: str | None
    party: str | None
    case_number: str | None
    place: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment as a list shows it, with one of its sightings: the newest that was asked for."""

    segment: str
    size: int
    kind: str
    container: str | None
    duration_ms: int | None
    sealed_at: str
    recorder: str | None
    officer: str | None
    path: str | None
    claimed_at: str | None
    corrected_at: str | None
    important: bool
    findings: tuple[str, ...] = ()
    label: LabelRow | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some segments, newest first; ``next`` is for ``Filter.after``, None at the end."""

    segments: tuple[SegmentRow, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentDetail:
    """Everything about one segment: its row, what was measured, where it lay."""

    row: SegmentRow
    entry: int  # index of segment.sealed
    sm3: str | None
    parser: str
    tracks: tuple[JsonObject, ...]
    slices: JsonObject  # count, root, sha256
    noted: tuple[JsonObject, ...]  # {"finding", …facts}
    sightings: tuple[JsonObject, ...]  # docking, entry, line, path, officer, claimed_at, …
    seams: tuple["SeamRow", ...]


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One entry about a segment, or about a docking in which it lay."""

    seq: int
    at: str
    actor: str
    type: str
    facts: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeamRow:
    """One join of two neighbouring files of one docking."""

    docking: str
    at: str  # when it was judged
    kind: str
    before: str | None  # segments; None where the file is not in custody
    after: str | None
    before_path: str | None
    after_path: str | None
    ms: int | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is not as it should be, and the entry it points at."""

    code: str  # message catalogue: audit.<code>
    entry: int | None = None
    subject: str | None = None
    facts: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """An audit's answers, each to its own question; "not_checked" is an answer too."""

    level: str
    entries: int
    root: str  # of the tree that was audited, hex
    checkpoint: str  # of that tree, signed: to be kept elsewhere, and given to the next audit
    segments: int
    bytes: int
    ms: int
    verdicts: JsonObject  # intact, signed, witnessed, in_time: yes | no | not_checked
    findings: tuple[Found, ...]
    remarks: tuple[
        str, ...
    ] = ()  # message catalogue: remark.<code>; what cannot be proven, and why
    entry: int | None = None  # index of audit.done

    @property
    def clean(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a ledger folder proves on its own, without a home."""

    origin: str
    entries: int
    root: str
    checkpoint: str
    ms: int
    verdicts: JsonObject
    findings: tuple[Found, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The catalogue that was made again."""

    entries: int
    rows: int
    ms: int


@dataclass(frozen=True, slots=True)
class KeyMade:
    """The key of a new home."""

    origin: str
    vkey: str


@dataclass(frozen=True, slots=True)
class ClockAccepted:
    """A step of our own clock that somebody took responsibility for."""

    before: str
    after: str
    entry: int


Walls: TypeAlias = Mapping[str, int]  # seccomp, landlock (its ABI), namespaces, capabilities


class Services(Protocol):
    """The house as the commands see it; every method raises only ``EvidenceError``.

    Nothing is opened before a method needs it.
    """

    def prepare(self) -> Ready:
        """Make home and key where there are none; start nothing."""
        ...

    def open(self) -> Ready:
        """``prepare``, and see that a ledger process answers: the running one, or one of ours."""
        ...

    def fence(self) -> Walls:
        """Return which walls stand round a parser on this machine, whether they must or not."""
        ...

    def slot_command(self, job: SlotJob) -> Sequence[str]:
        """Return the command line of the process that docks one recorder."""
        ...

    def end_docking(self, docking: str, because: str) -> None:
        """Write the end of a docking whose process could not: killed, hung, or crashed."""
        ...

    def ledger_command(self) -> Sequence[str]:
        """Return the command line of a ledger process that runs until it is told to stop."""
        ...

    def segments(self, wanted: Filter) -> Page:
        """Return the segments that a filter lets through."""
        ...

    def candidates(self, wanted: Wanted, after: str | None = None) -> Digests[str]:
        """Return a page of the digests of what may be over, the oldest first."""
        ...

    def segment(self, start: str) -> SegmentDetail:
        """Return the one segment whose digest begins so, or raise ``UnknownSegmentError``."""
        ...

    def history(self, start: str) -> Sequence[HistoryEvent]:
        """Return every entry about a segment, oldest first, from the ledger itself."""
        ...

    def seams(self, docking: str | None, *, every: bool) -> Sequence[SeamRow]:
        """Return the seams that are not contiguous, or every one; of one docking or of all."""
        ...

    def audit(self, level: Level, known: Path | None, tell: Tell) -> AuditReport:
        """Check everything, and write the audit itself into the ledger.  Repairs nothing.

        ``known`` is a file with a checkpoint that somebody has kept.
        """
        ...

    def verify(
        self, ledger: Path, vkey: str | None, known: Path | None, tell: Tell
    ) -> VerifyReport:
        """Check a ledger folder; ``vkey`` None: the file ``vkey`` beside it.  Needs no home."""
        ...

    def rebuild(self, tell: Tell) -> Rebuilt:
        """Make the catalogue again from ledger, statements and vault."""
        ...

    def make_key(self) -> KeyMade:
        """Make home, key and entry 0; raises ``ConflictError`` when there is a key."""
        ...

    def accept_clock(self) -> ClockAccepted:
        """Accept the step of our own clock that the ledger refuses."""
        ...

    @property
    def desk(self) -> Desk:
        """Return what acts of asking, deciding and looking are done with."""
        ...

    @property
    def accounts(self) -> Accounts:
        """Return who may sign in, and who is signed in."""
        ...

    @property
    def keeper(self) -> "Keeping":
        """Return the keeper: it alone can remove bytes (DESIGN 8)."""
        ...

    @property
    def catalogue(self) -> "Searching":
        """Return what browsers search in, as fresh as the ledger at each first page."""
        ...

    def recorder(self, text: str) -> str:
        """Return the recorder (r:…) that is meant by its id's start, serial or product number."""
        ...

    def docking(self, text: str) -> str:
        """Return the docking (d:…) that is meant by its id's start."""
        ...


def as_json(value: object) -> Json:
    """Return a value of this module as JSON: dataclasses as objects, tuples as arrays."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    names = getattr(value, "__dataclass_fields__", {})
    return {name: as_json(getattr(value, name)) for name in names}

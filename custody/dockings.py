"""What the entries of a docking say together: the order of DESIGN 4, decided from them alone.

opened -> inventory -> sealed, seen or left, line by line -> certified -> erased -> ended
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from custody.fields import boolean, digest, integer, integers, mapping, noted, sequence
from custody.findings import AuditFinding, Findings
from evidence.entry import Entry
from evidence.errors import MalformedError
from evidence.findings import Finding
from evidence.json import Json, JsonObject

# What says that something was not written before, so it rests on every entry before.
RESTING = frozenset(
    {
        AuditFinding.DOCKING_UNKNOWN,
        AuditFinding.NO_INVENTORY,
        AuditFinding.SEAL_UNKNOWN,
        AuditFinding.CERTIFIED_UNSEALED,
        AuditFinding.CERTIFIED_OTHERWISE,
        AuditFinding.CERTIFICATE_NOT_WHOLE,
        AuditFinding.ERASED_UNCERTIFIED,
        AuditFinding.SEAM_UNKNOWN,
        AuditFinding.DOCKING_COUNTS,
    }
)


@dataclass(slots=True)
class _Sighting:
    """A line of the inventory whose bytes are in custody."""

    segment: str
    whole: bool  # read to its listed end


@dataclass(slots=True)
class _Docking:
    """What the ledger has said of one docking so far."""

    name: str  # d:…
    inventory: int | None = None  # index of its entry
    files: int = 0
    sighted: dict[int, _Sighting] = field(default_factory=dict)
    certified: dict[int, frozenset[int]] = field(default_factory=dict)  # entry -> lines
    sealed: int = 0
    seen: int = 0
    ended: bool = False


class Dockings:
    """Reads the entries in order and names those that the entries before do not allow.

    Lines are remembered until a docking ends.  ``seals`` maps every segment to the entry that
    sealed it and grows with the ledger.
    """

    def __init__(self, findings: Findings) -> None:
        self.seals: dict[str, int] = {}
        self.skipped = False
        self._findings = findings
        self._dockings: dict[str, _Docking] = {}
        self._rules: Mapping[str, Callable[[Entry, _Docking], None]] = {
            "inventory.taken": self._inventory_taken,
            "identity.observed": self._after_inventory,
            "segment.sealed": self._segment_sealed,
            "segment.seen": self._segment_seen,
            "segment.left": self._segment_left,
            "seams.judged": self._seams_judged,
            "docking.certified": self._certified,
            "docking.erased": self._erased,
            "docking.ended": self._ended,
        }

    def skip(self) -> None:
        """Pass over entries that are not there: what may rest on them is not accused any more."""
        self.skipped = True

    def read(self, entry: Entry) -> None:
        """Take the next entry.  Raises ``MalformedError`` for a body that has not its form."""
        if entry.type == "docking.opened":
            self._opened(entry)
        elif entry.type in self._rules:
            docking = self._docking_of(entry)
            if docking:
                self._rules[entry.type](entry, docking)

    def _opened(self, entry: Entry) -> None:
        name = _named(entry, "d:")
        if name in self._dockings:
            self._accuse(AuditFinding.DOCKING_OPENED_TWICE, entry.seq, name)
            return
        self._dockings[name] = _Docking(name)

    def _docking_of(self, entry: Entry) -> _Docking | None:
        name = _named(entry, "d:")
        docking = self._dockings.get(name)
        if docking is None:
            self._accuse(AuditFinding.DOCKING_UNKNOWN, entry.seq, name, which=entry.type)
        elif docking.ended:
            self._accuse(AuditFinding.DOCKING_GOES_ON, entry.seq, name, which=entry.type)
            return None
        return docking

    def _inventory_taken(self, entry: Entry, docking: _Docking) -> None:
        if docking.inventory is not None:
            self._accuse(AuditFinding.INVENTORY_TWICE, entry.seq, docking.name)
            return
        docking.inventory = entry.seq
        docking.files = integer(entry.body, "files")

    def _after_inventory(self, entry: Entry, docking: _Docking) -> None:
        if docking.inventory is None:
            self._accuse(AuditFinding.NO_INVENTORY, entry.seq, docking.name, which=entry.type)

    def _segment_sealed(self, entry: Entry, docking: _Docking) -> None:
        segment = _named(entry, "s:")
        if segment != f"s:{digest(entry.body, 'sha256')}":
            self._accuse(AuditFinding.SUBJECT_WRONG, entry.seq, segment)
        if segment in self.seals:
            self._accuse(AuditFinding.SEALED_TWICE, entry.seq, segment, sealed=self.seals[segment])
        self.seals.setdefault(segment, entry.seq)
        docking.sealed += 1
        self._sighted(entry, docking, segment)

    def _segment_seen(self, entry: Entry, docking: _Docking) -> None:
        segment, sealed = _named(entry, "s:"), integer(entry.body, "sealed")
        if self.seals.get(segment) != sealed:
            self._accuse(AuditFinding.SEAL_UNKNOWN, entry.seq, segment, sealed=sealed)
        docking.seen += 1
        self._sighted(entry, docking, segment)

    def _sighted(self, entry: Entry, docking: _Docking, segment: str) -> None:
        """Read the sighting of a sealed or seen segment: a line of an inventory taken before."""
        self._after_inventory(entry, docking)
        sighting = mapping(entry.body, "sighting")
        line = integer(sighting, "line")
        placed = (sighting.get("docking"), sighting.get("inventory"))
        if docking.inventory is not None and placed != (docking.name, docking.inventory):
            self._accuse(AuditFinding.SUBJECT_WRONG, entry.seq, segment)
        self._check_line(entry, docking, line)
        if line in docking.sighted:
            self._accuse(AuditFinding.LINE_TWICE, entry.seq, segment, line=line)
        sampled = entry.body.get("read") == "sampled"
        whole = not sampled and str(Finding.SHORTER_THAN_LISTED) not in noted(entry.body)
        docking.sighted[line] = _Sighting(segment, whole)

    def _segment_left(self, entry: Entry, docking: _Docking) -> None:
        self._after_inventory(entry, docking)
        self._check_line(entry, docking, integer(entry.body, "line"))

    def _check_line(self, entry: Entry, docking: _Docking, line: int) -> None:
        if docking.inventory is not None and line >= docking.files:
            self._accuse(
                AuditFinding.LINE_UNKNOWN,
                entry.seq,
                docking.name,
                line=line,
                files=docking.files,
            )

    def _seams_judged(self, entry: Entry, docking: _Docking) -> None:
        for seam in sequence(entry.body, "seams"):
            if not isinstance(seam, dict):
                raise MalformedError("body_malformed", field="seams")
            lines = sequence(seam, "lines")
            sides = (seam.get("before"), seam.get("after"))
            for segment, line in zip(sides, lines, strict=False):
                if not _side_holds(segment, line, docking, entry):
                    self._accuse(AuditFinding.SEAM_UNKNOWN, entry.seq, docking.name, line=str(line))

    def _certified(self, entry: Entry, docking: _Docking) -> None:
        """Hold that a recorder may forget only what is in custody, whole, under this docking."""
        name, lines = docking.name, integers(entry.body, "lines")
        self._after_inventory(entry, docking)
        for line in lines:
            sighting = docking.sighted.get(line)
            if sighting is None:
                self._accuse(AuditFinding.CERTIFIED_UNSEALED, entry.seq, name, line=line)
            elif not sighting.whole:
                self._accuse(AuditFinding.CERTIFIED_NOT_WHOLE, entry.seq, name, line=line)
        named = {subject for subject in entry.about if subject.startswith("s:")}
        if named != {docking.sighted[line].segment for line in lines if line in docking.sighted}:
            self._accuse(AuditFinding.CERTIFIED_OTHERWISE, entry.seq, name)
        docking.certified[entry.seq] = frozenset(lines)
        self._check_whole(entry, docking)

    def _check_whole(self, entry: Entry, docking: _Docking) -> None:
        """Compare "nothing else lies on it" with the inventory, at the last part of the act."""
        last = integer(entry.body, "part") == integer(entry.body, "parts") - 1
        if not boolean(entry.body, "whole") or not last:
            return
        lines = frozenset().union(*docking.certified.values())
        if len(lines) != docking.files:
            self._accuse(
                AuditFinding.CERTIFICATE_NOT_WHOLE,
                entry.seq,
                docking.name,
                lines=len(lines),
                files=docking.files,
            )

    def _erased(self, entry: Entry, docking: _Docking) -> None:
        named = integers(entry.body, "certified")
        allowed = frozenset().union(*(docking.certified.get(each, ()) for each in named))
        for line in integers(entry.body, "lines"):
            if line not in allowed:
                self._accuse(AuditFinding.ERASED_UNCERTIFIED, entry.seq, docking.name, line=line)

    def _ended(self, entry: Entry, docking: _Docking) -> None:
        """Close the docking.  It may claim less than the ledger has: an answer may be lost."""
        claimed = integer(entry.body, "sealed") + integer(entry.body, "seen")
        found = docking.sealed + docking.seen
        if claimed > found:
            self._accuse(
                AuditFinding.DOCKING_COUNTS,
                entry.seq,
                docking.name,
                claimed=claimed,
                found=found,
            )
        docking.ended = True
        docking.sighted.clear()
        docking.certified.clear()

    def _accuse(
        self,
        code: AuditFinding,
        entry: int,
        subject: str | None = None,
        **facts: int | str | bool | None,
    ) -> None:
        if not (self.skipped and code in RESTING):
            self._findings.add(code, entry, subject, **facts)


def _named(entry: Entry, kind: str) -> str:
    """Return the one subject of this kind that the entry names, or raise ``MalformedError``."""
    subjects = [subject for subject in entry.about if subject.startswith(kind)]
    if len(subjects) != 1:
        raise MalformedError("body_malformed", field="about")
    return subjects[0]


def _side_holds(segment: Json, line: Json, docking: _Docking, entry: Entry) -> bool:
    """Return whether one side of a seam is a file in custody; a side of nothing always holds."""
    if segment is None and line is None:
        return True
    sighting = docking.sighted.get(line) if isinstance(line, int) else None
    return sighting is not None and sighting.segment == segment and segment in entry.about


def shape_of(body: JsonObject) -> tuple[str, int, int, str, str]:
    """Return digest, size, and count, root and digest of the slices of a sealed segment."""
    slices = mapping(body, "slices")
    return (
        digest(body, "sha256"),
        integer(body, "size"),
        integer(slices, "count"),
        digest(slices, "root"),
        digest(slices, "sha256"),
    )

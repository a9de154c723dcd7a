"""An audit: ledger, statements, vault, index and catalogue against each other (DESIGN 7).

1. The public tree on its own (``custody.verify``).
2. In the same pass, what the entries say together (``custody.dockings``, ``custody.conduct``,
   ``custody.endings``, which decides every disposal again), the statements behind them
   (``custody.papers``), and the vault objects that they name (``custody.holdings``).
3. Objects in the vault that no entry names.
4. What can be made again: the index subject -> last entry, and the catalogue.
5. The audit is itself an entry (``record_audit``).

Nothing is repaired, and nothing found makes it stop.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from custody.answered import Answered
from custody.conduct import Conduct
from custody.configuration import Configurations, Settings
from custody.copies import Counted, Last, catalogue_differences, index_differences
from custody.dockings import Dockings, shape_of
from custody.endings import Decides, Endings
from custody.findings import FINDINGS_LIMIT, AuditFinding, Findings, Found, Remark, Verdict
from custody.findings import verdicts as verdicts_of
from custody.holdings import Holding, Level, check_holding
from custody.papers import Papers, Pseudonym
from custody.recounted import ClosedWeeks, Recount
from custody.seconds import Seconds
from custody.unplaced import find_unplaced, placed_since, sealed_of
from custody.verify import Tell, TreeReport, verify_tree
from evidence.entry import Draft, Entry
from evidence.errors import MalformedError, VaultUnavailableError
from evidence.json import JsonObject
from evidence.note import VerifierKey
from evidence.ports import Ledger, Objects, Statements, Tiles, Use

HOLDINGS_AT_ONCE = 256  # segments given to ``run`` in one go; bounds what waits in memory

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # before any entry

Check = Callable[[Holding], list[Found]]
Run = Callable[[Check, Iterable[Holding]], Iterable[list[Found]]]  # like ``map``, on any threads

# After these some entries are unknown, and what they name would be accused for nothing.
UNREAD = frozenset(
    {AuditFinding.BUNDLE_MISSING, AuditFinding.BUNDLE_MALFORMED, AuditFinding.ENTRY_MALFORMED}
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is audited.  What is None is not looked at, and the report says so.

    ``index`` answers with the last entry about a subject, ``counted`` with how many entries and
    subjects the index holds; ``pseudonym`` makes recorder ids as the ledger does; ``catalogue``
    yields one object of facts for each difference between the catalogue and what the ledger gives,
    and ``{entry, field}`` for each entry whose form no catalogue can show; ``settings`` are those
    that are in force now; ``counting`` says which looks are running (``evidence.ports.Meter``);
    ``decides`` decides a tombstone again from the entries before it (``custody/lawful.py``);
    ``recount`` counts a closed week again (``custody/recounted.py``).
    """

    tiles: Tiles
    key: VerifierKey
    objects: Objects
    statements: Statements | None = None
    index: Last | None = None
    counted: Counted | None = None
    pseudonym: Pseudonym | None = None
    catalogue: Callable[[], Iterable[JsonObject]] | None = None
    settings: Settings | None = None
    counting: Callable[[], Collection[Use]] | None = None
    decides: Decides | None = None
    recount: Recount | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Separate answers to separate questions, and everything that was found."""

    level: Level
    entries: int
    root: str  # of the tree that was audited, hex
    note: bytes  # its checkpoint as it lies there, signed: what the next audit can be given
    segments: int
    bytes: int  # of all sealed segments
    verdicts: Mapping[str, Verdict]  # intact, signed, witnessed, in_time
    findings: tuple[Found, ...]  # at most FINDINGS_LIMIT
    count: int  # of all findings
    remarks: tuple[Remark, ...]  # what was not proven, and why

    @property
    def clean(self) -> bool:
        """Tell whether nothing was found."""
        return not self.count


def audit(
    sources: Sources,
    level: Level,
    *,
    known: Collection[bytes] = (),
    own: bytes | None = None,
    before: Sequence[Found] = (),
    now: datetime | None = None,
    run: Run = map,
    tell: Tell | None = None,
) -> AuditReport:
    """Check everything to the depth of ``level``.

    ``known`` are signed checkpoints that the auditor has kept; ``own`` is the one that the ledger
    process last signed, asked for before this.  ``before`` was found on the way here.  ``run``
    spreads the work on the vault over threads (hashing releases the interpreter lock; several
    threads a core keep the medium busy while one digests).  Raises ``VaultUnavailableError`` only
    where ledger or vault cannot be read at all.
    """
    check = partial(check_holding, objects=sources.objects, level=level)
    counted = _counted(sources)  # first: a look that begins later is young
    reading = _Reading(sources, check, run)
    reading.findings.extend(list(before))
    seen = (*known, own) if own else known
    tree = verify_tree(
        sources.tiles, sources.key, visit=reading.visit, known=seen, now=now, tell=tell
    )
    reading.set_back = tree.set_back
    reading.finish(now, counted)
    findings = reading.findings
    if not UNREAD & {each.code for each in tree.findings}:
        findings.extend(_unplaced(sources, reading, tree, level))
        if sources.index:
            findings.extend(list(index_differences(sources.index, sources.counted, tree)))
    if sources.catalogue:
        findings.extend(list(catalogue_differences(sources.catalogue, reading.malformed)))
    return _report(tree, reading, level, _remarks(sources, level, known, reading))


def record_audit(report: AuditReport, ledger: Ledger) -> int:
    """Append the entry ``audit.done`` and return its index."""
    body: JsonObject = {
        "level": str(report.level),
        "size": report.entries,
        "root": report.root,
        "findings": report.count,
        "verdict": "intact" if report.verdicts["intact"] is Verdict.YES else "damaged",
    }
    return ledger.append([Draft("audit.done", "sys:audit", (), body)]).indexes[0]


def unrecorded(report: AuditReport, because: str) -> AuditReport:
    """Return the report of an audit that the ledger would not take as an entry."""
    found = Found(AuditFinding.AUDIT_UNRECORDED, None, None, {"because": because})
    kept = (*report.findings, found)[-FINDINGS_LIMIT:]
    return replace(report, findings=kept, count=report.count + 1)


class _Reading:
    """One pass over the entries, with the work on the vault in bounded portions."""

    def __init__(self, sources: Sources, check: Check, run: Run) -> None:
        self.findings = Findings()
        self.configurations = Configurations(self.findings)
        self.dockings = Dockings(self.findings)
        self.conduct = Conduct(self.findings)
        self.endings = Endings(self.findings, sources.decides)
        self.seconds = Seconds(self.findings)
        self.answered = Answered(self.findings)
        self.weeks = ClosedWeeks(self.findings, sources.recount)
        self.papers: Papers | None = None
        if sources.statements:
            self.papers = Papers(sources.statements, self.findings, sources.pseudonym)
        self.rolls: set[bytes] = set()  # digests of the rolls that entries name
        self.malformed: set[int] = set()  # entries whose body has not its form
        self.bytes = 0
        self.founded = False  # people have been set up
        self.set_back = 0  # how often somebody accepted that our clock went back
        self._settings = sources.settings
        self._next = 0  # entry
        self._last_at = _BEGINNING
        self._check = check
        self._run = run
        self._waiting: list[Holding] = []
        self._absent: dict[str, int] = {}  # segment without bytes -> the entry that sealed it
        self._objects = sources.objects

    def visit(self, entry: Entry) -> None:
        """Take the next entry that could be read."""
        if entry.seq != self._next:
            self.dockings.skip()
            self.conduct.skip()
            self.endings.skip()
            self.configurations.skip()
            self.seconds.skip()
            self.answered.skip()
            self.weeks.skip()
        self._next, self._last_at = entry.seq + 1, entry.at
        self.founded = self.founded or entry.type == "organisation.founded"
        steps = (
            self.configurations.read,
            self._read_ending,
            self.dockings.read,
            self.conduct.read,
            self.seconds.read,
            self.answered.read,
            self.weeks.read,
        )
        wrong: dict[str, None] = {}  # several read the same field: it is named once
        for step in (*steps, self._read_papers, self._read_holding):
            try:
                step(entry)
            except MalformedError as error:
                wrong[str(error.facts.get("field", error.word))] = None
        for field in wrong:
            self.malformed.add(entry.seq)
            self.findings.add(AuditFinding.BODY_MALFORMED, entry.seq, field=field)

    def finish(self, now: datetime | None, counted: Collection[Use]) -> None:
        """Check the segments that still wait, and the statements as a whole."""
        self.configurations.finish(self._settings)
        self.conduct.finish(now or self._last_at, counted)
        self._check_waiting()
        self._finish_endings()
        if self.papers:
            self.papers.finish(self.endings.ended)

    def _check_waiting(self) -> None:
        for found in self._run(self._check, self._waiting):
            for each in found:
                if each.code is AuditFinding.OBJECT_MISSING and each.subject and each.entry:
                    self._absent[each.subject] = each.entry
                else:
                    self.findings.extend([each])
        self._waiting.clear()

    def _read_ending(self, entry: Entry) -> None:
        self.endings.read(entry, self.dockings.seals)

    def _finish_endings(self) -> None:
        """Tell which bytes are missing and which are undead, now that every tombstone is known."""
        for segment, sealed in self._absent.items():
            gone = self.endings.gone.get(segment)
            if gone is None or gone.sealed != sealed:
                self.findings.add(AuditFinding.OBJECT_MISSING, sealed, segment)
        for segment, tombstone, former in self.endings.undead():
            if self._objects.size(segment.removeprefix("s:")) is not None:
                self.findings.add(AuditFinding.OBJECT_UNDEAD, tombstone, segment)
            if former is not None and self._was_read(former):
                self.findings.add(AuditFinding.WORDS_UNDEAD, tombstone, segment, sealed=former)

    def _was_read(self, entry: int) -> bool:
        return self.papers is not None and self.papers.was_read(entry)

    def _read_papers(self, entry: Entry) -> None:
        if self.papers:
            self.papers.read(entry)

    def _read_holding(self, entry: Entry) -> None:
        if entry.type != "segment.sealed":
            return
        sha256, size, count, root, roll = shape_of(entry.body)
        self.bytes += size
        if count:
            self.rolls.add(bytes.fromhex(roll))
        self._waiting.append(Holding(entry.seq, sha256, size, count, root, roll))
        if len(self._waiting) >= HOLDINGS_AT_ONCE:
            self._check_waiting()


def _counted(sources: Sources) -> Collection[Use]:
    """Return the looks that are running; what cannot be told excuses none."""
    try:
        return sources.counting() if sources.counting else ()
    except VaultUnavailableError:
        return ()


def _unplaced(sources: Sources, reading: _Reading, tree: TreeReport, level: Level) -> list[Found]:
    def placed(digest: bytes) -> bool:
        segment = f"s:{digest.hex()}"
        sealed, gone = reading.dockings.seals, reading.endings.gone
        return digest in reading.rolls or segment in sealed or segment in gone

    def since() -> set[str]:
        return placed_since(sources.tiles, sources.key, tree.size)

    sealed = partial(sealed_of, sources.tiles, sources.key)
    return list(find_unplaced(sources.objects, placed, since, sealed, level))


def _remarks(
    sources: Sources, level: Level, known: Collection[bytes], reading: _Reading
) -> list[Remark]:
    said = {
        Remark.NO_WITNESS: True,
        Remark.NO_KNOWN_CHECKPOINT: not known,
        Remark.OWN_CLOCK: True,
        Remark.CLOCK_SET_BACK: reading.set_back > 0,
        Remark.OWN_CONFIGURATION: not reading.configurations.told,
        Remark.CONFIGURATION_CHANGED: reading.configurations.changes > 0,
        Remark.NO_CONFIGURATION: sources.settings is None,
        Remark.NO_PEOPLE: not reading.founded,
        Remark.NAMES_ONLY: level is Level.PRESENCE,
        Remark.SIZES_ONLY: level is Level.SIZE,
        Remark.SLICES_TRUSTED: level is Level.DIGEST,
        Remark.NO_STATEMENTS: sources.statements is None,
        Remark.NO_INDEX: sources.index is None,
        Remark.DISPOSALS_TRUSTED: sources.decides is None and bool(reading.endings.ended),
        Remark.NO_CATALOGUE: sources.catalogue is None,
        Remark.UNREAD_ENTRIES: reading.dockings.skipped,
        Remark.STRAY_STATEMENTS: bool(reading.papers and reading.papers.strays),
    }
    return [remark for remark, holds in said.items() if holds]


def _report(
    tree: TreeReport, reading: _Reading, level: Level, remarks: list[Remark]
) -> AuditReport:
    count = tree.count + reading.findings.count
    findings = (*tree.findings, *reading.findings.kept)
    more = [Remark.MORE_FINDINGS] if count > min(len(findings), FINDINGS_LIMIT) else []
    return AuditReport(
        level,
        tree.size,
        tree.root,
        tree.note or b"",
        len(reading.dockings.seals),
        reading.bytes,
        verdicts_of(findings),
        findings[:FINDINGS_LIMIT],
        count,
        (*remarks, *more),
    )

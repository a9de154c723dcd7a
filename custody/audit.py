"""An audit: ledger, statements, vault, index and catalogue against each other (DESIGN 7).

1. The public tree on its own (``custody.verify``).
2. In the same pass, what the entries say together (``custody.dockings``), the statements behind
   them (``custody.papers``), and the vault objects that they name (``custody.holdings``).
3. Objects in the vault that no entry names.
4. What can be made again: the index subject -> last entry, and the catalogue.
5. The audit is itself an entry (``record_audit``).

Nothing is repaired, and nothing found makes it stop.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from custody.dockings import Dockings, shape_of
from custody.findings import FINDINGS_LIMIT, AuditFinding, Findings, Found, Remark, Verdict
from custody.findings import verdicts as verdicts_of
from custody.holdings import Holding, Level, check_holding
from custody.papers import Papers
from custody.unplaced import find_unplaced, placed_since
from custody.verify import Tell, TreeReport, verify_tree
from evidence.checkpoint import Checkpoint
from evidence.entry import Draft, Entry
from evidence.errors import MalformedError
from evidence.json import JsonObject
from evidence.note import VerifierKey
from evidence.ports import Ledger, Objects, Statements, Tiles

HOLDINGS_AT_ONCE = 256  # segments given to ``run`` in one go; bounds what waits in memory

Check = Callable[[Holding], list[Found]]
Run = Callable[[Check, Iterable[Holding]], Iterable[list[Found]]]  # like ``map``, on any threads

# After these some entries are unknown, and what they name would be accused for nothing.
UNREAD = frozenset(
    {AuditFinding.BUNDLE_MISSING, AuditFinding.BUNDLE_MALFORMED, AuditFinding.ENTRY_MALFORMED}
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is audited.  What is None is not looked at, and the report says so.

    ``index`` answers with the last entry about a subject; ``catalogue`` yields one object of
    facts for each difference between the catalogue and what the ledger gives.
    """

    tiles: Tiles
    key: VerifierKey
    objects: Objects
    statements: Statements | None = None
    index: Callable[[str], int | None] | None = None
    catalogue: Callable[[], Iterable[JsonObject]] | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Separate answers to separate questions, and everything that was found."""

    level: Level
    entries: int
    root: str  # of the tree that was audited, hex
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
    known: Checkpoint | None = None,
    now: datetime | None = None,
    run: Run = map,
    slices: bool = True,
    tell: Tell | None = None,
) -> AuditReport:
    """Check everything to the depth of ``level``.

    ``run`` spreads the work on the vault over threads (hashing releases the interpreter lock; two
    threads a core keep one reading while the other digests).  ``slices``: see ``check_holding``.
    Raises ``VaultUnavailableError`` only where ledger or vault cannot be read at all.
    """
    check = partial(check_holding, objects=sources.objects, level=level, slices=slices)
    reading = _Reading(sources, check, run)
    tree = verify_tree(
        sources.tiles, sources.key, visit=reading.visit, known=known, now=now, tell=tell
    )
    reading.finish()
    findings = reading.findings
    if not UNREAD & {each.code for each in tree.findings}:
        findings.extend(_unplaced(sources, reading, tree, level))
        findings.extend(list(_index_differences(sources, tree)))
    findings.extend(list(_catalogue_differences(sources)))
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


class _Reading:
    """One pass over the entries, with the work on the vault in bounded portions."""

    def __init__(self, sources: Sources, check: Check, run: Run) -> None:
        self.findings = Findings()
        self.dockings = Dockings(self.findings)
        self.papers = Papers(sources.statements, self.findings) if sources.statements else None
        self.rolls: set[bytes] = set()  # digests of the rolls that entries name
        self.bytes = 0
        self._check = check
        self._run = run
        self._waiting: list[Holding] = []

    def visit(self, entry: Entry) -> None:
        """Take the next entry that could be read."""
        for step in (self.dockings.read, self._read_papers, self._read_holding):
            try:
                step(entry)
            except MalformedError as error:
                field = str(error.facts.get("field", error.word))
                self.findings.add(AuditFinding.BODY_MALFORMED, entry.seq, field=field)

    def finish(self) -> None:
        """Check the segments that still wait."""
        for found in self._run(self._check, self._waiting):
            self.findings.extend(found)
        self._waiting.clear()

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
            self.finish()


def _unplaced(sources: Sources, reading: _Reading, tree: TreeReport, level: Level) -> list[Found]:
    def placed(digest: bytes) -> bool:
        return digest in reading.rolls or f"s:{digest.hex()}" in reading.dockings.seals

    def since() -> set[str]:
        return placed_since(sources.tiles, sources.key, tree.size)

    return list(find_unplaced(sources.objects, placed, since, level))


def _index_differences(sources: Sources, tree: TreeReport) -> Iterator[Found]:
    """Compare the index with the ledger; entries written since may have moved it on."""
    if sources.index is None:
        return
    for subject, last in tree.last.items():
        found = sources.index(subject)
        if found != last and (found is None or found < tree.size):
            facts: JsonObject = {"expected": last, "found": found}
            yield Found(AuditFinding.INDEX_DIFFERS, last, subject, facts)


def _catalogue_differences(sources: Sources) -> Iterator[Found]:
    for facts in sources.catalogue() if sources.catalogue else ():
        entry = facts.get("entry")
        yield Found(
            AuditFinding.CATALOGUE_DIFFERS, entry if isinstance(entry, int) else None, None, facts
        )


def _remarks(
    sources: Sources, level: Level, known: Checkpoint | None, reading: _Reading
) -> list[Remark]:
    said = {
        Remark.NO_WITNESS: True,
        Remark.NO_KNOWN_CHECKPOINT: known is None,
        Remark.OWN_CLOCK: True,
        Remark.NO_PEOPLE: True,  # no entry can make people yet
        Remark.NAMES_ONLY: level is Level.PRESENCE,
        Remark.SIZES_ONLY: level is Level.SIZE,
        Remark.NO_STATEMENTS: sources.statements is None,
        Remark.NO_INDEX: sources.index is None,
        Remark.NO_CATALOGUE: sources.catalogue is None,
        Remark.KEYS_DESTROYED: bool(reading.papers and reading.papers.destroyed),
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
        len(reading.dockings.seals),
        reading.bytes,
        verdicts_of(findings),
        findings[:FINDINGS_LIMIT],
        count,
        (*remarks, *more),
    )

"""A public tree on its own: signature, tiles, root, entries.  What ``dockseal verify`` runs.

1. The checkpoint is a note signed by the key of the ledger, and names its origin.
2. Every bundle is there; its entries give the leaf hashes.
3. Every tile holds what the leaf hashes give.
4. The root is the one that was signed; earlier checkpoints of the caller's are prefixes.
5. Every entry is canonical, says its own index, never goes back in time; ``about`` is complete;
   entry 0 founds this ledger.
6. Nothing else lies in the tree: what was kept of smaller trees agrees, nothing is ahead.

One pass, one bundle in memory; only the map subject -> last entry grows with the ledger.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from custody.chronicle import Chronicle
from custody.findings import AuditFinding, Findings, Found
from custody.shelves import Shelves
from custody.towers import Towers
from evidence.checkpoint import Checkpoint, parse
from evidence.entry import Entry
from evidence.errors import IntegrityError, MalformedError
from evidence.merkle import EMPTY_ROOT
from evidence.note import VerifierKey, open_note
from evidence.ports import Tiles
from evidence.tiles import TILE_WIDTH

Visit = Callable[[Entry], None]  # hears of every entry that could be read, in order
Tell = Callable[[int, int], None]  # entries done, of


@dataclass(frozen=True, slots=True)
class TreeReport:
    """What was found, and what the tree is: ``root`` is the signed one, hex."""

    origin: str
    size: int
    root: str
    note: bytes | None  # the checkpoint as it lies there
    findings: tuple[Found, ...]  # at most FINDINGS_LIMIT
    count: int  # of all findings
    last: Mapping[str, int]  # every subject's last entry
    set_back: int = 0  # how often somebody accepted that the clock of this station went back


def verify_tree(
    tiles: Tiles,
    key: VerifierKey,
    *,
    visit: Visit | None = None,
    known: Collection[bytes] = (),
    now: datetime | None = None,
    tell: Tell | None = None,
) -> TreeReport:
    """Check a whole public tree; findings are the answer, nothing in it makes this raise.

    ``known`` are signed checkpoints that the caller has seen before; one that is not of this
    ledger's key is a finding: the key was exchanged.  ``now`` lets entries of the future be found.
    Raises ``VaultUnavailableError`` when the files cannot be read at all.
    """
    findings = Findings()
    note = tiles.checkpoint()
    checkpoint = _read_checkpoint(note, key, findings)  # 1
    chronicle = Chronicle(key, now, findings)
    shelves = Shelves(tiles, checkpoint.size, findings)
    towers = Towers(shelves, checkpoint, _read_known(known, key, findings), findings)
    for first in range(0, checkpoint.size, TILE_WIDTH):
        count = min(TILE_WIDTH, checkpoint.size - first)
        entries = shelves.bundle(first // TILE_WIDTH)  # 2
        towers.add(first, entries, shelves.hashes(first // TILE_WIDTH))  # 3
        _read_entries(first, count, entries, chronicle, visit)  # 5
        if tell:
            tell(first + count, checkpoint.size)
    set_back = chronicle.end()
    towers.judge()  # 3 and 4
    _check_the_rest(tiles, key, checkpoint.size, shelves, findings)  # 6
    return TreeReport(
        checkpoint.origin, checkpoint.size, checkpoint.root.hex(), note,
        tuple(findings.kept), findings.count, chronicle.last, set_back,
    )  # fmt: skip


def _read_known(notes: Collection[bytes], key: VerifierKey, findings: Findings) -> list[Checkpoint]:
    """Return the checkpoints that were seen before, as far as this ledger's key has signed them."""
    known = []
    for note in notes:
        try:
            checkpoint = parse(open_note(note, [key]))
        except IntegrityError as error:
            findings.add(AuditFinding.KNOWN_FOREIGN, because=error.word)
            continue
        if checkpoint.origin == key.name:
            known.append(checkpoint)
        else:
            findings.add(AuditFinding.KNOWN_FOREIGN, because="origin_wrong")
    return known


def _read_checkpoint(note: bytes | None, key: VerifierKey, findings: Findings) -> Checkpoint:
    """Return the checkpoint to check the rest against, even where its signature does not hold."""
    nothing = Checkpoint(key.name, 0, EMPTY_ROOT)
    if note is None:
        findings.add(AuditFinding.CHECKPOINT_MISSING)
        return nothing
    try:
        text = open_note(note, [key])
    except IntegrityError as error:
        findings.add(AuditFinding.SIGNATURE_WRONG, because=error.word)
        text = note.partition(b"\n\n")[0].decode(errors="replace") + "\n"
    try:
        checkpoint = parse(text)
    except MalformedError as error:
        findings.add(AuditFinding.CHECKPOINT_MALFORMED, because=error.word)
        return nothing
    if checkpoint.origin != key.name:
        findings.add(AuditFinding.ORIGIN_WRONG, expected=key.name, found=checkpoint.origin)
    return checkpoint


def _read_entries(
    first: int, count: int, entries: list[bytes] | None, chronicle: Chronicle, visit: Visit | None
) -> None:
    if entries is None:
        chronicle.skip(first, count)
        return
    for index, raw in enumerate(entries, first):
        entry = chronicle.read(index, raw)
        if entry is not None and visit:
            visit(entry)


def _check_the_rest(
    tiles: Tiles, key: VerifierKey, size: int, shelves: Shelves, findings: Findings
) -> None:
    ahead = shelves.check_the_rest()
    if not ahead:
        return
    # The ledger may have grown while we read: only what its checkpoint does not know by now
    # either is ahead.  A batch between its tiles and its checkpoint is told as ahead; look again.
    newest = max(size, _read_checkpoint(tiles.checkpoint(), key, Findings()).size)
    for path, end in ahead:
        if end > newest:
            findings.add(AuditFinding.TREE_AHEAD, path=path, size=newest)

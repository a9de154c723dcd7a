"""The statements behind entries: there, unchanged, in their place, as the entries count them."""

from array import array
from collections.abc import Callable, Mapping
from hashlib import sha256

from custody.fields import integer, mapping, optional_text
from custody.findings import AuditFinding, Findings
from evidence.codec import encode_statement, roll_root
from evidence.entry import Commitment, Entry, Statement
from evidence.errors import IntegrityError, MalformedError, VaultUnavailableError
from evidence.ids import recorder_text
from evidence.ports import Statements

STATED = frozenset(
    {
        "docking.opened",
        "inventory.taken",
        "identity.observed",
        "segment.sealed",
        "segment.seen",
    }
)  # entries whose private facts always stand in a statement

Pseudonym = Callable[[str, str], str]  # as ``evidence.ports.Ledger.pseudonym``


class Papers:
    """Reads the statement of each entry, then looks for what else is kept.

    ``strays`` counts what belongs to no entry: batches that a power cut ended leave such.
    """

    def __init__(
        self, statements: Statements, findings: Findings, pseudonym: Pseudonym | None = None
    ) -> None:
        self.strays = 0
        self._statements = statements
        self._findings = findings
        self._pseudonym = pseudonym
        # Subject without a key -> first and last entry that need it.
        self._keyless: dict[str, tuple[int, int]] = {}
        self._read = bytearray()  # by entry: 1 where its statement was read
        self._awaited = array("q")  # by entry: hash of a commitment that must be found in its place

    def read(self, entry: Entry) -> None:
        """Check the statement of one entry."""
        self._await(entry.seq, entry.statement)
        if entry.statement is None:
            if entry.type in STATED:
                self._findings.add(AuditFinding.STATEMENT_ABSENT, entry.seq, which=entry.type)
            return
        try:
            statement = self._statements.get(entry.statement)
        except (IntegrityError, VaultUnavailableError) as error:
            missing = error.word == "statement_missing"
            code = AuditFinding.STATEMENT_MISSING if missing else AuditFinding.STATEMENT_DAMAGED
            self._findings.add(code, entry.seq, entry.statement.of, because=error.word)
            self._awaited[entry.seq] = 0  # told once
            return
        if statement is None:
            first, _ = self._keyless.get(entry.statement.of, (entry.seq, entry.seq))
            self._keyless[entry.statement.of] = (first, entry.seq)
        else:
            self._read.extend(bytes(entry.seq + 1 - len(self._read)))
            self._read[entry.seq] = 1
            self._check(entry, statement)

    def was_read(self, seq: int) -> bool:
        """Return whether the statement of entry ``seq`` could be read."""
        return seq < len(self._read) and bool(self._read[seq])

    def finish(self, ended: Mapping[str, int]) -> None:
        """Tell whose key is gone, and which statement is not kept for the entry it belongs to.

        ``ended``: by segment, its newest tombstone.  It stands behind the entries whose statements
        it makes unreadable, so this is judged at the end.
        """
        for subject, (first, last) in self._keyless.items():
            if ended.get(subject, 0) <= last:
                self._findings.add(AuditFinding.KEY_MISSING, first, subject)
        try:
            for seq, commitment in self._statements.commitments():
                self._place(seq, commitment)
        except (IntegrityError, VaultUnavailableError) as error:
            self._findings.add(AuditFinding.STATEMENTS_UNLISTED, because=error.word)
            return
        for seq, awaited in enumerate(self._awaited):
            if awaited:
                self._findings.add(AuditFinding.STATEMENT_MISPLACED, seq)

    def _await(self, seq: int, commitment: Commitment | None) -> None:
        missing = seq - len(self._awaited)  # entries that could not be read
        if missing > 0:
            self._awaited.extend([0] * missing)
        self._awaited.append(_hash(commitment) if commitment else 0)

    def _place(self, seq: int, commitment: Commitment) -> None:
        inside = 0 <= seq < len(self._awaited)
        if inside and self._awaited[seq] == _hash(commitment):
            self._awaited[seq] = 0
        else:
            self.strays += 1

    def _check(self, entry: Entry, statement: Statement) -> None:
        commitment = entry.statement
        # Also where the store has done it: an auditor believes no store.
        digest = sha256(encode_statement(statement)).hexdigest()
        if commitment is None or (statement.of, digest) != (commitment.of, commitment.sha256):
            self._findings.add(
                AuditFinding.STATEMENT_DAMAGED, entry.seq, statement.of, because="commitment"
            )
        if statement.of not in entry.about:
            self._findings.add(AuditFinding.SUBJECT_WRONG, entry.seq, statement.of)
        if not _lines_hold(entry, statement):
            self._findings.add(AuditFinding.INVENTORY_DIFFERS, entry.seq, statement.of)
        if entry.type == "docking.opened" and self._pseudonym:
            self._check_recorder(entry, statement, self._pseudonym)

    def _check_recorder(self, entry: Entry, statement: Statement, pseudonym: Pseudonym) -> None:
        """Hold that the recorder's id follows from its name under the station's secret.

        Under another secret every recorder is a new one, and no gap to its last docking is seen.
        """
        fields = ("serial", "maker", "device", "volume")
        text = recorder_text(*(optional_text(statement.facts, field) for field in fields))
        expected = {pseudonym("r", text)} if text else set()
        found = {subject for subject in entry.about if subject.startswith("r:")}
        if found != expected:
            self._findings.add(
                AuditFinding.RECORDER_DIFFERS, entry.seq, next(iter(sorted(found)), None)
            )


def _hash(commitment: Commitment) -> int:
    """Return 64 bits that nobody outside this process can aim at; never 0."""
    return hash(commitment) or 1


def _lines_hold(entry: Entry, statement: Statement) -> bool:
    """Return whether the lines of a statement are those that its entry counts and roots."""
    lines = statement.lines
    if not lines:
        return "roll" not in entry.body and _counted(entry, statement)
    try:
        roll = mapping(entry.body, "roll")
        same = (integer(roll, "count"), roll.get("root")) == (len(lines), roll_root(lines))
    except MalformedError:
        return False
    return same and _counted(entry, statement)


def _counted(entry: Entry, statement: Statement) -> bool:
    if entry.type != "inventory.taken":
        return True
    deleted = sum(1 for line in statement.lines if line.get("deleted") is True)
    numbers = [line.get("line") for line in statement.lines]
    files = len(numbers) - deleted
    counts = (entry.body.get("files"), entry.body.get("deleted"))
    return counts == (files, deleted) and numbers == list(range(len(numbers)))

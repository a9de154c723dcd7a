"""The statements behind entries: there, unchanged, and as the entry counted them."""

from hashlib import sha256

from custody.fields import integer, mapping
from custody.findings import AuditFinding, Findings
from evidence.codec import encode_statement, roll_root
from evidence.entry import Entry, Statement
from evidence.errors import IntegrityError, MalformedError
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


class Papers:
    """Reads the statement of each entry.  ``destroyed`` counts those whose key is gone."""

    def __init__(self, statements: Statements, findings: Findings) -> None:
        self.destroyed = 0
        self._statements = statements
        self._findings = findings

    def read(self, entry: Entry) -> None:
        """Check the statement of one entry.

        A destroyed key is no finding: that is how a statement is lawfully forgotten.
        """
        if entry.statement is None:
            if entry.type in STATED:
                self._findings.add(AuditFinding.STATEMENT_ABSENT, entry.seq, which=entry.type)
            return
        try:
            statement = self._statements.get(entry.statement)
        except IntegrityError as error:
            missing = error.word == "statement_missing"
            code = AuditFinding.STATEMENT_MISSING if missing else AuditFinding.STATEMENT_DAMAGED
            self._findings.add(code, entry.seq, entry.statement.of, because=error.word)
            return
        if statement is None:
            self.destroyed += 1
        else:
            self._check(entry, statement)

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

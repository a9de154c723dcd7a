"""What can be made again: the index subject -> last entry, and the catalogue.

One that cannot be read is a finding, not the end of the audit.
"""

from collections.abc import Callable, Container, Iterable, Iterator

from custody.findings import AuditFinding, Found
from custody.verify import TreeReport
from evidence.errors import EvidenceError, LedgerUnavailableError, VaultUnavailableError
from evidence.json import JsonObject

Last = Callable[[str], int | None]
Counted = Callable[[], tuple[int, int]]  # entries that the index holds, subjects in it


def index_differences(last: Last, counted: Counted | None, tree: TreeReport) -> Iterator[Found]:
    """Compare the index with the ledger; entries written since may have moved it on."""
    try:
        yield from _wrong_subjects(last, tree)
        yield from _invented_subjects(counted, tree)
    except VaultUnavailableError as error:
        yield Found(AuditFinding.INDEX_UNREADABLE, None, None, {"because": error.word})


def catalogue_differences(
    differences: Callable[[], Iterable[JsonObject]], malformed: Container[int]
) -> Iterator[Found]:
    """Tell each difference that the comparison finds, and each entry that no catalogue can show.

    Those in ``malformed`` have been told already.
    """
    try:
        for facts in differences():
            entry = facts.get("entry")
            index = entry if isinstance(entry, int) else None
            if "field" not in facts:
                yield Found(AuditFinding.CATALOGUE_DIFFERS, index, None, facts)
            elif index not in malformed:
                field: JsonObject = {"field": facts["field"]}
                yield Found(AuditFinding.BODY_MALFORMED, index, None, field)
    except LedgerUnavailableError:
        raise
    except EvidenceError as error:
        because = str(error.facts.get("because", error.word))
        yield Found(AuditFinding.CATALOGUE_UNREADABLE, None, None, {"because": because})


def _wrong_subjects(last: Last, tree: TreeReport) -> Iterator[Found]:
    for subject, expected in tree.last.items():
        found = last(subject)
        if found != expected and (found is None or found < tree.size):
            facts: JsonObject = {"expected": expected, "found": found}
            yield Found(AuditFinding.INDEX_DIFFERS, expected, subject, facts)


def _invented_subjects(counted: Counted | None, tree: TreeReport) -> Iterator[Found]:
    """Find by counting what the ledger does not know; only while it does not grow."""
    size, count = counted() if counted else (0, 0)
    if size == tree.size and count > len(tree.last):
        facts: JsonObject = {"expected": len(tree.last), "found": count}
        yield Found(AuditFinding.INDEX_INVENTS, None, None, facts)

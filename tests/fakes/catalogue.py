"""A catalogue in memory that polices the port: what is applied must follow, and be of a type."""

from collections.abc import Iterator, Sequence

from evidence.entry import Entry, Statement
from evidence.errors import ConflictError, VaultUnavailableError
from vault.projection import project_or_name
from vault.rows import Row

Pair = tuple[Entry, Statement | None]


class FakeCatalogue:
    """Keeps the rows of each entry; fails on request before or after the work was done."""

    def __init__(self) -> None:
        self._rows: list[list[tuple[str, Row]]] = []
        self.fail_next: str | None = None  # "failed" | "failed but done"

    def applied(self) -> int:
        return len(self._rows)

    def apply(self, entries: Sequence[Pair]) -> None:
        fail, self.fail_next = self.fail_next, None
        if fail == "failed":
            raise VaultUnavailableError("catalogue_unavailable", because="asked to")
        rows = []
        for seq, (entry, statement) in enumerate(entries, len(self._rows)):
            if entry.seq != seq:
                raise ConflictError("catalogue_gap", applied=seq, got=entry.seq)
            rows.append(project_or_name(entry, statement))
        self._rows += rows
        if fail == "failed but done":
            raise VaultUnavailableError("catalogue_unavailable", because="asked to")

    def dump(self) -> Iterator[tuple[str, Row]]:
        for rows in self._rows:
            yield from rows

    def close(self) -> None:
        """Nothing is held."""

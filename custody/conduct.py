"""What people did, held against what it rests on: rules that were adopted, looks that have an end.

Whether each decision was this person's to make is asked where it counts, of each grant before each
use (``custody/grants.py``).
"""

from collections.abc import Callable, Mapping

from custody.fields import digest, optional_text, text
from custody.findings import AuditFinding, Findings
from evidence.entry import Entry


class Conduct:
    """Reads the entries of people in their order.

    Behind entries that could not be read it judges nothing that they may have changed.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._rules: str | None = None  # the adopted file of who decides, by its digest
        self._sure = True  # no adoption can have been missed
        self._steps: Mapping[str, Callable[[Entry], None]] = {
            "rules.adopted": self._adopted,
            "request.decided": self._decided,
        }

    def skip(self) -> None:
        """Take note that entries are missing before the next one."""
        self._sure = False

    def read(self, entry: Entry) -> None:
        """Take the next entry; raises ``MalformedError`` for a body without its form."""
        step = self._steps.get(entry.type)
        if step:
            step(entry)

    def _adopted(self, entry: Entry) -> None:
        if text(entry.body, "rules") == "access":
            self._rules, self._sure = digest(entry.body, "sha256"), True

    def _decided(self, entry: Entry) -> None:
        """Name a decision under rules that were not adopted when it was made."""
        named = optional_text(entry.body, "rules")
        adopted = self._rules is not None and named in {None, self._rules}
        if self._sure and not adopted:
            facts = {"rules": named, "adopted": self._rules}
            self._findings.add(AuditFinding.RULES_UNADOPTED, entry.seq, **facts)

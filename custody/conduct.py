"""What people did, held against what it rests on: rules that were adopted, looks that have an end.

Whether each decision was this person's to make is asked where it counts, of each grant before each
use (``custody/grants.py``).
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from custody.fields import digest, integer, optional_text, text
from custody.findings import AuditFinding, Findings
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.ports import Use

LONGEST_LOOK = timedelta(days=1)  # from opened to closed; one that is still counted may last longer


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
            "copy.opened": self._opened,
            "copy.closed": self._closed,
        }
        self._open: dict[int, Entry] = {}  # looks that have not ended

    def skip(self) -> None:
        """Take note that entries are missing before the next one."""
        self._sure = False
        self._open.clear()

    def read(self, entry: Entry) -> None:
        """Take the next entry; raises ``MalformedError`` for a body without its form."""
        step = self._steps.get(entry.type)
        if step:
            step(entry)

    def finish(self, now: datetime, counted: Collection[Use]) -> None:
        """Name the looks that should have ended, those apart that are ``counted`` just now.

        Where a process was killed, whoever serves closes its look within a minute
        (``custody/closing.py``): one that stays open has lost the count of what left.
        """
        for entry in self._open.values():
            grant = text(entry.body, "grant")
            running = (grant, entry.about.get(grant)) in counted
            if not running and now - entry.at > LONGEST_LOOK:
                opened = format_time(entry.at)
                self._findings.add(AuditFinding.LOOK_OPEN, entry.seq, grant, opened=opened)

    def _opened(self, entry: Entry) -> None:
        text(entry.body, "grant")
        self._open[entry.seq] = entry

    def _closed(self, entry: Entry) -> None:
        self._open.pop(integer(entry.body, "opened"), None)

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

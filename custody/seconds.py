"""Where two people are needed, they were two: read in the audit's pass over all entries.

What the same person has proposed and seconded counts as if it had not happened
(``custody/shelf.py``); here it is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from custody.fields import integer
from custody.findings import AuditFinding, Findings
from evidence.entry import Entry


@dataclass(frozen=True, slots=True)
class _Seconding:
    """``first``: type of the first person's entry; ``field``: names it; ``same``: both say it."""

    first: str
    field: str
    same: str | None = None


SECONDED: Mapping[str, _Seconding] = {
    "policy.adopted": _Seconding("policy.proposed", "proposed"),
    "hold.released": _Seconding("hold.release_proposed", "proposed", "hold"),
    "time.attested": _Seconding("time.attested", "first", "day"),
}
_FIRSTS = frozenset(each.first for each in SECONDED.values())


class Seconds:
    """Reads the entries in order."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._firsts: dict[int, Entry] = {}  # by index; people propose some a day, not thousands
        self._skipped = False

    def skip(self) -> None:
        """Pass over entries that are not there: a first word among them is not missed."""
        self._skipped = True

    def read(self, entry: Entry) -> None:
        """Check one entry; raises ``MalformedError`` for a body without its form."""
        rule = SECONDED.get(entry.type)
        if rule is not None and entry.body.get(rule.field) is not None:
            self._check(entry, rule, integer(entry.body, rule.field))
        if entry.type in _FIRSTS:
            self._firsts[entry.seq] = entry

    def _check(self, entry: Entry, rule: _Seconding, index: int) -> None:
        first = self._firsts.get(index)
        if first is None and self._skipped:
            return
        if first is None or not _fits(entry, rule, first):
            self._findings.add(AuditFinding.FIRST_UNKNOWN, entry.seq, which=index)
        elif first.actor == entry.actor:
            self._findings.add(AuditFinding.SECONDED_ALONE, entry.seq, first=index)


def _fits(entry: Entry, rule: _Seconding, first: Entry) -> bool:
    if first.type != rule.first:
        return False
    return rule.same is None or entry.body.get(rule.same) == first.body.get(rule.same)

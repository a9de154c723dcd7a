"""Answers to alarms, held against the alarms and audits that they rest on: in the audit's pass.

That bytes are sound again lets them go some day, so it needs an auditor and an audit; whoever
writes such an answer past our commands is named here.
"""

from dataclasses import dataclass
from datetime import datetime

from custody.fields import integer, moment, optional_integer, optional_moment, text
from custody.findings import AuditFinding, Findings
from custody.raised import ACKNOWLEDGED, RAISED, answered_by, proves, same_of
from evidence.entry import Entry


@dataclass(frozen=True, slots=True)
class _Term:
    """Somebody is an auditor, from then until then (None: without end)."""

    person: str
    since: datetime
    until: datetime | None


class Answered:
    """Reads the entries in order."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._alarms: dict[int, str] = {}  # what each says, by index
        self._audits: dict[int, Entry] = {}
        self._auditors: dict[int, _Term] = {}  # by index of role.granted
        self._skipped = False

    def skip(self) -> None:
        """Pass over entries that are not there: what an answer rests on may be among them."""
        self._skipped = True

    def read(self, entry: Entry) -> None:
        """Check one entry; raises ``MalformedError`` for a body without its form."""
        if entry.type == RAISED:
            self._alarms[entry.seq] = same_of(entry)
        elif entry.type == "audit.done":
            self._audits[entry.seq] = entry
        elif entry.type == "role.granted" and entry.body.get("role") == "auditor":
            since, until = moment(entry.body, "since"), optional_moment(entry.body, "until")
            self._auditors[entry.seq] = _Term(text(entry.body, "person"), since, until)
        elif entry.type == "role.revoked":
            self._auditors.pop(integer(entry.body, "granted"), None)
        elif entry.type == ACKNOWLEDGED:
            self._answered(entry)

    def _answered(self, entry: Entry) -> None:
        same, told = answered_by(entry)
        audit = optional_integer(entry.body, "audit")
        if self._skipped:
            return
        if self._alarms.get(told.alarm) != same:
            self._findings.add(AuditFinding.ALARM_UNKNOWN, entry.seq, which=told.alarm)
        if audit is None:
            return
        done = self._audits.get(audit)
        proven = done is not None and proves(done, told.alarm)
        if not (proven and self._is_auditor(entry)):
            self._findings.add(AuditFinding.CLEARED_UNPROVEN, entry.seq, which=told.alarm)

    def _is_auditor(self, entry: Entry) -> bool:
        return any(
            each.person == entry.actor
            and each.since <= entry.at
            and (each.until is None or entry.at < each.until)
            for each in self._auditors.values()
        )

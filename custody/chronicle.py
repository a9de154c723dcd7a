"""Every entry on its own and against those before it: form, place, time, histories."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from custody.findings import AuditFinding, Findings
from evidence.codec import decode_entry, format_time
from evidence.entry import Entry
from evidence.errors import MalformedError
from evidence.note import VerifierKey

AHEAD_LIMIT = timedelta(seconds=60)  # a clock that was set back by less is not accused


class Chronicle:
    """Reads the entries in order.  ``last`` maps every subject to the last entry about it."""

    def __init__(self, key: VerifierKey, now: datetime | None, findings: Findings) -> None:
        self.last: dict[str, int] = {}
        self._key = key
        self._times = _Times(now, findings)
        self._findings = findings
        self._station = station_of(key.name)
        self._unread: list[range] = []  # entries whose subjects are unknown

    def skip(self, first: int, count: int) -> None:
        """Pass over entries that are not there; what points at them is not accused."""
        self._unread.append(range(first, first + count))

    def read(self, index: int, raw: bytes) -> Entry | None:
        """Return entry ``index``, checked, or None when it is none."""
        try:
            entry = decode_entry(raw)
        except MalformedError as error:
            self._findings.add(AuditFinding.ENTRY_MALFORMED, index, because=error.word)
            self.skip(index, 1)
            return None
        if entry.seq != index:
            self._findings.add(AuditFinding.SEQ_WRONG, index, seq=entry.seq)
            entry = replace(entry, seq=index)  # further findings point at where it stands
        self._check_start(index, entry)
        self._times.read(entry)
        self._check_about(index, entry.about)
        return entry

    def end(self) -> int:
        """Say what only the end tells; return how often a step of our clock was accepted."""
        return self._times.end()

    def _check_start(self, index: int, entry: Entry) -> None:
        if index == 0:
            body, key = entry.body, self._key
            founded = (body.get("origin"), body.get("vkey")) == (key.name, key.text)
            if entry.type != "ledger.started" or not founded:
                self._findings.add(AuditFinding.START_WRONG, index)
        elif entry.type == "ledger.started":
            self._findings.add(AuditFinding.STARTED_AGAIN, index)
        if entry.station != self._station:
            self._findings.add(
                AuditFinding.STATION_WRONG, index, expected=self._station, found=entry.station
            )

    def _check_about(self, index: int, about: Mapping[str, int | None]) -> None:
        last = self.last
        for subject, given in about.items():
            expected = last.get(subject)
            if given != expected and not self._is_unread(given):
                self._findings.add(
                    AuditFinding.ABOUT_WRONG, index, subject, given=given, expected=expected
                )
            last[subject] = index

    def _is_unread(self, index: int | None) -> bool:
        return index is not None and any(index in each for each in self._unread)


class _Times:
    """Entries follow one another in time, but where a person accepted that our clock went back.

    Until then the clock had been ahead: what was written by it is no finding, and a remark says so.
    """

    def __init__(self, now: datetime | None, findings: Findings) -> None:
        self._now, self._findings = now, findings
        self._before: datetime | None = None
        self._ahead: Entry | None = None  # the first of those that lie in the future
        self._accepted = 0

    def read(self, entry: Entry) -> None:
        at = entry.at
        if self._before is not None and at < self._before:
            if not _accepts(entry, self._before):
                self._add(AuditFinding.TIME_WENT_BACK, entry, before=self._before)
                return
            self._accepted += 1
            self._ahead = None
        self._before = at
        if self._ahead is None and self._now is not None and at > self._now + AHEAD_LIMIT:
            self._ahead = entry

    def end(self) -> int:
        if self._ahead is not None and self._now is not None:  # told once: all later ones are too
            self._add(AuditFinding.FROM_THE_FUTURE, self._ahead, now=self._now)
        return self._accepted

    def _add(self, code: AuditFinding, entry: Entry, **facts: datetime) -> None:
        told = {name: format_time(moment) for name, moment in facts.items()}
        self._findings.add(code, entry.seq, at=format_time(entry.at), **told)


def _accepts(entry: Entry, before: datetime) -> bool:
    """Return whether a person accepts by ``entry`` that our clock goes back from ``before``."""
    return entry.type == "clock.accepted" and entry.body.get("before") == format_time(before)


def station_of(origin: str) -> str:
    """Return the station that ``<organisation>/dock/<station>/<epoch>`` names (DESIGN 3.3)."""
    station, _, _epoch = origin.rpartition("/")
    return station.rpartition("/")[2]

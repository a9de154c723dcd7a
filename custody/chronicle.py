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
        self._now = now
        self._findings = findings
        self._station = station_of(key.name)
        self._before: datetime | None = None
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
        self._check_time(index, entry.at)
        self._check_about(index, entry.about)
        return entry

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

    def _check_time(self, index: int, at: datetime) -> None:
        if self._before is not None and at < self._before:
            self._findings.add(
                AuditFinding.TIME_WENT_BACK,
                index,
                at=format_time(at),
                before=format_time(self._before),
            )
        elif self._now is not None and at > self._now + AHEAD_LIMIT:
            now, self._now = self._now, None  # told once: all later entries are ahead too
            self._findings.add(
                AuditFinding.FROM_THE_FUTURE, index, at=format_time(at), now=format_time(now)
            )
        self._before = max(at, self._before or at)

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


def station_of(origin: str) -> str:
    """Return the station that ``<organisation>/dock/<station>/<epoch>`` names (DESIGN 3.3)."""
    station, _, _epoch = origin.rpartition("/")
    return station.rpartition("/")[2]

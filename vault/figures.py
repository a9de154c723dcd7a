"""Sums from the catalogue, for metrics and forecasts: no name and no segment, and never evidence.

What has been counted is not counted again: whoever asks says up to which entry they know.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select

from evidence.candidates import Figure
from evidence.keeping import CODES, Code
from vault.alarm_queries import alarm_page
from vault.candidates import blocked_sums
from vault.fields import milliseconds
from vault.queries import Query
from vault.sql import asking, open_for_reading
from vault.tables import alarms, audits, endings, events, segments

CODES_LIMIT = 1000  # kinds of outcomes, or of alarms, in one answer
_DAY_MS = 86_400_000
_WHOLE = select(
    func.count().label("count"),
    func.sum(segments.c.size).label("bytes"),
    func.min(segments.c.sealed_at).label("first"),
)


@dataclass(frozen=True, slots=True)
class Growth:
    """What the entries after one that is known, up to ``applied`` (not included), have added."""

    applied: int
    bytes: int  # read from recorders
    segments: int  # sealed
    dockings: Mapping[str, int]  # ended, by outcome
    alarms: Mapping[str, int]  # raised, by code


@dataclass(frozen=True, slots=True)
class LastAudit:
    """The newest audit."""

    at_ms: int  # since 1970
    findings: int


@dataclass(frozen=True, slots=True)
class Takings:
    """(segments, bytes) of each of the last days, today's first; and of all that is in custody."""

    days: tuple[tuple[int, int], ...]
    kept: Figure
    first_ms: int | None  # when the oldest of them was sealed, ms since 1970; None: there is none


class FigureReader:
    """Reads sums and never writes; every answer is as of one moment.  Raises as the catalogue."""

    def __init__(self, url: str) -> None:
        self._engine = open_for_reading(url)

    def growth(self, after: int) -> Growth:
        """Return what was added by the entries from ``after`` on."""
        with asking(self._engine) as ask:
            ended = ask.rows(_ended(after))
            raised = ask.rows(_raised(after))
            return Growth(
                max(after, ask.applied),
                sum(int(row["bytes"]) for row in ended),
                sum(int(row["sealed"]) for row in ended),
                {str(row["outcome"]): int(row["count"]) for row in ended},
                {str(row["alarm"]): int(row["count"]) for row in raised},
            )

    def last_audit(self) -> LastAudit | None:
        """Return the newest audit, or None where there was none."""
        query = select(events.c.at, audits.c.findings).where(events.c.entry == audits.c.entry)
        with asking(self._engine) as ask:
            rows = ask.rows(query.order_by(audits.c.entry.desc()).limit(1))
        return LastAudit(int(rows[0]["at"]), int(rows[0]["findings"])) if rows else None

    def open_alarms(self) -> Mapping[str, int]:
        """Return the alarms that nobody has answered, by code; those that say the same are one."""
        with asking(self._engine) as ask:
            rows = ask.rows(alarm_page(None, CODES_LIMIT, every=False))
        return Counter(str(row["code"]) for row in rows)

    def takings(self, now: datetime, days: int) -> Takings:
        """Return what came into custody in each of the last ``days`` times 24 hours."""
        found = [(0, 0)] * days
        with asking(self._engine) as ask:
            for row in ask.rows(_taken(milliseconds(now), days)):
                # Sealed by a clock that was ahead: today's.  At the edge of the week: its first.
                ago = min(max(int(row["ago"]), 0), days - 1)
                count, size = found[ago]
                found[ago] = count + int(row["count"]), size + int(row["bytes"])
            (whole,) = ask.rows(_WHOLE)
        kept = Figure(int(whole["count"]), int(whole["bytes"] or 0))
        return Takings(tuple(found), kept, None if whole["first"] is None else int(whole["first"]))

    def blocked(self, now: datetime) -> Mapping[Code, Figure]:
        """Return what each reason keeps from going at ``now``, as far as the catalogue tells."""
        with asking(self._engine) as ask:
            (sums,) = ask.rows(blocked_sums(now))
        return {
            code: Figure(int(sums[f"{code}_count"]), int(sums[f"{code}_bytes"]))
            for code in CODES
            if f"{code}_count" in sums
        }


def _ended(after: int) -> Query:
    """Return the dockings that ended from an entry on, by outcome."""
    columns = endings.c
    sums = (func.sum(columns.bytes).label("bytes"), func.sum(columns.sealed).label("sealed"))
    query = select(columns.outcome, func.count().label("count"), *sums)
    return query.where(columns.entry >= after).group_by(columns.outcome).limit(CODES_LIMIT)


def _raised(after: int) -> Query:
    """Return the alarms that were raised from an entry on, by code."""
    query = select(alarms.c.alarm, func.count().label("count"))
    return query.where(alarms.c.entry >= after).group_by(alarms.c.alarm).limit(CODES_LIMIT)


def _taken(now: int, days: int) -> Query:
    """Return what was sealed in the last days, by how many days ago."""
    sealed = segments.c.sealed_at
    ago = ((literal(now) - sealed) // _DAY_MS).label("ago")
    query = select(ago, func.count().label("count"), func.sum(segments.c.size).label("bytes"))
    return query.where(sealed > now - days * _DAY_MS).group_by(ago).limit(CODES_LIMIT)
